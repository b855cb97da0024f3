"""Simulated traders: they send orders, lose answers, and ask again under the same cl_ord_id.

Room: what a client does and what it was told. A client has one order under way; while its outcome
is unknown it repeats that very order, at any node, as long as it takes (RULEBOOK R10.1).
"""

from __future__ import annotations

from typing import NamedTuple

from chaos.sim.checks import Acknowledged, Checks
from chaos.sim.node import SimNode
from chaos.sim.world import MS, World
from exchange.model.batch import Outcome
from exchange.model.codec import encode_command, encode_event
from exchange.model.command import NewOrder
from exchange.model.enums import OrdType, Side, TimeInForce
from exchange.model.event import Accepted, Rejected, Repeated


class Order(NamedTuple):
    """One order until its outcome is known."""

    cl_ord_id: str
    body: bytes
    number: int


class Client:
    """One trader of one member."""

    def __init__(self, world: World, member_id: int, nodes: list[SimNode], checks: Checks) -> None:
        self._world = world
        self._member_id = member_id
        self._nodes = nodes
        self._checks = checks
        self._target = nodes[0]
        self._count = 0
        self._order: Order | None = None
        self._tries = 0
        self.acknowledged = 0
        self.repeated = 0
        self.resent = 0

    def start(self) -> None:
        """Begin to trade."""
        self._world.after(self._world.between(1, 200) * MS, self._next)

    def _next(self) -> None:
        world = self._world
        self._count += 1
        cl_ord_id = f"{self._member_id}-{self._count}"
        command = NewOrder(
            member_id=self._member_id,
            account_id=self._member_id,
            instrument_id=1,
            side=world.rng.choice((Side.BUY, Side.SELL)),
            ord_type=OrdType.LIMIT,
            time_in_force=world.rng.choice((TimeInForce.DAY, TimeInForce.IOC)),
            stp=0,
            flags=0,
            order_qty=world.between(1, 20),
            price=world.between(990, 1_010),
            expire_ts_ns=0,
            cl_ord_id=cl_ord_id,
        )
        self._order = Order(cl_ord_id, encode_command(command), self._count)
        self._tries = 0
        self._send(self._count)

    def _send(self, number: int) -> None:
        order = self._order
        if order is None or order.number != number:
            return
        world = self._world
        self._tries += 1
        if self._tries > 1:
            self.resent += 1
            self._target = world.rng.choice(self._nodes)
        target, boot = self._target, self._target.boot

        def done(outcome: Outcome) -> None:
            if not world.odds(5):  # some answers are lost
                told = target if boot == target.boot else None
                world.after(world.between(0, 3) * MS, lambda: self._answered(number, outcome, told))

        def arrive() -> None:
            if target.is_up and boot == target.boot:
                target.submit(order.body, done)

        if not world.odds(3):
            world.after(world.between(0, 3) * MS, arrive)
        patience = world.between(100, 400) if self._tries > 1 else world.between(300, 900)
        world.after(patience * MS, lambda: self._send(number))

    def _answered(self, number: int, outcome: Outcome, told_by: SimNode | None) -> None:
        order = self._order
        if order is None or order.number != number or told_by is None:
            return
        record = next(
            r for r in outcome.of(0) if isinstance(r.event, Accepted | Rejected | Repeated)
        )
        repeated = isinstance(record.event, Repeated)
        told = encode_event(record.event, record.command_no)
        log_index = outcome.batch.head.log_index
        key = (self._member_id, order.cl_ord_id)
        self._checks.acknowledgements.append(Acknowledged(key, log_index, told))
        self._world.note(f"told {key} at {log_index}")
        self.acknowledged += 1
        self.repeated += repeated
        self._order = None
        self._world.after(self._world.between(10, 150) * MS, self._next)
