"""Administrative messages into model values and back.

Room: instruments with their update mask, targets of kill switches, scopes of halts; and the API
form of instruments, members, accounts and kill switches. A name that is not known becomes
UNKNOWN_ID, which the engine refuses: 0 would mean "all".
"""

from __future__ import annotations

from typing import Any

import msgspec

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.api.v1 import common_pb2
from exchange.engine.port import InstrumentView, KillSwitchView
from exchange.feeds.directory import Directory
from exchange.gateway import field_checks as check
from exchange.gateway.api_enum import api_enum
from exchange.gateway.translate_orders import account_filter, instrument_filter
from exchange.model.command import UNKNOWN_ID
from exchange.model.enums import AssetClass, InstrumentStatus, KillScope, StpMode
from exchange.model.instrument import Account, Instrument, Member

OUTPUT_ONLY = frozenset({"instrument_id", "phase", "last_px", "last_qty"})
U8_MAX = 0xFF


def instrument_of(message: common_pb2.Instrument) -> Instrument:
    """A whole instrument; ClientFault INVALID_FIELD names the first field that has no bytes.

    Defaults of the API: contract_multiplier 1, stp_default CANCEL_INCOMING, status ACTIVE.
    """
    stp = check.optional_enum_number(message.stp_default, StpMode, "stp_default")
    status = check.optional_enum_number(message.status, InstrumentStatus, "status")
    multiplier = check.not_negative(message.contract_multiplier, "contract_multiplier")
    return Instrument(
        instrument_id=0,
        symbol=check.required_name(message.symbol, "symbol"),
        asset_class=check.enum_number(message.asset_class, AssetClass, "asset_class"),
        currency=check.required_name(message.currency, "currency"),
        mic=check.required_name(message.mic, "mic"),
        tick_size=check.not_negative(message.tick_size, "tick_size"),
        lot_size=check.not_negative(message.lot_size, "lot_size"),
        qty_decimals=check.at_most(message.qty_decimals, U8_MAX, "qty_decimals"),
        min_order_qty=check.not_negative(message.min_order_qty, "min_order_qty"),
        max_order_qty=check.not_negative(message.max_order_qty, "max_order_qty"),
        max_order_notional=check.notional_number(message.max_order_notional, "max_order_notional"),
        reference_price=check.not_negative(message.reference_price, "reference_price"),
        static_band_bp=message.static_band_bp,
        contract_multiplier=multiplier or 1,
        stp_default=stp or StpMode.CANCEL_INCOMING,
        status=status or InstrumentStatus.ACTIVE,
    )


def updated_instrument(
    current: Instrument, message: common_pb2.Instrument, mask: list[str]
) -> Instrument:
    """`current` with the fields of `mask` taken from `message`."""
    if not mask:
        raise check.fault("update_mask", "at least one field to change is required")
    known = {field.name for field in msgspec.structs.fields(Instrument)}
    for path in mask:
        if path == "symbol" or path in OUTPUT_ONLY or path not in known:
            raise check.fault("update_mask", f"{path[:50]!r} is not a field that can be changed")
    merged = describe_instrument(InstrumentView(current, 0, 0, 0))
    for path in mask:
        value: Any = getattr(message, path)
        setattr(merged, path, value)
    changed = instrument_of(merged)
    return msgspec.structs.replace(changed, instrument_id=current.instrument_id)


def member_id_of_name(name: str, directory: Directory) -> int:
    """The id of a required member name; UNKNOWN_ID if there is none."""
    member = directory.member_by_name(check.required_name(name, "member"))
    return member.member_id if member else UNKNOWN_ID


def account_id_of_name(member: str, account: str, directory: Directory) -> int:
    """The id of a required account of a required member; UNKNOWN_ID if there is none."""
    member_id = member_id_of_name(member, directory)
    return account_filter(check.required_name(account, "account"), member_id, directory)


def member_filters(member: str, account: str, directory: Directory) -> tuple[int, int]:
    """Ids of an optional member and an optional account of it; 0 = any, UNKNOWN_ID = unknown."""
    if not member:
        if account:
            raise check.fault("member", "an account is a member's; name the member")
        return 0, 0
    member_id = member_id_of_name(member, directory)
    return member_id, account_filter(account, member_id, directory)


def trading_scope(symbol: str, asset_class: int, directory: Directory) -> tuple[int, int]:
    """(instrument_id, asset_class) of a halt or resume; (0, 0) = the market."""
    wanted = check.optional_enum_number(asset_class, AssetClass, "asset_class")
    if symbol and wanted:
        raise check.fault("asset_class", "give symbol or asset_class, not both")
    return instrument_filter(symbol, directory), wanted


def kill_target(target: pb.KillTarget, directory: Directory) -> tuple[int, int]:
    """(scope, target_id) of a kill switch; fields that do not belong to the scope are a fault."""
    scope = KillScope(check.enum_number(target.scope, KillScope, "target.scope"))
    given = {field.name for field, _ in target.ListFields()} - {"scope"}
    wanted = _FIELDS_OF_SCOPE[scope]
    if given != wanted:
        names = " and ".join(sorted(wanted)) or "no further field"
        raise check.fault("target", f"scope {scope.name} takes {names}")
    match scope:
        case KillScope.SESSION:
            return scope, target.session_id
        case KillScope.ACCOUNT:
            return scope, account_id_of_name(target.member, target.account, directory)
        case KillScope.MEMBER:
            return scope, member_id_of_name(target.member, directory)
        case KillScope.INSTRUMENT:
            return scope, instrument_filter(target.symbol, directory)
        case KillScope.MARKET:
            return scope, 0


_FIELDS_OF_SCOPE: dict[KillScope, set[str]] = {
    KillScope.SESSION: {"session_id"},
    KillScope.ACCOUNT: {"member", "account"},
    KillScope.MEMBER: {"member"},
    KillScope.INSTRUMENT: {"symbol"},
    KillScope.MARKET: set(),
}


def describe_instrument(view: InstrumentView) -> common_pb2.Instrument:
    """An instrument with what moves."""
    row = view.instrument
    return common_pb2.Instrument(
        instrument_id=row.instrument_id,
        symbol=row.symbol,
        asset_class=api_enum(row.asset_class),
        currency=row.currency,
        mic=row.mic,
        tick_size=row.tick_size,
        lot_size=row.lot_size,
        qty_decimals=row.qty_decimals,
        min_order_qty=row.min_order_qty,
        max_order_qty=row.max_order_qty,
        max_order_notional=str(row.max_order_notional),
        reference_price=row.reference_price,
        static_band_bp=row.static_band_bp,
        contract_multiplier=row.contract_multiplier,
        stp_default=api_enum(row.stp_default),
        status=api_enum(row.status),
        phase=api_enum(view.phase),
        last_px=view.last_price,
        last_qty=view.last_qty,
    )


def describe_account(account: Account, directory: Directory) -> pb.Account:
    """An account with the name of its member."""
    member = directory.member(account.member_id)
    return pb.Account(
        account_id=account.account_id,
        member=member.name if member else "",
        name=account.name,
        standing=api_enum(account.standing),
    )


def describe_member(member: Member, directory: Directory) -> pb.Member:
    """A member with its accounts."""
    return pb.Member(
        member_id=member.member_id,
        name=member.name,
        standing=api_enum(member.standing),
        accounts=[describe_account(row, directory) for row in directory.accounts(member.member_id)],
    )


def describe_kill_switch(view: KillSwitchView, directory: Directory) -> pb.KillSwitch:
    """An engaged kill switch, its target by name."""
    target = pb.KillTarget(scope=api_enum(view.scope))
    match view.scope:
        case KillScope.SESSION:
            target.session_id = view.target_id
        case KillScope.ACCOUNT:
            account = directory.account(view.target_id)
            if account is not None:
                described = describe_account(account, directory)
                target.member, target.account = described.member, described.name
        case KillScope.MEMBER:
            member = directory.member(view.target_id)
            target.member = member.name if member else ""
        case KillScope.INSTRUMENT:
            target.symbol = directory.symbol(view.target_id)
        case _:
            pass
    switch = pb.KillSwitch(target=target, operator=view.operator, reason=view.reason)
    switch.engage_time.FromNanoseconds(view.ts_ns)
    return switch
