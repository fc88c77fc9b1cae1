"""
Workloads of a mesh that refuse every request.

What it finds
-------------
AuthorizationPolicies with action ALLOW and without rules, and the workloads in the mesh
for which no other ALLOW policy stands: nothing is allowed there. Where others allow
something such a policy is the default deny that it is meant to be, and is left out, as
are policies that are only tried out and those for gateways, waypoints and services.

Why it matters
--------------
A policy without rules matches nothing, and a workload with an ALLOW policy denies what
none of them matches. `spec: {}` reads as if it asked for nothing.

Example
-------
`spec: {selector: {matchLabels: {app: web}}}`, from which `rules` was removed to allow
everything.

Remedy
------
Add a rule or another ALLOW policy for the requests that the workload is there for; the
rule `{}` allows all.

References
----------
https://istio.io/latest/docs/reference/config/security/authorization-policy/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.engine.reach.dialects.istio.sources import Sources
from firedoor.engine.reach.dialects.istio.vocabulary import deciding
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.istio import Action as IstioAction
from firedoor.model.labels import LabelSelector
from firedoor.model.mesh_config import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.network import Network
    from firedoor.model.findings import Finding
    from firedoor.model.istio import AuthorizationPolicy


def _run(context: Context) -> Iterator[Finding]:
    network = context.written
    allowing = [each for each in deciding(network.typed.authorizations) if each.action is IstioAction.ALLOW]
    silent = [each for each in allowing if not (each.rules or each.unsure or each.target_refs)]
    if not silent:
        return
    closed = Sources(network.scene).in_mesh[: len(network.profiles)]
    for each in allowing:
        if each.rules or each.unsure or each.target_refs:
            closed = closed & ~_subjects(network, each)
    for each in silent:
        numbers = np.flatnonzero(_subjects(network, each) & closed).tolist()
        if numbers:
            yield _finding(context, each, numbers)


def _subjects(network: Network, policy: AuthorizationPolicy) -> NDArray[np.bool_]:
    """Return the profiles that a policy is for, or may be for."""
    index, namespace = network.index, policy.metadata.namespace
    root = settings_of(network.snapshot.mesh_configs).root_namespace
    inside = index.is_pod if namespace == root else index.in_namespace(namespace)
    if policy.unsure or policy.target_refs:
        return inside
    return inside & index.pods(LabelSelector(policy.selector or {}))


def _finding(context: Context, policy: AuthorizationPolicy, profiles: list[int]) -> Finding:
    workloads = listed(context.workloads_of(profiles))
    return CHECK.finding(
        policy.ref,
        str(policy.place),
        f"{policy.ref} has no rules and allows nothing: every request to {workloads} is refused",
        (f"{policy.place}: action ALLOW without rules", f"no other ALLOW policy is for {workloads}"),
        Fix("add a rule, or another ALLOW policy, for what these workloads are there for"),
        severity=None if policy.selector else Severity.LOW,
    )


CHECK = Check(
    id="istio-allow-nothing",
    title="Authorization policies that refuse every request",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a workload with an ALLOW policy refuses what none of its ALLOW policies matches",
    docs=__doc__ or "",
    mappings=Mappings(
        nist_800_53=("CM-6",),
        pci_dss_4=("1.2.7",),
    ),
    run=_run,
)
