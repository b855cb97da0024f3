"""`exctl completion`: a script that completes commands in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      exctl completion bash > ~/.local/share/bash-completion/completions/exctl
      exctl completion zsh > "${fpath[1]}/_exctl"
      exctl completion fish > ~/.config/fish/completions/exctl.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    script = kind(ctx.find_root().command, {}, "exctl", "_EXCTL_COMPLETE")
    click.echo(script.source())
