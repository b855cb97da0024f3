"""Random commands over the whole command space, for comparing engines.

Room: drawing. Most commands make sense in the market that they meet; some are repeated, some are
about nothing, some are random bytes. Times now and then leap, so that calls end, schedules step,
sweeps look and deadlines come.
"""

from __future__ import annotations

import random

import msgspec

from exchange.model import command as c
from exchange.model.codec import encode_command
from tests.exchange.engine.native.operator_desk import INSTRUMENTS, MEMBERS, SECOND, OperatorDesk
from tests.properties.special_trader import SpecialTrader


class WholeMarket:
    """Draws command records; the run keeps `live` and the clock."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.trader = SpecialTrader(chance)
        self.sent: list[c.Command] = []
        self.desk = OperatorDesk(chance)

    def leap_ns(self) -> int:
        """How far the clock goes before the next entry."""
        draw = self.chance.random()
        if draw < 0.9:
            return self.chance.randint(0, 3)
        if draw < 0.97:
            return self.chance.randint(0, 2 * SECOND)
        return self.chance.randint(0, 400 * SECOND)

    def record(self, now_ns: int) -> bytes:
        """The next command record, over any session or none."""
        session_id = 0
        if self.desk.sessions and self.chance.random() < 0.3:
            session_id = self.chance.choice(self.desk.sessions)
        if self.chance.random() < 0.01:
            return self._noise()
        return encode_command(self.command(now_ns), session_id)

    def command(self, now_ns: int) -> c.Command:
        """The next command."""
        draw = self.chance.random()
        if draw < 0.04 and self.sent:
            return self.chance.choice(self.sent[-60:])
        if self.desk.undo and self.chance.random() < 0.06:
            return self.desk.undo.pop()
        if draw < 0.80:
            command = self._spread(self.trader.command(now_ns))
        else:
            command = self.desk.command(now_ns)
        self.sent.append(command)
        return command

    # The trader knows three members and two instruments; let orders go further.
    def _spread(self, command: c.Command) -> c.Command:
        if self.chance.random() > 0.4:
            return command
        replace = msgspec.structs.replace
        instrument_id = self.chance.randint(1, len(INSTRUMENTS))
        if isinstance(command, c.NewOrder):
            member_id = self.chance.randint(1, MEMBERS)
            return replace(
                command,
                member_id=member_id,
                account_id=member_id,
                instrument_id=instrument_id,
                time_in_force=self.chance.choice([command.time_in_force, 6, 7]),
            )
        if isinstance(command, c.NewOrderWithTerms):
            return replace(command, order=replace(command.order, instrument_id=instrument_id))
        return command

    def _noise(self) -> bytes:
        size = self.chance.randint(0, 60)
        content = self.chance.randbytes(size)
        kind = self.chance.choice([0, 1, 2, 3, 5, 20, 50, 51, 60, 99, 255])
        if self.sent and self.chance.random() < 0.6:
            whole = encode_command(self.chance.choice(self.sent))
            kind, content = whole[2], whole[8:]
            cut = self.chance.randint(0, len(content))
            content = content[:cut] + self.chance.randbytes(self.chance.randint(0, 3))
        version = self.chance.choice([1, 1, 1, 2])
        head = (8 + len(content)).to_bytes(2, "little") + bytes((kind, version)) + bytes(4)
        return head + content
