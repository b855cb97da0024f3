"""AdminService over a real channel: every RPC, its refusals and its counts."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.api.v1 import common_pb2
from exchange.api.v1 import market_data_service_pb2 as market_data
from tests.exchange.gateway.venue import M1, M2, OPERATOR, PX, Venue, instrument, refused


async def test_created_instrument_comes_back_with_defaults_and_phase(venue: Venue) -> None:
    request = pb.CreateInstrumentRequest(
        request_id="r1", instrument=instrument("XYZ", max_order_notional=str(1 << 100))
    )
    response = await venue.admin.CreateInstrument(request, metadata=OPERATOR)

    got = response.instrument
    assert (got.instrument_id, got.symbol) == (2, "XYZ")
    assert got.phase == common_pb2.PHASE_CLOSED
    assert got.stp_default == common_pb2.STP_MODE_CANCEL_INCOMING
    assert got.contract_multiplier == 1
    assert got.max_order_notional == str(1 << 100)
    assert not response.poss_dup
    again = await venue.admin.CreateInstrument(request, metadata=OPERATOR)
    assert again.poss_dup
    assert again.instrument == got


async def test_update_mask_changes_what_it_names_and_nothing_else(venue: Venue) -> None:
    request = pb.UpdateInstrumentRequest(
        request_id="r1",
        instrument=common_pb2.Instrument(symbol="ABC", max_order_qty=5, currency="EUR"),
        update_mask=FieldMask(paths=["max_order_qty"]),
    )
    response = await venue.admin.UpdateInstrument(request, metadata=OPERATOR)

    assert response.instrument.max_order_qty == 5
    assert response.instrument.currency == "USD"
    assert response.instrument.tick_size == PX // 100


@pytest.mark.parametrize("paths", [[], ["symbol"], ["phase"], ["nix"], ["instrument_id"]])
async def test_update_mask_with_a_field_that_cannot_change_is_refused(
    venue: Venue, paths: list[str]
) -> None:
    request = pb.UpdateInstrumentRequest(
        request_id="r1",
        instrument=common_pb2.Instrument(symbol="ABC"),
        update_mask=FieldMask(paths=paths),
    )
    got = await refused(venue.admin.UpdateInstrument(request, metadata=OPERATOR))

    assert (got.reason, got.metadata["field"]) == ("INVALID_FIELD", "update_mask")


async def test_members_and_accounts_are_listed_in_pages(venue: Venue) -> None:
    create = pb.CreateAccountRequest(request_id="r1", member="m1", name="house")
    account = (await venue.admin.CreateAccount(create, metadata=OPERATOR)).account
    first = await venue.admin.ListMembers(pb.ListMembersRequest(page_size=1), metadata=OPERATOR)
    second = await venue.admin.ListMembers(
        pb.ListMembersRequest(page_size=1, page_token=first.next_page_token), metadata=OPERATOR
    )

    assert (account.member, account.name) == ("m1", "house")
    assert [a.name for a in first.members[0].accounts] == ["m1", "house"]
    assert second.members[0].name == "m2"
    assert not second.next_page_token


async def test_disabled_member_and_account_are_refused_by_the_market(venue: Venue) -> None:
    disabled = common_pb2.STANDING_DISABLED
    member = pb.UpdateMemberRequest(request_id="r1", member="m1", standing=disabled)
    account = pb.UpdateAccountRequest(request_id="r2", member="m2", account="m2", standing=disabled)
    assert (await venue.admin.UpdateMember(member)).member.standing == disabled
    assert (await venue.admin.UpdateAccount(account)).account.standing == disabled

    (one,) = await venue.submit("a1", "buy", 1, 10, M1)
    (two,) = await venue.submit("a1", "buy", 1, 10, M2)
    assert one.reject_reason == common_pb2.REJECT_REASON_MEMBER_DISABLED
    assert two.reject_reason == common_pb2.REJECT_REASON_ACCOUNT_DISABLED


async def test_halt_and_resume_tell_the_instruments_and_the_cancels(venue: Venue) -> None:
    """R7.4, R7.5."""
    await venue.submit("a1", "buy", 1, 10)
    halt = pb.HaltTradingRequest(
        request_id="r1", reason="news", symbol="ABC", cancel_orders=True, validate_only=True
    )
    dry = await venue.admin.HaltTrading(halt, metadata=OPERATOR)
    halt.validate_only = False
    wet = await venue.admin.HaltTrading(halt, metadata=OPERATOR)
    resume = pb.ResumeTradingRequest(request_id="r2", reason="done", symbol="ABC", direct=True)
    resumed = await venue.admin.ResumeTrading(resume, metadata=OPERATOR)

    assert (dry.canceled_count, list(dry.symbols)) == (1, [])
    assert (wet.canceled_count, list(wet.symbols)) == (1, ["ABC"])
    assert list(resumed.symbols) == ["ABC"]


async def test_close_session_expires_day_orders_and_counts_them_before(venue: Venue) -> None:
    await venue.submit("a1", "buy", 1, 10)
    await venue.submit("a2", "buy", 1, 10, time_in_force=common_pb2.TIME_IN_FORCE_GTC)
    dry = await venue.admin.CloseSession(pb.CloseSessionRequest(validate_only=True))
    wet = await venue.admin.CloseSession(pb.CloseSessionRequest(request_id="r1"))

    assert dry.canceled_count == wet.canceled_count == 1
    assert list(wet.symbols) == ["ABC"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"scope": 3, "member": "m1"}, 2),
        ({"scope": 2, "member": "m1", "account": "m1"}, 2),
        ({"scope": 4, "symbol": "ABC"}, 3),
        ({"scope": 5}, 3),
    ],
)
async def test_kill_switch_counts_cancels_and_is_listed_until_released(
    venue: Venue, target: dict[str, Any], expected: int
) -> None:
    """R9.1."""
    await venue.submit("a1", "buy", 1, 10)
    await venue.submit("a2", "buy", 1, 10)
    await venue.submit("z1", "buy", 1, 10, M2)
    wanted = pb.KillTarget(**target)
    engage = pb.EngageKillSwitchRequest(
        request_id="r1", reason="test", target=wanted, validate_only=True
    )
    assert (await venue.admin.EngageKillSwitch(engage)).canceled_count == expected
    engage.validate_only = False
    assert (await venue.admin.EngageKillSwitch(engage)).canceled_count == expected
    listed = await venue.admin.ListKillSwitches(pb.ListKillSwitchesRequest())
    assert [switch.target for switch in listed.kill_switches] == [wanted]
    assert listed.kill_switches[0].operator == "local"
    (report,) = await venue.submit("a3", "buy", 1, 10)
    assert report.reject_reason == common_pb2.REJECT_REASON_KILL_SWITCH_ENGAGED

    release = pb.ReleaseKillSwitchRequest(request_id="r2", reason="test", target=wanted)
    await venue.admin.ReleaseKillSwitch(release)
    assert not (await venue.admin.ListKillSwitches(pb.ListKillSwitchesRequest())).kill_switches


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"scope": 3},
        {"scope": 3, "symbol": "ABC"},
        {"scope": 5, "member": "m1"},
        {"scope": 2, "member": "m1"},
        {"scope": 1},
    ],
)
async def test_kill_target_that_does_not_fit_its_scope_is_refused(
    venue: Venue, target: dict[str, Any]
) -> None:
    request = pb.EngageKillSwitchRequest(
        request_id="r1", reason="test", target=pb.KillTarget(**target)
    )
    got = await refused(venue.admin.EngageKillSwitch(request))

    assert got.reason == "INVALID_FIELD"
    assert got.metadata["field"].startswith("target")


async def test_cancel_all_counts_what_it_then_cancels(venue: Venue) -> None:
    """R9.2."""
    await venue.submit("a1", "buy", 1, 10)
    await venue.submit("a2", "sell", 1, 20)
    await venue.submit("z1", "buy", 1, 9, M2)
    request = pb.CancelAllOrdersRequest(
        request_id="r1",
        reason="test",
        member="m1",
        account="m1",
        symbol="ABC",
        side=common_pb2.SIDE_BUY,
        validate_only=True,
    )
    dry = await venue.admin.CancelAllOrders(request)
    request.validate_only = False
    wet = await venue.admin.CancelAllOrders(request)
    again = await venue.admin.CancelAllOrders(request)

    assert dry.canceled_count == wet.canceled_count == 1
    assert (again.canceled_count, again.poss_dup) == (0, True)
    book = await venue.market_data.GetOrderBook(market_data.GetOrderBookRequest(symbol="ABC"))
    assert [level.order_count for level in book.book.bids] == [1]


MARKET = pb.KillTarget(scope=common_pb2.KILL_SCOPE_MARKET)
UNKNOWN = pb.KillTarget(scope=common_pb2.KILL_SCOPE_MEMBER, member="nix")


@pytest.mark.parametrize(
    ("rpc", "request_", "code", "reason"),
    [
        ("CreateMember", {"request_id": "x", "name": "m1"}, "ALREADY_EXISTS", "NAME_EXISTS"),
        ("CreateMember", {"request_id": "x", "name": "a b"}, "INVALID_ARGUMENT", "INVALID_NAME"),
        ("CreateMember", {"name": "m9"}, "INVALID_ARGUMENT", "INVALID_REQUEST_ID"),
        ("CreateMember", {"request_id": "x"}, "INVALID_ARGUMENT", "INVALID_FIELD"),
        (
            "CreateMember",
            {"request_id": "member-m1", "name": "m9"},
            "ALREADY_EXISTS",
            "DUPLICATE_REQUEST_ID",
        ),
        (
            "CreateInstrument",
            {"request_id": "x", "instrument": instrument("ABC")},
            "ALREADY_EXISTS",
            "SYMBOL_EXISTS",
        ),
        (
            "CreateInstrument",
            {"request_id": "x", "instrument": instrument("abc")},
            "INVALID_ARGUMENT",
            "INVALID_SYMBOL",
        ),
        (
            "CreateInstrument",
            {"request_id": "x", "instrument": instrument("XYZ", mic="x")},
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
        ("OpenSession", {"request_id": "x", "symbol": "ABC"}, "FAILED_PRECONDITION", "WRONG_PHASE"),
        ("OpenSession", {"request_id": "x", "symbol": "NIX"}, "NOT_FOUND", "UNKNOWN_SYMBOL"),
        ("HaltTrading", {"request_id": "x"}, "INVALID_ARGUMENT", "REASON_REQUIRED"),
        (
            "EngageKillSwitch",
            {"request_id": "x", "reason": "y", "target": UNKNOWN},
            "NOT_FOUND",
            "UNKNOWN_TARGET",
        ),
        (
            "EngageKillSwitch",
            {"request_id": "x", "reason": "y", "target": UNKNOWN, "validate_only": True},
            "NOT_FOUND",
            "UNKNOWN_TARGET",
        ),
        (
            "EngageKillSwitch",
            {
                "request_id": "x",
                "target": MARKET,
                "validate_only": True,
            },
            "INVALID_ARGUMENT",
            "REASON_REQUIRED",
        ),
        (
            "ReleaseKillSwitch",
            {
                "request_id": "x",
                "reason": "y",
                "target": MARKET,
            },
            "FAILED_PRECONDITION",
            "NOT_ENGAGED",
        ),
        (
            "UpdateMember",
            {"request_id": "x", "member": "nix", "standing": 2},
            "NOT_FOUND",
            "UNKNOWN_MEMBER",
        ),
        (
            "UpdateMember",
            {"request_id": "x", "member": "m1", "standing": 1},
            "FAILED_PRECONDITION",
            "NO_CHANGE",
        ),
        (
            "CreateAccount",
            {"request_id": "x", "member": "nix", "name": "h"},
            "NOT_FOUND",
            "UNKNOWN_MEMBER",
        ),
        (
            "CancelAllOrders",
            {"request_id": "x", "reason": "y", "account": "h"},
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
        (
            "HaltTrading",
            {"request_id": "x", "reason": "y" * 201},
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
        (
            "HaltTrading",
            {"request_id": "x", "reason": "y", "symbol": "ABC", "asset_class": 1},
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
    ],
)
async def test_refused_admin_command_is_a_status_with_its_reason(
    venue: Venue, rpc: str, request_: dict[str, Any], code: str, reason: str
) -> None:
    request = getattr(pb, f"{rpc}Request")(**request_)
    got = await refused(getattr(venue.admin, rpc)(request, metadata=OPERATOR))

    assert (got.code, got.reason) == (grpc.StatusCode[code], reason)
