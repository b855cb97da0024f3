import datetime

from exchange.api.v1 import common_pb2 as _common_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LedgerAccountKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEDGER_ACCOUNT_KIND_UNSPECIFIED: _ClassVar[LedgerAccountKind]
    LEDGER_ACCOUNT_KIND_MEMBER: _ClassVar[LedgerAccountKind]
    LEDGER_ACCOUNT_KIND_FEES: _ClassVar[LedgerAccountKind]
    LEDGER_ACCOUNT_KIND_CLEARING: _ClassVar[LedgerAccountKind]
    LEDGER_ACCOUNT_KIND_BANK: _ClassVar[LedgerAccountKind]
    LEDGER_ACCOUNT_KIND_DEPOSITORY: _ClassVar[LedgerAccountKind]

class LedgerEntryKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEDGER_ENTRY_KIND_UNSPECIFIED: _ClassVar[LedgerEntryKind]
    LEDGER_ENTRY_KIND_TRADE: _ClassVar[LedgerEntryKind]
    LEDGER_ENTRY_KIND_FEES: _ClassVar[LedgerEntryKind]
    LEDGER_ENTRY_KIND_BUST: _ClassVar[LedgerEntryKind]
    LEDGER_ENTRY_KIND_CORRECTION: _ClassVar[LedgerEntryKind]
    LEDGER_ENTRY_KIND_VARIATION: _ClassVar[LedgerEntryKind]
    LEDGER_ENTRY_KIND_CASH: _ClassVar[LedgerEntryKind]
    LEDGER_ENTRY_KIND_DELIVERY: _ClassVar[LedgerEntryKind]
LEDGER_ACCOUNT_KIND_UNSPECIFIED: LedgerAccountKind
LEDGER_ACCOUNT_KIND_MEMBER: LedgerAccountKind
LEDGER_ACCOUNT_KIND_FEES: LedgerAccountKind
LEDGER_ACCOUNT_KIND_CLEARING: LedgerAccountKind
LEDGER_ACCOUNT_KIND_BANK: LedgerAccountKind
LEDGER_ACCOUNT_KIND_DEPOSITORY: LedgerAccountKind
LEDGER_ENTRY_KIND_UNSPECIFIED: LedgerEntryKind
LEDGER_ENTRY_KIND_TRADE: LedgerEntryKind
LEDGER_ENTRY_KIND_FEES: LedgerEntryKind
LEDGER_ENTRY_KIND_BUST: LedgerEntryKind
LEDGER_ENTRY_KIND_CORRECTION: LedgerEntryKind
LEDGER_ENTRY_KIND_VARIATION: LedgerEntryKind
LEDGER_ENTRY_KIND_CASH: LedgerEntryKind
LEDGER_ENTRY_KIND_DELIVERY: LedgerEntryKind

class LedgerAmount(_message.Message):
    __slots__ = ("kind", "member", "account", "currency", "symbol", "amount")
    KIND_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    kind: LedgerAccountKind
    member: str
    account: str
    currency: str
    symbol: str
    amount: str
    def __init__(self, kind: _Optional[_Union[LedgerAccountKind, str]] = ..., member: _Optional[str] = ..., account: _Optional[str] = ..., currency: _Optional[str] = ..., symbol: _Optional[str] = ..., amount: _Optional[str] = ...) -> None: ...

class LedgerEntry(_message.Message):
    __slots__ = ("seq", "transact_time", "log_index", "kind", "trade_id", "reason", "postings")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    POSTINGS_FIELD_NUMBER: _ClassVar[int]
    seq: int
    transact_time: _timestamp_pb2.Timestamp
    log_index: int
    kind: LedgerEntryKind
    trade_id: int
    reason: str
    postings: _containers.RepeatedCompositeFieldContainer[LedgerAmount]
    def __init__(self, seq: _Optional[int] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., log_index: _Optional[int] = ..., kind: _Optional[_Union[LedgerEntryKind, str]] = ..., trade_id: _Optional[int] = ..., reason: _Optional[str] = ..., postings: _Optional[_Iterable[_Union[LedgerAmount, _Mapping]]] = ...) -> None: ...

class ListLedgerEntriesRequest(_message.Message):
    __slots__ = ("member", "account", "page_size", "page_token")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    member: str
    account: str
    page_size: int
    page_token: str
    def __init__(self, member: _Optional[str] = ..., account: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLedgerEntriesResponse(_message.Message):
    __slots__ = ("header", "entries", "next_page_token")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    entries: _containers.RepeatedCompositeFieldContainer[LedgerEntry]
    next_page_token: str
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., entries: _Optional[_Iterable[_Union[LedgerEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetLedgerBalancesRequest(_message.Message):
    __slots__ = ("member", "account")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    member: str
    account: str
    def __init__(self, member: _Optional[str] = ..., account: _Optional[str] = ...) -> None: ...

class GetLedgerBalancesResponse(_message.Message):
    __slots__ = ("header", "seq", "balances")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    BALANCES_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    seq: int
    balances: _containers.RepeatedCompositeFieldContainer[LedgerAmount]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., seq: _Optional[int] = ..., balances: _Optional[_Iterable[_Union[LedgerAmount, _Mapping]]] = ...) -> None: ...
