"""Names and ids: which symbol, member and account is which number.

Room: the mapping that lets the gateway write ids into commands and names into reports. A projection
of the *_CHANGED events; it decides nothing (an unknown name becomes id 0 and the engine refuses).
"""

from __future__ import annotations

from exchange.engine.port import Engine
from exchange.model.batch import EventBatch
from exchange.model.enums import Phase
from exchange.model.event import (
    AccountChanged,
    InstrumentChanged,
    KillSwitchChanged,
    MemberChanged,
    PhaseChanged,
)
from exchange.model.event_scan import kinds_of
from exchange.model.instrument import Account, Instrument, Member

_TOLD = kinds_of(InstrumentChanged, MemberChanged, AccountChanged, PhaseChanged, KillSwitchChanged)


class Directory:
    """Who and what exists, as of the newest batch. Event loop thread only."""

    def __init__(self) -> None:
        self._instruments: dict[int, Instrument] = {}
        self._phases: dict[int, int] = {}
        self._members: dict[int, Member] = {}
        self._accounts: dict[int, Account] = {}
        self._by_symbol: dict[str, Instrument] = {}
        self._by_member_name: dict[str, Member] = {}
        self._by_account_name: dict[tuple[int, str], Account] = {}
        self._first_account: dict[int, Account] = {}
        self._kill_switches: set[tuple[int, int]] = set()
        self._named: list[Instrument | Account] = []

    def load(self, engine: Engine) -> None:
        """Take over everything the engine knows; used once, at start."""
        for view in engine.instruments():
            self._put_instrument(view.instrument)
            self._phases[view.instrument.instrument_id] = view.phase
        for member in engine.members():
            self._put_member(member)
        for account in engine.accounts():
            self._put_account(account)
        self._kill_switches = {(k.scope, k.target_id) for k in engine.kill_switches()}

    def on_batch(self, batch: EventBatch) -> None:
        """Fold one batch."""
        for _, _, event in batch.of_kinds(_TOLD):
            match event:
                case InstrumentChanged(instrument=instrument):
                    self._put_instrument(instrument)
                case MemberChanged(member=member):
                    self._put_member(member)
                case AccountChanged(account=account):
                    self._put_account(account)
                case PhaseChanged(instrument_id=instrument_id, phase=phase):
                    self._phases[instrument_id] = phase
                case KillSwitchChanged(scope=scope, target_id=target_id, engaged=1):
                    self._kill_switches.add((scope, target_id))
                case KillSwitchChanged(scope=scope, target_id=target_id):
                    self._kill_switches.discard((scope, target_id))
                case _:
                    pass

    def _put_instrument(self, instrument: Instrument) -> None:
        known = self._instruments.get(instrument.instrument_id)
        if known is None or known.symbol != instrument.symbol:
            self._named.append(instrument)
        self._instruments[instrument.instrument_id] = instrument
        self._by_symbol[instrument.symbol] = instrument
        self._phases.setdefault(instrument.instrument_id, Phase.CLOSED)

    def _put_member(self, member: Member) -> None:
        self._members[member.member_id] = member
        self._by_member_name[member.name] = member

    def _put_account(self, account: Account) -> None:
        if account.account_id not in self._accounts:
            self._named.append(account)
        self._accounts[account.account_id] = account
        self._by_account_name[account.member_id, account.name] = account
        first = self._first_account.get(account.member_id, account)
        if account.account_id <= first.account_id:
            self._first_account[account.member_id] = account

    @property
    def named_count(self) -> int:
        """How many names there are in `named_from`."""
        return len(self._named)

    def named_from(self, position: int) -> list[Instrument | Account]:
        """Instruments and accounts in the order in which they got their names, from a position on.

        For tables of names that are kept elsewhere: what is new since `position` was
        `named_count`. A name is never taken away.
        """
        return self._named[position:]

    def instrument(self, instrument_id: int) -> Instrument | None:
        """The instrument with this id."""
        return self._instruments.get(instrument_id)

    def instrument_by_symbol(self, symbol: str) -> Instrument | None:
        """The instrument with this symbol, retired ones too."""
        return self._by_symbol.get(symbol)

    def symbol(self, instrument_id: int) -> str:
        """The symbol of an instrument; "" for id 0 or an unknown one."""
        instrument = self._instruments.get(instrument_id)
        return instrument.symbol if instrument else ""

    def instruments(self) -> list[Instrument]:
        """All instruments, by id."""
        return [self._instruments[key] for key in sorted(self._instruments)]

    def phase(self, instrument_id: int) -> int:
        """The trading phase of a known instrument."""
        return self._phases[instrument_id]

    def member(self, member_id: int) -> Member | None:
        """The member with this id."""
        return self._members.get(member_id)

    def member_by_name(self, name: str) -> Member | None:
        """The member with this name."""
        return self._by_member_name.get(name)

    def members(self) -> list[Member]:
        """All members, by id."""
        return [self._members[key] for key in sorted(self._members)]

    def account(self, account_id: int) -> Account | None:
        """The account with this id."""
        return self._accounts.get(account_id)

    def account_by_name(self, member_id: int, name: str) -> Account | None:
        """The member's account with this name; "" names its first one."""
        if not name:
            return self._first_account.get(member_id)
        return self._by_account_name.get((member_id, name))

    def accounts(self, member_id: int) -> list[Account]:
        """The accounts of a member (0 = of all), by id."""
        every = (self._accounts[key] for key in sorted(self._accounts))
        return [account for account in every if member_id in (0, account.member_id)]

    def kill_switch_count(self) -> int:
        """How many kill switches are engaged."""
        return len(self._kill_switches)
