"""Leave for what cannot be taken back.

Room: showing what would happen and asking. `--yes` stands for the answer in scripts; without a
terminal and without it nothing is done (exit status 6).
"""

from __future__ import annotations

import sys

import click

from cli import exit_codes
from cli.output import warn


def confirm(impact: str, word: str, *, yes: bool) -> None:
    """Return if the action may be done; else end the command with NOT_CONFIRMED.

    Args:
        impact: what would happen, one sentence; shown on stderr.
        word: what a person must type: the name of what is affected.
        yes: the leave was given on the command line.
    """
    warn(impact)
    if yes:
        return
    if not sys.stdin.isatty():
        warn("not done: stdin is no terminal, so nobody can be asked; --yes gives leave")
        sys.exit(exit_codes.NOT_CONFIRMED)
    answer = click.prompt(f"type {word!r} to go on", default="", show_default=False, err=True)
    if answer.strip() != word:
        warn("not done")
        sys.exit(exit_codes.NOT_CONFIRMED)
