"""
Policies that nothing enforces.

What it finds
-------------
A cluster that has NetworkPolicies and a network plugin that does not enforce them:
found by its node agents in the snapshot, or told by the user.

Why it matters
--------------
The API server accepts policies whether or not anything acts on them. Every pod is
open, and every file says otherwise.

Example
-------
Flannel without Calico (Canal) or another policy engine beside it.

Remedy
------
Install a plugin or an agent that enforces NetworkPolicy.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    policies = context.snapshot.network_policies
    told = context.network.cni
    # A profile that the user named outweighs what the workloads look like.
    detected = PROFILES.get(context.detected_cni or "") if told is SPEC else None
    cni = told if not told.enforced else detected
    if not policies or cni is None or cni.enforced:
        return
    how = (
        "assumed for this analysis" if cni is told and context.detected_cni != cni.name else "its node agents run here"
    )
    number = len(policies)
    yield CHECK.finding(
        ObjectRef("Cluster", "", "cluster"),
        str(policies[0].place),
        f"nothing enforces the {number} {'NetworkPolicy' if number == 1 else 'NetworkPolicies'} of this cluster: "
        "every pod is open",
        (
            f"network plugin {cni.name}, {how}: {cni.summary}",
            f"policies without effect: {listed(p.name for p in policies)}",
        ),
        Fix("install a policy engine: Calico (as Canal beside Flannel), Cilium, or kube-network-policies"),
        confidence=Confidence.HIGH if cni is told else Confidence.MEDIUM,
    )


CHECK = Check(
    id="cni-not-enforcing",
    title="Policies that nothing enforces",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the API server stores policies even where nothing acts on them: what they forbid still happens",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.3.1",),
        nsa=("network-policies",),
        nist_800_207=("2", "6"),
        nist_800_53=("AC-3", "AC-4", "SC-7"),
        mitre=("T1046",),
        pci_dss_4=("1.2.1", "1.3.1", "1.3.2"),
    ),
    run=_run,
)
