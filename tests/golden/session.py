"""A varied trading session: every kind of command, scripted, among seeded orders.

Room: making the session of `sessions/`. It runs when golden files are rewritten, never in a plain
test run: there the file is the truth.
"""

from __future__ import annotations

import random

import msgspec

from exchange.model import command as c
from exchange.model.batch import EventBatch
from exchange.model.codec import BatchStatus, decode_batch_head, encode_command, encode_entry
from exchange.model.enums import (
    InstrumentStatus,
    KillScope,
    OrderFlag,
    OrdType,
    Phase,
    Side,
    StpMode,
    TimeInForce,
)
from exchange.model.event import Trade
from tests.golden.auction_session import auction_steps
from tests.golden.dark_session import dark_steps
from tests.golden.risk_session import risk_steps
from tests.recorder import (
    ABC,
    Recorder,
    buy,
    cancel,
    change_terms,
    order,
    replace,
    sell,
    with_terms,
)
from tests.strategies import SMALL_WORLD

SEED = 20_261_121
ORDERS = 260
IGNORED_KIND = 99
ETF = msgspec.structs.replace(ABC, symbol="ETF.X", lot_size=1, static_band_bp=0)


class Session:
    """A recorder whose entries hold several commands, and whose requests are numbered."""

    def __init__(self) -> None:
        self.venue = Recorder()
        self._chance = random.Random(SEED)

    def tail(self) -> tuple[str, str]:
        return self.venue.request_id(), "olga"

    def told(self) -> tuple[str, str, str]:
        return *self.tail(), "golden session"

    def send(self, *commands: c.Command, session_id: int = 0) -> None:
        """One entry, some time later."""
        self.venue.ts_ns += self._chance.randint(1, 50)
        self.venue.records(*commands, session_id=session_id)

    def send_unknown(self) -> None:
        """An entry with a record of a kind that no engine of today knows."""
        venue = self.venue
        record = bytearray(encode_command(c.EpochStarted(9, "n9")))
        record[2] = IGNORED_KIND
        entry = encode_entry(venue.engine.applied_index + 1, 1, venue.ts_ns, 1, bytes(record))
        batch = venue.engine.apply(entry)
        if decode_batch_head(batch).status != BatchStatus.APPLIED:
            raise AssertionError("the entry with an unknown kind was not applied")
        venue.entries.append(entry)
        venue.batches.append(batch)

    def play(self) -> list[bytes]:
        """The entries of the whole session."""
        self._open()
        self._orders("d1")
        self._members_and_instruments()
        self._halts_and_kills()
        self._special_orders()
        self._close()
        self._orders("d2")
        self._auctions()
        self._money()
        self._dark()
        return self.venue.entries

    def _open(self) -> None:
        self.send(c.EpochStarted(1, "n1"))
        for number in (1, 2, 3):
            self.send(c.CreateMember(f"m{number}", *self.tail()))
        for instrument in SMALL_WORLD:
            self.send(c.CreateInstrument(instrument, *self.tail()))
        self.send(c.SessionOpened(1, 1, "logon-1"), c.SessionOpened(2, 0, "logon-2"))
        self.send(c.OpenSession(0, *self.tail()), c.OpenSession(0, *self.tail()))

    # Random orders of three members in two instruments, cancels and replaces among them.
    def _orders(self, prefix: str) -> None:
        chance = self._chance
        names: list[tuple[int, str]] = []
        waiting: list[c.Command] = []
        for number in range(ORDERS // 2):
            name = f"{prefix}-{number}"
            member_id = chance.randint(1, 3)
            draw = chance.random()
            if draw < 0.12 and names:
                owner, orig = chance.choice(names[-20:])
                waiting.append(cancel(owner, orig, name))
            elif draw < 0.27 and names:
                owner, orig = chance.choice(names[-20:])
                price = 1000 + 10 * chance.randint(-4, 4)
                waiting.append(
                    replace(owner, orig, name, qty=5 * chance.randint(2, 20), price=price)
                )
            else:
                waiting.append(self._order(member_id, name))
                names.append((member_id, name))
            if draw > 0.97:
                waiting.append(waiting[-1])  # sent twice: R10.1
            if chance.random() < 0.4:
                self.send(*waiting)
                waiting.clear()
        self.send(*waiting)

    def _order(self, member_id: int, name: str) -> c.NewOrder:
        chance = self._chance
        side = chance.choice(list(Side))
        tif = chance.choice([TimeInForce.DAY] * 4 + list(TimeInForce)[:5])
        market = chance.random() < 0.1
        expiry = self.venue.ts_ns + chance.randint(100, 2_000)
        return order(
            member_id,
            name,
            side,
            5 * chance.randint(2, 30),
            0 if market else 1000 + 10 * chance.randint(-4, 4),
            instrument_id=chance.randint(1, 2),
            ord_type=OrdType.MARKET if market else OrdType.LIMIT,
            time_in_force=tif,
            stp=chance.choice([0, *StpMode]),
            flags=OrderFlag.POST_ONLY if chance.random() < 0.1 else 0,
            expire_ts_ns=expiry if tif == TimeInForce.GTD else 0,
        )

    def _members_and_instruments(self) -> None:
        self.send(c.CreateAccount(1, "prop", *self.tail()), c.CreateAccount(9, "x", *self.tail()))
        self.send(c.UpdateAccount(4, 2, *self.tail()), c.UpdateMember(3, 2, *self.tail()))
        self.send(sell(3, "disabled", 10, 1000), c.UpdateMember(3, 1, *self.tail()))
        self.send(c.CreateInstrument(ETF, *self.tail()), c.OpenSession(3, *self.tail()))
        self.send(buy(2, "etf", 10, 500, instrument_id=3))
        changed = msgspec.structs.replace(ETF, instrument_id=3, max_order_qty=500)
        self.send(c.UpdateInstrument(changed, *self.tail()))
        retired = msgspec.structs.replace(changed, status=InstrumentStatus.RETIRED)
        self.send(c.UpdateInstrument(retired, *self.tail()))
        self.send_unknown()

    def _halts_and_kills(self) -> None:
        self.send(buy(1, "h1", 20, 970), sell(2, "h2", 20, 1030), buy(3, "h3", 25, 960))
        self.send(c.Halt(1, 0, 1, *self.told()), buy(1, "h4", 20, 970))
        self.send(c.Resume(1, 0, 1, *self.told()))
        self.send(buy(1, "k1", 20, 970), buy(2, "k2", 20, 970), buy(3, "k3", 20, 970))
        self.send(c.EngageKillSwitch(KillScope.MEMBER, 2, *self.told()), buy(2, "k4", 10, 970))
        self.send(c.ReleaseKillSwitch(KillScope.MEMBER, 2, *self.told()))
        self.send(c.OperatorCancel(3, 0, 1, Side.BUY, *self.told()))
        self.send(buy(1, "q1", 20, 970), session_id=1)
        self.send(c.MassCancel(1, 0, 0, Side.SELL, "mass"), c.SessionClosed(1, "lost"))
        self.send(c.SetPhase(2, Phase.HALTED, *self.tail()), c.SetPhase(2, 2, *self.tail()))
        self.send(c.SetPhase(2, Phase.CONTINUOUS, *self.tail()))

    def _money(self) -> None:
        venue = self.venue
        instruments = len(venue.engine.instruments())
        trades = [r for raw in venue.batches for r in EventBatch(raw).events]
        last_trade = max(r.event.trade_id for r in trades if isinstance(r.event, Trade))
        tails = iter(self.tail, ("", ""))
        for wait_ns, commands in risk_steps(instruments + 1, last_trade + 1, tails):
            venue.ts_ns += wait_ns
            self.send(*commands)

    def _auctions(self) -> None:
        venue = self.venue
        instruments = len(venue.engine.instruments())
        tails = iter(self.tail, ("", ""))
        for wait_ns, commands in auction_steps(instruments + 1, venue.engine.now_ns, tails):
            venue.ts_ns += wait_ns
            self.send(*commands)

    def _dark(self) -> None:
        venue = self.venue
        tails = iter(self.tail, ("", ""))
        for wait_ns, commands in dark_steps(len(venue.engine.instruments()) + 1, tails):
            venue.ts_ns += wait_ns
            self.send(*commands)

    def _special_orders(self) -> None:
        """A stop that trails and is released, an iceberg, a peg, an all-or-none and an OCO."""
        trailing = buy(1, "s1", 20, 0, ord_type=OrdType.TRAILING_STOP)
        self.send(*[c.MassCancel(number, 0, 0, 0, f"s-mass-{number}") for number in (1, 2, 3)])
        self.send(with_terms(trailing, trail=20, trail_unit=1, stop_price=1150))
        self.send(with_terms(sell(2, "s2", 100, 1100), display_qty=10))
        self.send(change_terms(replace(2, "s2", "s3", qty=120), display_qty=20))
        self.send(buy(3, "s4", 30, 1090, flags=OrderFlag.ALL_OR_NONE))
        self.send(with_terms(buy(3, "s5", 10, 0, ord_type=OrdType.PEGGED), peg=1))
        self.send(buy(3, "s6", 10, 880), with_terms(sell(2, "s7", 30, 1110), oco_cl_ord_id="s3"))
        self.send(buy(3, "s8", 25, 1100), sell(2, "s9", 10, 1080), buy(3, "s10", 10, 1150))
        self.send(sell(2, "s11", 10, 1130), buy(3, "s12", 200, 1130))

    def _close(self) -> None:
        self.send(
            buy(1, "overnight", 20, 970, time_in_force=TimeInForce.GTC), sell(2, "day", 10, 1040)
        )
        self.send(c.CloseSession(2, *self.tail()))
        self.send(c.CloseSession(0, *self.tail()))
        self.send(c.EpochStarted(2, "n2"))
        self.send(c.RecordMembership(3, 1, 2, "n2", "continue", "n1 n2", "n1 joined"))
        self.send(c.OpenSession(0, *self.tail()))
