"""`exctl journal`: the log of a data directory, offline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import exit_codes
from cli.confirm import confirm
from cli.offline import data_option, journal_of, told
from cli.output import warn
from cli.verb import App, Verb, noun, with_app

if TYPE_CHECKING:
    from storage.verify import VerifyReport

journal = noun("journal", "The log of a data directory, read offline: verify, dump.")


@journal.command("verify", cls=Verb)
@data_option
@click.option("--quiet", is_flag=True, help="No progress.")
@with_app
def verify(app: App, data: Path, quiet: bool) -> None:
    """Check every byte of a data directory: log, snapshots, events, quarantine.

    Works while the node runs and changes nothing. Exit status 5 if something is damaged; each
    damaged place is named.

    \b
    Examples:
      exctl journal verify --data ./var/data
      exctl -o json journal verify --data ./var/data
    """
    from storage.verify import verify as check

    def progress(stage: str, done: int, total: int) -> None:
        click.echo(f"\r{stage}: {done} of {total} ", err=True, nl=False)

    show_progress = not quiet and sys.stderr.isatty()
    with told(data):
        report = check(data, progress=progress if show_progress else None)
    if show_progress:
        click.echo(err=True)
    write_report(app, report)
    sys.exit(exit_codes.OK if report.ok else exit_codes.UNHEALTHY)


def write_report(app: App, report: VerifyReport) -> None:
    """What the check found."""
    from dataclasses import asdict

    facts: dict[str, Any] = {
        "path": str(report.path),
        "ok": report.ok,
        "faults": [asdict(fault) for fault in report.faults],
        "notes": list(report.notes),
        "skipped": list(report.skipped),
        "facts": report.facts,
    }
    cells: dict[str, object] = {"path": report.path, **report.facts}
    for fault in report.faults:
        warn(f"damaged: {fault}")
    for note in report.notes:
        warn(note)
    if report.skipped:
        warn(f"not checked, because what is beneath is damaged: {', '.join(report.skipped)}")
    cells["verdict"] = "sound" if report.ok else f"DAMAGED: {len(report.faults)} faults"
    app.output.record(facts, cells)


@journal.command("dump", cls=Verb)
@data_option
@click.option("--from", "first", type=click.IntRange(1), help="First log index.")
@click.option("--to", "last", type=click.IntRange(1), help="Last log index, inclusive.")
@with_app
def dump(app: App, data: Path, first: int | None, last: int | None) -> None:
    """Print the entries of the log, a line a command; -o jsonl gives an object a line.

    Works while the node runs. Exit status 5 at the first damaged entry, which is named.

    \b
    Examples:
      exctl journal dump --data ./var/data --from 100 --to 120
      exctl -o jsonl journal dump --data ./var/data
    """
    with journal_of(data) as log:
        start = max(first or 1, log.first_index)
        stop = min(last or log.last_index, log.last_index) + 1
        if first is not None and first < log.first_index:
            warn(f"entries below {log.first_index} were dropped after a snapshot")
        if app.output.form == "json":
            entries = [row for index, raw in log.scan(start, stop) for row in _rows(index, raw)]
            app.output.record({"commands": entries}, {})
            return
        for index, raw in log.scan(start, stop):
            for row in _rows(index, raw):
                app.output.item(row, _line(row))


@journal.command("rebuild-index", cls=Verb)
@data_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_app
def rebuild_index(app: App, data: Path, yes: bool) -> None:
    """Set a damaged index aside, so that the next start makes it anew from the log.

    The index holds snapshots and events for queries; all of it is derived from the log. Nothing is
    deleted: the old index stays beside the new one. The node must be stopped, and the log must
    still begin at entry 1. The next start replays the whole log.

    \b
    Examples:
      exctl journal rebuild-index --data ./var/data
    """
    from storage.index_reset import reset_index

    confirm(f"sets the index of {data} aside; the next start replays the log", data.name, yes=yes)
    with told(data):
        aside = reset_index(data)
    app.output.record({"data": str(data), "set_aside": str(aside)}, {"set aside": aside})


def _rows(index: int, raw: bytes) -> Iterator[dict[str, Any]]:
    """One row a command; one without a command for an entry that only moves time."""
    import msgspec

    from exchange.model.codec import command_records, decode_command, decode_entry_head
    from exchange.model.command import CommandKind
    from exchange.model.layout import CodecError

    try:
        head = decode_entry_head(raw)
        records = command_records(raw)
    except CodecError as error:
        warn(f"damaged: log index {index}: {error}")
        sys.exit(exit_codes.UNHEALTHY)
    place = {"log_index": index, "epoch": head.epoch, "ts_ns": str(head.ts_ns)}
    if not records:
        yield {**place, "command_no": None, "kind": "TIME_ONLY"}
    for number, record in enumerate(records):
        row = {**place, "command_no": number, "session_id": record.session_id}
        try:
            command = decode_command(record)
        except CodecError as error:
            yield {**row, "kind": record.kind, "undecodable": str(error)}
            continue
        content = msgspec.to_builtins(command, str_keys=True)
        yield {**row, "kind": CommandKind(record.kind).name, "command": content}


def _line(row: dict[str, Any]) -> str:
    content = row.get("command", {})
    rest = " ".join(f"{name}={value}" for name, value in content.items())
    if "undecodable" in row:
        rest = row["undecodable"]
    return f"{row['log_index']}.{row['command_no']} {row['ts_ns']} {row['kind']} {rest}".rstrip()
