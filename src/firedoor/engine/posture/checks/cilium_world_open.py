"""
Ingress rules of Cilium for the world, or for everybody.

What it finds
-------------
Ingress rules of Cilium policies that allow the entities `world` or `all`, or name no
peers at all. With ports, severity is lower.

Why it matters
--------------
`world` is every address outside of the cluster, `all` the cluster as well.

Example
-------
`fromEntities: [all]`.

Remedy
------
Name the entities, networks or endpoints that need it, and the ports.

References
----------
https://docs.cilium.io/en/stable/security/policy/language/#entities-based
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.cilium_peers import EntityPeer
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_WIDE = frozenset({"all", "world"})


def _run(context: Context) -> Iterator[Finding]:
    for policy in context.written.typed.cilium:
        for each in policy.rules:
            for rule in each.ingress if each.endpoint_selector is not None else ():
                peers = rule.peers
                wide = [one.name for one in peers or () if isinstance(one, EntityPeer) and one.name in _WIDE]
                if wide or peers is None:
                    who = "everybody" if peers is None or "all" in wide else "every address outside"
                    yield CHECK.finding(
                        policy.ref,
                        policy.place.at(rule.path),
                        f"{rule.path} of {policy.ref} admits {who}",
                        (f"peers: {listed(peers or ()) or 'any'}; ports: {listed(rule.ports or ()) or 'all'}",),
                        Fix("name the entities, networks or endpoints that need it, and the ports"),
                        severity=None if rule.ports is None and not rule.icmps else Severity.INFO,
                    )


CHECK = Check(
    id="cilium-world-open",
    title="Cilium policies that admit the whole world",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever gets to the network of the pods gets in",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2", "3"),
        nist_800_53=("AC-4", "SC-7(5)", "SC-7(11)"),
        mitre=("T1190",),
        pci_dss_4=("1.3.1", "1.4.2"),
    ),
    run=_run,
)
