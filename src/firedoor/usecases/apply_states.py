"""The states that a cluster passes through while policies are applied, as the engine sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.difference import disturbances, interruptions, openings
from firedoor.engine.reach.network import Network
from firedoor.errors import SourceError
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.decoding import api_group, decode
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import Place
from firedoor.model.policies import PolicyObject
from firedoor.model.policy_gaps import policy_gaps
from firedoor.model.snapshot import Origin, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.rollout import Interruption, Manifest, Step

MOST_STATES = 400
MOST_PODS = 2_000
"""Beyond these sizes the states between are not judged: it would take minutes."""


def with_steps(snapshot: Snapshot, steps: Sequence[Step]) -> Snapshot:
    """Return a snapshot as it is once some steps are done, with the gaps that its policies then have."""
    gone = {(api_group(each.ref.api_version), each.ref.object) for each in steps}
    builder = SnapshotBuilder()
    for each in {(api_group(step.ref.api_version), step.ref.object): step for step in steps}.values():
        if each.after is not None:
            builder.add(_decoded(each.after))
    new = builder.build(Origin())
    changed = msgspec.structs.replace(
        snapshot,
        network_policies=(
            *(each for each in snapshot.network_policies if ("networking.k8s.io", _ref(each)) not in gone),
            *new.network_policies,
        ),
        policy_objects=(
            *(each for each in snapshot.policy_objects if (each.group, each.ref) not in gone),
            *new.policy_objects,
        ),
    )
    own = set(policy_gaps(snapshot))
    gaps = [*(each for each in snapshot.gaps if each not in own), *policy_gaps(changed)]
    gaps.sort(key=lambda each: (each.source, each.path, each.reason))
    return msgspec.structs.replace(changed, gaps=tuple(gaps))


class States:
    """Judges states between what is there and what all steps lead to; `judged` counts them."""

    def __init__(self, snapshot: Snapshot, steps: Sequence[Step], cni: CniProfile) -> None:
        """Compile what there is, and what there will be once all `steps` are done."""
        self._snapshot = snapshot
        self._cni = cni
        self.old = Network(snapshot, cni)
        self.new = Network(with_steps(snapshot, steps), cni)
        self.judged = 0

    @property
    def is_affordable(self) -> bool:
        """Whether one more state is judged."""
        return self.judged < MOST_STATES and len(self.old.members) <= MOST_PODS

    def cuts(self, done: Sequence[Step]) -> tuple[Interruption, ...]:
        """Return what passes before and after all steps, and not surely when these are done."""
        between = self._network(done)
        if not interruptions(self.old, between, self.new):
            return ()
        # Between workloads it may be too much: pods decide.
        return interruptions(self.old, between, self.new, pods=True)

    def opens(self, done: Sequence[Step]) -> bool:
        """Return whether anything may pass when these are done that may pass neither before nor after all."""
        return bool(self.opened(done))

    def disturbs(self, done: Sequence[Step]) -> tuple[tuple[Interruption, ...], tuple[Interruption, ...]]:
        """Return what opens and what is cut when these are done, whatever comes later."""
        between = self._network(done)
        found = disturbances(self.old, between)
        if not any(found) or len(self.old.members) > MOST_PODS:
            return found
        return disturbances(self.old, between, pods=True)

    def opened(self, done: Sequence[Step]) -> tuple[Interruption, ...]:
        """Return what may pass when these are done, and neither before nor after all."""
        return openings(self.old, self._network(done), self.new)

    def _network(self, done: Sequence[Step]) -> Network:
        self.judged += 1
        return Network(with_steps(self._snapshot, done), self._cni)


def _ref(policy: NetworkPolicy) -> object:
    return policy.ref


def _decoded(manifest: Manifest) -> NetworkPolicy | PolicyObject:
    metadata = manifest["metadata"]
    namespace = metadata.get("namespace", "")
    place = Place(f"{manifest['kind']} {namespace}/{metadata['name']}" if namespace else metadata["name"])
    try:
        found = decode(manifest, place, namespace)
    except msgspec.ValidationError as error:
        raise SourceError(f"the server keeps it in a form that nobody knows: {error}", place=str(place)) from error
    assert isinstance(found, NetworkPolicy | PolicyObject)  # noqa: S101 - no other kind is applied
    return found
