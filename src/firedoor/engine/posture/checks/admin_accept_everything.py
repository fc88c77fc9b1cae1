"""
Cluster-wide policies that accept everything before anybody else is asked.

What it finds
-------------
Rules of the Admin tier (ClusterNetworkPolicy, AdminNetworkPolicy) that accept all ports
from the pods of all namespaces, or towards all pods or all addresses of a family.

Why it matters
--------------
The Admin tier is asked before NetworkPolicies: whatever those of namespaces keep out is
accepted all the same, and nobody sees that in the namespace.

Example
-------
`action: Accept` with `from: [{namespaces: {}}]` and no ports.

Remedy
------
Accept the peers and ports that every namespace must have (DNS, monitoring), or use
Pass, so that NetworkPolicies are asked.

References
----------
https://network-policy-api.sigs.k8s.io/api-overview/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.clusterpolicy import Action, NetworksPeer, PodsPeer, Tier
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.clusterpolicy import ClusterPeer
    from firedoor.model.findings import Finding

_WHOLE = frozenset({"0.0.0.0/0", "::/0"})


def _run(context: Context) -> Iterator[Finding]:
    for policy in context.written.typed.cluster:
        if policy.tier is not Tier.ADMIN:
            continue
        for direction in Direction:
            for rule in policy.rules(direction):
                wide = [each for each in rule.peers if _is_everything(each)]
                if rule.action is Action.ACCEPT and rule.ports is None and wide:
                    yield CHECK.finding(
                        policy.ref,
                        policy.place.at(rule.path),
                        f"{rule.path} of {policy.ref} accepts everything before NetworkPolicies are asked",
                        (f"{policy.place.at(rule.path)}: {listed(wide)} on all ports, priority {policy.priority}",),
                        Fix("name peers and ports, or write Pass in place of Accept"),
                    )


def _is_everything(peer: ClusterPeer) -> bool:
    match peer:
        case PodsPeer():
            return peer.namespace_selector.is_empty and (peer.pod_selector is None or peer.pod_selector.is_empty)
        case NetworksPeer():
            return not _WHOLE.isdisjoint(peer.cidrs)
        case _:
            return False


CHECK = Check(
    id="admin-accept-everything",
    title="Policies of administrators that open everything",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it overrules whatever the NetworkPolicies of namespaces keep out",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2", "3"),
        nist_800_53=("AC-4", "SC-7(5)"),
        mitre=("T1046",),
        pci_dss_4=("1.3.1", "1.3.2"),
    ),
    run=_run,
)
