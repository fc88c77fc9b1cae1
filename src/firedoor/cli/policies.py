"""``firedoor policies``."""

from __future__ import annotations

import click

from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.printing import print_document


@click.command()
@source_options
@output_option("table", "json", "yaml")
@click.option(
    "--compare",
    nargs=2,
    default=None,
    metavar="A B",
    help="Compare what two policies accept instead; name them namespace/name or kind/namespace/name.",
)
def command(source: SourceOptions, output: str, compare: tuple[str, str] | None) -> None:
    """
    Show what each policy and rule contributes.

    Says of each whether some verdict would be another without it, and proves it: by a connection, or by what
    decides the same. Also shows which policies make others ineffective.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.policies import compare_policies, policies  # noqa: PLC0415

    profile = cni_profile(source.cni)
    snapshot = load_snapshot(source)
    if compare is not None:
        found = compare_policies(snapshot, profile, *compare, source.namespace)
        if output == "table":
            from firedoor.render.policies_text import print_comparison  # noqa: PLC0415

            print_comparison(found, console())
            return
        from firedoor.render.policies_json import comparison_document  # noqa: PLC0415

        print_document(comparison_document(found), output)
        return
    relations = policies(snapshot, profile, source.namespace)
    if output == "table":
        from firedoor.render.policies_text import print_policies  # noqa: PLC0415

        print_policies(relations, console())
        return
    from firedoor.render.policies_json import policies_document  # noqa: PLC0415

    print_document(policies_document(relations), output)
