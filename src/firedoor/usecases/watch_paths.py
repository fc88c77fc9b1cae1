"""Attack paths that there were not before, and those that there are no longer, as events."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.attack.building import Attack
from firedoor.engine.attack.pairs import GOALS, Pair, Pairs
from firedoor.engine.attack.techniques import BY_ID
from firedoor.model.attack import Kind, Standing
from firedoor.model.events import EventKind
from firedoor.model.findings import Severity
from firedoor.usecases.watch_events import CLUSTER, MOST_LISTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firedoor.engine.reach.network import Network
    from firedoor.model.attack import AttackStep
    from firedoor.model.events import Event
    from firedoor.usecases.watch_events import Moment

    Steps = Mapping[Pair, int]

_NAMES = {Kind.CLUSTER_ADMIN: "cluster-admin", Kind.SECRETS: "all Secrets", Kind.NODE: "a node"}
_OUTSIDE = {Kind.CLUSTER_ADMIN: Severity.CRITICAL, Kind.SECRETS: Severity.CRITICAL, Kind.NODE: Severity.HIGH}
_INSIDE = {Kind.CLUSTER_ADMIN: Severity.HIGH, Kind.SECRETS: Severity.HIGH, Kind.NODE: Severity.MEDIUM}
_MOST_NAMED = 3


def path_pairs(network: Network) -> Pairs | None:
    """Return between which ends there are attack paths; None where nobody is on the network."""
    return Pairs(Attack(network)) if network.members else None


def path_events(before: Steps, after: Pairs | None, moment: Moment) -> Iterator[Event]:
    """
    Yield the paths to ends that could not be reached from where they begin before, and the reverse.

    Of what one source gains or loses only the worst is told, and workloads that gain the same are one event. Another
    way between two ends that had one before is none.
    """
    now: Steps = after.steps if after is not None else {}
    for goal, pairs in _grouped(now, before):
        assert after is not None  # noqa: S101 - it has pairs
        first = pairs[0]
        path = after.path(first)
        steps = path.steps if path is not None else ()
        held = " -> ".join(_name(each.target) for each in steps)
        message = (
            f"opened: {_sources(pairs)} -> {_NAMES[goal]}, in {_count(len(steps))}: {_name(first.source)} -> {held}"
        )
        others = tuple(f"also from {_name(each.source)}" for each in pairs[1:MOST_LISTED])
        severity = (_OUTSIDE if first.source.kind is Kind.INTERNET else _INSIDE)[goal]
        yield _event(EventKind.ATTACK_PATH_OPENED, severity, pairs, message, moment, (*map(_step, steps), *others))
    for goal, pairs in _grouped(before, now):
        message = f"closed: {_sources(pairs)} -> {_NAMES[goal]}"
        evidence = tuple(f"no longer from {_name(each.source)}" for each in pairs[:MOST_LISTED])
        yield _event(EventKind.ATTACK_PATH_CLOSED, Severity.INFO, pairs, message, moment, evidence)


def _grouped(these: Steps, those: Steps) -> Iterator[tuple[Kind, list[Pair]]]:
    """Yield what is only in the first, the worst of each source, the internet apart, the shortest first."""
    worst: dict[Standing, Pair] = {}
    for pair in these:
        found = worst.get(pair.source)
        if pair not in those and (found is None or GOALS.index(pair.goal) < GOALS.index(found.goal)):
            worst[pair.source] = pair
    groups: dict[tuple[int, bool], list[Pair]] = defaultdict(list)
    for pair in worst.values():
        groups[GOALS.index(pair.goal), pair.source.kind is not Kind.INTERNET].append(pair)
    for (number, _), pairs in sorted(groups.items()):
        yield GOALS[number], sorted(pairs, key=lambda each: (these[each], each.source))


def _event(
    kind: EventKind, severity: Severity, pairs: list[Pair], message: str, moment: Moment, evidence: tuple[str, ...]
) -> Event:
    about = pairs[0].source.workload or CLUSTER
    marks = sorted(_name(each.source) for each in pairs)
    return moment.event(kind, severity, about, message, pairs[0].goal, *marks, evidence=evidence)


def _sources(pairs: list[Pair]) -> str:
    more = len(pairs) - _MOST_NAMED
    shown = ", ".join(_name(each.source) for each in pairs[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _step(step: AttackStep) -> str:
    does = BY_ID[step.technique].does
    facts = "; ".join(f"{each.text} ({each.place})" if each.place else each.text for each in step.evidence)
    return f"{_name(step.source)} -> {_name(step.target)}: {does}" + (f": {facts}" if facts else "")


def _name(standing: Standing) -> str:
    return _NAMES[Kind.SECRETS] if standing == Standing(Kind.SECRETS) else str(standing)


def _count(steps: int) -> str:
    return "1 step" if steps == 1 else f"{steps} steps"
