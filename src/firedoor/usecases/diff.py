"""Who can reach whom now and could not before, and the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.difference import differences
from firedoor.engine.reach.network import Network
from firedoor.errors import NothingInScopeError
from firedoor.model.difference import ChangeKind, ConnectionChange, Difference, PolicyChange
from firedoor.usecases.ends import require_namespace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.snapshot import Snapshot

_KINDS = list(ChangeKind)


def diff(
    snapshots: tuple[Snapshot, Snapshot],
    names: tuple[str, str],
    cni: CniProfile,
    policies: Sequence[PolicyChange] = (),
    namespace: str = "",
    *,
    pods: bool = False,
) -> Difference:
    """
    Return what changed from the first snapshot to the second, which a person calls by the given names.

    With `namespace` only connections that have an end in it, and policies in it or of
    the whole cluster. Raises ``NothingInScopeError`` when neither snapshot holds a pod,
    or neither has the namespace.
    """
    old, new = (Network(each, cni) for each in snapshots)
    if not (old.members or new.members):
        raise NothingInScopeError(
            f"no pod or workload was found in {names[0]} or {names[1]}",
            remedy="check the paths, or the contexts of the clusters",
        )
    if namespace and namespace not in old.namespaces:
        require_namespace(new, namespace)
    found = [each for each in differences(old, new, pods=pods) if _concerns(each, namespace)]
    found.sort(key=lambda each: (_KINDS.index(each.kind), each.src.sort_key, each.dst.sort_key))
    return Difference(
        names[0],
        names[1],
        tuple(found),
        tuple(sorted(each for each in policies if not namespace or each.object.namespace in {"", namespace})),
        snapshots[0].gaps,
        snapshots[1].gaps,
        cni.name,
    )


def _concerns(change: ConnectionChange, namespace: str) -> bool:
    ends = (change.src.workload, change.dst.workload)
    return not namespace or any(end is not None and end.namespace == namespace for end in ends)
