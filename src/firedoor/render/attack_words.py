"""Attack paths in the words that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.attack.techniques import BY_ID
from firedoor.model.attack import AttackPaths, Change, ChangeKind, Kind, Standing
from firedoor.render.words import count_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.model.attack import AttackStep, Ranking

_DOES = {
    ChangeKind.BINDING: "remove {}, its subject, or the right in its role",
    ChangeKind.INGRESS: "a policy for {} that does not accept these connections to it",
    ChangeKind.EGRESS: "a policy for {} that does not accept these connections from it",
    ChangeKind.EXPOSURE: "do not expose {} to the outside",
    ChangeKind.POD_SPEC: "take what lets them out to the node from the pods of {}",
    ChangeKind.TOKEN: "automountServiceAccountToken: false for {}",
    ChangeKind.POD_SECURITY: "enforce a Pod Security Standard (baseline) in {}",
    ChangeKind.VOLUME: "remove {}",
}


def standing_text(standing: Standing) -> str:
    """Return what is held in a few words, with the kind of a workload."""
    return f"{standing} ({standing.detail})" if standing.kind is Kind.PODS else str(standing)


def technique_text(step: AttackStep) -> str:
    """Return what is done, its id, and its number in MITRE ATT&CK."""
    technique = BY_ID[step.technique]
    maybe = "possibly " if step.is_possible else ""
    return f"{maybe}{technique.does} [{technique.id}, {technique.mitre}]"


def change_text(change: Change) -> str:
    """Return what is to be changed."""
    return _DOES[change.kind].format(change.object)


def none_text(paths: AttackPaths, quoted: Callable[[str], str] = str) -> str:
    """Return that there is no path, and how far that was looked for, with the names of the ends as quoted."""
    ends = f"from {quoted(paths.source)} to {quoted(paths.target)}"
    if paths.cut is None:
        return (
            f"no path {ends} is known; what is not known may hide one (all gaps: -o json):"
            if paths.gaps
            else f"no path {ends}"
        )
    return f"no path of at most {paths.bound} steps {ends}, but longer ones: raise --max-steps"


def found_text(paths: AttackPaths) -> str:
    """Return how many paths are shown, and whether there are more."""
    more = "; there are more: raise --limit" if paths.is_cut_short else ""
    return f"{count_text(len(paths.paths), 'path')} of at most {paths.bound} steps{more}"


def cut_text(paths: AttackPaths) -> str:
    """Return what leaves no path at all, in one line."""
    if paths.cut is None or paths.cut.changes is None:
        return "no change that firedoor knows of closes all paths: each goes through steps that nothing stops"
    least = "the fewest there are" if paths.cut.is_least else "enough, not proved to be the fewest"
    number = len(paths.cut.changes)
    return f"{count_text(number, 'change')} {'closes' if number == 1 else 'close'} all paths ({least})"


def ranking_text(ranking: Ranking) -> str:
    """Return how many workloads lead to every right in the cluster, and how many the internet gets to."""
    admin = sum(row.to_admin is not None for row in ranking.rows)
    outside = sum(row.from_internet is not None for row in ranking.rows)
    both = sum(row.to_admin is not None and row.from_internet is not None for row in ranking.rows)
    return (
        f"{count_text(len(ranking.rows), 'workload')}; {admin} lead to cluster-admin; "
        f"{outside} are reached from the internet, {both} of both; {count_text(len(ranking.gaps), 'gap')}"
    )
