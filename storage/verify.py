"""The offline check of a whole data directory, by `exctl journal verify` and the tests.

Room: runs the stages of `storage.verify_content` in a child process and gathers one report. A
child, because a page number damaged in the right way makes LMDB read memory that is not mapped:
then the checker dies, which is one more named fault and not the end of the caller.
Works while a node runs; changes nothing. Never raises for damage: it reports it.

    python -m storage.verify DIRECTORY     prints the report; exit status 0 sound, 1 damaged
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from storage.data_directory import environment_paths
from storage.errors import ForeignDataError
from storage.marker import MARKER_FILE
from storage.pages import DATA_FILE
from storage.verify_content import NEEDS, STAGES, Fault, Findings, run_stage

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total) now and then; total counts the records of the stage."""

_DIED_ACTION: Final = (
    "The page structure is damaged in a way that the walk did not show. Restore the data "
    "directory from a copy, or empty it and let the node catch up from its peer."
)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What the check found.

    path: the data directory.
    faults: damage, each named; empty when sound.
    notes: worth knowing, no damage.
    skipped: stages not run, because the pages beneath them are damaged.
    facts: log_first, log_last, log_entries (int), last_chain_digest (hex), snapshots,
        event_batches, last_event_seq, index_records, quarantine_files (int); those of stages that
        did not run are absent.
    """

    path: Path
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    skipped: tuple[str, ...]
    facts: dict[str, int | str]

    @property
    def ok(self) -> bool:
        """Whether every byte in use is as it was written."""
        return not self.faults


@dataclass(slots=True)
class _Gathered:
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, int | str] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)


def verify(path: Path, *, progress: Progress | None = None) -> VerifyReport:
    """Check everything in the data directory `path`, byte for byte, without changing it.

    Raises:
        ForeignDataError: there is no data directory at `path`.
    """
    log, index, _ = environment_paths(path)
    if not any(one.exists() for one in (path / MARKER_FILE, log / DATA_FILE, index / DATA_FILE)):
        raise ForeignDataError(path, "there is no data directory here", "Check the path.")
    gathered = _Gathered()
    skipped: list[str] = []
    waiting = list(STAGES)
    while waiting:
        waiting, passed = _runnable(waiting, gathered.damaged)
        skipped += passed
        if waiting:
            del waiting[: _run_child(path, waiting, gathered, progress)]
    return VerifyReport(
        path=path,
        faults=tuple(gathered.faults),
        notes=tuple(gathered.notes),
        skipped=tuple(skipped),
        facts=gathered.facts,
    )


def _runnable(stages: Sequence[str], damaged: set[str]) -> tuple[list[str], list[str]]:
    """Split stages into those to run and those whose ground is damaged."""
    passed = [stage for stage in stages if NEEDS.get(stage) in damaged]
    return [stage for stage in stages if stage not in passed], passed


def _run_child(
    path: Path, stages: Sequence[str], gathered: _Gathered, progress: Progress | None
) -> int:
    """Run stages in a child until one has faults, dies, or all are done; return how many ran."""
    root = Path(__file__).resolve().parent.parent
    search = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(search)}
    # -P: the working directory may hold a `storage` of its own, which is not this package.
    command = [sys.executable, "-P", "-m", "storage.verify", "--child", str(path), *stages]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        if child.stdout is None or child.stderr is None:
            raise RuntimeError("the child process was started without pipes")
        ran = 0
        for line in child.stdout:
            report = json.loads(line)
            if "end" in report:
                ran += 1
            else:
                _gather(report, stages[ran], gathered, progress)
        stderr = child.stderr.read().decode(errors="replace").strip()
    if child.returncode != 0:
        stage = stages[min(ran, len(stages) - 1)]
        gathered.faults.append(_death(path, stage, child.returncode, stderr))
        gathered.damaged.add(stage)
        ran += 1
    return ran


def _gather(
    report: dict[str, object], stage: str, gathered: _Gathered, progress: Progress | None
) -> None:
    match report:
        case {"fault": dict(fields)}:
            gathered.faults.append(Fault(**fields))
            gathered.damaged.add(stage)
        case {"note": str(text)}:
            gathered.notes.append(text)
        case {"fact": [str(name), int(value) | str(value)]}:
            gathered.facts[name] = value
        case {"progress": [int(done), int(total)]}:
            if progress is not None:
                progress(stage, done, total)
        case _:
            raise RuntimeError(f"the checker sent what is not a report: {report}")


def _death(path: Path, stage: str, status: int, stderr: str) -> Fault:
    how = f"with exit status {status}" if status > 0 else f"by {signal.Signals(-status).name}"
    lines = stderr.splitlines()
    detail = f" ({lines[-1]})" if lines else ""
    return Fault(str(path), "", stage, f"the checker ended {how}{detail}", _DIED_ACTION)


def _child(path: Path, stages: Sequence[str]) -> int:
    """Run the stages and write reports as JSON lines; stop after one that found damage."""
    found = 0

    def emit(report: dict[str, object]) -> None:
        nonlocal found
        found += "fault" in report
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()

    for stage in stages:
        run_stage(path, stage, Findings(emit))
        emit({"end": stage})
        if found:
            break  # the parent decides which stages still have sound ground
    return 0


def _main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["--child"]:
        return _child(Path(arguments[1]), arguments[2:])
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m storage.verify DIRECTORY\n")
        return 2
    try:
        report = verify(Path(arguments[0]))
    except ForeignDataError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for line in (*report.faults, *report.notes):
        sys.stdout.write(f"{line}\n")
    for name, value in report.facts.items():
        sys.stdout.write(f"{name}: {value}\n")
    sys.stdout.write("sound\n" if report.ok else f"damaged: {len(report.faults)} faults\n")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
