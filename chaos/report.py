"""What runs found, for people and as `var/chaos/latest.json`.

Room: tables, percentiles and the file; it judges nothing. The file keeps one object per kind of
run, so that a run of one kind does not wipe what another kind found before.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chaos.behind import GOAL_S, BehindSummary
from chaos.cluster_run import ClusterSummary
from chaos.dr_move import DrSummary
from chaos.kill9 import Summary

KILLED = ("kill_primary",)
PARTITIONED = ("isolate_primary", "deafen_primary", "mute_primary")
PLANNED = ("transfer",)
STOPPED = ("pause_primary",)
GOALS_MS = {"kill -9": (600, 1500), "silent partition": (None, 2500), "planned switch": (None, 300)}
"""Goal of p50 and of p99 (for a planned switch: of every one)."""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed; 0.0 of none."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else 0.0


def failovers(summary: ClusterSummary) -> dict[str, dict[str, float]]:
    """n, p50, p99 and max in milliseconds, by what made another node lead."""
    groups = {
        "kill -9": KILLED,
        "silent partition": PARTITIONED,
        "stopped process": STOPPED,
        "planned switch": PLANNED,
    }
    found: dict[str, dict[str, float]] = {}
    for group, names in groups.items():
        values = [value * 1000 for name in names for value in summary.switches_s.get(name, ())]
        if values:
            found[group] = {
                "n": len(values),
                "p50_ms": round(percentile(values, 0.5), 1),
                "p99_ms": round(percentile(values, 0.99), 1),
                "max_ms": round(max(values), 1),
            }
    return found


def cluster_table(summary: ClusterSummary) -> str:
    """A run over a cluster, for people."""
    faults = ", ".join(f"{count} {name}" for name, count in sorted(summary.faults.items()))
    rows = [
        ("faults", f"{summary.faults.total()} ({faults})"),
        ("entries in the log", f"{summary.entries}, epoch {summary.epoch}"),
        ("cut, in quarantine", f"{summary.cut_entries} entries"),
        ("acknowledged", f"{summary.acknowledged}"),
        ("lost", f"{summary.lost}"),
        ("duplicated", f"{summary.duplicated}"),
        ("sent again", f"{summary.resent}"),
        ("whole again, p50 and max", _seconds(summary.whole_s)),
        ("seconds", f"{summary.seconds:.1f}"),
        ("seed", f"{summary.seed}"),
        ("violations", f"{len(summary.violations)}"),
    ]
    lines = [f"{name:<28}{value}" for name, value in rows]
    for group, told in failovers(summary).items():
        goal = GOALS_MS.get(group)
        against = "" if goal is None else f"   goal {_goal(goal)}"
        lines.append(
            f"{'failover, ' + group:<28}n {told['n']:.0f}, p50 {told['p50_ms']:.0f} ms, "
            f"p99 {told['p99_ms']:.0f} ms, max {told['max_ms']:.0f} ms{against}"
        )
    lines += [f"  {violation.invariant}: {violation.text}" for violation in summary.violations]
    return "\n".join([*lines, ""])


def kill9_table(summary: Summary) -> str:
    """A run over one node, for people."""
    recoveries = sorted(summary.recoveries_s) or [0.0]
    kills = ", ".join(f"{count} {moment}" for moment, count in sorted(summary.kills.items()))
    rows = [
        ("kills", f"{summary.kills.total()} ({kills})"),
        ("commands in the log", f"{summary.commands} in {summary.entries} entries"),
        ("acknowledged, all found", f"{summary.acknowledged}"),
        ("sent again by traders", f"{summary.resent}"),
        ("answered as a repeat", f"{summary.repeated}"),
        ("replays from genesis", f"{summary.full_replays}"),
        ("restart, median and longest", _seconds(recoveries)),
        ("seconds", f"{summary.seconds:.1f}"),
        ("seed", f"{summary.seed}"),
        ("violations", f"{len(summary.violations)}"),
    ]
    lines = [f"{name:<28}{value}" for name, value in rows]
    lines += [f"  {violation.invariant}: {violation.text}" for violation in summary.violations]
    return "\n".join([*lines, ""])


def dr_table(summary: DrSummary) -> str:
    """A move to the dr node, for people."""
    roles = ", ".join(f"{name} {told}" for name, told in summary.roles.items())
    rows = [
        ("acknowledged before", f"{summary.acknowledged_before}"),
        ("lost of these", f"{summary.lost} (bound: {summary.bound})"),
        ("acknowledged after", f"{summary.acknowledged_after}"),
        ("promoted in", f"{summary.promoted_s * 1000:.0f} ms"),
        ("old nodes, come back", roles),
        ("failed back to", summary.led_at_last),
        ("seconds", f"{summary.seconds:.1f}"),
        ("violations", f"{len(summary.violations)}"),
    ]
    lines = [f"{name:<28}{value}" for name, value in rows]
    lines += [f"  {violation.invariant}: {violation.text}" for violation in summary.violations]
    return "\n".join([*lines, ""])


def behind_table(summary: BehindSummary) -> str:
    """A standby that caught up, for people."""
    memory = ", ".join(f"{name} {size >> 20} MiB" for name, size in summary.memory_bytes.items())
    rows = [
        ("commands it lacked", f"{summary.commands} in {summary.entries} entries"),
        ("log it lacked", f"{summary.log_bytes >> 20} MiB"),
        ("by", "snapshot" if summary.by_snapshot else "log"),
        ("in sync after", f"{summary.in_sync_s:.1f} s"),
        ("all of it applied after", f"{summary.level_s:.1f} s   goal {GOAL_S:g} s"),
        ("longest wait of a client", f"{summary.gap_s * 1000:.0f} ms"),
        ("memory at the end", memory),
        ("seconds", f"{summary.seconds:.1f}"),
        ("violations", f"{len(summary.violations)}"),
    ]
    lines = [f"{name:<28}{value}" for name, value in rows]
    lines += [f"  {violation.invariant}: {violation.text}" for violation in summary.violations]
    return "\n".join([*lines, ""])


def write(path: Path, kind: str, content: Mapping[str, Any]) -> None:
    """Put what a run of `kind` found into the file, beside what other kinds found."""
    try:
        before = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        before = {}  # none yet, or not ours: written anew
    known = before.get("runs") if isinstance(before, dict) else None
    runs = {**known, kind: content} if isinstance(known, dict) else {kind: content}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps({"runs": runs}, indent=2) + "\n", "utf-8")
    partial.replace(path)


def content_of(summary: Summary | ClusterSummary | DrSummary | BehindSummary) -> dict[str, Any]:
    """A summary as JSON has it."""
    content = {name: getattr(summary, name) for name in summary.__slots__}
    content["violations"] = [one._asdict() for one in summary.violations]
    if isinstance(summary, ClusterSummary):
        content["failover"] = failovers(summary)
        content["goals_ms"] = {
            name: {"p50": goal[0], "p99": goal[1]} for name, goal in GOALS_MS.items()
        }
    return content


def _seconds(values: Sequence[float]) -> str:
    return f"{percentile(values, 0.5):.2f} s, {max(values, default=0.0):.2f} s"


def _goal(goal: tuple[int | None, int]) -> str:
    p50, p99 = goal
    return f"p99 {p99} ms" if p50 is None else f"p50 {p50} ms, p99 {p99} ms"
