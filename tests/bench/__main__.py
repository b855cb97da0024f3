"""`python -m tests.bench` (`make bench`): measure, print a table, write `var/bench/latest.json`.

    python -m tests.bench                    all, under five minutes
    python -m tests.bench --quick            the same with few samples, to see that it runs
    python -m tests.bench --only pipeline    one section (see --help); the file then holds only that

Room: which sections there are and in which order; what they measure is in the file of each. The
floor (echo, disk) comes first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.call_bench import bench_calls
from tests.bench.codec_bench import bench_codec
from tests.bench.core_bench import bench_core
from tests.bench.disk_bench import bench_disk
from tests.bench.echo_bench import bench_echo
from tests.bench.feed_bench import bench_feed
from tests.bench.figures import Report
from tests.bench.flow_bench import bench_flow
from tests.bench.latency_bench import bench_latency
from tests.bench.links_bench import bench_links
from tests.bench.machine import machine
from tests.bench.pipeline_bench import bench_pipeline
from tests.bench.recovery_bench import bench_recovery
from tests.bench.replicated_bench import bench_replicated
from tests.bench.snapshot_bench import bench_snapshot

RESULT = Path("var/bench/latest.json")

Bench = Callable[[Report, Path, bool], None]

SECTIONS: dict[str, Bench] = {
    "echo": lambda report, _, quick: bench_echo(report, quick=quick),
    "disk": lambda report, where, quick: bench_disk(report, where, quick=quick),
    "links": lambda report, where, quick: bench_links(report, where, quick=quick),
    "latency": lambda report, where, quick: bench_latency(report, where, quick=quick),
    "pipeline": lambda report, where, quick: bench_pipeline(report, where, quick=quick),
    "replicated": lambda report, where, quick: bench_replicated(report, where, quick=quick),
    "codec": lambda report, _, quick: bench_codec(report, quick=quick),
    "core": lambda report, _, quick: bench_core(report, quick=quick),
    "call": lambda report, _, quick: bench_calls(report, quick=quick),
    "recovery": lambda report, where, quick: bench_recovery(report, where, quick=quick),
    "snapshot": lambda report, where, quick: bench_snapshot(report, where, quick=quick),
    "feed": lambda report, where, quick: bench_feed(report, where, quick=quick),
    "flow": lambda report, where, quick: bench_flow(report, where, quick=quick),
}


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit status."""
    options = _parse(arguments)
    wanted = [name for name in SECTIONS if not options.only or name in options.only]
    with tempfile.TemporaryDirectory(prefix="lockstep-bench-", dir=options.directory) as where:
        report = Report(machine(Path(where)))
        for name in wanted:
            began = time.monotonic()
            report.begin(name, quick=options.quick)
            SECTIONS[name](report, Path(where), options.quick)
            print(f"{name}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    print(report.table())
    report.write(options.output)
    print(f"written to {options.output}", file=sys.stderr)
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few samples")
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="a section")
    parser.add_argument("--output", type=Path, default=RESULT, help=f"result ({RESULT})")
    parser.add_argument("--directory", type=Path, help="where data is written (system default)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
