"""``firedoor completion``: the script that makes a shell complete the command."""

from __future__ import annotations

import click

from firedoor.cli.main import cli


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """
    Print the completion script for SHELL.

    For bash: `firedoor completion bash > ~/.local/share/bash-completion/completions/firedoor`.
    """
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(found(cli, {}, "firedoor", "_FIREDOOR_COMPLETE").source())
