"""The hashes and wide numbers of the native engine against other implementations of them.

The engine's own tests see them only through digests and balances; here they meet every length,
every register width, and the edges of every word.
"""

from __future__ import annotations

import random
from typing import Final

import google_crc32c
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

core = pytest.importorskip("exchange.engine.native._core")

SEED: Final = 20_261_121
WORDS: Final = (0, 1, 2, 4)
LENGTHS: Final = (*range(2_049), 4_096, 4_097, 65_536, 214_371)

_EDGES: Final = [(1 << bits) + by for bits in (0, 32, 63, 64, 127, 128, 191) for by in (-1, 0, 1)]


def numbers(bits: int) -> st.SearchStrategy[int]:
    """Natural numbers below `2**bits`: of any size, and beside the edges of the words."""
    edges = [edge for edge in _EDGES if edge < 1 << bits]
    sizes = st.integers(0, bits).flatmap(lambda size: st.integers(0, (1 << size) - 1))
    return st.one_of(sizes, st.sampled_from(edges))


def signed(bits: int) -> st.SearchStrategy[int]:
    """Whole numbers of `bits` bits, the sign among them."""
    return st.builds(lambda size, sign: size * sign, numbers(bits - 1), st.sampled_from((1, -1)))


def packed(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little", signed=number < 0)


def wrapped(number: int) -> bytes:
    """What 256 bits keep of a number."""
    return (number % (1 << 256)).to_bytes(32, "little")


@pytest.mark.parametrize("words", WORDS)
def test_the_hash_is_that_of_the_package(words: int) -> None:
    data = random.Random(SEED).randbytes(max(LENGTHS))
    if core.hash128(b"", words) is None:
        pytest.skip(f"this processor has no registers of {words} words")
    for length in LENGTHS:
        piece = data[:length]
        assert core.hash128(piece, words) == xxhash.xxh3_128_digest(piece), length


def test_the_hash_of_a_byte_and_those_after_it_is_that_of_all() -> None:
    data = random.Random(SEED).randbytes(65_534)
    for length in (*range(1_100), len(data)):
        rest = data[:length]
        assert core.hash128_led(b"\x9c", rest) == xxhash.xxh3_128_digest(b"\x9c" + rest), length


@pytest.mark.parametrize("by_table", [False, True])
def test_the_checksum_is_that_of_the_package(by_table: bool) -> None:
    data = random.Random(SEED).randbytes(max(LENGTHS) + 7)
    for length in LENGTHS:
        piece = data[length % 8 :][:length]
        assert core.crc32c(piece, by_table) == google_crc32c.value(piece), length


@given(signed(256), signed(256))
def test_sums_and_differences_carry_over_all_words(a: int, b: int) -> None:
    first, second = packed(a, 32) if a >= 0 else wrapped(a), wrapped(b)
    assert core.sum_of(first, second) == wrapped(a + b)
    assert core.difference_of(first, second) == wrapped(a - b)


@given(signed(128), numbers(64))
def test_a_product_is_exact(a: int, b: int) -> None:
    assert core.product_of(packed(a, 16), packed(b, 8)) == wrapped(a * b)


@given(signed(256), numbers(128).map(lambda d: d or 1))
def test_a_quotient_is_rounded_down(a: int, d: int) -> None:
    assert core.quotient_of(wrapped(a), packed(d, 16)) == wrapped(a // d)


@given(signed(192), numbers(64), numbers(128))
def test_a_proportion_is_rounded_down(value: int, part: int, more: int) -> None:
    whole = min(part + more, (1 << 128) - 1) or 1
    assert core.proportion_of(wrapped(value), packed(part, 8), packed(whole, 16)) == wrapped(
        value * part // whole
    )
