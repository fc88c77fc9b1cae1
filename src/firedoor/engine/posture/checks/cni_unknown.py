"""
Policies in a cluster whose network plugin is not known.

What it finds
-------------
NetworkPolicies in a cluster with nodes where neither the workloads nor the user tell
which network plugin enforces them.

Why it matters
--------------
Not every plugin enforces policies, and what the API leaves open (`ipBlock` and pods,
nodes) each does in its way. Answers follow the text of the API here.

Example
-------
A cluster whose plugin runs outside of it, as in some managed offers.

Remedy
------
Tell the plugin with `--cni`.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import count
from firedoor.engine.reach.cni import SPEC
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    policies = context.snapshot.network_policies
    if not policies or not context.snapshot.nodes or context.network.cni is not SPEC or context.plugins:
        return
    yield CHECK.finding(
        ObjectRef("Cluster", "", "cluster"),
        str(policies[0].place),
        f"it is not known which network plugin enforces the {count(len(policies), 'policy').replace('ys', 'ies')}",
        ("no workload here is the node agent of a plugin that is known, and no --cni was given",),
        Fix("name the plugin with --cni, or see that one that enforces policies is installed"),
    )


CHECK = Check(
    id="cni-unknown",
    title="Policies, and no network plugin that is known to enforce them",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whether policies are enforced, and what they mean for nodes and blocks, depends on it",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.3.1",),
        nsa=("network-policies",),
        nist_800_207=("6",),
        nist_800_53=("AC-4",),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
