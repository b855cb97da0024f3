"""The bench still runs, and its figures are figures; what they are worth `make bench` says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.__main__ import main
from tests.bench.figures import Report, percentile

NAMES = (
    "latency.single.p50_us",
    "latency.single.p99_us",
    "latency.single.over_floor",
    "latency.idle.p50_us",
    "pipeline.single.n100.orders_per_s",
    "pipeline.single.n1000.orders_per_s",
    "pipeline.single.n1000.half_load.p99_us",
    "pipeline.client.n100.orders_per_s",
    "replicated.p50_over_single",
    "replicated.throughput_share",
    "pipeline.replicated.n100.orders_per_s",
    "pipeline.replicated.n1000.orders_per_s",
    "replicated.stream.commit.p50_us",
    "replicated.stream.rate",
    "core.reference.plain.commands_per_s",
    "core.reference.call_1000.entry.p50_us",
    "codec.decode.orders_per_s",
    "recovery.commands_per_s",
    "recovery.seconds_per_million_commands",
    "disk.lmdb_commit.n1.p50_us",
    "echo.stream.p50_us",
    "links.tls.rtt.p50_us",
    "links.tls.stream",
    "flow.replay.events_per_s",
)


@pytest.mark.timeout(240)
def test_the_quick_bench_writes_every_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "latest.json"

    assert main(["--quick", "--output", str(output), "--directory", str(tmp_path)]) == 0

    written = json.loads(output.read_text(encoding="utf-8"))
    table = capsys.readouterr().out
    for name in NAMES:
        figure = written[name]
        assert figure["median"] > 0
        assert figure["p50"] > 0
        assert figure["p99"] > 0
        assert figure["command"].startswith("python -m tests.bench --only ")
        assert name in table
    assert written["machine"]["cpus"] >= 1


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.01, 1), (0.5, 50), (0.501, 51), (0.99, 99), (1.0, 100)]
)
def test_percentiles_are_samples(share: float, expected: int) -> None:
    assert percentile(list(range(1, 101)), share) == expected


def test_a_percentile_of_one_sample_is_that_sample() -> None:
    assert [percentile([7.0], share) for share in (0.0, 0.5, 0.99, 1.0)] == [7.0] * 4


def test_latencies_and_rates_have_their_own_tails() -> None:
    report = Report({})
    report.begin("x", quick=False)
    report.latency("a", [1_000 * n for n in range(1, 101)])
    report.rate("b.per_s", [10.0, 30.0, 20.0])
    report.value("c", [10.0, 30.0, 20.0], "s")

    assert [(f.name, f.median, f.p99) for f in report.figures] == [
        ("a.p50_us", 50.0, 99.0),
        ("a.p99_us", 99.0, 99.0),
        ("b.per_s", 20.0, 10.0),
        ("c", 20.0, 30.0),
    ]
