"""
Selectors on labels that the next rollout or upgrade changes.

What it finds
-------------
Pod selectors of NetworkPolicies, for the pods that they apply to and for peers, on
labels that controllers or package managers write anew: `pod-template-hash`,
`controller-revision-hash`, `pod-template-generation`, the uid of a Job, `helm.sh/chart`
and `app.kubernetes.io/version`.

Why it matters
--------------
After the next rollout the selector matches no pod: the policy stops to protect, or the
rule stops to allow, and nobody changed anything.

Example
-------
`podSelector: {matchLabels: {app: web, pod-template-hash: 7d4b9}}`, copied from a
running pod.

Remedy
------
Select by labels of the application only.

References
----------
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import with_rule, with_selector
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.labels import LabelSelector, Operator
from firedoor.model.networkpolicy import Direction, NetworkPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

VOLATILE = frozenset(
    {
        "app.kubernetes.io/version",
        "batch.kubernetes.io/controller-uid",
        "controller-revision-hash",
        "controller-uid",
        "helm.sh/chart",
        "pod-template-generation",
        "pod-template-hash",
    }
)


def _run(context: Context) -> Iterator[Finding]:
    for policy in context.snapshot.network_policies:
        keys = _volatile(policy.spec.pod_selector)
        if keys:
            manifest = with_selector(policy, _stable(policy.spec.pod_selector))
            yield _finding(policy, "spec.podSelector", keys, "the policy protects no pod", manifest)
        for direction, field in ((Direction.INGRESS, "from"), (Direction.EGRESS, "to")):
            for number, rule in enumerate(policy.rules(direction)):
                for place, peer in enumerate(rule.peers):
                    keys = [] if peer.pod_selector is None else _volatile(peer.pod_selector)
                    if peer.pod_selector is not None and keys:
                        better = msgspec.structs.replace(peer, pod_selector=_stable(peer.pod_selector))
                        peers = (*rule.peers[:place], better, *rule.peers[place + 1 :])
                        manifest = with_rule(policy, direction, number, msgspec.structs.replace(rule, peers=peers))
                        path = f"spec.{direction}[{number}].{field}[{place}]"
                        yield _finding(policy, path, keys, "the rule allows nothing", manifest)


def _volatile(selector: LabelSelector) -> list[str]:
    """Return the keys of which a selector wants certain values, and which do not last."""
    return [each.key for each in selector.requirements if each.key in VOLATILE and each.operator is Operator.IN]


def _stable(selector: LabelSelector) -> LabelSelector:
    return LabelSelector(
        {key: value for key, value in selector.match_labels.items() if key not in VOLATILE},
        tuple(each for each in selector.match_expressions if each.key not in VOLATILE),
    )


def _finding(policy: NetworkPolicy, path: str, keys: list[str], then: str, manifest: dict[str, object]) -> Finding:
    return CHECK.finding(
        policy.ref,
        policy.place.at(path),
        f"{path} of NetworkPolicy {policy.name} selects by {listed(keys)}, which changes by itself: then {then}",
        tuple(f"{policy.place.at(path)}: {key} is written anew with each rollout or upgrade" for key in keys),
        Fix("select by labels of the application that last", (manifest,)),
    )


CHECK = Check(
    id="selector-volatile-label",
    title="Policies that select by labels which change by themselves",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="with the next rollout or upgrade it matches nothing any more",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("CM-6",),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
