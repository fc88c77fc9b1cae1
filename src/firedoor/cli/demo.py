"""``firedoor demo``: the main job on the bundled shop, and the story of its compromised pod."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import click

from firedoor.cli import diagnose as diagnose_command
from firedoor.cli.loading import console
from firedoor.cli.options import output_option
from firedoor.errors import UsageError

_QUESTIONS = (
    ("shop/frontend", "shop-data/orders-db", 5432),
    ("shop/frontend", "shop-data/redis", 6379),
    ("shop/frontend", "shop/payment", 50051),
)


@click.command()
@output_option("text", "json")
@click.option(
    "--write",
    "folder",
    metavar="FOLDER",
    type=click.Path(),
    help="Write the demo's manifests to a new folder instead, to play with.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every pod, and the fix of every finding as YAML.")
def command(output: str, folder: str | None, verbose: bool) -> None:
    """Run the main job on the bundled demo: Lantern Market, a web shop with the mistakes of a real one."""
    from firedoor.demo import shop  # noqa: PLC0415

    with shop() as path:
        if folder is not None:
            _write(path, Path(folder))
        else:
            _run(str(path), output, verbose=verbose)


def _write(source: Path, target: Path) -> None:
    if target.exists():
        raise UsageError("already exists", place=str(target), remedy="name a folder that does not")
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    click.echo(f"The demo is in {target}; try `firedoor diagnose {target}`, and read {target / 'STORY.md'} afterwards.")


def _run(path: str, output: str, *, verbose: bool) -> None:
    from firedoor.adapters.manifests.source import ManifestSource  # noqa: PLC0415
    from firedoor.engine.reach.cni import SPEC  # noqa: PLC0415
    from firedoor.interfaces import Silent  # noqa: PLC0415
    from firedoor.usecases.diagnose import diagnose  # noqa: PLC0415

    with contextlib.chdir(path):
        # Places are then told as the demo's own STORY.md names them.
        snapshot = ManifestSource((".",)).load(Silent())
    diagnosis = diagnose(snapshot, SPEC)
    diagnose_command.show(diagnosis, output, verbose=verbose)
    if output == "json":
        return
    from firedoor.render.explain_text import print_explanation  # noqa: PLC0415
    from firedoor.usecases.explain import explain  # noqa: PLC0415

    click.echo("\nThe story: an attacker holds a shell in shop/frontend, the pod that faces the internet. What next?\n")
    for source, destination, port in _QUESTIONS:
        print_explanation(explain(snapshot, SPEC, source, destination, "TCP", port, "default"), console())
        click.echo("")
    click.echo("Go on with `firedoor demo --write lantern`, then `firedoor reach lantern --from shop/frontend`.")
