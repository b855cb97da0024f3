"""`exctl context`: the exchanges that the configuration file names.

Room: reading `config.toml` and changing its one line `current = "..."`; what a context means is
`cli.connection`'s. Tokens and files that a context names are not opened.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import click

from cli.connection import config_path, resolve
from cli.verb import App, Verb, noun, with_app

_CURRENT = re.compile(r"^current\s*=.*$", re.MULTILINE)
context = noun("context", "Exchanges of config.toml: list, show, use.")


@context.command("list", cls=Verb)
@with_app
def list_contexts(app: App) -> None:
    """List the contexts of ~/.config/exctl/config.toml, or of EXCTL_CONFIG.

    \b
    Example:
      exctl context list
    """
    _, config = _read()
    current = config.get("current")
    rows = [
        {
            "name": name,
            "current": "yes" if name == current else "",
            "endpoints": str(row.get("endpoints", "")),
            "operator": str(row.get("operator", "")),
            "member": str(row.get("member", "")),
        }
        for name, row in _contexts(config).items()
    ]
    app.output.items("contexts", rows)


@context.command("show", cls=Verb)
@click.argument("name", default="")
@with_app
def show(app: App, name: str) -> None:
    """Show what a context, or without NAME the settings in force, comes to.

    \b
    Examples:
      exctl context show
      exctl context show paper
    """
    found = resolve({"context": name}) if name else app.connection
    told = {
        "endpoints": found.endpoints,
        "operator": found.operator or "",
        "member": found.member or "",
        "token": "yes" if found.token else "no",
        "tls": "yes" if found.tls else "no",
        "timeout": found.timeout_s,
        "output": found.output,
    }
    app.output.record(told, told)


@context.command("use", cls=Verb)
@click.argument("name")
@with_app
def use(app: App, name: str) -> None:
    """Make a context the one that is taken when none is named.

    \b
    Example:
      exctl context use paper
    """
    text, config = _read()
    if name not in _contexts(config):
        raise click.UsageError(f"there is no context {name!r} in {config_path()}")
    resolve({"context": name})  # refused now rather than by each later command
    line = f"current = {_quoted(name)}"
    changed = _CURRENT.sub(lambda _: line, text, count=1) if "current" in config else ""
    changed = changed or f"{line}\n{text}"
    if tomllib.loads(changed) != {**config, "current": name}:
        raise click.UsageError(
            f"{config_path()}: write `{line}` by hand; it stands there unusually"
        )
    _replace(config_path(), changed)
    told = {"current": name}
    app.output.record(told, told)


def _read() -> tuple[str, dict[str, Any]]:
    path = config_path()
    try:
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        return "", {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from error


def _contexts(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = config.get("contexts", {})
    if not isinstance(found, dict) or not all(isinstance(row, dict) for row in found.values()):
        raise click.UsageError(f"{config_path()}: contexts are tables [contexts.NAME]")
    return found


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".config")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise click.UsageError(f"{path}: {error.strerror}") from error
