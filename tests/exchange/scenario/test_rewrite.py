"""A rewrite replaces what did not hold and touches nothing else."""

from __future__ import annotations

from exchange.scenario import parse, run

WRONG = """\
# A story.
instrument ABC tick=0.01 lot=1

> new m1 A1 ABC buy 10 @ 10.00   # the bid
< accepted B1   # who?
  # a comment in between
< trade A1 B1 5 @ 10.00

> new m2 B1 ABC sell 4 @ 10.00
> cancel m1 A1
< canceled A1  leaves=6   # holds, and is left as it is
> halt ABC
< ...
book ABC   # empty
\tbid 9.00 1 x1
\task 9.50 1 x1
order A1 status=NEW leaves=10   # not any more
position m1 ABC 3
last ABC none
digest equal
"""

RIGHT = """\
# A story.
instrument ABC tick=0.01 lot=1

> new m1 A1 ABC buy 10 @ 10.00   # the bid
< accepted A1   # who?
  # a comment in between

> new m2 B1 ABC sell 4 @ 10.00
< accepted B1
< trade A1 B1 4 @ 10.00
> cancel m1 A1
< canceled A1  leaves=6   # holds, and is left as it is
> halt ABC
< ...
book ABC   # empty
order A1 status=CANCELED leaves=0   # not any more
position m1 ABC 4
last ABC 10.00
digest equal
"""


def test_comments_layout_and_what_holds_stay() -> None:
    outcome = run(parse("story.txt", WRONG))

    assert outcome.text == RIGHT
    assert [one.line_no for one in outcome.differences] == [4, 9, 14, 17, 18, 19]


def test_a_rewritten_file_holds() -> None:
    outcome = run(parse("story.txt", RIGHT))

    assert outcome.differences == []
    assert outcome.text == RIGHT


def test_line_ends_and_a_missing_last_one_are_kept() -> None:
    text = "instrument ABC tick=0.01 lot=1\r\n> new m1 A1 ABC buy 1 market\r\nbook ABC"

    assert run(parse("story.txt", text)).text == (
        "instrument ABC tick=0.01 lot=1\r\n> new m1 A1 ABC buy 1 market\r\n< accepted A1\r\n"
        "< canceled A1 leaves=1 reason=UNFILLED_REMAINDER\r\nbook ABC"
    )


def test_levels_are_added_below_a_book_that_had_none() -> None:
    text = "instrument ABC tick=0.01 lot=1\n> new m1 A1 ABC buy 1 @ 9\nbook ABC\n"

    assert run(parse("story.txt", text)).text == f"{text}  bid 9.00 1 x1\n"


def test_a_wildcard_stays_the_last_line() -> None:
    text = (
        "instrument ABC tick=0.01 lot=1\n> new m1 A1 ABC buy 2 @ 9\n"
        "> new m2 B1 ABC sell 1 @ 9\n< accepted A9\n< ...\n"
    )

    assert run(parse("story.txt", text)).text == text.replace("A9", "B1")
