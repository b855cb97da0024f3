"""Trading status and notices in words, and a stream of them, for `book`, `watch` and `auction`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli.output import enum_name
from cli.verb import App

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.client.messages import TradingNotice, TradingStatus


def follow_status(app: App, symbols: Sequence[str], limit: int | None) -> None:
    """Show statuses and notices as they come, a line for each; end after `limit` of them."""

    async def work(client: AsyncClient) -> None:
        scales = {row.symbol: row.qty_decimals for row in await client.list_instruments()}
        count = 0
        async for message in client.watch_trading_status(*symbols):
            rows: list[TradingStatus | TradingNotice] = [*message.notices, *message.statuses]
            for row in rows:
                scale = scales.get(row.symbol, 0)
                app.output.item(row, f"{row.seq} {row.symbol} {_words(row, scale)}")
                count += 1
                if count == limit:
                    return

    app.run(work)


def status_words(status: TradingStatus, qty_decimals: int) -> str:
    """Phase, and what a call indicates or when a halt ends."""
    words = [enum_name(status, "phase")]
    if status.extended:
        words.append("extended")
    if status.indicative_px:
        words.append(_at(status.indicative_volume, status.indicative_px, qty_decimals))
    if status.imbalance_side:
        words.append(f"imbalance {_imbalance(status, qty_decimals)}")
    if status.HasField("reopen_time"):
        words.append(f"reopens {status.reopen_time.ToJsonString()}")
    if status.halted_for_the_day:
        words.append("halted for the day")
    return " ".join(words)


def _words(row: TradingStatus | TradingNotice, qty_decimals: int) -> str:
    from exchange.client.messages import TradingStatus

    if isinstance(row, TradingStatus):
        return status_words(row, qty_decimals)
    return f"* {_notice_words(row, qty_decimals)}"


def _notice_words(row: TradingNotice, qty_decimals: int) -> str:
    """What happened, in a few words."""
    from exchange.client import decimal_of, decimal_price

    match row.WhichOneof("notice"):
        case "phase":
            previous, phase = enum_name(row.phase, "previous"), enum_name(row.phase, "phase")
            return f"{previous} -> {phase} {row.phase.reason}".rstrip()
        case "uncross":
            return f"uncrossed {_at(row.uncross.volume, row.uncross.price, qty_decimals)}"
        case "extension":
            return f"call extended, it would uncross at {decimal_price(row.extension.price):f}"
        case "volatility":
            return f"volatility interruption at {decimal_price(row.volatility.price):f}"
        case "breaker":
            scope = "market" if row.breaker.market_wide else "instrument"
            price = decimal_price(row.breaker.price)
            return f"circuit breaker of the {scope}, level {row.breaker.level}, at {price:f}"
        case "closing_price":
            return f"closing price {decimal_price(row.closing_price.price):f}"
        case "split":
            return f"split, {row.split.num} for {row.split.den}"
        case "trade_change" if row.trade_change.busted:
            return f"trade {row.trade_change.trade_id} busted"
        case "trade_change":
            now = decimal_of(row.trade_change.qty, qty_decimals)
            price = decimal_price(row.trade_change.price)
            return f"trade {row.trade_change.trade_id} corrected to {now:f} @ {price:f}"
        case other:
            return str(other)


def _at(volume: str, price: int, qty_decimals: int) -> str:
    from exchange.client import decimal_of, decimal_price

    return f"{decimal_of(int(volume), qty_decimals):f} @ {decimal_price(price):f}"


def _imbalance(status: TradingStatus, qty_decimals: int) -> str:
    from exchange.client import decimal_of

    qty = decimal_of(int(status.imbalance_qty), qty_decimals)
    return f"{enum_name(status, 'imbalance_side')} {qty:f}"
