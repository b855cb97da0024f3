"""Page tokens: where the next page of a list begins, bound to the filters of the list.

Room: the opaque text of `page_token` (AIP-158). It holds no state of the server.

| offset | type | field   | meaning                                              |
|--------|------|---------|------------------------------------------------------|
| 0      | u64  | after   | id of the last item of the page before               |
| 8      | u32  | filters | CRC-32 of the filters the list was asked with        |
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib

from exchange.errors import ClientFault
from exchange.gateway.field_checks import fault

PAGE_SIZE_DEFAULT = 100
PAGE_SIZE_MAX = 1000

_LAYOUT = struct.Struct(">QI")


def page_size(value: int) -> int:
    """The size of a page: 100 where none is given; ClientFault above 1000."""
    if value > PAGE_SIZE_MAX:
        raise fault("page_size", f"{value} is above {PAGE_SIZE_MAX}")
    return value or PAGE_SIZE_DEFAULT


def encode_page_token(after: int, *filters: object) -> str:
    """The token of the page that follows the item with id `after`."""
    return base64.urlsafe_b64encode(_LAYOUT.pack(after, _fold(filters))).decode().rstrip("=")


def decode_page_token(token: str, *filters: object) -> int:
    """The id after which the page begins; 0 for the first page.

    Raises:
        ClientFault: INVALID_PAGE_TOKEN if it is not a token of a list with these filters.
    """
    if not token:
        return 0
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        after, fold = _LAYOUT.unpack(raw)
    except (binascii.Error, ValueError, struct.error) as error:
        raise _refused() from error
    if fold != _fold(filters):
        raise _refused()
    return int(after)


def _fold(filters: tuple[object, ...]) -> int:
    return zlib.crc32(repr(filters).encode())


def _refused() -> ClientFault:
    return ClientFault(
        "INVALID_PAGE_TOKEN",
        "page_token is not one of this list with these filters; begin with an empty one",
        field="page_token",
    )
