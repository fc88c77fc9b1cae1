"""
Rules that never decide, because an earlier rule of the same policy does.

What it finds
-------------
Rules of ClusterNetworkPolicies, AdminNetworkPolicies and Calico policies, which are
asked in their order, where one earlier rule of the same policy surely matches all peers
and ports of the later one. Where the earlier rule does so only for the pods that there
are now, confidence is lower.

Why it matters
--------------
The rule looks as if it protected or allowed something, and nothing would change without
it.

Example
-------
A Deny for one namespace after an Accept for all of them.

Remedy
------
Move the exception before the rule, or remove it.

References
----------
https://network-policy-api.sigs.k8s.io/api-overview/
https://docs.tigera.io/calico/latest/reference/resources/networkpolicy
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.shadowing import shadowed
from firedoor.model.calico import CalicoPolicy
from firedoor.model.clusterpolicy import ClusterPolicy
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for direction in Direction:
        for layer in context.written.matrix[direction].layering.layers:
            for compiled in layer.policies:
                if isinstance(compiled.policy, ClusterPolicy | CalicoPolicy):
                    for path, earlier, is_always in shadowed(compiled):
                        yield _finding(compiled.policy, path, earlier, is_always=is_always)


def _finding(policy: ClusterPolicy | CalicoPolicy, path: str, earlier: str, *, is_always: bool) -> Finding:
    why = "matches everything" if is_always else "matches all of its peers that there are now, and all of its ports"
    return CHECK.finding(
        policy.ref,
        policy.place.at(path),
        f"{path} of {policy.ref} never decides: {earlier} does so first",
        (f"{policy.place.at(earlier)}: {earlier} {why}",),
        Fix(f"move {path} before {earlier}, or remove it"),
        confidence=None if is_always else Confidence.MEDIUM,
    )


CHECK = Check(
    id="rule-unreachable",
    title="Rules behind one that decides first",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="rules are asked in their order, and the first that matches decides",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("AC-4", "CM-6"),
        pci_dss_4=("1.2.1", "1.2.7"),
    ),
    run=_run,
)
