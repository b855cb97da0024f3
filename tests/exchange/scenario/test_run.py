"""How statements become commands, and what a run says of differences and faults."""

from __future__ import annotations

import pytest

from exchange.scenario import MalformedScenario, UnsupportedScenario, parse, run
from exchange.scenario.run import Difference, Outcome

ABC = "instrument ABC tick=0.01 lot=1\n"


def story(*lines: str) -> Outcome:
    return run(parse("story.txt", ABC + "\n".join(lines) + "\n"))


def test_a_difference_shows_expected_against_actual_and_the_line() -> None:
    outcome = story("> new m1 A1 ABC buy 10 @ 10.00", "< accepted A1 price=9.00", "book ABC")

    assert outcome.command_count == 1
    assert outcome.differences == [
        Difference(
            2,
            "> new m1 A1 ABC buy 10 @ 10.00",
            ["< accepted A1 price=9.00"],
            ["< accepted A1 price=10.00"],
        ),
        Difference(4, "book ABC", ["an empty book"], ["bid 10.00 10 x1"]),
    ]


def test_a_command_without_expectations_must_do_no_harm() -> None:
    outcome = story("> new m1 A1 ABC buy 10 market")

    (difference,) = outcome.differences
    assert difference.expected == ["no trade, reject, cancel, expiry or trigger"]
    assert difference.actual == ["< canceled A1 reason=UNFILLED_REMAINDER"]


def test_an_event_that_did_not_happen_is_a_difference() -> None:
    outcome = story("> new m1 A1 ABC buy 10 @ 9", "time +1h", "< expired A1")

    (difference,) = outcome.differences
    assert (difference.line_no, difference.actual) == (3, ["nothing"])


def test_an_alias_follows_its_order_through_replaces_without_a_new_name() -> None:
    outcome = story(
        "> new m1 A1 ABC buy 10 @ 9",
        "> replace m1 A1 qty=8",
        "> replace m1 A1 price=9.001",
        "< cancel_rejected A1 reason=PRICE_NOT_A_TICK_MULTIPLE",
        "> replace m1 A1 price=9.5",
        "< replaced A1 leaves=8 price=9.50",
        "> new m2 B1 ABC sell 3 market",
        "< accepted B1",
        "< trade A1 B1 3 @ 9.5",
        "> cancel m1 A1",
        "< canceled A1 leaves=5",
        "order A1 status=CANCELED cum=3 qty=8",
    )

    assert outcome.differences == []


def test_sides_of_a_book_may_stand_in_either_order_but_levels_may_not() -> None:
    orders = [f"> new m1 A{at} ABC buy 1 @ {at}" for at in (1, 2)]
    orders.append("> new m2 B1 ABC sell 1 @ 3")

    assert story(*orders, "book ABC", "ask 3 1 x1", "bid 2 1 x1", "bid 1 1 x1").differences == []
    assert story(*orders, "book ABC", "ask 3 1 x1", "bid 1 1 x1", "bid 2 1 x1").differences
    assert story(*orders, "book ABC", "bid 2 1 x1", "bid 1 1 x1").differences
    assert story(*orders, "book ABC", "ask 3 1 x2", "bid 2 1 x1", "bid 1 1 x1").differences


@pytest.mark.parametrize(
    "look",
    [
        "order A1 status=FILLED",
        "order A1 cum=1",
        "order A1 reason=UNKNOWN_SYMBOL",
        "position m1 ABC 1",
        "stops ABC 1",
        "last ABC 9",
        "last ABC none qty=1",
    ],
)
def test_every_look_can_fail(look: str) -> None:
    outcome = story("> new m1 A1 ABC buy 10 @ 9", look)

    (difference,) = outcome.differences
    assert (difference.line_no, difference.expected) == (3, [look])
    assert run(parse("story.txt", outcome.text)).differences == []


@pytest.mark.parametrize(
    "line",
    [
        "> replace m1 A1 expire=+1h",
        "> replace m1 A1 min_qty=5",
        "instrument XYZ tick=1 lot=1 schedule=x",
    ],
)
def test_what_the_engine_does_not_have_yet_is_refused_not_ignored(line: str) -> None:
    with pytest.raises(UnsupportedScenario) as caught:
        story(line)

    assert str(caught.value).startswith("story.txt: line 2: ")
    assert str(caught.value).endswith("is not supported by this engine version")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("> new m1 A1 ABC long 10 @ 10", "'long' is no side; expected one of: buy, sell"),
        ("> new m1 A1 ABC buy ten @ 10", "'ten' is not a number"),
        ("> new m1 A1 ABC buy 0.5 @ 10", "0.5 is finer than 0 decimals"),
        ("> new m1 A1 ABC buy 5 @ 10.0000000001", "is finer than 9 decimals"),
        ("> new m1 A1 ABC buy 99999999999999999999 @ 10", "cannot be written in the log"),
        ("> new m1 A1 ABC buy 5 @ 10 expire=+999999999999999999d", "cannot be written in the log"),
        ("> new m1 A1 ABC buy 5 @ 10 expire=1h", "'1h' is no span of time"),
        ("> new m1 A1 ABC buy 5 @ 10 type=iceberg", "'iceberg' is no order type"),
        ("> new m1 A1 ABC buy 5 market type=limit", "'market' and another type"),
        ("> new m1 A~1 ABC buy 5 @ 10", "'A~1' is not a cl_ord_id"),
        ("> new m/1 A1 ABC buy 5 @ 10", "'m/1' is not a member's name"),
        ("> halt", "expected one scope: SYMBOL, market or asset_class=..."),
        ("> halt ABC asset_class=bond", "expected one scope"),
        ("> kill", "expected one scope: session="),
        ("> kill market member=m1", "expected one scope: session="),
        ("> kill session=m1", "m1 has no open session"),
        ("> disconnect m1", "m1 has no open session"),
        ("> repeat", "no member's command of that name was sent before"),
        ("> repeat m1", "expected: repeat, or repeat MEMBER CL_ORD_ID"),
        ("> bust A1", "'A1' is no trade; expected T1, T2 ..."),
        ("> bust T0", "'T0' is no trade"),
        ("> correct Tx qty=1", "'x' is not a number"),
        ("> update XYZ ref=1", "there is no instrument XYZ"),
        ("instrument XYZ tick=1", "'lot' is missing"),
        ("instrument XYZ tick=1 lot=1 tick_size=2", "'tick_size' is given twice"),
        ("instrument XYZ tick=1 lot=1 asset_class=gold", "'gold' is no asset_class"),
        ("member m1 standing=asleep", "standing is active or disabled"),
        ("member m1 cancel_on_disconnect=maybe", "cancel_on_disconnect is yes or no"),
        ("time 5m", "'5m' is no span of time"),
        ("time +999999d", "time only moves forward, and not past the year 2262"),
        ("book XYZ", "there is no instrument XYZ"),
        ("order A1 status=NEW", "no order A1 was entered in this file"),
        ("order m1:A1 status=NEW", "no member 'm1' took part so far"),
        ("position m1 ABC 0", "no member 'm1' took part so far"),
        ("digest unequal", "expected: digest equal"),
    ],
)
def test_a_statement_that_cannot_be_carried_out_is_named(line: str, says: str) -> None:
    with pytest.raises(MalformedScenario) as caught:
        story(line)

    assert not isinstance(caught.value, UnsupportedScenario)
    assert caught.value.line_no == 2
    assert says in caught.value.detail


def test_an_order_name_of_two_members_must_be_told_apart() -> None:
    with pytest.raises(MalformedScenario, match="several members have an order A1; write m1:A1"):
        story("> new m1 A1 ABC buy 1 @ 1", "> new m2 A1 ABC buy 1 @ 1", "order A1 status=NEW")


def test_a_session_setting_comes_before_the_session() -> None:
    with pytest.raises(MalformedScenario, match="m1 has a session already"):
        story("> new m1 A1 ABC buy 1 @ 1", "member m1 cancel_on_disconnect=no")
