"""Every fault of a file names the line, what is wrong and what was expected."""

from __future__ import annotations

import pytest

from exchange.scenario import MalformedScenario, parse
from exchange.scenario.statement import Kind, Words

ABC = "instrument ABC tick=0.01 lot=1\n"


def test_a_statement_is_taken_apart() -> None:
    text = (
        "# a story\n"
        "\n"
        "  > new m1 A3 ABC buy 100 @ 10.00 tif=GTC post_only  # patient\n"
        "< accepted A3\n"
        "  < trade A3 B1 5 @ 10 id=T1\n"
        "< ...\n"
    )
    (statement,) = parse("story.txt", text).statements

    assert (statement.line_no, statement.kind) == (3, Kind.COMMAND)
    assert statement.text == "> new m1 A3 ABC buy 100 @ 10.00 tif=GTC post_only"
    assert statement.words == Words(
        "new", ("m1", "A3", "ABC", "buy", "100", "10.00"), {"tif": "GTC"}, ("post_only",)
    )
    accepted, trade = statement.expectations
    assert accepted.words == Words("accepted", ("A3",))
    assert trade.words == Words("trade", ("A3", "B1", "5", "10"), {"id": "T1"})
    assert (accepted.line_no, trade.line_no, statement.wildcard_line) == (4, 5, 6)


def test_a_book_has_its_levels() -> None:
    text = "book ABC\n  bid 10.00 180 x2\n  # between\n  ask 10.02 50 x1\n"
    (book,) = parse("story.txt", text).statements

    assert [tuple(level) for level in book.levels] == [
        (2, "bid", "10.00", "180", 2),
        (4, "ask", "10.02", "50", 1),
    ]
    assert book.attached_lines == [2, 4]


def test_words_may_be_separated_by_any_blanks() -> None:
    (statement,) = parse("story.txt", "\tinstrument\tABC   tick=0.01\tlot=1\r\n").statements

    assert statement.words == Words("instrument", ("ABC",), {"tick": "0.01", "lot": "1"})


def test_a_hash_inside_a_word_is_no_comment() -> None:
    (statement,) = parse("story.txt", "> halt ABC reason=NEWS#4 # the fourth\n").statements

    assert statement.words.keys == {"reason": "NEWS#4"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("sell everything", "unknown statement 'sell'; expected '>', '<' or one of: instrument"),
        ("new m1 A1 ABC buy 1 @ 1", "a command begins with '>'; expected: > new MEMBER"),
        (">", "an empty command; expected one of: new"),
        ("> buy m1", "unknown command 'buy'; expected one of: new"),
        ("> new m1 A1 ABC buy", "'new' needs more words; expected: new MEMBER"),
        ("> new m1 A1 ABC buy 1 2 @ 1", "unexpected word '2'"),
        ("> new m1 A1 ABC buy 1 @", "a price follows '@'"),
        ("> new m1 A1 ABC buy 1 @ 1 @ 2", "'@' is given twice"),
        ("> new m1 A1 ABC buy 1 market @ 2", "either '@ PRICE' or 'market'"),
        ("> new m1 A1 ABC buy 1 market market", "'market' is given twice"),
        ("> new m1 A1 ABC buy 1 colour=red", "unknown key 'colour'; allowed here: account, cap"),
        ("> new m1 A1 ABC buy 1 tif=DAY tif=GTC", "'tif' is given twice"),
        ("> cancel m1 A1 @ 10", "unexpected word '@'"),
        ("< accepted A1", "an expectation stands below the command that it belongs to"),
        (f"{ABC}book ABC\n< accepted A1", "an expectation stands below the command"),
        (f"{ABC}<", "an empty expectation; expected one of: accepted"),
        (f"{ABC}< filled A1", "unknown expectation 'filled'; expected one of: accepted"),
        (f"{ABC}< accepted", "'accepted' needs more words"),
        (f"{ABC}< canceled A1 resaon=REQUESTED", "unknown key 'resaon'"),
        (f"{ABC}< trade A1 B1 5", "a trade has a price"),
        (f"{ABC}< ...\n< accepted A1", "nothing follows '< ...'"),
        (f"{ABC}bid 10.00 5 x1", "a price level stands below the 'book SYMBOL'"),
        ("book ABC\nbid 10.00 5", "a price level is written: bid|ask PRICE QTY xCOUNT"),
        ("book ABC\nask 10.00 5 2", "a price level is written"),
        ("digest", "'digest' needs more words; expected: digest equal"),
        ("# nothing but a comment", "the file holds no statement"),
        ("", "the file holds no statement"),
    ],
)
def test_a_malformed_line_is_named(line: str, says: str) -> None:
    with pytest.raises(MalformedScenario) as caught:
        parse("story.txt", line)

    assert caught.value.line_no == len(line.split("\n"))
    assert str(caught.value).startswith(f"story.txt: line {caught.value.line_no}: ")
    assert says in caught.value.detail
