"""
More than one policy engine in a cluster.

What it finds
-------------
Node agents of more than one network plugin that enforces NetworkPolicies by itself.

Why it matters
--------------
Each applies its own rules to the packets. What both allow passes, what one does not
know (a policy of its own API) it may let through or drop: nobody can tell from the
objects.

Example
-------
Calico that was left behind after the move to Cilium.

Remedy
------
Remove the agents of the one that is not in use, and its rules on the nodes.

References
----------
https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import count, listed
from firedoor.engine.reach.cni import PROFILES
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    engines = sorted(each for each in context.plugins if PROFILES[each].enforced)
    if len(engines) > 1:
        yield CHECK.finding(
            ObjectRef("Cluster", "", "cluster"),
            str(context.crews[0].source),
            f"{count(len(engines), 'plugin')} enforce policies here: {listed(engines)}",
            tuple(f"{each}: {PROFILES[each].summary}" for each in engines),
            Fix("remove the agents of those that are not in use, and tell the one that is with --cni"),
        )


CHECK = Check(
    id="cni-several",
    title="Several network plugins that enforce policies",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="what passes is what all of them let through, and no answer about one is sure",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.3.1",),
        nsa=("network-policies",),
        nist_800_207=("6",),
        nist_800_53=("AC-4", "CM-6"),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
