"""The messages of the API that a client gives and gets, and their JSON form.

Room: one place to import them from, and `as_dict`. The JSON form is proto-JSON with the field names
of the .proto files: 64-bit integers are strings, enums are their names, times are RFC 3339; fields
that are zero or empty are there too, so that a script finds what it looks for.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from exchange.api.v1.admin_service_pb2 import Account, KillSwitch, KillTarget, Member
from exchange.api.v1.cluster_service_pb2 import (
    CompareDigestsResponse,
    CreateSnapshotResponse,
    GetDigestResponse,
    GetDrStatusResponse,
    GetStatusResponse,
    NodeStatus,
    PromoteDrResponse,
    Register,
    TestDrResponse,
)
from exchange.api.v1.common_pb2 import Instrument, Order, ResponseHeader
from exchange.api.v1.dark_service_pb2 import (
    CrossingSession,
    DarkRules,
    GetDarkBookResponse,
    Indication,
    SubscribeIndicationsResponse,
)
from exchange.api.v1.ledger_service_pb2 import GetLedgerBalancesResponse, LedgerAmount, LedgerEntry
from exchange.api.v1.market_data_service_pb2 import (
    OrderBook,
    PriceLevel,
    SubscribeTradingStatusResponse,
    Trade,
    TradingNotice,
    TradingStatus,
)
from exchange.api.v1.order_service_pb2 import (
    CancelOrder,
    CommandFault,
    CommandResult,
    ExecutionReport,
    MassCancel,
    MassCancelReport,
    NewOrder,
    Position,
    ReplaceOrder,
)
from exchange.api.v1.risk_service_pb2 import (
    AccountLimits,
    Balance,
    FeeSchedule,
    GetRiskSettingsResponse,
    Holding,
    MemberLimits,
    Portfolio,
    Restriction,
)

__all__ = [
    "Account",
    "AccountLimits",
    "Balance",
    "CancelOrder",
    "CommandFault",
    "CommandResult",
    "CompareDigestsResponse",
    "CreateSnapshotResponse",
    "CrossingSession",
    "DarkRules",
    "ExecutionReport",
    "FeeSchedule",
    "GetDarkBookResponse",
    "GetDigestResponse",
    "GetDrStatusResponse",
    "GetLedgerBalancesResponse",
    "GetRiskSettingsResponse",
    "GetStatusResponse",
    "Holding",
    "Indication",
    "Instrument",
    "KillSwitch",
    "KillTarget",
    "LedgerAmount",
    "LedgerEntry",
    "MassCancel",
    "MassCancelReport",
    "Member",
    "MemberLimits",
    "Message",
    "NewOrder",
    "NodeStatus",
    "Order",
    "OrderBook",
    "Portfolio",
    "Position",
    "PriceLevel",
    "PromoteDrResponse",
    "Register",
    "ReplaceOrder",
    "ResponseHeader",
    "Restriction",
    "SubscribeIndicationsResponse",
    "SubscribeTradingStatusResponse",
    "TestDrResponse",
    "Trade",
    "TradingNotice",
    "TradingStatus",
    "as_dict",
]


def as_dict(message: Message) -> dict[str, Any]:
    """A message as what `json` writes; see the module docstring."""
    return MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
