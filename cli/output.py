"""Answers on stdout: as a table for people, as JSON for programs.

Room: the three forms. Their shape is a contract: JSON is proto-JSON of the API's messages with its
field names (64-bit integers are strings); a list is an object with one list, `jsonl` its items one
a line. Messages for people go to stderr, never here. Colour and boxes only on a terminal without
NO_COLOR; rich is imported only then.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from exchange.client.messages import Message

TABLE, JSON, JSONL = "table", "json", "jsonl"
FORMATS = (TABLE, JSON, JSONL)

Row = TypeVar("Row", bound="Message")
Columns = Mapping[str, Callable[[Row], object]]
"""Heading -> what stands in the column."""


class Output:
    """Writes answers in one form."""

    def __init__(self, form: str) -> None:
        if form not in FORMATS:
            raise click.UsageError(f"output {form!r} must be one of {', '.join(FORMATS)}")
        self.form = form

    @property
    def is_table(self) -> bool:
        """Whether people read it."""
        return self.form == TABLE

    def rows(self, name: str, rows: Sequence[Row], columns: Columns[Row]) -> None:
        """A list of messages; `name` is the key of the list in JSON."""
        if self.is_table:
            self.table(list(columns), [[cell(row) for cell in columns.values()] for row in rows])
        elif self.form == JSON:
            self._write({name: [_plain(row) for row in rows]})
        else:
            for row in rows:
                self._write(_plain(row))

    def items(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """A list of plain objects that all have the same keys."""
        if self.is_table:
            self.table(list(rows[0]) if rows else [], [list(row.values()) for row in rows])
        elif self.form == JSON:
            self._write({name: rows})
        else:
            for row in rows:
                self._write(row)

    def record(self, message: Message | Mapping[str, Any], cells: Mapping[str, object]) -> None:
        """One thing: `message` as JSON, `cells` for people."""
        if self.is_table:
            width = max(map(len, cells), default=0)
            for name, value in cells.items():
                click.echo(f"{name:<{width}}  {_text(value)}")
        else:
            self._write(_plain(message))

    def item(self, message: Message | Mapping[str, Any], line: str) -> None:
        """One item of a stream: a line in any form."""
        if self.is_table:
            click.echo(line)
        else:
            click.echo(json.dumps(_plain(message)))
        sys.stdout.flush()

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table for people; numbers stand to the right."""
        texts = [[_text(cell) for cell in row] for row in rows]
        right = [
            bool(rows) and all(isinstance(row[i], int | float | Decimal) for row in rows)
            for i in range(len(headings))
        ]
        if is_fancy():
            _rich_table(headings, texts, right)
            return
        widths = [max(map(len, column)) for column in zip(headings, *texts, strict=True)]
        for row in ([*headings], *texts):
            cells = zip(row, widths, right, strict=True)
            line = "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in cells)
            click.echo(line.rstrip())

    def _write(self, value: Any) -> None:
        click.echo(json.dumps(value, indent=None if self.form == JSONL else 2))


def is_fancy() -> bool:
    """Whether stdout is a terminal that may be coloured."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def warn(text: str) -> None:
    """A message for a person, on stderr."""
    click.echo(f"exctl: {text}", err=True)


def enum_name(message: Message, field: str) -> str:
    """The name of an enum field's value without its prefix, in lower case; "" = not given."""
    kind = message.DESCRIPTOR.fields_by_name[field].enum_type
    number = getattr(message, field)
    value = kind.values_by_number.get(number) if kind is not None else None
    if number == 0 or kind is None or value is None:
        return str(number) if number else ""
    zero: str = kind.values_by_number[0].name
    return value.name.removeprefix(zero.removesuffix("UNSPECIFIED")).lower()


def _plain(value: Message | Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return value
    from exchange.client import as_dict

    return as_dict(value)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def _rich_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]
) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, to_right in zip(headings, right, strict=True):
        table.add_column(heading, justify="right" if to_right else "left")
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)
