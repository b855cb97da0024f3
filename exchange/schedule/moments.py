"""Moments and lengths of time as people write them, to nanoseconds and back.

Room: text and integers; no clock is read here, `now_ns` is given. A moment is one of

    now                                  +90s   +1h30m        from now
    2026-03-09T09:30:00-04:00            2026-03-09 13:30Z    with its UTC offset
    2026-03-09 09:30 America/New_York    with the name of its zone
    2026-03-09 09:30                     only where a default zone is known
    1773063000000000000                  nanoseconds since the Unix epoch

and a length of time `1h30m`, `5m`, `90s`, `250ms`, `10ns`, or `0s`. A local time that a clock
change skips, or shows twice, is refused by name: the UTC offset says which one is meant.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exchange.model.units import TIMESTAMP_MAX_NS
from exchange.schedule.faults import TimeFault

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_NS = {
    "d": 24 * HOUR_NS,
    "h": HOUR_NS,
    "m": MINUTE_NS,
    "s": SECOND_NS,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
_PART = re.compile(r"(\d+)(d|h|ms|us|ns|m|s)")
_LOCAL = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_RAW_DIGITS = 16  # fewer would be a time in the first four months of 1970, or a slip


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name in the IANA database. Raises TimeFault."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimeFault(
            f"{name!r} is no time zone known here; write one like Europe/Berlin or UTC"
        ) from error


def parse_moment(text: str, *, now_ns: int, zone: tzinfo | None = None) -> int:
    """Nanoseconds since the Unix epoch.

    Args:
        text: in one of the forms of the module docstring.
        now_ns: what `now` and `+...` count from.
        zone: of a local time that names none; None = then it is refused.

    Raises:
        TimeFault: it is no moment, has no zone, or is skipped or shown twice by a clock change.
    """
    text = text.strip()
    if text == "now":
        return now_ns
    if text.startswith("+"):
        return _in_range(now_ns + parse_length(text[1:]), text)
    if text.isascii() and text.isdecimal() and len(text) >= _RAW_DIGITS:
        return _in_range(int(text), text)
    found = _LOCAL.match(text)
    if found is None:
        raise TimeFault(
            f"{text!r} is no time; write 2026-03-09T09:30:00-04:00, "
            "'2026-03-09 09:30 America/New_York', +10m, now, or nanoseconds"
        )
    day, clock, fraction, offset = found.groups()
    name = text[found.end() :].strip()
    if offset and name:
        raise TimeFault(f"{text!r} has an offset and a zone; write one of them")
    try:
        local = datetime.fromisoformat(f"{day}T{clock}")
        if offset:
            local = datetime.fromisoformat(f"{day}T{clock}{offset.replace('Z', '+00:00')}")
    except ValueError as error:
        raise TimeFault(f"{text!r} is no time: {error}") from error
    if not offset:
        local = _in_zone(local, zone_of(name) if name else zone, text)
    return _in_range(to_ns(local) + int((fraction or "").ljust(9, "0")), text)


def parse_length(text: str) -> int:
    """Nanoseconds of a length of time. Raises TimeFault."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text or not text.isascii():
        raise TimeFault(f"{text!r} is no length of time; write one like 5m, 90s or 1h30m")
    return sum(int(number) * _UNITS_NS[unit] for number, unit in parts)


def show_moment(ns: int, zone: tzinfo = UTC) -> str:
    """ISO 8601 with the UTC offset of the zone; a fraction only where there is one.

    `parse_moment` gives back the same number. `ns` is 0 .. year 9999.
    """
    seconds, fraction = divmod(ns, SECOND_NS)
    text = (_EPOCH + timedelta(seconds=seconds)).astimezone(zone).isoformat()
    if not fraction:
        return text
    head, tail = text[:19], text[19:]
    return f"{head}.{str(fraction).zfill(9).rstrip('0')}{tail}"


def show_length(ns: int) -> str:
    """A length of time as `parse_length` reads it, its largest units first."""
    if not ns:
        return "0s"
    text = ""
    for unit, unit_ns in _UNITS_NS.items():
        count, ns = divmod(ns, unit_ns)
        text += f"{count}{unit}" if count else ""
    return text


def local_moment(day: date, clock: time, zone: tzinfo) -> int:
    """Nanoseconds of a wall-clock time of a day. Raises TimeFault as `parse_moment`."""
    local = datetime.combine(day, clock)
    return to_ns(_in_zone(local, zone, f"{local:%Y-%m-%d %H:%M} {zone}"))


def to_ns(moment: datetime) -> int:
    """Nanoseconds of an aware datetime, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _in_zone(local: datetime, zone: tzinfo | None, text: str) -> datetime:
    if zone is None:
        raise TimeFault(f"{text!r} names no time zone; add one like America/New_York, or Z")
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    offsets = f"{first:%z} or {second:%z}"
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise TimeFault(f"{text!r} does not exist: the clocks skip it ({offsets})")
    raise TimeFault(f"{text!r} comes twice that night; say which by its offset, {offsets}")


def _in_range(ns: int, text: str) -> int:
    if not 0 <= ns <= TIMESTAMP_MAX_NS:
        raise TimeFault(f"{text!r} is out of range: 1970 to 2262")
    return ns
