"""
Staged policies of Calico, which nobody enforces.

What it finds
-------------
StagedNetworkPolicies, StagedGlobalNetworkPolicies and StagedKubernetesNetworkPolicies
whose action is Set or Delete: they only preview what a change would do.

Why it matters
--------------
A staged policy looks like the policy that it previews, and neither protects nor
blocks anything. A cluster that waits for it to be put in force is as open as before.

Example
-------
`kind: StagedGlobalNetworkPolicy` named `security.quarantine`, and no GlobalNetworkPolicy
of that name.

Remedy
------
See what would change with `firedoor reach --staged`, then apply the policy as the
enforced kind, or delete the staged one.

References
----------
https://docs.tigera.io/calico/latest/network-policy/staged-network-policies
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.calico import CalicoPolicy
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef
from firedoor.model.typed_policies import typed_policies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.calico import StagedKubernetesPolicy
    from firedoor.model.findings import Finding

_ACTIONS = ("Set", "Delete")


def _run(context: Context) -> Iterator[Finding]:
    typed = typed_policies(context.snapshot)
    staged: list[CalicoPolicy | StagedKubernetesPolicy] = [*typed.staged, *typed.staged_kubernetes]
    for each in staged:
        if each.staged_action in _ACTIONS:
            yield _finding(each)


def _finding(staged: CalicoPolicy | StagedKubernetesPolicy) -> Finding:
    metadata = staged.metadata
    kind = staged.kind if isinstance(staged, CalicoPolicy) else "StagedKubernetesNetworkPolicy"
    enforced = ObjectRef(kind.removeprefix("Staged").removeprefix("Kubernetes"), metadata.namespace, metadata.name)
    ref = ObjectRef(kind, metadata.namespace, metadata.name)
    if staged.staged_action == "Set":
        effect, step = f"what it says of {enforced} is not in force", f"apply it as {enforced}"
    else:
        effect, step = f"{enforced} stays in force where there is one", f"delete {enforced}"
    return CHECK.finding(
        ref,
        str(staged.place),
        f"{ref} is staged: {effect}",
        (f"{staged.place.at('spec.stagedAction')}: stagedAction is {staged.staged_action}",),
        Fix(f"compare `firedoor reach` with `firedoor reach --staged`, then {step}, or delete the staged policy"),
    )


CHECK = Check(
    id="policy-staged",
    title="Staged policies that are not enforced",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it changes nothing until it is put in force",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("6",),
        nist_800_53=("AC-4",),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
