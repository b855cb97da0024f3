"""The Python client of the exchange: asynchronous and blocking, typed.

    async with AsyncClient("127.0.0.1:7001", member="alice") as client:
        outcome = await client.submit_order("ABC", "buy", 10, "101.25")
        async for report in client.executions():
            ...

Numbers: an `int` price is units of 1e-9 of the quote currency, an `int` quantity base units; a
`str` or `Decimal` is a decimal number; a float is a TypeError (`decimals.py`).

Commands are safe to repeat and are repeated by the client itself: a lost answer is asked for again
under the same `cl_ord_id` or `request_id`, and the exchange carries each out once. What cannot be
settled in time is an OutcomeUnknownError, never a guess (`retry.py`).

    AsyncClient / Client -> order_calls, market_data_calls, admin_calls, market_calls, cluster_calls
                              -> caller (credentials, repeating) -> endpoints (channel) -> exchange
                         -> order_session, streams (reconnecting)

It imports the generated stubs and the values of the model, nothing else of the project.
"""

from __future__ import annotations

from exchange.client.admin_calls import instrument
from exchange.client.aio import AsyncClient
from exchange.client.blocking import BlockingSession, BlockingStream, Client
from exchange.client.commands import (
    Command,
    cancel_order,
    mass_cancel,
    new_id,
    new_order,
    replace_order,
)
from exchange.client.decimals import Number, decimal_of, decimal_price, price_units, quantity_units
from exchange.client.endpoints import Tls, parse_endpoints
from exchange.client.errors import (
    AuthenticationError,
    ClientError,
    Fault,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    OverloadedError,
    PermissionDeniedError,
    RefusedError,
    SeqNotAvailableError,
    ServerFaultError,
    UnavailableError,
)
from exchange.client.local_book import BookGapError, Level, LocalBook
from exchange.client.market_calls import kill_target
from exchange.client.messages import as_dict
from exchange.client.order_session import OrderSession
from exchange.client.outcome import MassCancelOutcome, OrderOutcome
from exchange.client.streams import ResumingStream
from exchange.client.terms import Terms

__all__ = [
    "AsyncClient",
    "AuthenticationError",
    "BlockingSession",
    "BlockingStream",
    "BookGapError",
    "Client",
    "ClientError",
    "Command",
    "Fault",
    "InvalidRequestError",
    "Level",
    "LocalBook",
    "MassCancelOutcome",
    "NotFoundError",
    "Number",
    "OrderOutcome",
    "OrderSession",
    "OutcomeUnknownError",
    "OverloadedError",
    "PermissionDeniedError",
    "RefusedError",
    "ResumingStream",
    "SeqNotAvailableError",
    "ServerFaultError",
    "Terms",
    "Tls",
    "UnavailableError",
    "as_dict",
    "cancel_order",
    "decimal_of",
    "decimal_price",
    "instrument",
    "kill_target",
    "mass_cancel",
    "new_id",
    "new_order",
    "parse_endpoints",
    "price_units",
    "quantity_units",
    "replace_order",
]
