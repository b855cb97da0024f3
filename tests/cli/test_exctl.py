"""`exctl` on a running exchange: what it prints, and its exit status."""

from __future__ import annotations

import json
import re
import sysconfig
import uuid
from typing import Any

import click
import pytest

from cli.exctl import TABLE, main
from exchange.engine.build import BUILT_ENGINES
from exchange.engine.port import NATIVE
from exchange.gateway.codec_choice import BUILT_CODECS
from tests.cli.conftest import Exctl, Up, run

NODE_KEYS = {"name", "role", "endpoint", "pid", "healthy", "durable_seq", "applied_seq", "engine"}


def fresh() -> str:
    return uuid.uuid4().hex[:20]


def test_status_lists_the_nodes(exctl: Exctl, up: Up) -> None:
    told = exctl.json("status")

    assert [node["endpoint"] for node in told["nodes"]] == [up.endpoint]
    assert told["nodes"][0].keys() >= NODE_KEYS
    assert told["nodes"][0]["pid"] == up.pid
    assert "primary" in exctl("status").stdout


def test_an_endpoint_that_does_not_answer_is_unhealthy(exctl: Exctl, up: Up) -> None:
    exctl.endpoint = f"{up.endpoint},127.0.0.1:1"
    told = exctl.json("status", "--timeout", "0.3", code=5)

    assert told["unreachable"] == ["127.0.0.1:1"]


def test_nobody_there_is_exit_status_3() -> None:
    result = run("--endpoints", "127.0.0.1:1", "--timeout", "0.2", "book", "ABC")

    assert (result.exit_code, result.stdout) == (3, "")
    assert "NOT_REACHED" in result.stderr


def test_version_names_engine_and_codec(exctl: Exctl) -> None:
    told = exctl.json("version")

    chosen = (BUILT_ENGINES[-1], BUILT_CODECS[-1], "0.1.0")
    assert (told["engine"], told["codec"], told["version"]) == chosen
    assert told["abi"] == sysconfig.get_config_var("SOABI")
    assert (told["native_engine"] == "built") == (NATIVE in BUILT_ENGINES)
    assert (told["native_codec"] == "built") == (NATIVE in BUILT_CODECS)


def test_an_order_lives_and_is_shown(exctl: Exctl) -> None:
    """The fixed forms that scripts rely on."""
    first, second = fresh(), fresh()
    submit = ("order", "submit", "--member", "alice", "--cl-ord-id", first)
    entered = exctl.json(*submit, "ABC", "buy", "10", "90.25")
    again = exctl.json(*submit, "ABC", "buy", "10", "90.25")
    shown = exctl.json("order", "show", "--member", "alice", first)
    traded = exctl.json(
        "order", "submit", "--member", "bob", "--cl-ord-id", second, "ABC", "sell", "4", "market"
    )
    book = exctl.json("book", "ABC")
    after = exctl.json("order", "show", "--order-id", shown["order_id"], "--member", "alice")
    trades = exctl.json("trades", "ABC")["trades"]
    replaced = exctl.json(
        "order", "replace", "--member", "alice", first, "--qty", "8", "--cl-ord-id", fresh()
    )
    canceled = exctl.json("order", "cancel", "--member", "alice", "--order-id", shown["order_id"])

    assert [row["exec_type"] for row in entered["reports"]] == ["EXEC_TYPE_NEW"]
    assert (entered["poss_dup"], again["poss_dup"]) == (False, True)
    assert (shown["ord_status"], shown["price"]) == ("ORD_STATUS_NEW", "90250000000")
    assert [row["exec_type"] for row in traded["reports"]] == ["EXEC_TYPE_NEW", "EXEC_TYPE_TRADE"]
    assert book["bids"] == [{"price": "90250000000", "qty": "6", "order_count": 1}]
    assert after["cum_qty"] == "4"
    assert (trades[0]["price"], trades[0]["qty"]) == ("90250000000", "4")
    assert replaced["reports"][0]["leaves_qty"] == "4"
    assert canceled["reports"][0]["ord_status"] == "ORD_STATUS_CANCELED"


def test_output_may_stand_after_the_verb(exctl: Exctl) -> None:
    assert json.loads(exctl("book", "ABC", "-o", "json").stdout) == exctl.json("book", "ABC")
    assert exctl("-o", "json", "book", "ABC", "-o", "table").stdout.startswith("ABC  ")


def test_jsonl_is_a_line_for_each(exctl: Exctl) -> None:
    lines = exctl("-o", "jsonl", "instrument", "list").stdout.splitlines()

    assert {json.loads(line)["symbol"] for line in lines} >= {"ABC", "XYZ", "BTC-USD"}


def test_a_decimal_quantity_is_shown_as_it_was_given(exctl: Exctl) -> None:
    name = fresh()
    exctl("order", "submit", "--member", "mm1", "--cl-ord-id", name, "BTC-USD", "buy", "0.5", "100")
    shown = exctl("order", "show", "--member", "mm1", name).stdout

    assert "qty        0.5\n" in shown
    exctl("order", "mass-cancel", "--member", "mm1")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--member", "alice", "NOPE", "buy", "1", "1"), 1, "no such instrument"),
        (("--member", "alice", "ABC", "buy", "1", "1.005"), 1, "tick"),
        (("--member", "nobody", "ABC", "buy", "1", "1"), 4, "UNKNOWN_PRINCIPAL"),
        (("ABC", "buy", "1", "1"), 4, "MEMBER_REQUIRED"),
        (("--member", "alice", "ABC", "buy", "1", "one"), 2, "not a decimal number"),
        (("--member", "alice", "ABC", "buy", "0.5", "1"), 2, "decimals"),
        (("--member", "alice", "ABC", "bye", "1", "1"), 2, "'buy', 'sell'"),
        (("--member", "alice", "ABC", "buy", "1", "1", "--tif", "SOON"), 2, "time in force"),
        (("--member", "alice", "ABC", "buy", "-1", "1"), 2, "-1 is negative"),
    ],
)
def test_a_wrong_order_says_why(
    exctl: Exctl, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = exctl("order", "submit", *arguments, code=code)

    assert words in result.output


def test_special_orders_are_entered_changed_and_shown(exctl: Exctl) -> None:
    """R3: every term has a flag, and reaches the exchange."""
    symbol = fresh().upper()[:16]
    what = ("--asset-class", "equity", "--currency", "USD", "--mic", "XLOC", "--tick-size", "0.05")
    exctl("instrument", "add", symbol, *what, "--reference-price", "100.00")
    exctl("session", "open", symbol)
    stop, iceberg, peg = fresh(), fresh(), fresh()

    def submit(name: str, *arguments: str, code: int = 0) -> dict[str, Any]:
        who = ("order", "submit", "--member", "alice", "--cl-ord-id", name, symbol)
        told: dict[str, Any] = exctl.json(*who, *arguments, code=code)
        return told

    submit(iceberg, "buy", "100", "90.00", "--display", "10")
    entered = submit(
        stop, "sell", "5", "--type", "trailing-stop", "--trail", "100bp", "--oco", iceberg
    )
    submit(peg, "buy", "5", "--type", "pegged", "--peg", "primary", "--offset", "-0.10")
    submit(fresh(), "buy", "5", "90.00", "--hidden", "--display", "5", code=1)
    exctl.json("order", "replace", "--member", "alice", peg, "--offset", "0")
    shown = {name: exctl.json("order", "show", "--member", "alice", name) for name in (stop, peg)}
    book = exctl.json("book", symbol)

    told = [row["exec_type"] for row in entered["reports"]]
    assert told == ["EXEC_TYPE_NEW", "EXEC_TYPE_RESTATED"]
    assert entered["reports"][1]["terms"]["stop_price"] == "99000000000"
    assert shown[stop]["is_waiting"] is True
    assert shown[stop]["terms"]["trail_unit"] == "TRAIL_UNIT_BASIS_POINTS"
    assert shown[peg]["price"] == "90000000000"
    assert book["bids"] == [{"price": "90000000000", "qty": "15", "order_count": 2}]


def test_reference_data_is_added_and_changed(exctl: Exctl) -> None:
    symbol, member = fresh().upper()[:16], fresh()
    terms = ("--asset-class", "equity", "--currency", "USD", "--mic", "XLOC", "--tick-size", "0.05")
    exctl("instrument", "add", symbol, *terms)
    exctl("instrument", "add", symbol, *terms, code=1)
    updated = exctl.json("instrument", "update", symbol, "--reference-price", "10.50")
    exctl("instrument", "update", symbol, code=2)
    opened = exctl.json("session", "open", symbol)
    exctl("member", "add", member)
    exctl("account", "add", member, "second")
    disabled = exctl.json("member", "disable", member)
    refused = exctl.json("order", "submit", "--member", member, symbol, "buy", "1", "10.50", code=1)
    exctl("member", "enable", member)
    paused = exctl.json("account", "disable", member, "second")
    kept_out = exctl.json(
        *("order", "submit", "--member", member, "--account", "second"),
        *(symbol, "buy", "1", "10.50"),
        code=1,
    )
    back = exctl.json("account", "enable", member, "second")
    accounts = exctl.json("account", "list", member)["accounts"]

    assert (updated["tick_size"], updated["reference_price"]) == ("50000000", "10500000000")
    assert opened["symbols"] == [symbol]
    assert disabled["standing"] == "STANDING_DISABLED"
    assert refused["reports"][0]["reject_reason"] == "REJECT_REASON_MEMBER_DISABLED"
    assert [row["name"] for row in accounts] == [member, "second"]
    assert [row["standing"] for row in (paused, back)] == ["STANDING_DISABLED", "STANDING_ACTIVE"]
    assert kept_out["reports"][0]["reject_reason"] == "REJECT_REASON_ACCOUNT_DISABLED"


def test_what_destroys_shows_its_impact_and_asks(exctl: Exctl) -> None:
    exctl("order", "submit", "--member", "alice", "XYZ", "buy", "1", "20")
    halt = ("halt", "XYZ", "--cancel-orders", "--reason", "drill")

    assert "Missing option '--reason'" in exctl("halt", "XYZ", code=2).stderr
    refused = exctl(*halt, code=6)
    assert "halts XYZ; 1 orders are canceled" in refused.stderr
    assert "--yes gives leave" in refused.stderr
    assert exctl.json("instrument", "show", "XYZ")["phase"] == "PHASE_CONTINUOUS"
    assert json.loads(exctl("-o", "json", *halt, "--yes").stdout)["canceled_count"] == 1
    exctl("resume", "XYZ", "--direct", "--reason", "over", "--yes")
    assert exctl.json("instrument", "show", "XYZ")["phase"] == "PHASE_CONTINUOUS"


def test_a_kill_switch_is_engaged_listed_and_released(exctl: Exctl) -> None:
    target = ("--member", "mm2", "--reason", "drill", "--yes")
    exctl("order", "submit", "--member", "mm2", "XYZ", "buy", "1", "20")
    engaged = exctl.json("kill", "engage", *target)
    exctl("kill", "engage", *target, code=1)
    listed = exctl.json("kill", "status")["kill_switches"]
    refused = exctl.json("order", "submit", "--member", "mm2", "XYZ", "buy", "1", "20", code=1)
    exctl("kill", "release", *target)

    assert engaged["canceled_count"] == 1
    assert [(row["target"]["member"], row["reason"]) for row in listed] == [("mm2", "drill")]
    assert refused["reports"][0]["reject_reason"] == "REJECT_REASON_KILL_SWITCH_ENGAGED"
    assert exctl.json("kill", "status") == {"kill_switches": []}
    exctl("kill", "engage", "--market", "--symbol", "ABC", "--reason", "x", code=2)


def test_a_request_id_makes_a_command_safe_to_repeat(exctl: Exctl) -> None:
    name = fresh()
    first = exctl.json("cancel-all", "--reason", "x", "--yes", "--request-id", name)
    again = exctl.json("cancel-all", "--reason", "x", "--yes", "--request-id", name)

    assert (first["poss_dup"], again["poss_dup"]) == (False, True)


def test_streams_can_be_followed_from_the_past(exctl: Exctl) -> None:
    start = str(int(exctl.json("status")["last_seq"]) + 1)
    exctl("order", "submit", "--member", "alice", "ABC", "buy", "1", "91")
    exctl("order", "submit", "--member", "bob", "ABC", "sell", "1", "market")
    watch = ("watch", "executions", "--member", "alice", "--from-seq", start)
    executions = exctl(*watch, "--limit", "2", "-o", "jsonl").stdout.splitlines()
    trade = exctl("watch", "trades", "ABC", "--from-seq", start, "--limit", "1").stdout
    book = exctl("watch", "book", "ABC", "--limit", "1", "-o", "json").stdout

    kinds = [json.loads(line)["exec_type"] for line in executions]
    assert kinds == ["EXEC_TYPE_NEW", "EXEC_TYPE_TRADE"]
    assert " ABC " in trade
    assert json.loads(book)["phase"] == "PHASE_CONTINUOUS"


def test_the_data_directory_is_read_beside_the_running_node(exctl: Exctl, up: Up) -> None:
    data = ("--data", str(up.data))
    created = exctl.json("snapshot", "create")
    digest = exctl.json("digest")
    listed = exctl.json("snapshot", "list", *data)["snapshots"]
    verified = exctl.json("snapshot", "verify", *data)["snapshots"]
    report = exctl.json("journal", "verify", *data)
    dumped = exctl("journal", "dump", *data, "-o", "jsonl").stdout.splitlines()
    rows = [json.loads(line) for line in dumped]

    assert created["state_digest"] == digest["state_digest"]
    assert str(listed[-1]["log_index"]) == created["log_index"]
    assert [row["ok"] for row in verified] == [True] * len(listed)
    assert (report["ok"], report["faults"]) == (True, [])
    assert len({row["log_index"] for row in rows}) == report["facts"]["log_entries"]
    assert rows[0]["kind"] == "EPOCH_STARTED"
    assert len(exctl("journal", "dump", *data, "--from", "2", "--to", "3").stdout.splitlines()) == 2


def test_a_wrong_directory_is_a_usage_error(exctl: Exctl) -> None:
    assert "is not a data directory" in exctl("journal", "verify", "--data", "/", code=2).stderr


def paths() -> list[tuple[str, ...]]:
    ctx = click.Context(main)
    found: list[tuple[str, ...]] = []
    for name in TABLE:
        found += paths_from((name,), main.get_command(ctx, name))
    return found


def paths_from(path: tuple[str, ...], command: click.Command | None) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    inner = command.commands.items()
    return [verb for name, found in inner for verb in paths_from((*path, name), found)]


@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    told = run(*path, "--help")

    assert told.exit_code == 0
    assert "\\b" not in told.output  # the mark of a paragraph, written as two characters
    example = told.output.partition("\n  Example")[2]
    assert re.search(rf"exctl (-o \w+ )?{' '.join(path)}", example)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script(shell: str) -> None:
    assert "_EXCTL_COMPLETE" in run("completion", shell).stdout
