"""What would change if some policies were there, and others were not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from firedoor.engine.reach.network import Network
from firedoor.errors import UsageError
from firedoor.model.difference import Difference
from firedoor.model.preview import Preview
from firedoor.usecases.diff import diff
from firedoor.usecases.generate import with_policies
from firedoor.usecases.preview import replayed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.difference import PolicyChange
    from firedoor.model.flows import FlowEdge
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot

NAMES = ("now", "then")


class Proposal(Struct, frozen=True):
    """Policies that are to be there (one takes the place of its namesake), and those that are to go."""

    policies: Snapshot
    removed: frozenset[ObjectRef] = frozenset()


class WhatIf(Struct, frozen=True):
    """What may connect then and not now, and the reverse; and what becomes of the connections that were seen."""

    difference: Difference
    preview: Preview | None = None


def what_if(
    snapshot: Snapshot,
    proposal: Proposal,
    cni: CniProfile,
    compared: Callable[[Snapshot, Snapshot], tuple[PolicyChange, ...]],
    edges: Iterable[FlowEdge] | None = None,
    namespace: str = "",
) -> WhatIf:
    """
    Return what a proposal would change; `compared` tells which policies are not the same in two snapshots.

    `edges` are the connections that were seen, None where nobody looked. Raises ``UsageError`` where a policy that is
    to go is not there.
    """
    then = with_policies(_without(snapshot, proposal.removed), proposal.policies)
    found = diff((snapshot, then), NAMES, cni, compared(snapshot, then), namespace)
    if edges is None:
        return WhatIf(found)
    return WhatIf(found, replayed(Network(snapshot, cni), Network(then, cni), edges, namespace))


def policy_refs(snapshot: Snapshot) -> set[ObjectRef]:
    """Return the policies of a snapshot, of whatever API."""
    return {each.ref for each in snapshot.network_policies} | {each.ref for each in snapshot.policy_objects}


def _without(snapshot: Snapshot, removed: Collection[ObjectRef]) -> Snapshot:
    for each in sorted(removed):
        if each not in policy_refs(snapshot):
            raise UsageError(f"there is no {each} that could be removed", remedy="check its kind, namespace and name")
    return replace(
        snapshot,
        network_policies=tuple(each for each in snapshot.network_policies if each.ref not in removed),
        policy_objects=tuple(each for each in snapshot.policy_objects if each.ref not in removed),
    )
