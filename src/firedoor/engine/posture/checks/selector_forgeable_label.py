"""
Ingress rules that admit pods of every namespace by their labels.

What it finds
-------------
Peers of ingress rules with labels of pods and a `namespaceSelector` that every
namespace meets, even one that is made tomorrow: an empty one, or one that only
excludes.

Why it matters
--------------
Whoever may create a pod in any namespace gives it these labels, and is let in.

Example
-------
`from: [{namespaceSelector: {}, podSelector: {matchLabels: {role: monitoring}}}]`.

Remedy
------
Name the namespace too, by its label `kubernetes.io/metadata.name`, which the API server
sets.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import with_rule
from firedoor.engine.posture.walk import rules
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.labels import NAMESPACE_NAME_LABEL, LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.networkpolicy import Direction, NetworkPolicyPeer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding

_EXCLUDING = frozenset({Operator.NOT_IN, Operator.DOES_NOT_EXIST})


def _run(context: Context) -> Iterator[Finding]:
    for at in rules(context):
        if at.direction is Direction.INGRESS:
            for number, peer in enumerate(at.rule.peers):
                if _is_forgeable(peer):
                    yield _finding(context, at, number, peer)


def _is_forgeable(peer: NetworkPolicyPeer) -> bool:
    spaces, pods = peer.namespace_selector, peer.pod_selector
    if spaces is None or pods is None or pods.is_empty:
        return False
    return all(each.operator in _EXCLUDING for each in spaces.requirements)


def _finding(context: Context, at: RuleAt, number: int, peer: NetworkPolicyPeer) -> Finding:
    pods = peer.pod_selector or LabelSelector()
    homes = sorted(
        {
            each.workload.namespace
            for each in context.crews
            if not each.spec.host_network and pods.matches(each.member.labels) and _is_in(context, peer, each)
        }
    )
    path = f"{at.path}.from[{number}]"
    manifests: tuple[dict[str, object], ...] = ()
    if homes:
        better = LabelSelector({}, (LabelSelectorRequirement(NAMESPACE_NAME_LABEL, Operator.IN, tuple(homes)),))
        peers = list(at.rule.peers)
        peers[number] = msgspec.structs.replace(peer, namespace_selector=better)
        rule = msgspec.structs.replace(at.rule, peers=tuple(peers))
        manifests = (with_rule(at.policy, at.direction, at.number, rule),)
    return CHECK.finding(
        at.policy.ref,
        at.policy.place.at(path),
        f"{path} of NetworkPolicy {at.policy.name} admits whoever creates a pod with {pods} in any namespace",
        (f"such pods are in {listed(homes) or 'no namespace'} now, and may be created in every namespace it means",),
        Fix(f"name the namespaces by the label {NAMESPACE_NAME_LABEL}", manifests),
    )


def _is_in(context: Context, peer: NetworkPolicyPeer, crew: Crew) -> bool:
    spaces = peer.namespace_selector or LabelSelector()
    return spaces.matches(context.written.namespaces[crew.workload.namespace])


CHECK = Check(
    id="selector-forgeable-label",
    title="Rules that trust labels of pods in any namespace",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever may create a pod anywhere in the cluster is let in",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("4",),
        nist_800_53=("AC-4", "IA-9"),
        mitre=("T1036",),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
