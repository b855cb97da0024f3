"""R1.2: instruments, members and accounts are created, changed and retired by admin commands.

Room: reference data. Names are unique for ever, also those of retired instruments; ids come from
counters (R1.4). What fields may be is `Instrument.fault()` and `NAME_PATTERN`, here is only when.
"""

from __future__ import annotations

import msgspec

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.departure import cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.phase_change import move
from exchange.engine.reference.schedule import drop_schedule
from exchange.engine.reference.state import State
from exchange.model.command import (
    UNKNOWN_ID,
    CreateAccount,
    CreateInstrument,
    CreateMember,
    UpdateAccount,
    UpdateInstrument,
    UpdateMember,
)
from exchange.model.enums import CancelReason, InstrumentStatus, Phase, Standing, is_number_of
from exchange.model.event import AccountChanged, InstrumentChanged, MemberChanged
from exchange.model.instrument import ALL_FIELDS, NAME_PATTERN, Account, Member, masked
from exchange.model.reject import RejectReason as R

_FIXED_WITH_POSITIONS = ("asset_class", "currency", "qty_decimals", "contract_multiplier")
_FIXED_WITH_OPEN_ORDERS = ("tick_size", "lot_size", *_FIXED_WITH_POSITIONS)


def _judge_create_instrument(state: State, command: CreateInstrument) -> Verdict:
    instrument = command.instrument
    fault = instrument.fault()
    if fault:
        return refuse(R.INVALID_SYMBOL if fault == "symbol" else R.INVALID_FIELD, fault)
    if instrument.status != InstrumentStatus.ACTIVE:
        return refuse(R.INVALID_FIELD, "status")
    if instrument.symbol in state.instrument_ids:
        return refuse(R.SYMBOL_EXISTS, instrument.symbol)
    return _next_id(state.last_instrument_id, "instruments")


def _create_instrument(state: State, out: Emitter, command: CreateInstrument) -> None:
    state.last_instrument_id += 1
    instrument = msgspec.structs.replace(command.instrument, instrument_id=state.last_instrument_id)
    state.add_listing(instrument)
    out.emit(InstrumentChanged(1, instrument))


def _judge_update_instrument(state: State, command: UpdateInstrument) -> Verdict:
    instrument_id = command.instrument.instrument_id
    listing = state.listings.get(instrument_id)
    if listing is None:
        return refuse(R.UNKNOWN_SYMBOL, command.instrument.symbol)
    former = listing.instrument
    if former.status == InstrumentStatus.RETIRED:
        return refuse(R.INSTRUMENT_RETIRED, former.symbol)
    if not 1 <= command.mask <= ALL_FIELDS:
        return refuse(R.INVALID_FIELD, "mask")
    instrument = masked(former, command.instrument, command.mask)
    if instrument.symbol != former.symbol:
        return refuse(R.INVALID_FIELD, "symbol")
    fault = instrument.fault()
    if fault:
        return refuse(R.INVALID_FIELD, fault)
    if instrument == former:
        return refuse(R.NO_CHANGE)
    if any(instrument_id in held for held in state.positions.values()):
        for field in _FIXED_WITH_POSITIONS:
            if getattr(instrument, field) != getattr(former, field):
                return refuse(R.POSITIONS_EXIST, field)
    if state.open_orders.has_any(instrument_id):
        for field in _FIXED_WITH_OPEN_ORDERS:
            if getattr(instrument, field) != getattr(former, field):
                return refuse(R.OPEN_ORDERS_EXIST, field)
    return Verdict(target_id=instrument_id)


def _update_instrument(state: State, out: Emitter, command: UpdateInstrument) -> None:
    """Take the new terms; retiring cancels what is open and closes the instrument for good."""
    listing = state.listings[command.instrument.instrument_id]
    instrument = listing.instrument = masked(listing.instrument, command.instrument, command.mask)
    out.emit(InstrumentChanged(0, instrument))
    state.calls_touched.add(instrument.instrument_id)
    if instrument.status == InstrumentStatus.RETIRED:
        orders = state.open_orders.select(instrument_id=instrument.instrument_id)
        cancel_all(state, out, orders, CancelReason.INSTRUMENT_RETIRED)
        drop_schedule(state, listing)
        if listing.phase != Phase.CLOSED:
            move(state, out, listing, Phase.CLOSED, (command.operator, "retired"))


def _judge_create_member(state: State, command: CreateMember) -> Verdict:
    if not NAME_PATTERN.fullmatch(command.name):
        return refuse(R.INVALID_NAME, "name")
    if command.name in state.member_ids:
        return refuse(R.NAME_EXISTS, command.name)
    verdict = _next_id(state.last_account_id, "accounts")
    return verdict if verdict.reason else _next_id(state.last_member_id, "members")


def _create_member(state: State, out: Emitter, command: CreateMember) -> None:
    """Add the member, and one account of the same name."""
    state.last_member_id += 1
    member = Member(state.last_member_id, command.name)
    state.put_member(member)
    out.emit(MemberChanged(1, member))
    _add_account(state, out, member.member_id, command.name)


def _judge_update_member(state: State, command: UpdateMember) -> Verdict:
    member = state.members.get(command.member_id)
    if member is None:
        return refuse(R.UNKNOWN_MEMBER)
    return _judge_standing(member.standing, command.standing, member.member_id)


def _update_member(state: State, out: Emitter, command: UpdateMember) -> None:
    former = state.members[command.member_id]
    member = msgspec.structs.replace(former, standing=command.standing)
    state.put_member(member)
    out.emit(MemberChanged(0, member))


def _judge_create_account(state: State, command: CreateAccount) -> Verdict:
    if command.member_id not in state.members:
        return refuse(R.UNKNOWN_MEMBER)
    if not NAME_PATTERN.fullmatch(command.name):
        return refuse(R.INVALID_NAME, "name")
    if (command.member_id, command.name) in state.account_ids:
        return refuse(R.NAME_EXISTS, command.name)
    return _next_id(state.last_account_id, "accounts")


def _create_account(state: State, out: Emitter, command: CreateAccount) -> None:
    _add_account(state, out, command.member_id, command.name)


def _judge_update_account(state: State, command: UpdateAccount) -> Verdict:
    account = state.accounts.get(command.account_id)
    if account is None:
        return refuse(R.UNKNOWN_ACCOUNT)
    return _judge_standing(account.standing, command.standing, account.account_id)


def _update_account(state: State, out: Emitter, command: UpdateAccount) -> None:
    former = state.accounts[command.account_id]
    account = msgspec.structs.replace(former, standing=command.standing)
    state.put_account(account)
    out.emit(AccountChanged(0, account))


def _add_account(state: State, out: Emitter, member_id: int, name: str) -> None:
    state.last_account_id += 1
    account = Account(state.last_account_id, member_id, name)
    state.put_account(account)
    out.emit(AccountChanged(1, account))


def _judge_standing(former: int, standing: int, target_id: int) -> Verdict:
    if not is_number_of(Standing, standing):
        return refuse(R.INVALID_FIELD, "standing")
    if former == standing:
        return refuse(R.NO_CHANGE)
    return Verdict(target_id=target_id)


def _next_id(last_id: int, what: str) -> Verdict:
    # UNKNOWN_ID means "no such thing" in commands and is never given to anything.
    if last_id + 1 >= UNKNOWN_ID:
        return refuse(R.LIMIT_REACHED, what)
    return Verdict(target_id=last_id + 1)


REFDATA_RULES: dict[type, AdminRule] = {
    CreateInstrument: AdminRule(_judge_create_instrument, _create_instrument),
    UpdateInstrument: AdminRule(_judge_update_instrument, _update_instrument),
    CreateMember: AdminRule(_judge_create_member, _create_member),
    UpdateMember: AdminRule(_judge_update_member, _update_member),
    CreateAccount: AdminRule(_judge_create_account, _create_account),
    UpdateAccount: AdminRule(_judge_update_account, _update_account),
}
