"""Execution reports as lines and tables, for `exctl order` and `exctl watch executions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output import enum_name

if TYPE_CHECKING:
    from exchange.client.messages import ExecutionReport, MassCancelReport


def report_columns(scales: dict[str, int]) -> Any:
    """Columns of reports; `scales` is qty_decimals by symbol."""
    from exchange.client import decimal_of, decimal_price

    def qty(row: ExecutionReport, units: int) -> object:
        return decimal_of(units, scales.get(row.symbol, 0))

    return {
        "exec": lambda row: row.exec_id,
        "what": lambda row: enum_name(row, "exec_type"),
        "status": lambda row: enum_name(row, "ord_status"),
        "order": lambda row: row.order_id,
        "cl_ord_id": lambda row: row.cl_ord_id,
        "symbol": lambda row: row.symbol,
        "side": lambda row: enum_name(row, "side"),
        "qty": lambda row: qty(row, row.order_qty),
        "price": lambda row: decimal_price(row.price) if row.price else "",
        "last": lambda row: qty(row, row.last_qty) if row.last_qty else "",
        "last_px": lambda row: decimal_price(row.last_px) if row.last_px else "",
        "leaves": lambda row: qty(row, row.leaves_qty),
        "poss_dup": lambda row: "yes" if row.poss_dup else "",
        "text": lambda row: (
            row.text or enum_name(row, "reject_reason") or enum_name(row, "cancel_reason")
        ),
    }


def report_line(row: ExecutionReport | MassCancelReport, scales: dict[str, int]) -> str:
    """One report as a line."""
    from exchange.client.messages import MassCancelReport

    if isinstance(row, MassCancelReport):
        return f"{row.exec_id} mass_cancel {row.cl_ord_id} canceled {row.canceled_count}"
    cells = {name: cell(row) for name, cell in report_columns(scales).items()}
    head = f"{cells.pop('exec')} {cells.pop('what')}"
    rest = " ".join(f"{name}={value}" for name, value in cells.items() if value not in {"", None})
    return f"{head} {rest}"
