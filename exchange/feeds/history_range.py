"""A range of the event history as one digest, so that two nodes are compared by bisection.

Room: one function over stored batches; it reads the history and keeps nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import xxhash

from exchange.model.batch import EventBatch

_INDEX = struct.Struct("<Q")


class RangeDigest(NamedTuple):
    """Of the batches whose first event is in a range.

    Attributes:
        digest: xxh3_128 over u64 log index and raw batch, one after the other.
        batch_count: how many there are.
        first_log_index, last_log_index: of those; 0 = none.
        only: raw bytes of the batch, if there is exactly one.
    """

    digest: bytes
    batch_count: int
    first_log_index: int
    last_log_index: int
    only: bytes


def range_digest(
    read_from: Callable[[int], Sequence[EventBatch]], start_seq: int, end_seq: int
) -> RangeDigest:
    """Digest what is stored of start_seq..end_seq, inclusive.

    Args:
        read_from: some stored batches from the one that holds a seq on; [] at the end.
        start_seq, end_seq: event sequence numbers, from 1.
    """
    hasher = xxhash.xxh3_128()
    count = first = last = 0
    only = b""
    for batch in _batches(read_from, start_seq, end_seq):
        hasher.update(_INDEX.pack(batch.head.log_index))
        hasher.update(batch.raw)
        count += 1
        first = first or batch.head.log_index
        last = batch.head.log_index
        only = batch.raw if count == 1 else b""
    return RangeDigest(hasher.digest(), count, first, last, only)


def _batches(
    read_from: Callable[[int], Sequence[EventBatch]], start_seq: int, end_seq: int
) -> Iterator[EventBatch]:
    seq = start_seq
    while seq <= end_seq:
        batches = read_from(seq)
        if not batches:
            return
        for batch in batches:
            if batch.head.first_seq > end_seq:
                return
            if batch.head.first_seq >= start_seq:
                yield batch
            seq = batch.head.last_seq + 1
