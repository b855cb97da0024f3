"""Times on the command line: options that take a moment or a length, cells that show one.

Room: the two parameter types and how tables show a moment; the forms themselves are those of
`exchange.schedule.moments`. JSON keeps the API's nanoseconds.
"""

from __future__ import annotations

import time
from datetime import UTC, tzinfo
from typing import Any

import click


class Moment(click.ParamType[int]):
    """A moment, to nanoseconds since the Unix epoch; the clock of this machine is `now`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Nanoseconds; a usage error that says why, for what is no moment."""
        from exchange.schedule.faults import TimeFault
        from exchange.schedule.moments import parse_moment

        if isinstance(value, int):
            return value
        try:
            return parse_moment(value, now_ns=time.time_ns())
        except TimeFault as fault:
            self.fail(str(fault), param, ctx)


class Length(click.ParamType[int]):
    """A length of time, to nanoseconds."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Nanoseconds; a usage error that says why, for what is no length."""
        from exchange.schedule.faults import TimeFault
        from exchange.schedule.moments import parse_length

        if isinstance(value, int):
            return value
        try:
            return parse_length(value)
        except TimeFault as fault:
            self.fail(str(fault), param, ctx)


MILLISECOND_NS = 1_000_000
MOMENT = Moment()
LENGTH = Length()


class Zone(click.ParamType[tzinfo]):
    """A time zone by name."""

    name = "zone"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tzinfo:
        """The zone; a usage error for a name that is none."""
        from exchange.schedule.faults import TimeFault
        from exchange.schedule.moments import zone_of

        if isinstance(value, tzinfo):
            return value
        try:
            return zone_of(value)
        except TimeFault as fault:
            self.fail(str(fault), param, ctx)


zone_option = click.option(
    "--zone", type=Zone(), default="UTC", show_default=True, help="Time zone of what is shown."
)


def show_time(ns: int, zone: tzinfo = UTC) -> str:
    """A moment of a table, down to the millisecond; 0 = none."""
    from exchange.schedule.moments import show_moment

    return show_moment(ns // MILLISECOND_NS * MILLISECOND_NS, zone) if ns else "none"


def show_span(ns: int) -> str:
    """A length of a table."""
    from exchange.schedule.moments import show_length

    return show_length(ns)
