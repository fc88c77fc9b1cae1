"""Namespaces that objects live in and nobody defines: what policies can and cannot see of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.labels import NAMESPACE_NAME_LABEL
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Gap, GapKind, ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.networkpolicy import NetworkPolicy
    from firedoor.model.snapshot import Snapshot


def namespace_gaps(snapshot: Snapshot) -> Iterator[Gap]:
    """
    Yield a gap for every undefined namespace of manifests whose policies select namespaces by more than their names.

    Such a namespace is taken to have no label but its name, which the API server
    sets. A live cluster lists its namespaces, or the list was forbidden, which is a
    gap of its own.
    """
    selecting = next((policy for policy in snapshot.network_policies if _uses_labels(policy)), None)
    if selecting is None or snapshot.origin.kind != "manifests":
        return
    defined = {each.metadata.name for each in snapshot.namespaces}
    first: dict[str, str] = {}
    for pod in snapshot.pods:
        first.setdefault(pod.metadata.namespace, str(pod.place))
    for workload in snapshot.workloads:
        first.setdefault(workload.metadata.namespace, str(workload.place))
    for name in sorted(set(first) - defined):
        yield Gap(
            GapKind.INCOMPLETE,
            first[name],
            f"namespace {name} is not defined: it is taken to have no label but its name, "
            f"and policies such as {selecting.name} select namespaces by labels",
            f"give the Namespace object of {name} too",
            ObjectRef("Namespace", "", name),
        )


def _uses_labels(policy: NetworkPolicy) -> bool:
    return any(
        requirement.key != NAMESPACE_NAME_LABEL
        for direction in Direction
        for rule in policy.rules(direction)
        for peer in rule.peers
        if peer.namespace_selector is not None
        for requirement in peer.namespace_selector.requirements
    )
