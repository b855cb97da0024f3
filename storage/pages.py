"""The two meta pages of an LMDB file, read without LMDB, before LMDB is trusted with the file.

Room: a small reader of `data.mdb` with plain reads; it never maps the file, so no damaged byte
can crash the process. It must not write. LMDB keeps no checksums of its own pages, and walks
page numbers of a damaged file straight into unmapped memory, so structure is checked here first.

LMDB 0.9 file, 64-bit, byte order of the host: two meta pages of `psize` bytes each

    offset  size  type  field
    0       8     u64   page number (0 or 1)
    10      2     u16   page flags; 0x08 = meta page
    16      4     u32   magic 0xBEEFC0DE
    20      4     u32   data version, 1
    40      4     u32   psize, page size in bytes (`md_pad` of the free-page tree)
    136     8     u64   last page in use
    144     8     u64   transaction id; commit N writes meta page N & 1

Invariant checked: the pages are those of commits N and N - 1 (or of a fresh file, both 0). When
damage changes an id, LMDB silently takes the older commit; `storage.commit_mark` finds that.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lmdb import verify as lmdb_verify

from storage.errors import CorruptionError
from storage.format import crc32c

DATA_FILE: Final = "data.mdb"

_MAGIC: Final = 0xBEEFC0DE
_DATA_VERSION: Final = 1
_META_FLAG: Final = 0x08
META_BYTES: Final = 152
TXN_ID_OFFSET: Final = 144
_PAGE_BYTES_RANGE: Final = (512, 32768)
_ACTION: Final = (
    "Refused before LMDB opens it. Restore the data directory from a copy, or empty it and let "
    "the node catch up from its peer; `exctl journal verify` lists what is damaged."
)


@dataclass(frozen=True, slots=True)
class MetaPage:
    """One meta page.

    place: 0 or 1.
    txn_id: id of the commit that wrote it.
    page_bytes: size of a page.
    last_page: last page in use.
    content_crc: CRC32C of the page without its transaction id.
    """

    place: int
    txn_id: int
    page_bytes: int
    last_page: int
    content_crc: int


def quick_check(environment: Path) -> tuple[MetaPage, MetaPage]:
    """Check meta pages and length of an environment's data file; walk it all if it is short.

    Returns:
        The meta pages of the newest commit and of the one before.

    Raises:
        CorruptionError: the file is not a sound LMDB file; says in which respect.
    """
    path = environment / DATA_FILE
    newest, older = read_meta_pages(path)
    if path.stat().st_size < (newest.last_page + 1) * newest.page_bytes:
        # Legal only while the missing pages are free ones, which a full walk decides.
        faults = structure_faults(environment)
        if faults:
            raise _corrupt(path, f"the file is cut short: {faults[0]}")
    return newest, older


def read_meta_pages(path: Path) -> tuple[MetaPage, MetaPage]:
    """Read and check both meta pages: that of the newest commit, and that of the one before.

    Raises:
        CorruptionError: either page is damaged, or the two are not of successive commits.
    """
    try:
        with path.open("rb") as file:
            first = _parse(path, file.read(META_BYTES), 0)
            file.seek(first.page_bytes)
            second = _parse(path, file.read(META_BYTES), 1)
    except FileNotFoundError as error:
        raise _corrupt(path, "the file is missing") from error
    if first.page_bytes != second.page_bytes:
        sizes = f"{first.page_bytes} and {second.page_bytes}"
        raise _corrupt(path, f"the meta pages disagree on the page size: {sizes}")
    ids = (first.txn_id, second.txn_id)
    fresh = ids == (0, 0)
    successive = abs(ids[0] - ids[1]) == 1 and ids[0] % 2 == 0
    if not fresh and not successive:
        raise _corrupt(path, f"the meta pages are of commits {ids[0]} and {ids[1]}, not successive")
    return (first, second) if first.txn_id >= second.txn_id else (second, first)


def structure_faults(environment: Path) -> list[str]:
    """Walk every page of the data file and return what is wrong, [] when sound.

    Cost: about one read per page. The file must not change meanwhile, or a read transaction must
    be held in it. Never raises for damage.
    """
    try:
        found: list[str] = lmdb_verify.verify(os.fspath(environment), subdir=True)  # type: ignore[no-untyped-call]
    except (lmdb_verify.VerifyError, OSError, ValueError, IndexError, struct.error) as error:
        return [str(error) or type(error).__name__]
    return found


def _parse(path: Path, page: bytes, place: int) -> MetaPage:
    if len(page) < META_BYTES:
        raise _corrupt(path, f"the file ends inside meta page {place}")
    (number,) = struct.unpack_from("=Q", page, 0)
    (flags,) = struct.unpack_from("=H", page, 10)
    magic, version = struct.unpack_from("=II", page, 16)
    (page_bytes,) = struct.unpack_from("=I", page, 40)
    last_page, txn_id = struct.unpack_from("=QQ", page, 136)
    low, high = _PAGE_BYTES_RANGE
    if magic != _MAGIC or version != _DATA_VERSION:
        raise _corrupt(path, f"meta page {place} has magic {magic:#x} and data version {version}")
    if number != place or flags != _META_FLAG:
        raise _corrupt(path, f"meta page {place} has page number {number} and flags {flags:#x}")
    if not low <= page_bytes <= high or page_bytes & (page_bytes - 1):
        raise _corrupt(path, f"meta page {place} says the page size is {page_bytes}")
    return MetaPage(place, txn_id, page_bytes, last_page, crc32c(page[:TXN_ID_OFFSET]))


def _corrupt(path: Path, what: str) -> CorruptionError:
    return CorruptionError(str(path), "", "", what=what, action=_ACTION)
