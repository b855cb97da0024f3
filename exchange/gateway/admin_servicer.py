"""AdminService: operators change instruments, members, accounts and the state of the market.

Room: reference data here; sessions, halts and kill switches are mixed in from `market_control.py`.
One method per RPC: who calls, translate, submit, tell. The operator's name is in every command; the
engine decides.
"""

from __future__ import annotations

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.api.v1.common_pb2 import Instrument as ApiInstrument
from exchange.engine.port import Engine, InstrumentView
from exchange.errors import ClientFault, InvariantViolation
from exchange.gateway import field_checks as fields
from exchange.gateway import translate_admin as to
from exchange.gateway.auction_control import AuctionControl
from exchange.gateway.call import Call
from exchange.gateway.header import response_header
from exchange.gateway.page_token import decode_page_token, encode_page_token, page_size
from exchange.gateway.principal import operator_of
from exchange.gateway.translate_orders import instrument_filter
from exchange.model.command import (
    CreateAccount,
    CreateInstrument,
    CreateMember,
    UpdateAccount,
    UpdateInstrument,
    UpdateMember,
)
from exchange.model.corporate_action import SplitInstrument
from exchange.model.enums import Standing
from exchange.model.instrument import Account, Member, mask_of


class AdminServicer(AuctionControl):
    """Answers AdminService."""

    async def CreateInstrument(
        self, request: pb.CreateInstrumentRequest, call: Call
    ) -> pb.CreateInstrumentResponse:
        """Add an instrument."""
        by = self._desk.signature(call, request.request_id)
        command = CreateInstrument(
            operator=by.operator,
            request_id=by.request_id,
            instrument=to.instrument_of(request.instrument),
        )
        answer, outcome = await self._desk.carry_out(command, pb.CreateInstrumentResponse)
        answer.instrument.CopyFrom(await self._instrument(outcome.target_id))
        return answer

    async def UpdateInstrument(
        self, request: pb.UpdateInstrumentRequest, call: Call
    ) -> pb.UpdateInstrumentResponse:
        """Change the fields of the mask."""
        by = self._desk.signature(call, request.request_id)
        symbol = request.instrument.symbol
        current = self._core.directory.instrument_by_symbol(symbol)
        if current is None:
            raise ClientFault(
                "UNKNOWN_SYMBOL",
                f"there is no instrument {symbol[:50]!r}",
                field="instrument.symbol",
            )
        command = UpdateInstrument(
            operator=by.operator,
            request_id=by.request_id,
            instrument=to.updated_instrument(
                current, request.instrument, list(request.update_mask.paths)
            ),
            mask=mask_of(request.update_mask.paths),
        )
        answer, _ = await self._desk.carry_out(command, pb.UpdateInstrumentResponse)
        answer.instrument.CopyFrom(await self._instrument(current.instrument_id))
        return answer

    async def SplitInstrument(
        self, request: pb.SplitInstrumentRequest, call: Call
    ) -> pb.SplitInstrumentResponse:
        """Split an instrument."""
        by = self._desk.signature(call, request.request_id)
        symbol = fields.required_name(request.symbol, "symbol")
        command = SplitInstrument(
            operator=by.operator,
            request_id=by.request_id,
            instrument_id=instrument_filter(symbol, self._core.directory),
            num=request.num,
            den=request.den,
            reason=fields.text(request.reason, "reason"),
        )
        if request.validate_only:
            count = await self._desk.impact(command)
            answer = pb.SplitInstrumentResponse(header=response_header(self._core))
        else:
            answer, outcome = await self._desk.carry_out(command, pb.SplitInstrumentResponse)
            count = outcome.canceled_count
        answer.canceled_count = count
        answer.instrument.CopyFrom(await self._instrument(command.instrument_id))
        return answer

    async def CreateMember(
        self, request: pb.CreateMemberRequest, call: Call
    ) -> pb.CreateMemberResponse:
        """Add a member with one account of the same name."""
        by = self._desk.signature(call, request.request_id)
        command = CreateMember(
            operator=by.operator,
            request_id=by.request_id,
            name=fields.required_name(request.name, "name"),
        )
        answer, outcome = await self._desk.carry_out(command, pb.CreateMemberResponse)
        created = self._member(outcome.target_id)
        answer.member.CopyFrom(to.describe_member(created, self._core.directory))
        return answer

    async def UpdateMember(
        self, request: pb.UpdateMemberRequest, call: Call
    ) -> pb.UpdateMemberResponse:
        """Enable or disable a member."""
        by = self._desk.signature(call, request.request_id)
        directory = self._core.directory
        command = UpdateMember(
            operator=by.operator,
            request_id=by.request_id,
            member_id=to.member_id_of_name(request.member, directory),
            standing=fields.enum_number(request.standing, Standing, "standing"),
        )
        answer, _ = await self._desk.carry_out(command, pb.UpdateMemberResponse)
        answer.member.CopyFrom(to.describe_member(self._member(command.member_id), directory))
        return answer

    async def ListMembers(
        self, request: pb.ListMembersRequest, call: Call
    ) -> pb.ListMembersResponse:
        """Members by id, page by page."""
        operator_of(call.principal)
        directory = self._core.directory
        size = page_size(request.page_size)
        after = decode_page_token(request.page_token, "members")
        rows = [row for row in directory.members() if row.member_id > after]
        token = encode_page_token(rows[size - 1].member_id, "members") if len(rows) > size else ""
        return pb.ListMembersResponse(
            header=response_header(self._core),
            members=[to.describe_member(row, directory) for row in rows[:size]],
            next_page_token=token,
        )

    async def CreateAccount(
        self, request: pb.CreateAccountRequest, call: Call
    ) -> pb.CreateAccountResponse:
        """Add an account to a member."""
        by = self._desk.signature(call, request.request_id)
        command = CreateAccount(
            operator=by.operator,
            request_id=by.request_id,
            member_id=to.member_id_of_name(request.member, self._core.directory),
            name=fields.required_name(request.name, "name"),
        )
        answer, outcome = await self._desk.carry_out(command, pb.CreateAccountResponse)
        created = self._account(outcome.target_id)
        answer.account.CopyFrom(to.describe_account(created, self._core.directory))
        return answer

    async def UpdateAccount(
        self, request: pb.UpdateAccountRequest, call: Call
    ) -> pb.UpdateAccountResponse:
        """Enable or disable an account."""
        by = self._desk.signature(call, request.request_id)
        directory = self._core.directory
        command = UpdateAccount(
            operator=by.operator,
            request_id=by.request_id,
            account_id=to.account_id_of_name(request.member, request.account, directory),
            standing=fields.enum_number(request.standing, Standing, "standing"),
        )
        answer, _ = await self._desk.carry_out(command, pb.UpdateAccountResponse)
        answer.account.CopyFrom(to.describe_account(self._account(command.account_id), directory))
        return answer

    async def _instrument(self, instrument_id: int) -> ApiInstrument:
        def read(engine: Engine) -> InstrumentView | None:
            views = engine.instruments()
            return next((v for v in views if v.instrument.instrument_id == instrument_id), None)

        view = await self._core.query(read)
        if view is None:
            raise _missing("instrument", instrument_id)
        return to.describe_instrument(view)

    def _member(self, member_id: int) -> Member:
        member = self._core.directory.member(member_id)
        if member is None:
            raise _missing("member", member_id)
        return member

    def _account(self, account_id: int) -> Account:
        account = self._core.directory.account(account_id)
        if account is None:
            raise _missing("account", account_id)
        return account


def _missing(kind: str, number: int) -> Exception:
    """What was acknowledged must be known: anything else is our own fault."""
    return InvariantViolation("ACKNOWLEDGED_THING_UNKNOWN", kind=kind, number=number)
