"""Every reason says in one sentence what is wrong; numbers are frozen."""

from __future__ import annotations

import itertools

import pytest

from exchange.model.reject import TEXT, RejectReason
from exchange.model.units import PRICE_MAX, QTY_MAX, TEXT_MAX

# The numbers in use, as ranges; each is in logs and in clients' code for ever.
FROZEN = [
    (101, 106),
    (201, 202),
    (301, 333),
    (401, 417),
    (501, 508),
    (601, 614),
    (640, 643),
    (660, 665),
]


def test_the_texts_are_complete_and_of_nothing_else() -> None:
    assert set(TEXT) == set(RejectReason)


def test_each_text_is_its_own_short_sentence() -> None:
    assert len(set(TEXT.values())) == len(TEXT)
    for text in TEXT.values():
        assert 10 < len(text.encode()) <= TEXT_MAX
        assert not text.endswith(".")


def test_numbers_in_use_stay_in_use() -> None:
    frozen = itertools.chain.from_iterable(range(low, high + 1) for low, high in FROZEN)
    assert set(frozen) <= {int(reason) for reason in RejectReason}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("UNKNOWN_MEMBER", 101),
        ("KILL_SWITCH_ENGAGED", 106),
        ("UNKNOWN_SYMBOL", 201),
        ("DUPLICATE_CL_ORD_ID", 316),
        ("NOTHING_TO_REPLACE", 319),
        ("PRICE_OUT_OF_BAND", 404),
        ("WRONG_PHASE", 504),
        ("LIMIT_REACHED", 614),
    ],
)
def test_reasons_at_the_ends_of_the_blocks_keep_their_numbers(name: str, number: int) -> None:
    assert RejectReason[name] == number


def test_bounds_in_the_texts_are_the_bounds() -> None:
    assert "2**40" in TEXT[RejectReason.INVALID_QUANTITY]
    assert QTY_MAX == 2**40
    assert "9e18" in TEXT[RejectReason.INVALID_PRICE]
    assert int(9e18) == PRICE_MAX
