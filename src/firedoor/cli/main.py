"""The ``firedoor`` command, its subcommands imported only when they run."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from firedoor import __version__
from firedoor.cli.ending import leave_what_is_kept
from firedoor.cli.exit_codes import ExitCode
from firedoor.errors import FiredoorError, NothingInScopeError

_COMMANDS: dict[str, tuple[str, str]] = {
    "diagnose": ("diagnose", "Show what there is, how far it is protected, and what is wrong."),
    "fix": ("fix", "Change manifests so that findings of diagnose are gone, and nothing else."),
    "reach": ("reach", "Show who can reach whom, and with which traffic."),
    "explain": ("explain", "Say why one connection is accepted or denied, and what would change that."),
    "tui": ("tui", "Look around in a cluster, full screen and by keys: the map, explanations, findings."),
    "diff": ("diff", "Show what changed in who can reach whom, between two states of a cluster."),
    "assert": ("assert_", "Check that what must and must not be able to connect does and does not."),
    "verify": ("verify", "Try connections in a live cluster, and say where it does not do what its policies say."),
    "blast": ("blast", "Show how far a compromise of each workload spreads."),
    "policies": ("policies", "Show what each policy and rule contributes."),
    "generate": ("generate", "Make the least network policies for what is needed, and prove them."),
    "preview": ("preview", "Show which connections that were seen new policies would break or open."),
    "apply": ("apply", "Write policies to a live cluster, wave by wave, and all of them or none."),
    "rollback": ("rollback", "Take back what apply did, exactly."),
    "watch": ("watch", "Follow a live cluster, and tell what each change of it means."),
    "admission": ("admission", "Judge changes before the API server keeps them."),
    "rbac": ("rbac", "Say who may do what in the cluster, by its roles and bindings."),
    "paths": ("paths", "Show how an attacker gets from one place to another, and what closes the paths."),
    "score": ("score", "Show how far the cluster is on the way to zero trust, counted, with what is in the way."),
    "flows": ("flows", "Import and ask for connections that were observed."),
    "review": ("review", "Review what nothing uses any more, what is wider than its use, and what changed."),
    "post-render": ("post_render", "Judge rendered manifests on their way to the cluster, and pass them on unchanged."),
    "mcp": ("mcp", "Answer questions of assistants about a cluster, over the Model Context Protocol."),
    "snapshot": ("snapshot", "Save a cluster to a file, and inspect or compare saved ones."),
    "config": ("config", "Check the configuration (.firedoor.yaml), or print what may be in it."),
    "checks": ("checks", "List the checks that diagnose makes, or explain one."),
    "ui": ("ui", "Show a page about a cluster in the browser: a map, findings, RBAC, and what a policy would do."),
    "demo": ("demo", "Run the main job on the bundled demo shop."),
    "completion": ("completion", "Print the shell completion script for bash, zsh or fish."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"firedoor.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            import difflib  # noqa: PLC0415

            near = difflib.get_close_matches(args[0], _COMMANDS, 1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            ctx.fail(f"there is no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=(
        "Every command reads manifests (PATH, -f PATH, - for stdin), a saved snapshot, or the live cluster when none "
        "is given."
    ),
)
@click.version_option(__version__, "--version", prog_name="firedoor")
def cli() -> None:
    """
    Zero trust for Kubernetes: who can reach whom, why, and what to do about it.

    Start with `firedoor demo`, then `firedoor diagnose PATH`.
    """


def program_name() -> str:
    """Return how the command was called: as itself, or as a plugin of kubectl."""
    return "kubectl firedoor" if Path(sys.argv[0]).name.startswith("kubectl-") else "firedoor"


def main() -> NoReturn:
    """Run the command; every error a person can act on is one line on standard error."""
    # A command ends before cycles pile up, and looking for them among all objects of a large cluster takes seconds.
    gc.disable()
    _settle()
    try:
        code = cli.main(prog_name=program_name(), standalone_mode=False)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except SystemExit as stop:
        # click ends with 1 when the reader of a pipe (head, less) went away: nothing is wrong.
        code = ExitCode.OK if type(sys.stdout).__name__ == "PacifyFlushWrapper" else stop.code
    except click.Abort:
        code = ExitCode.INTERRUPTED
    except click.ClickException as error:
        code = _misused(error)
    except NothingInScopeError as error:
        code = _fail(error, ExitCode.NOTHING_IN_SCOPE)
    except FiredoorError as error:
        code = _fail(error, ExitCode.USAGE)
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except RecursionError:
        click.echo("error: the input is nested too deeply to be processed", err=True)
        code = ExitCode.USAGE
    except MemoryError:
        click.echo("error: out of memory; analyse fewer manifests at once, or a saved snapshot", err=True)
        code = ExitCode.INTERNAL
    leave_what_is_kept()
    sys.exit(int(code or 0))


def _settle() -> None:
    """Give a user whom the machine does not know, as in a container, a home, as the runtimes of containers do."""
    if "HOME" not in os.environ:
        import pwd  # noqa: PLC0415

        try:
            pwd.getpwuid(os.getuid())
        except KeyError:
            os.environ["HOME"] = "/"


def _misused(error: click.ClickException) -> ExitCode:
    """Print what click has to say as one line that ends with where to read on; a bare group prints its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return ExitCode.USAGE
    problem = " ".join(error.format_message().split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    remedy = f"; see `{context.command_path} --help`" if context is not None else ""
    click.echo(f"error: {problem[:1].lower()}{problem[1:]}{remedy}", err=True)
    return ExitCode.USAGE


def _fail(error: FiredoorError, code: ExitCode) -> ExitCode:
    click.echo(f"error: {error}", err=True)
    return code
