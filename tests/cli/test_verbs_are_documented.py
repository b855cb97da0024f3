"""`cli/README.md` has every verb with an example, and no example that is none."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from cli.exchange import TABLE as EXCHANGE_TABLE
from cli.exchange import main as exchange_main
from cli.exctl import TABLE, main
from tests.tidy_source import ROOT

README = (ROOT / "cli" / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"^\| [^|]+ \| `((?:exctl|exchange) [^`]+)` \|$", README, re.MULTILINE)


def verbs() -> list[str]:
    """`exctl phase set` and so on, in the order of the tables."""
    found = []
    for program, group, table in (
        ("exctl", main, TABLE),
        ("exchange", exchange_main, EXCHANGE_TABLE),
    ):
        for name in table:
            command = group.get_command(click.Context(group), name)
            found += _verbs_of(f"{program} {name}", command)
    return found


def _verbs_of(path: str, command: click.Command | None) -> list[str]:
    if not isinstance(command, click.Group):
        return [path]
    inner = command.commands.items()
    return [verb for name, found in inner for verb in _verbs_of(f"{path} {name}", found)]


def looked_up(example: str) -> tuple[list[str], click.Command, list[str]]:
    """Program and verb, the command, and the words after it; UsageError if there is none."""
    program, *words = shlex.split(example)
    command: click.Command = main if program == "exctl" else exchange_main
    path = [program]
    while isinstance(command, click.Group):
        while words and words[0].startswith("-"):  # global options before the noun have a value
            del words[:2]
        found = command.get_command(click.Context(command), words[0]) if words else None
        if found is None:
            raise click.UsageError(f"{example}: no such verb")
        command = found
        path.append(words.pop(0))
    return path, command, words


def verb_of(example: str) -> str:
    """The verb that an example is of; its options and arguments are parsed, nothing is done."""
    path, command, words = looked_up(example)
    command.make_context(path[-1], words)
    return " ".join(path)


def test_every_verb_has_its_example_in_the_readme() -> None:
    """An example that cannot be parsed fails too: options are renamed with their documents."""
    documented = {verb_of(example) for example in EXAMPLES}

    assert set(verbs()) - documented == set()


def test_the_commands_of_the_front_page_are_commands() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^\.venv/bin/(exctl .+)$", page, re.MULTILINE)
    inline = re.findall(r"`(exctl [a-z-]+[^`]*)`", page)

    assert len(commands) > 3
    assert [verb_of(command).split()[0] for command in commands] == ["exctl"] * len(commands)
    for text in inline:
        if "--help" not in text:
            looked_up(" ".join(text.split()))


@pytest.mark.parametrize("example", ["exctl phase sit ABC closed", "exctl book", "exctl book A -x"])
def test_an_example_that_is_none_is_caught(example: str) -> None:
    with pytest.raises(click.UsageError):
        verb_of(example)
