"""Figures: what was measured, in which unit, and how to measure it again.

Room: numbers into figures, figures into the table and `latest.json`. Percentiles are exact: all
samples are kept and sorted. Nothing here measures.

A figure has `median`, `p50` and `p99`. For a latency the samples are single operations:
`NAME.p50_us` and `NAME.p99_us` are two figures of the same samples. For a rate the samples are
repeated runs, and p99 is the slowest of them.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

NS_PER_US = 1_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One number worth keeping.

    Attributes:
        name: dotted, as it is cited; ends in its quantity.
        median: the figure itself.
        p50, p99: of the samples behind it, in the same unit.
        unit: us, s, 1/s, ns, ratio, bytes.
        command: reproduces it.
        samples: how many.
        note: what a reader must know; "" = nothing.
        peers: the same of others in the same run, by name.
    """

    name: str
    median: float
    p50: float
    p99: float
    unit: str
    command: str
    samples: int
    note: str = ""
    peers: dict[str, float] = field(default_factory=dict)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` (0 to 1) of all samples do not exceed.

    Args:
        ordered: ascending, not empty.
    """
    rank = -int(-share * len(ordered) // 1)
    return ordered[min(max(rank - 1, 0), len(ordered) - 1)]


class Report:
    """The figures of one run, in the order in which they were measured."""

    def __init__(self, machine: dict[str, Any]) -> None:
        self.machine = machine
        self.figures: list[Figure] = []
        self.skipped: dict[str, str] = {}
        self.section = ""
        self._command = "python -m tests.bench"

    def begin(self, section: str, *, quick: bool) -> None:
        """The figures that follow belong to `--only SECTION`."""
        self.section = section
        self._command = f"python -m tests.bench --only {section}{' --quick' if quick else ''}"

    def latency(self, name: str, samples_ns: Sequence[int], note: str = "") -> None:
        """Two figures, NAME.p50_us and NAME.p99_us, of single operations in nanoseconds."""
        ordered = sorted(sample / NS_PER_US for sample in samples_ns)
        p50, p99 = percentile(ordered, 0.5), percentile(ordered, 0.99)
        for suffix, value in (("p50_us", p50), ("p99_us", p99)):
            self._add(f"{name}.{suffix}", (value, p50, p99), "us", len(ordered), note=note)

    def rate(
        self,
        name: str,
        samples: Sequence[float],
        unit: str = "1/s",
        note: str = "",
        peers: dict[str, float] | None = None,
    ) -> None:
        """A figure of repeated runs where more is better; p99 is the slowest run."""
        median = statistics.median(samples)
        self._add(name, (median, median, min(samples)), unit, len(samples), note=note, peers=peers)

    def value(
        self,
        name: str,
        samples: Sequence[float],
        unit: str,
        note: str = "",
        peers: dict[str, float] | None = None,
    ) -> None:
        """A figure of repeated runs where less is better; p99 is the largest."""
        median = statistics.median(samples)
        self._add(name, (median, median, max(samples)), unit, len(samples), note=note)

    def skip(self, what: str, why: str) -> None:
        """Something that could not be measured here, and why."""
        self.skipped[what] = why

    def of(self, name: str) -> float | None:
        """The median of a figure measured in this run; None if it was not."""
        return next((one.median for one in self.figures if one.name == name), None)

    def _add(
        self,
        name: str,
        values: tuple[float, float, float],
        unit: str,
        samples: int,
        *,
        note: str = "",
        peers: dict[str, float] | None = None,
    ) -> None:
        median, p50, p99 = (round(value, 9) for value in values)
        self.figures.append(
            Figure(
                name, median, p50, p99, unit, self._command, samples, note=note, peers=peers or {}
            )
        )

    def write(self, path: Path) -> None:
        """Write figure name -> figure, with `machine` and `skipped` beside them."""
        content: dict[str, Any] = {"machine": self.machine, "skipped": self.skipped}
        for figure in self.figures:
            row = asdict(figure)
            content[row.pop("name")] = row
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def table(self) -> str:
        """The figures for people."""
        rows = [["figure", "median", "p50", "p99", "unit", "n", "peers, notes"]]
        for one in self.figures:
            peers = "  ".join(f"{name} {readable(value)}" for name, value in one.peers.items())
            values = (readable(value) for value in (one.median, one.p50, one.p99))
            more = "; ".join(text for text in (peers, one.note) if text)
            rows.append([one.name, *values, one.unit, str(one.samples), more])
        widths = [max(len(row[i]) for row in rows) for i in range(6)]
        lines = []
        for row in rows:
            cells = [row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in range(1, 6))]
            lines.append("  ".join([*cells, row[6]]).rstrip())
        lines += [f"not measured: {what}: {why}" for what, why in self.skipped.items()]
        lines.append("machine: " + ", ".join(f"{k} {v}" for k, v in self.machine.items()))
        return "\n".join(lines)


def readable(value: float) -> str:
    """Three to four digits that count, thousands set apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
