"""Checks of single request fields: what passes has bytes in the log, what does not has a name.

Room: ranges that the encoding needs, so that encoding a translated command cannot fail. Whether a
value makes sense in the market (tick, lot, band, phase) is the engine's question, never asked here.
"""

from __future__ import annotations

from enum import IntEnum

from google.protobuf.timestamp_pb2 import Timestamp

from exchange.errors import ClientFault
from exchange.model.enums import is_number_of
from exchange.model.units import (
    CL_ORD_ID_MAX,
    NAME_MAX,
    NOTIONAL_MAX,
    TEXT_MAX,
    TIMESTAMP_MAX_NS,
)

INVALID_FIELD = "INVALID_FIELD"
NS_PER_S = 1_000_000_000
FLAGS_MAX = 0xFFFF
"""`flags` is 16 bit in the log."""

NOTIONAL_DIGITS_MAX = len(str(NOTIONAL_MAX))


def fault(field: str, message: str) -> ClientFault:
    """The error that names a field."""
    return ClientFault(INVALID_FIELD, f"{field}: {message}", field=field)


def malformed(message: str, error: Exception) -> ClientFault:
    """The error for bytes that are not a `message` of the API."""
    return ClientFault("MALFORMED_MESSAGE", f"the bytes are not a {message}: {error}")


def check_size(size: int, maximum: int) -> None:
    """Raise ClientFault MESSAGE_TOO_LARGE for a message of more than `maximum` bytes."""
    if size > maximum:
        raise ClientFault(
            "MESSAGE_TOO_LARGE", f"a message of {size} bytes; at most {maximum} are taken"
        )


def enum_number(value: int, kind: type[IntEnum], field: str) -> int:
    """A number of `kind`; not given (0) is a fault."""
    if not is_number_of(kind, value):
        names = ", ".join(member.name for member in kind)
        raise fault(field, f"{value or 'UNSPECIFIED'} is not one of {names}")
    return value


def optional_enum_number(value: int, kind: type[IntEnum], field: str) -> int:
    """A number of `kind`, or 0 for "not given"."""
    return enum_number(value, kind, field) if value else 0


def not_negative(value: int, field: str) -> int:
    """An integer from 0 on; protobuf already bounds it above."""
    if value < 0:
        raise fault(field, f"{value} is negative")
    return value


def at_most(value: int, maximum: int, field: str) -> int:
    """An unsigned integer up to `maximum`, inclusive."""
    if value > maximum:
        raise fault(field, f"{value} is above {maximum}")
    return value


def identifier(value: str, field: str) -> str:
    """Up to 36 printable ASCII characters; whether it may be empty is the engine's question."""
    return _ascii(value, CL_ORD_ID_MAX, field)


def name(value: str, field: str) -> str:
    """Up to 32 printable ASCII characters; the pattern of names is the engine's question."""
    return _ascii(value, NAME_MAX, field)


def required_name(value: str, field: str) -> str:
    """A name that is not empty."""
    if not value:
        raise fault(field, "is required")
    return name(value, field)


def text(value: str, field: str) -> str:
    """Free text of up to 200 bytes of UTF-8."""
    size = len(value.encode())
    if size > TEXT_MAX:
        raise fault(field, f"{size} bytes of UTF-8, at most {TEXT_MAX} are taken")
    return value


def notional_number(value: str, field: str) -> int:
    """A decimal integer of up to 127 bit; "" = 0."""
    if not value:
        return 0
    if not (value.isascii() and value.isdigit()) or len(value) > NOTIONAL_DIGITS_MAX:
        raise fault(field, f"{value[:50]!r} is not a decimal integer below 2^127")
    return at_most(int(value), NOTIONAL_MAX, field)


def timestamp_ns(value: Timestamp, field: str) -> int:
    """Nanoseconds since the epoch, 1 to 2^63 - 1."""
    total = value.seconds * NS_PER_S + value.nanos
    if not 0 <= value.nanos < NS_PER_S or not 0 < total <= TIMESTAMP_MAX_NS:
        raise fault(field, f"{value.seconds} s {value.nanos} ns is not a time this exchange keeps")
    return total


def _ascii(value: str, maximum: int, field: str) -> str:
    if len(value) > maximum:
        raise fault(field, f"{len(value)} characters, at most {maximum} are taken")
    if not (value.isascii() and value.isprintable()):
        raise fault(field, "only printable ASCII characters are taken")
    return value
