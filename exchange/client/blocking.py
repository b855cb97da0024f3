"""The blocking client: the asynchronous one, driven by an event loop in a thread of its own.

Room: turns awaiting into waiting. No call is written twice: each method is made of the method of
AsyncClient, with the same arguments, and so behaves the same.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
)
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from exchange.api.v1.dark_service_pb2 import SubscribeIndicationsResponse
from exchange.api.v1.market_data_service_pb2 import SubscribeTradingStatusResponse, Trade
from exchange.api.v1.order_service_pb2 import CommandResult, ExecutionReport, MassCancelReport
from exchange.client.aio import AsyncClient
from exchange.client.caller import TIMEOUT_S
from exchange.client.commands import Command
from exchange.client.endpoints import Tls
from exchange.client.local_book import LocalBook
from exchange.client.order_session import OrderSession
from exchange.client.streams import ResumingStream

P = ParamSpec("P")
R = TypeVar("R")
Item = TypeVar("Item")


class LoopThread:
    """An event loop in a daemon thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True, name="client")
        self._thread.start()

    def run(self, awaitable: Awaitable[R]) -> R:
        """The result of an awaitable; KeyboardInterrupt cancels it."""
        future = asyncio.run_coroutine_threadsafe(_awaited(awaitable), self.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """End the loop and the thread. Safe to call twice."""
        if self.loop.is_closed():
            return
        self.run(_cancel_the_rest())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


async def _awaited(awaitable: Awaitable[R]) -> R:
    return await awaitable


# Calls that were closed leave tasks of grpc's own behind, which must see their end.
async def _cancel_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


def _blocking(
    method: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Client, P], R]:
    def call(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._thread.run(method(self._client, *args, **kwargs))

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


class BlockingStream(Generic[Item]):
    """Items of a stream: `for item in stream`; a context manager that ends it."""

    def __init__(
        self, thread: LoopThread, stream: AsyncGenerator[Item, None] | ResumingStream[Item]
    ) -> None:
        self._thread = thread
        self._stream = stream

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        try:
            return self._thread.run(anext(self._stream))
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the stream."""
        self._thread.run(self._stream.aclose())


class BlockingSession:
    """An order session: `with client.order_session() as session: session.send([...])`."""

    def __init__(self, thread: LoopThread, session: OrderSession) -> None:
        self._thread = thread
        self._session = session

    def __enter__(self) -> Self:
        self._thread.run(self._session.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.run(self._session.close())

    def send(self, commands: Iterable[Command]) -> list[CommandResult]:
        """As OrderSession.send."""
        return self._thread.run(self._session.send(commands))


class Client:
    """A client of the exchange that blocks. Arguments: see `Caller`. Threads may share it.

    with Client("127.0.0.1:7001", member="alice") as client:
        outcome = client.submit_order("ABC", "buy", 10, "101.25")
    """

    def __init__(
        self,
        endpoints: str | Sequence[str] = "127.0.0.1:7001",
        *,
        member: str | None = None,
        operator: str | None = None,
        token: str | None = None,
        tls: Tls | None = None,
        timeout: float = TIMEOUT_S,
        serving_only: bool = True,
        followers: bool = False,
    ) -> None:
        async def make() -> AsyncClient:
            return AsyncClient(
                endpoints,
                member=member,
                operator=operator,
                token=token,
                tls=tls,
                timeout=timeout,
                serving_only=serving_only,
                followers=followers,
            )

        self._thread = LoopThread()
        try:
            self._client = self._thread.run(make())
        except BaseException:
            self._thread.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all calls and close the connections."""
        self._thread.run(self._client.close())
        self._thread.stop()

    def executions(
        self, start_seq: int = 0, *, member: str = ""
    ) -> BlockingStream[ExecutionReport | MassCancelReport]:
        """As AsyncClient.executions."""
        return BlockingStream(self._thread, self._client.executions(start_seq, member=member))

    def trades(self, symbol: str, start_seq: int = 0) -> BlockingStream[Trade]:
        """As AsyncClient.trades."""
        return BlockingStream(self._thread, self._client.trades(symbol, start_seq))

    def watch_book(self, symbol: str) -> BlockingStream[LocalBook]:
        """As AsyncClient.watch_book; the book changes only while the next item is waited for."""
        return BlockingStream(self._thread, self._client.watch_book(symbol))

    def indications(self, symbol: str = "") -> BlockingStream[SubscribeIndicationsResponse]:
        """As AsyncClient.indications."""
        return BlockingStream(self._thread, self._client.indications(symbol))

    def watch_trading_status(self, *symbols: str) -> BlockingStream[SubscribeTradingStatusResponse]:
        """As AsyncClient.watch_trading_status."""
        return BlockingStream(self._thread, self._client.watch_trading_status(*symbols))

    def order_session(self, *, cancel_on_disconnect: bool = False) -> BlockingSession:
        """As AsyncClient.order_session."""
        session = self._client.order_session(cancel_on_disconnect=cancel_on_disconnect)
        return BlockingSession(self._thread, session)

    submit_order = _blocking(AsyncClient.submit_order)
    cancel_order = _blocking(AsyncClient.cancel_order)
    replace_order = _blocking(AsyncClient.replace_order)
    mass_cancel = _blocking(AsyncClient.mass_cancel)
    send = _blocking(AsyncClient.send)
    get_order = _blocking(AsyncClient.get_order)
    list_orders = _blocking(AsyncClient.list_orders)
    positions = _blocking(AsyncClient.positions)
    get_instrument = _blocking(AsyncClient.get_instrument)
    list_instruments = _blocking(AsyncClient.list_instruments)
    qty_decimals = _blocking(AsyncClient.qty_decimals)
    order_book = _blocking(AsyncClient.order_book)
    list_trades = _blocking(AsyncClient.list_trades)
    trading_status = _blocking(AsyncClient.trading_status)
    create_instrument = _blocking(AsyncClient.create_instrument)
    update_instrument = _blocking(AsyncClient.update_instrument)
    split_instrument = _blocking(AsyncClient.split_instrument)
    create_member = _blocking(AsyncClient.create_member)
    update_member = _blocking(AsyncClient.update_member)
    create_account = _blocking(AsyncClient.create_account)
    update_account = _blocking(AsyncClient.update_account)
    list_members = _blocking(AsyncClient.list_members)
    set_phase = _blocking(AsyncClient.set_phase)
    set_trading_rules = _blocking(AsyncClient.set_trading_rules)
    set_schedule = _blocking(AsyncClient.set_schedule)
    set_day_ends = _blocking(AsyncClient.set_day_ends)
    set_index = _blocking(AsyncClient.set_index)
    trading_state = _blocking(AsyncClient.trading_state)
    open_session = _blocking(AsyncClient.open_session)
    close_session = _blocking(AsyncClient.close_session)
    halt = _blocking(AsyncClient.halt)
    resume = _blocking(AsyncClient.resume)
    engage_kill_switch = _blocking(AsyncClient.engage_kill_switch)
    release_kill_switch = _blocking(AsyncClient.release_kill_switch)
    list_kill_switches = _blocking(AsyncClient.list_kill_switches)
    cancel_all = _blocking(AsyncClient.cancel_all)
    set_account_limits = _blocking(AsyncClient.set_account_limits)
    set_member_limits = _blocking(AsyncClient.set_member_limits)
    set_fee_schedule = _blocking(AsyncClient.set_fee_schedule)
    set_average_daily_volume = _blocking(AsyncClient.set_average_daily_volume)
    add_restriction = _blocking(AsyncClient.add_restriction)
    remove_restriction = _blocking(AsyncClient.remove_restriction)
    adjust_cash = _blocking(AsyncClient.adjust_cash)
    adjust_position = _blocking(AsyncClient.adjust_position)
    bust_trade = _blocking(AsyncClient.bust_trade)
    correct_trade = _blocking(AsyncClient.correct_trade)
    emergency_close = _blocking(AsyncClient.emergency_close)
    risk_settings = _blocking(AsyncClient.risk_settings)
    portfolios = _blocking(AsyncClient.portfolios)
    ledger_entries = _blocking(AsyncClient.ledger_entries)
    ledger_balances = _blocking(AsyncClient.ledger_balances)
    set_dark_rules = _blocking(AsyncClient.set_dark_rules)
    dark_book = _blocking(AsyncClient.dark_book)
    status = _blocking(AsyncClient.status)
    digest = _blocking(AsyncClient.digest)
    create_snapshot = _blocking(AsyncClient.create_snapshot)
    compare_digests = _blocking(AsyncClient.compare_digests)
    snapshot = _blocking(AsyncClient.snapshot)
    transfer_primary = _blocking(AsyncClient.transfer_primary)
    fence_node = _blocking(AsyncClient.fence_node)
    unfence_node = _blocking(AsyncClient.unfence_node)
    degrade = _blocking(AsyncClient.degrade)
    set_on_single_copy = _blocking(AsyncClient.set_on_single_copy)
    dr_status = _blocking(AsyncClient.dr_status)
    test_dr = _blocking(AsyncClient.test_dr)
    promote_dr = _blocking(AsyncClient.promote_dr)
