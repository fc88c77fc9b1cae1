"""
DENY policies of Istio that ask for an identity where none is needed.

What it finds
-------------
Rules of DENY policies that only match callers with certain principals, namespaces,
service accounts or trust domains, for workloads in the mesh that may be reached in
plain text (no PeerAuthentication makes them STRICT on all ports).

Why it matters
--------------
A caller that speaks plain text has no identity. The rule does not match, and the denied
caller is let in by leaving its proxy out.

Example
-------
`action: DENY` for `namespaces: [test]` in a mesh with the default mode, which is
PERMISSIVE.

Remedy
------
Set mutual TLS to STRICT for the workloads, or write ALLOW policies for those who may.

References
----------
https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.engine.reach.dialects.istio.modes import Modes
from firedoor.engine.reach.dialects.istio.sources import Sources
from firedoor.engine.reach.dialects.istio.vocabulary import deciding
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.istio import Action as IstioAction
from firedoor.model.istio import Mode
from firedoor.model.labels import LabelSelector
from firedoor.model.mesh_config import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.network import Network
    from firedoor.model.findings import Finding
    from firedoor.model.istio import AuthorizationPolicy, AuthorizationRule

_IDENTITY = ("principals", "namespaces", "service_accounts", "trust_domains")
_KEYS = frozenset({"source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain"})


def _run(context: Context) -> Iterator[Finding]:
    network = context.written
    policies = [each for each in deciding(network.typed.authorizations) if each.action is IstioAction.DENY]
    evadable = [(each, rule) for each in policies for rule in each.rules or () if _asks_identity(rule)]
    if not evadable:
        return
    scene = network.scene
    open_to = np.zeros(len(network.profiles), dtype=bool)
    tcp = network.axis.mask("TCP")
    for setting in Modes(scene, network.typed.peer_authentications, Sources(scene).in_mesh[: len(open_to)]).settings:
        # Where it is open which of several modes holds, the workload may be strict.
        if tcp & ~setting.possible[Mode.STRICT]:
            open_to |= setting.profiles
    for policy, rule in evadable:
        numbers = np.flatnonzero(_subjects(network, policy) & open_to).tolist()
        if numbers and not policy.target_refs:
            yield _finding(context, policy, rule, numbers)


def _asks_identity(rule: AuthorizationRule) -> bool:
    """Return whether only callers with an identity can match the rule."""
    if any(each.key in _KEYS and each.values for each in rule.conditions):
        return True
    return bool(rule.sources) and all(any(getattr(each, field) for field in _IDENTITY) for each in rule.sources)


def _subjects(network: Network, policy: AuthorizationPolicy) -> NDArray[np.bool_]:
    index, namespace = network.index, policy.metadata.namespace
    root = settings_of(network.snapshot.mesh_configs).root_namespace
    inside = index.is_pod if namespace == root else index.in_namespace(namespace)
    return inside & index.pods(LabelSelector(policy.selector or {}))


def _finding(context: Context, policy: AuthorizationPolicy, rule: AuthorizationRule, profiles: list[int]) -> Finding:
    return CHECK.finding(
        policy.ref,
        policy.place.at(rule.path),
        f"{rule.path} of {policy.ref} denies by identity what may come in plain text, without one",
        (f"no PeerAuthentication is STRICT for all ports of {listed(context.workloads_of(profiles))}",),
        Fix("make mutual TLS STRICT by a PeerAuthentication", (_strict(policy.metadata.namespace),)),
    )


def _strict(namespace: str) -> dict[str, object]:
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": {"name": "default", "namespace": namespace},
        "spec": {"mtls": {"mode": "STRICT"}},
    }


CHECK = Check(
    id="istio-deny-evadable",
    title="Denials by identity that plain text evades",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the denied caller gets in by leaving its proxy, and so its identity, out",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("service-meshes", "encryption"),
        nist_800_207=("2", "6"),
        nist_800_53=("AC-3", "IA-9", "SC-8"),
        mitre=("T1557",),
        pci_dss_4=("1.3.1",),
    ),
    run=_run,
)
