"""Recorded order flow as commands: 314,057 level-3 events of BTC/USD on Bitstamp, half an hour.

Room: reading the data file of the PyPI package `ob-analytics` (a development extra; its data is
GPL, so it is read where it is installed and never copied or imported) and the mapping below. Which
commands come of the events is found once, with a reference engine that runs along; the tape is then
fixed, whatever its batching. That run is also the uninterrupted run others are compared with.

| event   | command                                                                            |
|---------|------------------------------------------------------------------------------------|
| created | limit order GTC, the event's id as cl_ord_id; a sell at price 0 is a market order  |
| created | with volume 0: none, there is nothing to enter                                     |
| changed | replace down to the event's volume, if more than that is open here; else none: the |
|         | change was a fill, and the engine made it itself                                   |
| deleted | cancel, also of an order that is done or unknown here: it is refused then          |

Units: prices are whole dollars in the recording, so the tick is 1 USD; volumes are BTC with 8
decimals. A buy at price 0 (recorded for bids below half a dollar) is entered at 1 USD. Volumes
above QTY_MAX (10,995 BTC; a few orders far from the market) are entered with QTY_MAX.

Limits: the recording shows what one venue did, not who did it, so all orders are one member's,
bids on one account and asks on another, and self-trade prevention is off; events are taken in the
order of the file, which is that of arrival; where the recording shows a deletion after an order
that crosses it, the engine trades first, so its book is not the venue's. What counts here is that
the flow is real: its sizes, clusters and distances.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from exchange.client import cancel_order, instrument, new_order, replace_order
from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_command, encode_entry
from exchange.model.command import (
    CancelOrder,
    Command,
    CreateAccount,
    CreateInstrument,
    CreateMember,
    NewOrder,
    OpenSession,
    ReplaceOrder,
)
from exchange.model.enums import AssetClass, OrdType, Side, StpMode, TimeInForce
from exchange.model.event import Trade
from exchange.model.instrument import Instrument
from exchange.model.units import QTY_MAX

PACKAGE = "ob_analytics"
DATA = "_sample_data/orders.csv.gz"
EVENTS = 314_057
SYMBOL = "BTC-USD"
MEMBER = "flow"
ASK_ACCOUNT = "asks"
QTY_DECIMALS = 8
TICK = 1_000_000_000
BATCH = 1000
SIDES = {"bid": Side.BUY, "ask": Side.SELL}


class RecordedEvent(NamedTuple):
    """One event of the recording; price in 1e-9 USD, volume in 1e-8 BTC."""

    action: str
    order: str
    side: Side
    price: int
    volume: int


class FlowCommand(NamedTuple):
    """One command of the tape; price 0 = market order."""

    kind: str
    cl_ord_id: str
    orig_cl_ord_id: str = ""
    side: int = 0
    qty: int = 0
    price: int = 0

    def message(self) -> Any:
        """As the client sends it."""
        if self.kind == "cancel":
            return cancel_order(self.orig_cl_ord_id, cl_ord_id=self.cl_ord_id)
        if self.kind == "replace":
            return replace_order(self.orig_cl_ord_id, qty=self.qty, cl_ord_id=self.cl_ord_id)
        return new_order(
            SYMBOL,
            Side(self.side),
            self.qty,
            self.price or None,
            cl_ord_id=self.cl_ord_id,
            tif=TimeInForce.GTC if self.price else TimeInForce.IOC,
            account=ASK_ACCOUNT if self.side == Side.SELL else MEMBER,
        )

    def command(self) -> Command:
        """As the log has it; member and instrument have the id 1."""
        if self.kind == "cancel":
            return CancelOrder(1, 0, self.cl_ord_id, self.orig_cl_ord_id)
        if self.kind == "replace":
            return ReplaceOrder(1, 0, self.qty, 0, self.cl_ord_id, self.orig_cl_ord_id)
        return NewOrder(
            member_id=1,
            account_id=self.side,  # 1 and 2: the member's own, ASK_ACCOUNT
            instrument_id=1,
            side=self.side,
            ord_type=OrdType.LIMIT if self.price else OrdType.MARKET,
            time_in_force=TimeInForce.GTC if self.price else TimeInForce.IOC,
            stp=0,
            flags=0,
            order_qty=self.qty,
            price=self.price,
            expire_ts_ns=0,
            cl_ord_id=self.cl_ord_id,
        )


class Content(NamedTuple):
    """A market without its times, sequence numbers and sessions: what batching must not change."""

    orders: list[tuple[int | str, ...]]
    bids: list[tuple[int, int, int]]
    asks: list[tuple[int, int, int]]
    positions: list[int]
    trades: list[tuple[int, int, int, int]]

    def digest(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


ORDER_FIELDS = (
    "order_id",
    "cl_ord_id",
    "side",
    "ord_type",
    "time_in_force",
    "ord_status",
    "order_qty",
    "cum_qty",
    "leaves_qty",
    "price",
)


def order_row(order: Any) -> tuple[int | str, ...]:
    """One order, of the API or of the model, as content."""
    return (*(getattr(order, name) for name in ORDER_FIELDS), int(order.cum_notional))


def level_row(level: Any) -> tuple[int, int, int]:
    """One price level, of the API or of the engine, as content."""
    return level.price, level.qty, level.order_count


def recording() -> Path | None:
    """The data file, if the package is installed; the package is not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / DATA
    return path if path.exists() else None


def read_events(path: Path, count: int = EVENTS) -> Iterator[RecordedEvent]:
    """The first `count` events, in the order of the file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in itertools.islice(csv.DictReader(lines), count):
            yield RecordedEvent(
                row["action"],
                row["id"],
                SIDES[row["direction"]],
                int(Decimal(row["price"]) * TICK),
                int(Decimal(row["volume"]).scaleb(QTY_DECIMALS)),
            )


@dataclass(slots=True)
class Tape:
    """The commands, and the market after them on the engine that ran along.

    Attributes:
        commands: in order.
        content: of the uninterrupted run.
        left_out: events that gave no command, by why.
    """

    commands: list[FlowCommand]
    content: Content
    left_out: dict[str, int]


@dataclass(slots=True)
class _Run:
    engine: Engine
    waiting: list[Command] = field(default_factory=list)
    trades: list[tuple[int, int, int, int]] = field(default_factory=list)

    def send(self, command: Command) -> None:
        self.waiting.append(command)
        if len(self.waiting) == BATCH:
            self.flush()

    def flush(self) -> None:
        if not self.waiting:
            return
        index = self.engine.applied_index + 1
        body = b"".join(encode_command(command) for command in self.waiting)
        entry = encode_entry(index, 1, index, len(self.waiting), body)
        for record in EventBatch(self.engine.apply(entry)).events:
            event = record.event
            if isinstance(event, Trade):
                row = (event.trade_id, event.price, event.qty, event.aggressor)
                self.trades.append(row)
        self.waiting.clear()

    def leaves(self, cl_ord_id: str) -> tuple[int, int]:
        """(leaves_qty, cum_qty) of an order now."""
        self.flush()
        view = self.engine.order_by_cl_ord_id(1, cl_ord_id)
        return (view.order.leaves_qty, view.order.cum_qty) if view else (0, 0)

    def content(self) -> Content:
        """Of the market now."""
        self.flush()
        depth = self.engine.depth(1, 0)
        views = self.engine.orders(1, 1, 0, 1 << 40, live=False)
        return Content(
            [order_row(view.order) for view in views],
            [level_row(level) for level in depth.bids] if depth else [],
            [level_row(level) for level in depth.asks] if depth else [],
            [row.qty for row in self.engine.positions(0)],
            self.trades,
        )


def make_tape(events: Iterator[RecordedEvent]) -> Tape:
    """Map events to commands (module docstring)."""
    run = _Run(build_engine("reference"))
    for admin in (
        CreateMember(MEMBER, "member", "op"),
        CreateAccount(1, ASK_ACCOUNT, "account", "op"),
        CreateInstrument(_model_instrument(), "instrument", "op"),
        OpenSession(0, "open", "op"),
    ):
        run.send(admin)
    commands: list[FlowCommand] = []
    names: dict[str, str] = {}
    left_out: dict[str, int] = {}
    for event in events:
        command = _command_of(event, names, run)
        if isinstance(command, str):
            left_out[command] = left_out.get(command, 0) + 1
        else:
            commands.append(command)
            run.send(command.command())
    return Tape(commands, run.content(), left_out)


def _command_of(event: RecordedEvent, names: dict[str, str], run: _Run) -> FlowCommand | str:
    """The command of an event, or why there is none. `names`: order -> its present cl_ord_id."""
    if event.action == "created":
        if not event.volume:
            return "created without volume"
        names[event.order] = event.order
        is_market = event.side == Side.SELL and not event.price
        price = 0 if is_market else max(event.price, TICK)
        qty = min(event.volume, QTY_MAX)
        return FlowCommand("new", event.order, side=event.side, qty=qty, price=price)
    name = names.get(event.order, event.order)
    if event.action == "deleted":
        return FlowCommand("cancel", f"d{event.order}", name)
    leaves, cum = run.leaves(name)
    if leaves <= event.volume or not event.volume:
        return "changed by a fill"
    names[event.order] = f"r{len(name)}{name}"
    return FlowCommand("replace", names[event.order], name, qty=cum + event.volume)


def api_instrument() -> Any:
    """The instrument as an operator creates it."""
    return instrument(
        SYMBOL,
        "crypto",
        currency="USD",
        mic="XLCK",
        tick_size=TICK,
        qty_decimals=QTY_DECIMALS,
        stp_default=StpMode.ALLOW,
    )


def _model_instrument() -> Instrument:
    return Instrument(
        instrument_id=0,
        symbol=SYMBOL,
        asset_class=AssetClass.CRYPTO,
        currency="USD",
        mic="XLCK",
        tick_size=TICK,
        lot_size=1,
        qty_decimals=QTY_DECIMALS,
        min_order_qty=1,
        max_order_qty=QTY_MAX,
        max_order_notional=0,
        reference_price=0,
        static_band_bp=0,
        contract_multiplier=1,
        stp_default=StpMode.ALLOW,
    )
