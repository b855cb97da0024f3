"""What counts as the same event, and what a command may do unlisted."""

from __future__ import annotations

import pytest

from exchange.scenario.compare import holds, matches, relevant
from exchange.scenario.statement import Expectation, Kind, Statement, Words

CANCELED = Words("canceled", ("A1",), {"leaves": "50", "reason": "REQUESTED"})
ACCEPTED = Words("accepted", ("A1",))
COUNT = Words("mass_canceled", ("m1",), {"count": "1"})


def statement(*expected: Words, wildcard: bool = False) -> Statement:
    lines = tuple(Expectation(2 + at, words) for at, words in enumerate(expected))
    return Statement(1, Kind.COMMAND, "> ...", Words("cancel"), lines, 9 if wildcard else 0)


@pytest.mark.parametrize(
    ("expected", "same"),
    [
        (Words("canceled", ("A1",)), True),
        (Words("canceled", ("A1",), {"leaves": "50.0"}), True),
        (Words("canceled", ("A1",), {"reason": "REQUESTED", "leaves": "50"}), True),
        (Words("canceled", ("A1",), {"leaves": "51"}), False),
        (Words("canceled", ("A1",), {"price": "10"}), False),
        (Words("canceled", ("A2",)), False),
        (Words("expired", ("A1",)), False),
        (Words("canceled", ("A1",), flags=("poss_dup",)), False),
    ],
)
def test_only_what_is_written_is_compared(expected: Words, *, same: bool) -> None:
    assert matches(expected, CANCELED) is same


def test_a_list_must_be_whole_and_in_order() -> None:
    assert holds(statement(ACCEPTED, CANCELED), [ACCEPTED, CANCELED])
    assert not holds(statement(ACCEPTED), [ACCEPTED, CANCELED])
    assert not holds(statement(ACCEPTED, CANCELED), [ACCEPTED])
    assert not holds(statement(CANCELED, ACCEPTED), [ACCEPTED, CANCELED])


def test_a_wildcard_lets_more_follow_but_nothing_be_missing() -> None:
    assert holds(statement(ACCEPTED, wildcard=True), [ACCEPTED, CANCELED])
    assert holds(statement(ACCEPTED, wildcard=True), [ACCEPTED])
    assert holds(statement(wildcard=True), [ACCEPTED, CANCELED])
    assert not holds(statement(ACCEPTED, wildcard=True), [])
    assert not holds(statement(CANCELED, wildcard=True), [ACCEPTED, CANCELED])


def test_without_a_list_only_harm_is_compared() -> None:
    assert relevant(statement(), [ACCEPTED, COUNT]) == []
    assert relevant(statement(), [ACCEPTED, CANCELED]) == [CANCELED]


def test_some_events_are_compared_only_where_one_is_listed() -> None:
    assert relevant(statement(CANCELED), [COUNT, CANCELED]) == [CANCELED]
    assert relevant(statement(COUNT, CANCELED), [COUNT, CANCELED]) == [COUNT, CANCELED]
