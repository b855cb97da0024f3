"""Whatever a file holds, a run ends in an outcome or in an error that names the line."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.scenario import MalformedScenario, Outcome, parse, run
from exchange.scenario.grammar import COMMANDS, EXPECTATIONS, LOOKS, SETUP

_NAMES = ["m1", "m2", "A1", "A2", "ABC", "market", "T1"]
_NUMBERS = ["0", "1", "5", "10.00", "-1", "0.5", "9" * 30, "x1"]
_VALUES = [*_NAMES, *_NUMBERS, "", "buy", "fok", "+1h", "retired", "crypto", "no", "20%"]
_BARE = ["buy", "sell", "@", "market", "cancel", "post_only", "CONTINUOUS", "HALTED", "equal"]
_KEYS = sorted({key for form in [*SETUP.values(), *COMMANDS.values()] for key in form.keys})

_word = st.one_of(
    st.sampled_from([*_NAMES, *_NUMBERS, *_BARE]),
    st.builds("{}={}".format, st.sampled_from(_KEYS), st.sampled_from(_VALUES)),
)
_verb = st.one_of(
    st.sampled_from([*SETUP, *LOOKS, "bid", "ask"]),
    st.sampled_from(sorted(COMMANDS)).map("> {}".format),
    st.sampled_from(sorted(EXPECTATIONS)).map("< {}".format),
)
_likely = st.sampled_from(
    [
        "> new m1 A1 ABC buy 5 @ 10.00",
        "> new m2 A2 ABC sell 7 @ 10.00 stp=cancel_both",
        "> new m1 A3 ABC buy 5 @ 9.00 expire=+1h account=prop",
        "> replace m1 A1 qty=3 new=A2",
        "> replace m2 A2 price=9.00",
        "> cancel m1 A1",
        "> repeat",
        "> mass_cancel m2 symbol=XYZ",
        "> halt ABC cancel",
        "> resume market",
        "> kill account=m1",
        "> disconnect m1",
        "> failover",
        "> close_session market request_id=C",
        "> open_session market",
        "> update ABC status=retired",
        "time +1h",
        "book ABC",
        "order A1 status=NEW",
        "< ...",
    ]
)
_line = st.one_of(
    _likely,
    st.builds(lambda verb, words: " ".join([verb, *words]), _verb, st.lists(_word, max_size=7)),
    st.text(max_size=20),
)


def outcome_or_fault(text: str) -> Outcome | MalformedScenario:
    """What comes of a text; any other exception is a fault of ours."""
    try:
        return run(parse("any.txt", text))
    except MalformedScenario as fault:
        return fault


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_line, min_size=1, max_size=12))
def test_any_text_is_run_or_refused(lines: list[str]) -> None:
    text = "\n".join(["instrument ABC tick=0.01 lot=1 ref=10.00", *lines])
    outcome = outcome_or_fault(text)
    if isinstance(outcome, MalformedScenario):
        assert 1 <= outcome.line_no <= text.count("\n") + 1
        assert str(outcome).startswith(f"any.txt: line {outcome.line_no}: ")
        return
    assert all(difference.rewritable for difference in outcome.differences)
    again = run(parse("any.txt", outcome.text))
    assert again.differences == []
    assert again.text == outcome.text
