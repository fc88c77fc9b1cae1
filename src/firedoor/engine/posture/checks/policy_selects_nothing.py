"""
Policies that apply to no pod.

What it finds
-------------
NetworkPolicies whose pod selector matches no pod of their namespace, nor any pod
that a workload scaled to zero would make. An empty selector is left out: in an
empty namespace it is a precaution.

Why it matters
--------------
The policy looks like protection and is none: the pods it was meant for stay open.

Example
-------
`podSelector: {matchLabels: {app: databse}}` where the pods carry `app: database`.

Remedy
------
Correct the selector, or delete the policy when its workload is gone.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import with_selector
from firedoor.engine.posture.nearness import Neighbourhood
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.networkpolicy import NetworkPolicy


def _run(context: Context) -> Iterator[Finding]:
    network = context.written
    for policy in network.policies:
        selector = policy.spec.pod_selector
        if not selector.is_empty and not len(network.index.selected(policy.metadata.namespace, selector)):
            yield _finding(context, policy)


def _finding(context: Context, policy: NetworkPolicy) -> Finding:
    namespace, selector = policy.metadata.namespace, policy.spec.pod_selector
    members = context.written.members
    inhabitants = [members[each].labels for each in context.inhabitants.get(namespace, ())]
    near = Neighbourhood(inhabitants, f"pods of namespace {namespace}")
    on_host = sorted(
        each.member.name
        for each in context.homes.get(namespace, ())
        if each.member.host_network and selector.matches(each.member.labels)
    )
    evidence = list(near.evidence(selector))
    if on_host:
        evidence = [f"pod {on_host[0]} has these labels, but uses its node's network: policies do not apply to it"]
    corrected = None if on_host else near.corrected(selector)
    if corrected is not None:
        fix = Fix(f"select {corrected}, if that is what is meant", (with_selector(policy, corrected),))
    else:
        fix = Fix("give the selector labels that the pods carry, or delete the policy if its workload is gone")
    confidence = Confidence.MEDIUM if context.is_partial else None
    return CHECK.finding(
        policy.ref,
        policy.place.at("spec.podSelector"),
        f"NetworkPolicy {policy.name} selects {selector}, which no pod of namespace {namespace} matches: "
        "it has no effect",
        tuple(evidence),
        fix,
        severity=None if inhabitants else Severity.LOW,
        confidence=confidence if inhabitants else Confidence.LOW,
    )


CHECK = Check(
    id="policy-selects-nothing",
    title="Policies that select no pod",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the pods that it was written for are not isolated by it",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2",),
        nist_800_53=("AC-4", "CM-6"),
        pci_dss_4=("1.2.1", "1.2.7"),
    ),
    run=_run,
)
