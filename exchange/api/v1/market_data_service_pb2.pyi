import datetime

from exchange.api.v1 import common_pb2 as _common_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PriceLevel(_message.Message):
    __slots__ = ("price", "qty", "order_count")
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    price: int
    qty: int
    order_count: int
    def __init__(self, price: _Optional[int] = ..., qty: _Optional[int] = ..., order_count: _Optional[int] = ...) -> None: ...

class OrderBook(_message.Message):
    __slots__ = ("symbol", "bids", "asks", "seq", "phase", "status")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    BIDS_FIELD_NUMBER: _ClassVar[int]
    ASKS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    bids: _containers.RepeatedCompositeFieldContainer[PriceLevel]
    asks: _containers.RepeatedCompositeFieldContainer[PriceLevel]
    seq: int
    phase: _common_pb2.Phase
    status: TradingStatus
    def __init__(self, symbol: _Optional[str] = ..., bids: _Optional[_Iterable[_Union[PriceLevel, _Mapping]]] = ..., asks: _Optional[_Iterable[_Union[PriceLevel, _Mapping]]] = ..., seq: _Optional[int] = ..., phase: _Optional[_Union[_common_pb2.Phase, str]] = ..., status: _Optional[_Union[TradingStatus, _Mapping]] = ...) -> None: ...

class LevelUpdate(_message.Message):
    __slots__ = ("side", "price", "qty", "order_count")
    SIDE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    side: _common_pb2.Side
    price: int
    qty: int
    order_count: int
    def __init__(self, side: _Optional[_Union[_common_pb2.Side, str]] = ..., price: _Optional[int] = ..., qty: _Optional[int] = ..., order_count: _Optional[int] = ...) -> None: ...

class Trade(_message.Message):
    __slots__ = ("trade_id", "seq", "symbol", "price", "qty", "aggressor", "transact_time", "book")
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    AGGRESSOR_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    BOOK_FIELD_NUMBER: _ClassVar[int]
    trade_id: int
    seq: int
    symbol: str
    price: int
    qty: int
    aggressor: _common_pb2.Side
    transact_time: _timestamp_pb2.Timestamp
    book: _common_pb2.BookKind
    def __init__(self, trade_id: _Optional[int] = ..., seq: _Optional[int] = ..., symbol: _Optional[str] = ..., price: _Optional[int] = ..., qty: _Optional[int] = ..., aggressor: _Optional[_Union[_common_pb2.Side, str]] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., book: _Optional[_Union[_common_pb2.BookKind, str]] = ...) -> None: ...

class GetOrderBookRequest(_message.Message):
    __slots__ = ("symbol", "depth")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    depth: int
    def __init__(self, symbol: _Optional[str] = ..., depth: _Optional[int] = ...) -> None: ...

class GetOrderBookResponse(_message.Message):
    __slots__ = ("header", "book")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    BOOK_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    book: OrderBook
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., book: _Optional[_Union[OrderBook, _Mapping]] = ...) -> None: ...

class SubscribeOrderBookRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class SubscribeOrderBookResponse(_message.Message):
    __slots__ = ("header", "seq", "snapshot", "conflated", "heartbeat", "book", "updates", "phase")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    CONFLATED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    BOOK_FIELD_NUMBER: _ClassVar[int]
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    seq: int
    snapshot: bool
    conflated: bool
    heartbeat: bool
    book: OrderBook
    updates: _containers.RepeatedCompositeFieldContainer[LevelUpdate]
    phase: _common_pb2.Phase
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., seq: _Optional[int] = ..., snapshot: _Optional[bool] = ..., conflated: _Optional[bool] = ..., heartbeat: _Optional[bool] = ..., book: _Optional[_Union[OrderBook, _Mapping]] = ..., updates: _Optional[_Iterable[_Union[LevelUpdate, _Mapping]]] = ..., phase: _Optional[_Union[_common_pb2.Phase, str]] = ...) -> None: ...

class SubscribeTradesRequest(_message.Message):
    __slots__ = ("symbol", "start_seq")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    START_SEQ_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    start_seq: int
    def __init__(self, symbol: _Optional[str] = ..., start_seq: _Optional[int] = ...) -> None: ...

class SubscribeTradesResponse(_message.Message):
    __slots__ = ("header", "trades", "seq", "heartbeat")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    trades: _containers.RepeatedCompositeFieldContainer[Trade]
    seq: int
    heartbeat: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., trades: _Optional[_Iterable[_Union[Trade, _Mapping]]] = ..., seq: _Optional[int] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class ListTradesRequest(_message.Message):
    __slots__ = ("symbol", "page_size", "page_token")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    page_size: int
    page_token: str
    def __init__(self, symbol: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTradesResponse(_message.Message):
    __slots__ = ("header", "trades", "next_page_token")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    trades: _containers.RepeatedCompositeFieldContainer[Trade]
    next_page_token: str
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., trades: _Optional[_Iterable[_Union[Trade, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class TradingStatus(_message.Message):
    __slots__ = ("symbol", "seq", "transact_time", "phase", "indicative_px", "indicative_volume", "imbalance_side", "imbalance_qty", "extended", "reopen_time", "halted_for_the_day")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    INDICATIVE_PX_FIELD_NUMBER: _ClassVar[int]
    INDICATIVE_VOLUME_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_SIDE_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_QTY_FIELD_NUMBER: _ClassVar[int]
    EXTENDED_FIELD_NUMBER: _ClassVar[int]
    REOPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    HALTED_FOR_THE_DAY_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    seq: int
    transact_time: _timestamp_pb2.Timestamp
    phase: _common_pb2.Phase
    indicative_px: int
    indicative_volume: str
    imbalance_side: _common_pb2.Side
    imbalance_qty: str
    extended: bool
    reopen_time: _timestamp_pb2.Timestamp
    halted_for_the_day: bool
    def __init__(self, symbol: _Optional[str] = ..., seq: _Optional[int] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., phase: _Optional[_Union[_common_pb2.Phase, str]] = ..., indicative_px: _Optional[int] = ..., indicative_volume: _Optional[str] = ..., imbalance_side: _Optional[_Union[_common_pb2.Side, str]] = ..., imbalance_qty: _Optional[str] = ..., extended: _Optional[bool] = ..., reopen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., halted_for_the_day: _Optional[bool] = ...) -> None: ...

class TradingNotice(_message.Message):
    __slots__ = ("seq", "transact_time", "symbol", "phase", "uncross", "extension", "volatility", "breaker", "closing_price", "trade_change", "split")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    UNCROSS_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_FIELD_NUMBER: _ClassVar[int]
    VOLATILITY_FIELD_NUMBER: _ClassVar[int]
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    CLOSING_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRADE_CHANGE_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    seq: int
    transact_time: _timestamp_pb2.Timestamp
    symbol: str
    phase: PhaseNotice
    uncross: UncrossNotice
    extension: ExtensionNotice
    volatility: VolatilityNotice
    breaker: BreakerNotice
    closing_price: ClosingPriceNotice
    trade_change: TradeChangeNotice
    split: SplitNotice
    def __init__(self, seq: _Optional[int] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., symbol: _Optional[str] = ..., phase: _Optional[_Union[PhaseNotice, _Mapping]] = ..., uncross: _Optional[_Union[UncrossNotice, _Mapping]] = ..., extension: _Optional[_Union[ExtensionNotice, _Mapping]] = ..., volatility: _Optional[_Union[VolatilityNotice, _Mapping]] = ..., breaker: _Optional[_Union[BreakerNotice, _Mapping]] = ..., closing_price: _Optional[_Union[ClosingPriceNotice, _Mapping]] = ..., trade_change: _Optional[_Union[TradeChangeNotice, _Mapping]] = ..., split: _Optional[_Union[SplitNotice, _Mapping]] = ...) -> None: ...

class PhaseNotice(_message.Message):
    __slots__ = ("phase", "previous", "reason")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    phase: _common_pb2.Phase
    previous: _common_pb2.Phase
    reason: str
    def __init__(self, phase: _Optional[_Union[_common_pb2.Phase, str]] = ..., previous: _Optional[_Union[_common_pb2.Phase, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class UncrossNotice(_message.Message):
    __slots__ = ("price", "volume", "imbalance_side", "imbalance_qty")
    PRICE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_SIDE_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_QTY_FIELD_NUMBER: _ClassVar[int]
    price: int
    volume: str
    imbalance_side: _common_pb2.Side
    imbalance_qty: str
    def __init__(self, price: _Optional[int] = ..., volume: _Optional[str] = ..., imbalance_side: _Optional[_Union[_common_pb2.Side, str]] = ..., imbalance_qty: _Optional[str] = ...) -> None: ...

class ExtensionNotice(_message.Message):
    __slots__ = ("price", "end_time")
    PRICE_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    price: int
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, price: _Optional[int] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class VolatilityNotice(_message.Message):
    __slots__ = ("price", "reference_price", "end_time")
    PRICE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_PRICE_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    price: int
    reference_price: int
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, price: _Optional[int] = ..., reference_price: _Optional[int] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class BreakerNotice(_message.Message):
    __slots__ = ("level", "market_wide", "price", "reference_price", "reopen_time")
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    MARKET_WIDE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_PRICE_FIELD_NUMBER: _ClassVar[int]
    REOPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    level: int
    market_wide: bool
    price: int
    reference_price: int
    reopen_time: _timestamp_pb2.Timestamp
    def __init__(self, level: _Optional[int] = ..., market_wide: _Optional[bool] = ..., price: _Optional[int] = ..., reference_price: _Optional[int] = ..., reopen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ClosingPriceNotice(_message.Message):
    __slots__ = ("price",)
    PRICE_FIELD_NUMBER: _ClassVar[int]
    price: int
    def __init__(self, price: _Optional[int] = ...) -> None: ...

class TradeChangeNotice(_message.Message):
    __slots__ = ("trade_id", "busted", "price", "qty")
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    BUSTED_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    trade_id: int
    busted: bool
    price: int
    qty: int
    def __init__(self, trade_id: _Optional[int] = ..., busted: _Optional[bool] = ..., price: _Optional[int] = ..., qty: _Optional[int] = ...) -> None: ...

class SplitNotice(_message.Message):
    __slots__ = ("num", "den", "reference_price")
    NUM_FIELD_NUMBER: _ClassVar[int]
    DEN_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_PRICE_FIELD_NUMBER: _ClassVar[int]
    num: int
    den: int
    reference_price: int
    def __init__(self, num: _Optional[int] = ..., den: _Optional[int] = ..., reference_price: _Optional[int] = ...) -> None: ...

class GetTradingStatusRequest(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class GetTradingStatusResponse(_message.Message):
    __slots__ = ("header", "statuses")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    statuses: _containers.RepeatedCompositeFieldContainer[TradingStatus]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., statuses: _Optional[_Iterable[_Union[TradingStatus, _Mapping]]] = ...) -> None: ...

class SubscribeTradingStatusRequest(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class SubscribeTradingStatusResponse(_message.Message):
    __slots__ = ("header", "seq", "snapshot", "conflated", "heartbeat", "statuses", "notices")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    CONFLATED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    seq: int
    snapshot: bool
    conflated: bool
    heartbeat: bool
    statuses: _containers.RepeatedCompositeFieldContainer[TradingStatus]
    notices: _containers.RepeatedCompositeFieldContainer[TradingNotice]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., seq: _Optional[int] = ..., snapshot: _Optional[bool] = ..., conflated: _Optional[bool] = ..., heartbeat: _Optional[bool] = ..., statuses: _Optional[_Iterable[_Union[TradingStatus, _Mapping]]] = ..., notices: _Optional[_Iterable[_Union[TradingNotice, _Mapping]]] = ...) -> None: ...
