"""`exchange scenario`: runs market stories against the engines, offline.

Room: reading files, printing outcomes, exit status. What a scenario means is `exchange.scenario`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli import exit_codes
from exchange.engine.build import BUILT_ENGINES
from exchange.engine.port import REFERENCE
from exchange.errors import InvariantViolation, OperatorFault
from exchange.scenario import Difference, Outcome, parse, run

NATIVE = "native"
BOTH = "both"
ENGINE_STOPPED = 70
"""Exit status where an engine found its own state broken, as a node's is (`cli/exit_codes.py`)."""

_BOM = "\ufeff"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def scenario() -> None:
    """Run market scenarios offline: no node, no network, no data directory."""


@scenario.command("run")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--engine",
    type=click.Choice([REFERENCE, NATIVE, BOTH]),
    default=REFERENCE,
    show_default=True,
    help="Engine to run; with `both` they must agree byte for byte.",
)
@click.option("--rewrite", is_flag=True, help="Replace the expectations by what happened.")
def run_command(files: tuple[Path, ...], engine: str, rewrite: bool) -> None:
    """Run scenario FILES and compare what happens with what they expect.

    Exit status 0: all hold; 1: a difference, shown as expected against actual with its line; 2: a
    file is malformed, cannot be read, or needs what this engine version does not have; 70: an
    engine found its own state broken. With --rewrite a difference is written into the file and no
    longer counts; read what you commit.

    \b
    Examples:
      exchange scenario run tests/scenarios/*.txt
      exchange scenario run --rewrite my_story.txt
    """
    names = _engine_names(engine)
    worst = exit_codes.OK
    for path in files:
        try:
            text = _read(path)
            outcome = run(parse(str(path), text), names)
            if rewrite and outcome.text != text:
                _write(path, outcome.text)
        except OperatorFault as fault:
            click.echo(f"exchange: {fault}", err=True)
            worst = exit_codes.USAGE
            continue
        except InvariantViolation as broken:
            click.echo(f"exchange: {path}: {broken}", err=True)
            sys.exit(ENGINE_STOPPED)
        worst = max(worst, _report(path, outcome, rewrite=rewrite))
    sys.exit(worst)


def _engine_names(engine: str) -> tuple[str, ...]:
    wanted = {REFERENCE: (REFERENCE,), NATIVE: (NATIVE,), BOTH: (REFERENCE, NATIVE)}[engine]
    missing = [name for name in wanted if name not in BUILT_ENGINES]
    if missing:
        raise click.UsageError(
            f"--engine {engine}: no {missing[0]} engine is built in this installation;"
            f" there are: {', '.join(BUILT_ENGINES)}"
        )
    return wanted


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise OperatorFault(f"{path}: not a text in UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise OperatorFault(f"{path}: cannot be read: {error.strerror}") from error


def _write(path: Path, text: str) -> None:
    """Put the new text in the place of the old, whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(text.encode("utf-8"))
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path.resolve())
    except OSError as error:
        new.unlink(missing_ok=True)
        raise OperatorFault(f"{path}: cannot be written: {error.strerror}") from error


def _report(path: Path, outcome: Outcome, *, rewrite: bool) -> int:
    """Print the outcome of one file; its exit status."""
    if not outcome.differences:
        click.echo(f"{path}: {outcome.command_count} commands, all hold")
        return exit_codes.OK
    for difference in outcome.differences:
        _show(path, difference)
    count = len(outcome.differences)
    # What no line of a file can express (the digests differ) stays a difference.
    lasting = [one for one in outcome.differences if not one.rewritable]
    if rewrite:
        click.echo(f"{path}: {count - len(lasting)} differences written into the file")
        return exit_codes.REFUSED if lasting else exit_codes.OK
    click.echo(f"{path}: {outcome.command_count} commands, {count} differences")
    return exit_codes.REFUSED


def _show(path: Path, difference: Difference) -> None:
    click.echo(f"{path}:{difference.line_no}: {difference.text}")
    for line in difference.expected:
        click.echo(f"  expected  {line}")
    for line in difference.actual:
        click.echo(f"  actual    {line}")
