"""
Cluster-wide policies of equal priority that apply to the same pods.

What it finds
-------------
Two or more ClusterNetworkPolicies or AdminNetworkPolicies of one tier with the same
priority, which apply to at least one common pod and both have rules for a direction.

Why it matters
--------------
The API leaves open which of them is asked first. What is accepted may differ from one
implementation, or one restart, to the next; firedoor calls it unknown where it does.

Example
-------
`deny-egress` and `allow-monitoring`, both of tier Admin with priority 10, for all namespaces.

Remedy
------
Give each policy of a tier a priority of its own, the exception before the rule.

References
----------
https://network-policy-api.sigs.k8s.io/api-overview/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.clusterpolicy import ClusterPolicy
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.layers import PolicyRank
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    ties: dict[tuple[str, str], tuple[ClusterPolicy, ClusterPolicy, list[int]]] = {}
    for direction in Direction:
        for layer in context.written.matrix[direction].layering.layers:
            for tier in layer.tiers:
                for rank in tier.ranks:
                    if not rank.is_union and not rank.cases:
                        ties.update(_ties(rank))
    for first, second, common in ties.values():
        yield CHECK.finding(
            second.ref,
            second.place.at("spec.priority"),
            f"{second.kind} {second.metadata.name} and {first.kind} {first.metadata.name} have the same priority "
            f"{first.priority} in tier {first.tier} and apply to the same pods: which is asked first is not defined",
            (
                f"{first.place.at('spec.priority')}: {first.kind} {first.metadata.name}, priority {first.priority}",
                f"both apply to {listed(context.workloads_of(common))}",
            ),
            Fix(f"give one of the two another priority; a lower number than {first.priority} is asked earlier"),
        )


def _ties(rank: PolicyRank) -> Iterator[tuple[tuple[str, str], tuple[ClusterPolicy, ClusterPolicy, list[int]]]]:
    ruling = [each for each in rank.policies if each.rules]
    for number, first in enumerate(ruling):
        for second in ruling[number + 1 :]:
            common = np.intersect1d(first.selected, second.selected).tolist()
            if common:
                names = (str(first.policy.ref), str(second.policy.ref))
                yield names, (first.policy, second.policy, common)


CHECK = Check(
    id="priority-tied",
    title="Policies of equal priority for the same pods",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the API does not say which of the two decides, so that the outcome may change by itself",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("AC-4", "CM-6"),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
