"""Instruments, members and accounts: what an operator adds and changes.

Room: the reference data half of AdminService; the state of the market is `market_calls.py`. Each
command has a `request_id` (None = a fresh UUID), is repeated under it until it is answered, and
carried out once. A refusal is a RefusedError whose reason is the RejectReason.
"""

from __future__ import annotations

from google.protobuf.field_mask_pb2 import FieldMask

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.api.v1.common_pb2 import Instrument
from exchange.client.api_number import number
from exchange.client.commands import new_id
from exchange.client.decimals import Number, price_units
from exchange.client.market_calls import MarketCalls
from exchange.model.enums import AssetClass, Standing, StpMode
from exchange.model.units import QTY_MAX

PAGE_SIZE = 1000


def instrument(
    symbol: str,
    asset_class: AssetClass | str,
    *,
    currency: str,
    mic: str,
    tick_size: Number,
    lot_size: int = 1,
    qty_decimals: int = 0,
    min_order_qty: int = 0,
    max_order_qty: int = QTY_MAX,
    max_order_notional: int = 0,
    reference_price: Number = 0,
    static_band_bp: int = 0,
    contract_multiplier: int = 1,
    stp_default: StpMode | None = None,
) -> Instrument:
    """An instrument to create.

    Args:
        symbol: 1 to 16 of A-Z 0-9 . _ -.
        asset_class: or its name.
        currency: quote currency, 3 to 8 of A-Z 0-9.
        mic: market identifier code, 4 of A-Z 0-9.
        tick_size: smallest price step; int = units of 1e-9, str or Decimal = quote currency.
        lot_size: smallest quantity step, base units.
        qty_decimals: one base unit is 10**-qty_decimals of what is shown; 0 to 9.
        min_order_qty: base units; 0 = lot_size.
        max_order_qty: base units.
        max_order_notional: 1e-9 quote units times base units; 0 = no limit.
        reference_price: previous close, as tick_size; 0 = none.
        static_band_bp: basis points around reference_price; 0 = no band.
        contract_multiplier: value of one price unit and one whole unit of quantity.
        stp_default: None = CANCEL_INCOMING.

    Raises:
        TypeError, ValueError: a price is no number, or there is no such asset class.
    """
    if isinstance(asset_class, str):
        names = ", ".join(kind.name for kind in AssetClass)
        if asset_class.upper() not in AssetClass.__members__:
            raise ValueError(f"asset class {asset_class!r} must be one of {names}")
        asset_class = AssetClass[asset_class.upper()]
    return Instrument(
        symbol=symbol,
        asset_class=number(asset_class),
        currency=currency,
        mic=mic,
        tick_size=price_units(tick_size),
        lot_size=lot_size,
        qty_decimals=qty_decimals,
        min_order_qty=min_order_qty or lot_size,
        max_order_qty=max_order_qty,
        max_order_notional=str(max_order_notional),
        reference_price=price_units(reference_price),
        static_band_bp=static_band_bp,
        contract_multiplier=contract_multiplier,
        stp_default=number(stp_default),
    )


class AdminCalls(MarketCalls):
    """AdminService: instruments, members, accounts."""

    async def create_instrument(
        self, new: Instrument, *, request_id: str | None = None
    ) -> pb.CreateInstrumentResponse:
        """Add an instrument (see `instrument`); it is CLOSED at first."""
        request = pb.CreateInstrumentRequest(request_id=request_id or new_id(), instrument=new)
        return await self._keyed(self._admin.CreateInstrument, request)

    async def update_instrument(
        self, changed: Instrument, fields: list[str], *, request_id: str | None = None
    ) -> pb.UpdateInstrumentResponse:
        """Change the named fields of the instrument that `changed.symbol` names."""
        request = pb.UpdateInstrumentRequest(
            request_id=request_id or new_id(),
            instrument=changed,
            update_mask=FieldMask(paths=fields),
        )
        return await self._keyed(self._admin.UpdateInstrument, request)

    async def split_instrument(
        self,
        symbol: str,
        num: int,
        den: int,
        reason: str,
        *,
        validate_only: bool = False,
        request_id: str | None = None,
    ) -> pb.SplitInstrumentResponse:
        """Of `den` units of a closed instrument make `num`; its open orders are canceled."""
        request = pb.SplitInstrumentRequest(
            request_id=request_id or new_id(),
            symbol=symbol,
            num=num,
            den=den,
            reason=reason,
            validate_only=validate_only,
        )
        return await self._keyed(self._admin.SplitInstrument, request)

    async def create_member(
        self, name: str, *, request_id: str | None = None
    ) -> pb.CreateMemberResponse:
        """Add a member with one account of the same name; 1 to 32 of A-Z a-z 0-9 . _ -."""
        request = pb.CreateMemberRequest(request_id=request_id or new_id(), name=name)
        return await self._keyed(self._admin.CreateMember, request)

    async def update_member(
        self, member: str, standing: Standing, *, request_id: str | None = None
    ) -> pb.UpdateMemberResponse:
        """Enable or disable a member."""
        request = pb.UpdateMemberRequest(
            request_id=request_id or new_id(), member=member, standing=number(standing)
        )
        return await self._keyed(self._admin.UpdateMember, request)

    async def create_account(
        self, member: str, name: str, *, request_id: str | None = None
    ) -> pb.CreateAccountResponse:
        """Add an account to a member."""
        request = pb.CreateAccountRequest(
            request_id=request_id or new_id(), member=member, name=name
        )
        return await self._keyed(self._admin.CreateAccount, request)

    async def update_account(
        self, member: str, account: str, standing: Standing, *, request_id: str | None = None
    ) -> pb.UpdateAccountResponse:
        """Enable or disable an account."""
        request = pb.UpdateAccountRequest(
            request_id=request_id or new_id(),
            member=member,
            account=account,
            standing=number(standing),
        )
        return await self._keyed(self._admin.UpdateAccount, request)

    async def list_members(self) -> list[pb.Member]:
        """All members with their accounts, by member_id."""
        request = pb.ListMembersRequest(page_size=PAGE_SIZE)
        found: list[pb.Member] = []
        while True:
            answer = await self._call(self._admin.ListMembers, request)
            found.extend(answer.members)
            if not answer.next_page_token:
                return found
            request.page_token = answer.next_page_token
