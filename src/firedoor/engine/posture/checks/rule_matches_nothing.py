"""
Peers of rules that match no pod.

What it finds
-------------
Entries of `from` and `to` whose selectors match no pod of the cluster. `ipBlock`
entries never count: what lies outside is not known. The cluster's DNS and
`kube-system` are not expected among manifests.

Why it matters
--------------
The rule allows less than it says. Mostly a label is misspelled, or a namespace is
selected by a label that it does not carry, and the connection it should allow fails.

Example
-------
`namespaceSelector: {matchLabels: {name: monitoring}}` where the namespace only has
the label `kubernetes.io/metadata.name: monitoring`.

Remedy
------
Use labels that exist; select a namespace by `kubernetes.io/metadata.name`.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import with_rule
from firedoor.engine.posture.nearness import Neighbourhood
from firedoor.engine.posture.walk import rules
from firedoor.engine.reach.dialects.networkpolicy import peers_of
from firedoor.engine.relations.vacuity import is_nobody
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.labels import NAMESPACE_NAME_LABEL, LabelSelector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding
    from firedoor.model.networkpolicy import NetworkPolicyPeer

_ALWAYS_THERE = "kube-system"
_DNS_VALUES = frozenset({"kube-dns", "coredns", "node-local-dns"})


def _run(context: Context) -> Iterator[Finding]:
    index = context.written.index
    for at in rules(context):
        for number, peer in enumerate(at.rule.peers):
            if peer.ip_block is not None or _is_anyone(peer):
                continue
            found = peers_of(at.policy.metadata.namespace, (peer,), index, context.written.cni)
            if is_nobody(found) and not _is_expected(context, peer):
                yield _finding(context, at, number, peer)


def _is_anyone(peer: NetworkPolicyPeer) -> bool:
    selectors = (peer.pod_selector, peer.namespace_selector)
    return all(each is None or each.is_empty for each in selectors)


def _is_expected(context: Context, peer: NetworkPolicyPeer) -> bool:
    """Return whether manifests alone cannot be expected to hold what the peer means."""
    if context.snapshot.origin.kind != "manifests" or context.inhabitants.get(_ALWAYS_THERE):
        return False
    pods = peer.pod_selector
    if pods is not None and any(not _DNS_VALUES.isdisjoint(each.values) for each in pods.requirements):
        return True
    names = {NAMESPACE_NAME_LABEL: _ALWAYS_THERE, "name": _ALWAYS_THERE}
    selector = peer.namespace_selector
    return selector is not None and not selector.is_empty and selector.matches(names)


def _finding(context: Context, at: RuleAt, number: int, peer: NetworkPolicyPeer) -> Finding:
    path = f"{at.path}.{at.peer_field}[{number}]"
    evidence, corrected = _nearest(context, at.policy.metadata.namespace, peer)
    if corrected is None:
        fix = Fix("give the entry labels that exist, or remove it")
    else:
        peers = (*at.rule.peers[:number], corrected, *at.rule.peers[number + 1 :])
        rule = msgspec.structs.replace(at.rule, peers=peers)
        fix = Fix(
            f"let {path} mean {corrected}, if that is what is meant",
            (with_rule(at.policy, at.direction, at.number, rule),),
        )
    unknown = _is_elsewhere(context, peer)
    alone = len(at.rule.peers) == 1
    return CHECK.finding(
        at.policy.ref,
        at.policy.place.at(path),
        f"{path} of NetworkPolicy {at.policy.name} names {peer}, and there are none"
        + (": the rule allows nothing" if alone else ""),
        evidence,
        fix,
        severity=Severity.LOW if unknown or not alone else None,
        confidence=Confidence.LOW if unknown else Confidence.MEDIUM if context.is_partial else None,
    )


def _nearest(
    context: Context, namespace: str, peer: NetworkPolicyPeer
) -> tuple[tuple[str, ...], NetworkPolicyPeer | None]:
    """Return what there is instead, and the peer with near labels."""
    network = context.written
    inside = [namespace]
    if peer.namespace_selector is not None:
        inside = [name for name, labels in network.namespaces.items() if peer.namespace_selector.matches(labels)]
        if not inside:
            near = Neighbourhood(network.namespaces.values(), "namespaces")
            selector = near.corrected(peer.namespace_selector)
            corrected = None if selector is None else msgspec.structs.replace(peer, namespace_selector=selector)
            return tuple(near.evidence(peer.namespace_selector)), corrected
    where = f"pods of namespace {inside[0]}" if len(inside) == 1 else f"pods of {len(inside)} namespaces"
    labels = [network.members[each].labels for name in inside for each in context.inhabitants.get(name, ())]
    pods = Neighbourhood(labels, where)
    selector = peer.pod_selector or LabelSelector()
    near_pods = pods.corrected(selector)
    found = None if near_pods is None else msgspec.structs.replace(peer, pod_selector=near_pods)
    return tuple(pods.evidence(selector)), found


def _is_elsewhere(context: Context, peer: NetworkPolicyPeer) -> bool:
    """Return whether the peer's namespaces, or their labels, may just not be among these manifests."""
    selector = peer.namespace_selector
    if context.snapshot.origin.kind != "manifests" or selector is None:
        return False
    spaces = context.written.namespaces
    if any(selector.matches(labels) for labels in spaces.values()):
        return False
    defined = {each.metadata.name for each in context.snapshot.namespaces}
    if any(each.key != NAMESPACE_NAME_LABEL for each in selector.requirements) and defined != set(spaces):
        return True  # the labels of a namespace that only objects mention are not known
    names = {value for each in selector.requirements for value in each.values}
    return names.isdisjoint(spaces)


CHECK = Check(
    id="rule-matches-nothing",
    title="Rules whose peers match no pod",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the connections that this entry should allow are denied",
    docs=__doc__ or "",
    mappings=Mappings(
        nist_800_53=("CM-6",),
        pci_dss_4=("1.2.7",),
    ),
    run=_run,
)
