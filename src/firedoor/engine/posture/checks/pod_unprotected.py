"""
Pods that no policy selects.

What it finds
-------------
Workloads with pods that no NetworkPolicy selects, neither for ingress nor for
egress. Pods on the host's network are left out: policies do not apply to them.

Why it matters
--------------
A pod that nothing selects accepts every connection and may open any. One
compromised pod anywhere reaches it on every port.

Example
-------
A Deployment `web` in a namespace without any NetworkPolicy.

Remedy
------
Isolate the workload with a policy that selects its pods, then allow what it needs.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import default_deny, deny_workload, stable_labels
from firedoor.engine.posture.words import count, listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.network import Network
    from firedoor.model.findings import Finding
    from firedoor.model.places import ObjectRef

_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})


def _is_open(network: Network, profile: int) -> bool:
    """Return whether no policy of any kind applies to the members of a profile, in either direction."""
    return not any(any(network.matrix[direction].layering.policies(profile)) for direction in Direction)


def _run(context: Context) -> Iterator[Finding]:
    network = context.written
    open_profiles = {profile for profile in range(len(network.profiles)) if _is_open(network, profile)}
    open_pods = {
        workload: [each for each in positions if network.profile_of[each] in open_profiles]
        for workload, positions in context.workloads.items()
    }
    unprotected = {workload: positions for workload, positions in open_pods.items() if positions}
    if not unprotected:
        return
    callers = _callers(context)
    for workload, positions in sorted(unprotected.items()):
        yield _finding(context, workload, positions, callers)


def _finding(context: Context, workload: ObjectRef, positions: list[int], callers: NDArray[np.int64]) -> Finding:
    network = context.written
    pods = [network.members[each] for each in positions]
    reach = max(int(callers[network.profile_of[each]]) for each in positions)
    exposing = _exposing(context, workload, positions)
    evidence = [
        (
            f"{count(len(network.policies), 'policy').replace('policys', 'policies')} in the snapshot, none selects "
            f"the labels {_shown(pods[0].labels)} in namespace {workload.namespace}"
        ),
        f"reachable on every port from {count(reach, 'workload')} and from outside the cluster",
    ]
    if exposing:
        evidence.append(f"exposed outside the cluster by {listed(exposing)}")
    severity = Severity.CRITICAL if exposing else Severity.HIGH
    if workload.namespace in _SYSTEM:
        severity = Severity.LOW
    uncertain = any(context.is_uncertain(each) for each in positions)
    labels = stable_labels(pods)
    if labels:
        manifest = deny_workload(workload.namespace, workload.name, labels)
        summary = f"isolate {workload.name}, then add rules for the connections that it needs (DNS among them)"
    else:
        manifest = default_deny(workload.namespace)
        summary = "the pods have no labels to select them by: isolate the whole namespace, or label them first"
    return CHECK.finding(
        workload,
        str(pods[0].place),
        f"no NetworkPolicy selects the pods of {workload}: everything may connect to them, and they to everything",
        tuple(evidence),
        Fix(summary, (manifest,)),
        severity=severity,
        confidence=Confidence.LOW if uncertain else Confidence.MEDIUM if context.is_partial else None,
    )


def _callers(context: Context) -> NDArray[np.int64]:
    """Return, for each profile, how many workloads may send it anything."""
    network = context.written
    egress = network.matrix[Direction.EGRESS]
    programs = np.asarray(sorted(set(egress.program_of.tolist())))
    rows = np.stack([egress.row(int(program)) for program in programs])
    accepted = np.asarray([value[0] != 0 for value in egress.table.values])[rows][:, : len(network.profiles)]
    owners = sorted(context.workloads.items())
    has = np.zeros((len(owners), len(programs)), dtype=np.float32)
    for number, (_, positions) in enumerate(owners):
        own = egress.program_of[[network.profile_of[each] for each in positions]]
        has[number, np.searchsorted(programs, own)] = 1
    reached: NDArray[np.int64] = ((has @ accepted.astype(np.float32)) > 0).sum(axis=0)
    return reached


def _exposing(context: Context, workload: ObjectRef, positions: list[int]) -> list[str]:
    """Return what opens the pods to the outside without a controller between."""
    kins = [context.written.members[each].kin for each in positions]
    own = [each for each in context.direct_doors.get(workload, ()) if each.crew.member.kin in kins]
    return list(dict.fromkeys(f"{each.ref.kind} {each.ref.name} ({each.way.door})" for each in own))


def _shown(labels: dict[str, str]) -> str:
    return listed((f"{key}={value}" for key, value in sorted(labels.items())), 6) or "(none)"


CHECK = Check(
    id="pod-unprotected",
    title="Pods that no policy selects",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a pod that no policy selects is not isolated: any compromised pod reaches it on every port",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.3.2",),
        nsa=("network-policies",),
        nist_800_207=("2", "3"),
        nist_800_53=("AC-4", "SC-7", "SC-7(5)"),
        mitre=("T1046",),
        pci_dss_4=("1.3.1", "1.3.2"),
    ),
    run=_run,
)
