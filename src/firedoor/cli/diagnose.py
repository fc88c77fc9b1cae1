"""``firedoor diagnose``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firedoor.bootstrap import own_checks, raw_objects
from firedoor.cli.exit_codes import ExitCode, for_severity
from firedoor.cli.findings_output import REPORT_FORMATS, framework_option, refuse_verbose
from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.printing import print_answer, print_document
from firedoor.cli.review_options import ReviewOptions, review_options
from firedoor.errors import NothingInScopeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.pod_security import Version
    from firedoor.model.edits import FileEdit
    from firedoor.model.frameworks import FrameworkId
    from firedoor.model.namespace_map import NamespaceMap
    from firedoor.model.snapshot import Snapshot
    from firedoor.usecases.diagnose import Diagnosis

_MOST_EDITS = 2_000
"""For how many findings a report tells what would change in the text."""
_LEVELS = ("none", "gaps", "low", "medium", "high", "critical")
_BY_BASELINES = "baselines"


@click.command()
@source_options
@output_option("text", "json", "yaml", "csv", *REPORT_FORMATS)
@click.option(
    "--fail-on",
    type=click.Choice((*_LEVELS, _BY_BASELINES)),
    default="none",
    show_default=True,
    help="End with the exit code of the worst finding if it is this severe (see the exit codes), or as severe as the "
    "ZeroTrustBaselines of its namespace say.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every pod, and the fix of every finding as YAML.")
@click.option(
    "--pss-dry-run",
    is_flag=True,
    help="Show instead which level of the Pod Security Standards each namespace could enforce, and what is in the way.",
)
@click.option(
    "--pss-version",
    default="latest",
    show_default=True,
    metavar="vX.Y",
    help="Version of the Pod Security Standards that pods are judged by.",
)
@framework_option("Make only the checks that are about something in this framework.")
@review_options
def command(
    source: SourceOptions,
    output: str,
    *,
    fail_on: str,
    verbose: bool,
    pss_dry_run: bool,
    pss_version: str,
    framework: FrameworkId | None,
    review: ReviewOptions,
) -> None:
    """
    Show what there is, how far it is protected, and what is wrong.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    version = _version(pss_version)
    profile = cni_profile(source.cni)
    if pss_dry_run:
        _refuse_beside_dry_run(fail_on, framework)
        if output not in {"text", "json", "yaml"}:
            raise UsageError(
                f"--pss-dry-run cannot be printed as {output}", remedy="use text, json or yaml, or leave it out"
            )
        _show_dry_run(source, version, output, verbose=verbose)
        return
    refuse_verbose(output, verbose=verbose)
    from firedoor.usecases.diagnose import diagnose  # noqa: PLC0415

    settings = review.rules.settings
    raw = raw_objects(settings)
    snapshot = load_snapshot(source, raw)
    diagnosis = diagnose(
        snapshot, profile, source.namespace, review.rules, version, framework, own_checks(settings, raw)
    )
    review.remember(diagnosis.findings)
    code = _by_baselines(diagnosis, snapshot) if fail_on == _BY_BASELINES else exit_code(diagnosis, fail_on)
    edits = _edits(source, snapshot, diagnosis) if output == "sarif" else []
    drawn = _drawn(source, snapshot, diagnosis) if output == "html" else None
    show(diagnosis, output, verbose=verbose, show_ignored=review.show_ignored, code=code, edits=edits, drawn=drawn)
    sys.exit(code)


def _edits(source: SourceOptions, snapshot: Snapshot, diagnosis: Diagnosis) -> list[tuple[FileEdit, ...]]:
    """Return how the manifests would change by the fixes of the worst findings; nothing for other sources."""
    from firedoor.bootstrap import open_editor  # noqa: PLC0415
    from firedoor.usecases.fix import proposed  # noqa: PLC0415

    try:
        editor = open_editor(source.paths, namespace=source.namespace, kubernetes_version=source.kubernetes_version)
    except UsageError:
        return []
    return proposed(editor, snapshot, diagnosis.findings[:_MOST_EDITS])


def _drawn(source: SourceOptions, snapshot: Snapshot, diagnosis: Diagnosis) -> NamespaceMap | None:
    from firedoor.usecases.namespace_map import namespace_map  # noqa: PLC0415

    return namespace_map(snapshot, cni_profile(source.cni), diagnosis.findings, source.namespace)


def _version(text: str) -> Version:
    from firedoor.engine.pod_security import parse_version  # noqa: PLC0415

    found = parse_version(text)
    if found is None:
        raise UsageError(
            f"{text!r} is no version of the Pod Security Standards",
            remedy="use latest or a release, as in v1.29: what pod-security.kubernetes.io/enforce-version may hold",
        )
    return found


def _refuse_beside_dry_run(fail_on: str, framework: FrameworkId | None) -> None:
    if framework is not None:
        raise UsageError(
            "--pss-dry-run and --framework were both given",
            remedy="leave one of them out: the dry run is about the Pod Security Standards alone",
        )
    if fail_on != "none":
        raise UsageError(
            "--pss-dry-run and --fail-on were both given",
            remedy="leave --pss-dry-run out: the findings whose names begin with pss- fail with --fail-on",
        )


def _show_dry_run(source: SourceOptions, version: Version, output: str, *, verbose: bool) -> None:
    from firedoor.render.pss_dry_run_json import pss_dry_run_document  # noqa: PLC0415
    from firedoor.render.pss_dry_run_text import print_pss_dry_run  # noqa: PLC0415
    from firedoor.usecases.pod_security import pss_dry_run  # noqa: PLC0415

    found = pss_dry_run(load_snapshot(source), version, source.namespace)
    if output == "text":
        print_pss_dry_run(found, console(), verbose=verbose)
    else:
        print_document(pss_dry_run_document(found), output)


def show(
    diagnosis: Diagnosis,
    output: str,
    *,
    verbose: bool,
    show_ignored: bool = False,
    code: ExitCode = ExitCode.OK,
    edits: Sequence[tuple[FileEdit, ...]] = (),
    drawn: NamespaceMap | None = None,
) -> None:
    """
    Print a diagnosis; `code` is how the process will end.

    `edits` are its fixes and `drawn` a map of the namespaces, which some formats tell.
    """
    if output in {"csv", *REPORT_FORMATS}:
        from firedoor.usecases.reports import diagnosis_report  # noqa: PLC0415

        folder = str(Path.cwd())
        report = diagnosis_report(
            diagnosis, exit_code=code, folder=folder, edits=edits, show_ignored=show_ignored, drawn=drawn
        )
        print_answer("findings", output, report)
        return
    if output in {"json", "yaml"}:
        from firedoor.render.exceptions_json import reviewed  # noqa: PLC0415
        from firedoor.render.findings_json import findings_document  # noqa: PLC0415

        document = findings_document(diagnosis.findings, diagnosis.gaps, diagnosis.summary())
        print_document(reviewed(document, diagnosis.known, diagnosis.review), output)
        return
    from firedoor.render.exceptions_text import print_review  # noqa: PLC0415
    from firedoor.render.findings_text import Detail, print_findings  # noqa: PLC0415
    from firedoor.render.inventory_text import Rows, print_inventory  # noqa: PLC0415

    screen = console()
    print_inventory(diagnosis.inventory, screen, Rows.PODS if verbose else Rows.WORKLOADS)
    detail = Detail.VERBOSE if verbose else Detail.BRIEF
    titles = {each.id: each.title for each in diagnosis.checks}
    if diagnosis.known:
        known = [diagnosis.findings[number] for number in sorted(diagnosis.known)]
        screen.print("Known from the baseline", style="bold")
        print_findings(known, (), screen, detail, titles)
        screen.print("New", style="bold")
    print_findings(diagnosis.new, diagnosis.gaps, screen, detail, titles)
    print_review(diagnosis.review, screen, show_ignored=show_ignored)
    screen.print(_verdict(diagnosis), style="bold", markup=False)


def exit_code(diagnosis: Diagnosis, fail_on: str) -> ExitCode:
    """Return the exit code that ``--fail-on`` asks for."""
    if fail_on == "none":
        return ExitCode.OK
    level = 0 if fail_on == "gaps" else _LEVELS.index(fail_on) - 1
    worst = diagnosis.worst
    if worst is not None and worst.rank >= max(level, 1):
        return for_severity(worst)
    return ExitCode.GAPS if diagnosis.gaps else ExitCode.OK


def _by_baselines(diagnosis: Diagnosis, snapshot: Snapshot) -> ExitCode:
    """Return the exit code of the worst finding that is as severe as the baselines of its namespace say."""
    from firedoor.engine.posture.baselines import levels_of  # noqa: PLC0415
    from firedoor.model.exceptions import home_of  # noqa: PLC0415

    levels = levels_of(snapshot)
    if not levels:
        raise NothingInScopeError(
            "no ZeroTrustBaseline in what was read says fail-on", remedy="name the file or folder that has one"
        )
    for each in diagnosis.new:
        level = levels.get(home_of(each.object))
        if level is not None and each.severity.rank >= level.rank:
            return for_severity(each.severity)
    return ExitCode.GAPS if diagnosis.gaps else ExitCode.OK


def _verdict(diagnosis: Diagnosis) -> str:
    total = diagnosis.inventory.total
    share = f"{total.both} of {total.pods - total.host} pods are isolated in both directions"
    severe = sum(each.severity.rank >= 3 for each in diagnosis.findings)  # noqa: PLR2004 - high and critical
    findings, gaps = len(diagnosis.findings), len(diagnosis.gaps)
    text = (
        f"{share}; {findings} finding{'s' * (findings != 1)}, {severe} of them high or critical; "
        f"{gaps} gap{'s' * (gaps != 1)}."
    )
    if diagnosis.cni == "spec" and diagnosis.detected_cni not in {None, "none"}:
        found = diagnosis.detected_cni
        text += f" Judged by the API text; this cluster runs {found}: --cni {found} judges as it does."
    return text
