"""`python -m chaos` (`make chaos`): break a node on purpose, check what must hold.

Room: arguments, the table and `var/chaos/latest.json`. Exit status 0 if nothing was violated, 1 if
something was; then the node's directory is kept and named.

    python -m chaos                      50 kills, a seed of the moment
    python -m chaos --kills 200 --seed 7
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from chaos.kill9 import Summary, run

RESULT = Path("var/chaos/latest.json")


def main(arguments: list[str] | None = None) -> int:
    """Run the scenario; the exit status."""
    options = _parse(arguments)
    directory = Path(tempfile.mkdtemp(prefix="lockstep-chaos-"))
    sys.stdout.write(f"kill -9, {options.kills} times, seed {options.seed}, in {directory}\n")
    summary = run(directory, seed=options.seed, kills=options.kills, tell=_tell)
    _write(options.output, summary)
    sys.stdout.write(table(summary))
    if summary.violations:
        sys.stdout.write(f"the node's directory is kept: {directory}\n")
        return 1
    shutil.rmtree(directory)
    return 0


def table(summary: Summary) -> str:
    """The summary for people."""
    recoveries = sorted(summary.recoveries_s) or [0.0]
    kills = ", ".join(f"{count} {moment}" for moment, count in sorted(summary.kills.items()))
    rows = [
        ("kills", f"{summary.kills.total()} ({kills})"),
        ("commands in the log", f"{summary.commands} in {summary.entries} entries"),
        ("acknowledged, all found", f"{summary.acknowledged}"),
        ("sent again by traders", f"{summary.resent}"),
        ("answered as a repeat", f"{summary.repeated}"),
        ("replays from genesis", f"{summary.full_replays}"),
        (
            "restart, median and longest",
            f"{recoveries[len(recoveries) // 2]:.2f} s, {recoveries[-1]:.2f} s",
        ),
        ("seconds", f"{summary.seconds:.1f}"),
        ("seed", f"{summary.seed}"),
        ("violations", f"{len(summary.violations)}"),
    ]
    lines = [f"{name:<28}{value}" for name, value in rows]
    lines += [f"  {violation.invariant}: {violation.text}" for violation in summary.violations]
    return "\n".join([*lines, ""])


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _write(path: Path, summary: Summary) -> None:
    content = {field.name: getattr(summary, field.name) for field in fields(summary)}
    content["violations"] = [one._asdict() for one in summary.violations]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="how often to kill (50)")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="repeats a run")
    parser.add_argument("--output", type=Path, default=RESULT, help=f"result ({RESULT})")
    options = parser.parse_args(arguments)
    if options.kills < 1:
        parser.error(f"--kills {options.kills} must be at least 1")
    return options


if __name__ == "__main__":
    sys.exit(main())
