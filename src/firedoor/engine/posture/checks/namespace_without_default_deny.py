"""
Namespaces in which a new pod starts out open.

What it finds
-------------
Namespaces with pods in which no single policy isolates every pod, told separately
for ingress and egress. A policy that allows everything does not count.

Why it matters
--------------
Without a default deny, each new workload is reachable until somebody remembers to
write its policy.

Example
-------
A namespace whose policies each select one `app`, and none has `podSelector: {}`.

Remedy
------
Add a policy with an empty pod selector, the missing policy types and no rules. When
egress becomes isolated, allow DNS in the same step.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import allow_dns, default_deny
from firedoor.engine.posture.words import count
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.networkpolicy import NetworkPolicy

_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})


def _run(context: Context) -> Iterator[Finding]:
    network = context.written
    denying: dict[tuple[Direction, str], list[set[int]]] = defaultdict(list)
    for direction in Direction:
        for compiled in network.compiled[direction]:
            if not _allows_everything(compiled.policy, direction):
                denying[direction, compiled.policy.metadata.namespace].append(set(compiled.selected.tolist()))
    written = Counter(each.metadata.namespace for each in network.policies)
    for namespace, positions in sorted(context.inhabitants.items()):
        profiles = {network.profile_of[each] for each in positions}
        missing = [
            direction
            for direction in Direction
            if not any(profiles <= selected for selected in denying[direction, namespace])
        ]
        if missing:
            yield _finding(context, namespace, len(positions), missing, written[namespace])


def _allows_everything(policy: NetworkPolicy, direction: Direction) -> bool:
    return any(not rule.peers and not rule.ports for rule in policy.rules(direction))


def _finding(context: Context, namespace: str, pods: int, missing: list[Direction], policies: int) -> Finding:
    ways = " and ".join(missing)
    manifests: tuple[dict[str, object], ...] = (default_deny(namespace, missing),)
    summary = f"add a policy that isolates every pod of {namespace} for {ways}; existing rules keep their effect"
    if Direction.EGRESS in missing:
        manifests = (*manifests, allow_dns(namespace))
        summary += ", and DNS stays allowed"
    about = next((each for each in context.snapshot.namespaces if each.metadata.name == namespace), None)
    first = context.written.members[context.inhabitants[namespace][0]]
    quiet = namespace in _SYSTEM or missing == [Direction.EGRESS]
    return CHECK.finding(
        ObjectRef("Namespace", "", namespace),
        str(about.place if about is not None else first.place),
        f"namespace {namespace} has no default deny for {ways}: a new pod in it starts out open",
        (
            (
                f"{count(policies, 'NetworkPolicy').replace('Policys', 'Policies')} in the namespace, "
                f"none isolates all of its {count(pods, 'pod')} for {ways}"
            ),
        ),
        Fix(summary, manifests),
        severity=Severity.LOW if quiet else None,
        confidence=Confidence.MEDIUM if context.is_partial else None,
    )


CHECK = Check(
    id="namespace-without-default-deny",
    title="Namespaces without a default deny",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="pods that are not selected by name are open, and nobody notices when a new one is added",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.3.2",),
        nsa=("network-policies",),
        nist_800_207=("2", "3"),
        nist_800_53=("AC-4", "SC-7", "SC-7(5)"),
        mitre=("T1046",),
        pci_dss_4=("1.2.1", "1.3.1", "1.3.2"),
    ),
    run=_run,
)
