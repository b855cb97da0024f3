"""Golden bytes of every record, and what a reader refuses."""

from __future__ import annotations

import pytest
import xxhash

from storage import format as layout
from storage.errors import CorruptionError
from storage.event_layout import EventBatchRecord, decode_batch, encode_batch, encode_index
from storage.marker import Marker
from storage.snapshot_layout import SnapshotInfo, decode_manifest, encode_manifest

DIGEST = bytes(range(16))


def crc32c_by_the_book(data: bytes) -> int:
    """CRC32C bit by bit (RFC 3720, polynomial 0x1EDC6F41 reflected): an outside oracle."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def test_the_crc_is_crc32c() -> None:
    assert layout.crc32c(b"123456789") == 0xE3069283 == crc32c_by_the_book(b"123456789")


def test_log_record_is_these_bytes() -> None:
    record = layout.encode_log_record(0x0102030405060708, DIGEST, b"entry")

    body = bytes.fromhex("0100 0000 0807060504030201") + DIGEST + b"\x05\0\0\0entry"
    assert record == crc32c_by_the_book(body).to_bytes(4, "little") + body
    assert len(record) == layout.LOG_HEADER_BYTES + 5 == 41
    assert layout.decode_log_record(record, 0x0102030405060708, "f") == (DIGEST, b"entry")


def test_sealed_record_is_these_bytes_and_covers_its_place() -> None:
    record = layout.seal("meta", b"key", b"body")

    rest = bytes.fromhex("0100 0000 04000000") + b"body"
    assert record == crc32c_by_the_book(b"meta\0key" + rest).to_bytes(4, "little") + rest
    assert layout.unseal("meta", b"key", record, file="f", name="k") == b"body"
    for database, key in (("events", b"key"), ("meta", b"kez"), ("met", b"a\0key")):
        with pytest.raises(CorruptionError, match="another key"):
            layout.unseal(database, key, record, file="f", name="k")


def test_keys_sort_as_numbers() -> None:
    numbers = [0, 1, 255, 256, 2**32, 2**63, 2**64 - 1]
    keys = [layout.u64_key(number) for number in numbers]
    assert keys == sorted(keys)
    assert [layout.key_u64(key) for key in keys] == numbers
    assert layout.u64_key(258) == bytes.fromhex("0000000000000102")
    assert layout.chunk_key(258, 3) == bytes.fromhex("0000000000000102 00000003")


def test_the_chain_is_xxh3_128_of_digest_and_entry() -> None:
    assert bytes(16) == layout.GENESIS_DIGEST
    assert layout.next_chain_digest(DIGEST, b"e") == xxhash.xxh3_128(DIGEST + b"e").digest()


def test_manifest_is_these_bytes() -> None:
    info = SnapshotInfo(258, DIGEST, b"st", 7, 3, DIGEST[::-1], "ref")
    body = encode_manifest(info)

    expected = "0201000000000000 0700000000000000 0300000000000000 01000000"
    assert body == (
        bytes.fromhex(expected) + DIGEST + DIGEST[::-1] + b"\x02\0\x03\0" + b"st" + b"ref"
    )
    assert decode_manifest(body) == info
    for wrong in (body[:-1], body + b"x", body[:10]):
        with pytest.raises(ValueError, match="manifest"):
            decode_manifest(wrong)


def test_event_batch_and_index_record_are_these_bytes() -> None:
    batch = EventBatchRecord(5, 6, 258, b"pay", [(b"k1", b"v"), (b"k", b"w")])
    body = encode_batch(batch)

    head = "0500000000000000 0600000000000000 0201000000000000 03000000 02000000"
    assert body == bytes.fromhex(head) + b"pay" + b"\x02\0k1" + b"\x01\0k"
    assert decode_batch(body) == (EventBatchRecord(5, 6, 258, b"pay"), [b"k1", b"k"])
    assert encode_index(5, b"v") == b"\x05" + bytes(7) + b"v"
    with pytest.raises(ValueError, match="lengths"):
        decode_batch(body + b"x")


def test_marker_is_these_bytes() -> None:
    fields = b'{"cluster_id": "c", "format_version": 1, "magic": "lockstep data directory"}'
    crc = crc32c_by_the_book(fields)
    assert Marker(1, "c").encode() == (
        b'{\n  "cluster_id": "c",\n  "crc32c": "%08x",\n  "format_version": 1,\n'
        b'  "magic": "lockstep data directory"\n}\n' % crc
    )


@pytest.mark.parametrize("kind", ["log", "sealed"])
def test_every_single_flipped_bit_is_refused(kind: str) -> None:
    record = (
        layout.encode_log_record(7, DIGEST, b"entry")
        if kind == "log"
        else layout.seal("meta", b"key", b"entry")
    )
    for position in range(len(record) * 8):
        damaged = bytearray(record)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(CorruptionError, match=r"CRC32C"):
            _decode(kind, bytes(damaged))
    for length in range(len(record)):
        with pytest.raises(CorruptionError):
            _decode(kind, record[:length])


def test_a_whole_record_of_another_format_length_or_index_is_refused() -> None:
    def log(rest: bytes) -> bytes:
        return layout.crc32c(rest).to_bytes(4, "little") + rest

    good = layout.encode_log_record(7, DIGEST, b"entry")[4:]
    with pytest.raises(CorruptionError, match="belongs to index 7"):
        layout.decode_log_record(log(good), 8, "f")
    with pytest.raises(CorruptionError, match="format 2/0 is not one this version reads"):
        layout.decode_log_record(log(b"\x02" + good[1:]), 7, "f")
    with pytest.raises(CorruptionError, match="length 5 does not fit 6"):
        layout.decode_log_record(log(good + b"x"), 7, "f")


def _decode(kind: str, record: bytes) -> object:
    if kind == "log":
        return layout.decode_log_record(record, 7, "f")
    return layout.unseal("meta", b"key", record, file="f", name="k")
