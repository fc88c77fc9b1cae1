"""What the tables show, made of typed answers; no terminal is needed for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from firedoor.model.exceptions import home_of
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from firedoor.render.words import count_text, end_text, traffic_text, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from firedoor.algebra.ports import Traffic
    from firedoor.model.connections import PeerConnection, PeerEnd
    from firedoor.model.findings import Finding
    from firedoor.model.inventory import Inventory, PodRow
    from firedoor.model.places import Gap
    from firedoor.usecases.diagnose import Diagnosis

Key = TypeVar("Key")

MOST_LINES = 2_000
"""Lines that a table shows at once; a filter gets at the others."""

STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim", "gap": "magenta"}
"""How severities are set off; their names stand beside, so that nothing hangs on colour."""

NAMESPACES = ("NAMESPACE", "WORKLOADS", "PODS", "ISOLATED", "FINDINGS")
WORKLOADS = ("WORKLOAD", "KIND", "PODS", "INGRESS", "EGRESS", "FINDINGS")
CONNECTIONS = ("", "OTHER END", "TRAFFIC", "UNKNOWN")
FINDINGS = ("SEVERITY", "CHECK", "OBJECT", "MESSAGE")


@dataclass(frozen=True, slots=True)
class Question:
    """A connection to be explained, as far as it is chosen: ends and port as a person writes them."""

    source: str = ""
    destination: str = ""
    port: str = ""


Target = str | ObjectRef | Question | int | None
"""What a line leads to: a namespace, a workload, a question, or the position of a finding or gap."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its cells, how it is set off, and what it leads to."""

    cells: tuple[str, ...]
    target: Target = None
    style: str = ""

    def has(self, text: str) -> bool:
        """Return whether all words of a text stand in the line, in any case."""
        whole = " ".join(self.cells).lower()
        return all(word in whole for word in text.lower().split())


def namespace_lines(diagnosis: Diagnosis) -> list[Line]:
    """Return a line for each namespace with pods, by name."""
    workloads = Counter(each.namespace for each in _workloads(diagnosis.inventory))
    found = _findings_by(diagnosis.findings, lambda each: home_of(each.object))
    return [
        Line(
            (
                visible(row.namespace),
                str(workloads[row.namespace]),
                str(row.pods),
                f"{row.both} of {row.pods - row.host}",
                _counted(found.get(row.namespace, ())),
            ),
            row.namespace,
            _worst_style(found.get(row.namespace, ())),
        )
        for row in diagnosis.inventory.coverage
        if row.pods
    ]


def workload_lines(diagnosis: Diagnosis, namespace: str) -> list[Line]:
    """Return a line for each workload of a namespace, by name."""
    found = _findings_by(diagnosis.findings, lambda each: each.object)
    return [
        Line(
            (
                visible(ref.name),
                ref.kind,
                str(len(pods)),
                _alike(each.ingress for each in pods),
                _alike(each.egress for each in pods),
                _counted(found.get(ref, ())),
            ),
            ref,
            _worst_style(found.get(ref, ())),
        )
        for ref, pods in _workloads(diagnosis.inventory).items()
        if ref.namespace == namespace
    ]


def connection_lines(
    connections: Iterable[PeerConnection], ref: ObjectRef, names: Mapping[ObjectRef, str]
) -> list[Line]:
    """
    Return who reaches a workload, then what it reaches, each with the question that explains it.

    `names` are the workloads as ends of questions.
    """
    found: list[Line] = []
    for mark, is_in in (("<- from", True), ("-> to", False)):
        for each in dict.fromkeys(connections):
            mine, other = (each.dst, each.src) if is_in else (each.src, each.dst)
            if mine.workload == ref and (each.traffic or each.unknown):
                cells = (mark, end_text(other), *_both(each))
                found.append(Line(cells, _question(each, names), "" if each.traffic else "yellow"))
    return found


def finding_lines(diagnosis: Diagnosis, namespace: str, least: Severity | None) -> list[Line]:
    """Return a line for each finding, worst first, then for each gap; of a namespace, and as severe as said."""
    found = [
        Line(
            (each.severity.value, each.check, visible(str(each.object)), visible(each.message)),
            position,
            STYLES[each.severity.value],
        )
        for position, each in enumerate(diagnosis.findings)
        if namespace in {"", home_of(each.object)} and (least is None or each.severity.rank >= least.rank)
    ]
    if least is None:
        first = len(diagnosis.findings)
        found += (
            Line(("gap", each.kind.value, visible(each.source), visible(each.reason)), first + position, STYLES["gap"])
            for position, each in enumerate(diagnosis.gaps)
            if not namespace or each.object is None or home_of(each.object) == namespace
        )
    return found


def gap_text(gap: Gap) -> str:
    """Return what is to be said of a gap, in lines."""
    about = f"about: {gap.object}\n" if gap.object is not None else ""
    remedy = f"what to do: {gap.remedy}\n" if gap.remedy else ""
    return f"gap: {gap.kind.value}\nat: {gap.source}\n{about}{gap.reason}\n{remedy}"


def end_names(inventory: Inventory) -> dict[ObjectRef, str]:
    """Return how each workload is named as an end: with its kind where two kinds share a name."""
    refs = list(_workloads(inventory))
    uses = Counter((each.namespace, each.name) for each in refs)
    return {
        each: f"{each.namespace}/{each.name}" if uses[each.namespace, each.name] == 1 else end_name(each)
        for each in refs
    }


def end_name(ref: ObjectRef) -> str:
    """Return how a workload is named as an end, whatever else has its name."""
    return f"{ref.namespace}/{ref.kind.lower()}/{ref.name}"


def overview(diagnosis: Diagnosis) -> str:
    """Return how much there is, in one line."""
    inventory = diagnosis.inventory
    return ", ".join(
        (
            count_text(sum(row.pods > 0 for row in inventory.coverage), "namespace"),
            count_text(len(_workloads(inventory)), "workload"),
            count_text(inventory.total.pods, "pod"),
            count_text(len(diagnosis.findings), "finding"),
            count_text(len(diagnosis.gaps), "gap"),
        )
    )


def _workloads(inventory: Inventory) -> dict[ObjectRef, list[PodRow]]:
    """Return the pods of each workload, by namespace and name."""
    found: dict[ObjectRef, list[PodRow]] = {}
    for each in inventory.pods:
        found.setdefault(ObjectRef(each.kind, each.namespace, each.workload), []).append(each)
    return dict(sorted(found.items(), key=lambda item: (item[0].namespace, item[0].name, item[0].kind)))


def _findings_by(findings: Iterable[Finding], key: Callable[[Finding], Key]) -> dict[Key, list[Finding]]:
    found: dict[Key, list[Finding]] = {}
    for each in findings:
        found.setdefault(key(each), []).append(each)
    return found


def _counted(findings: Iterable[Finding]) -> str:
    """Return how many findings there are, and how many of the worst of them."""
    counts = Counter(each.severity for each in findings)
    if not counts:
        return "-"
    worst = max(counts, key=lambda each: each.rank)
    return f"{counts.total()} ({counts[worst]} {worst.value})"


def _worst_style(findings: Iterable[Finding]) -> str:
    worst = max((each.severity for each in findings), key=lambda each: each.rank, default=None)
    return STYLES[worst.value] if worst is not None and worst.rank >= Severity.HIGH.rank else ""


def _alike(words: Iterable[str]) -> str:
    """Return what holds for all pods, or that it differs."""
    found = set(words)
    return found.pop() if len(found) == 1 else "mixed"


def _both(each: PeerConnection) -> tuple[str, str]:
    return (
        traffic_text(each.traffic) if each.traffic else "",
        traffic_text(each.unknown) if each.unknown else "",
    )


def _question(each: PeerConnection, names: Mapping[ObjectRef, str]) -> Question:
    source, destination = (_asked(end, names) for end in (each.src, each.dst))
    return Question(source, destination, _one_port(each.traffic or each.unknown))


def _asked(end: PeerEnd, names: Mapping[ObjectRef, str]) -> str:
    """Return how to ask about an end: of a range of addresses by its first."""
    if end.workload is not None:
        return names.get(end.workload) or end_name(end.workload)
    return end.ips.partition("-")[0] or end.domain


def _one_port(traffic: Traffic) -> str:
    """Return the only port of traffic, or the first of several single ones; a person chooses one of a range."""
    protocol, first, last = traffic[0]
    return f"{first}/{protocol}" if first == last else ""
