"""What a cluster would be if the staged policies of Calico were enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.model.calico import CalicoPolicy, StagedKubernetesPolicy
from firedoor.model.calico_parsing import STORED_GROUP, parse_calico
from firedoor.model.places import Gap, GapKind, ObjectRef, Scope
from firedoor.model.policy_gaps import policy_gaps

if TYPE_CHECKING:
    from collections.abc import Collection

    from firedoor.model.networkpolicy import NetworkPolicy
    from firedoor.model.policies import PolicyObject
    from firedoor.model.snapshot import Snapshot

    Name = tuple[str, str, str]

_GROUPS = ("projectcalico.org", STORED_GROUP)
_ENFORCED = ("NetworkPolicy", "GlobalNetworkPolicy")
_STAGED = "Staged"
_KUBERNETES = "KubernetesNetworkPolicy"


def with_staged(snapshot: Snapshot, only: Collection[ObjectRef] | None = None) -> Snapshot:
    """
    Return the snapshot as it would be with every staged policy, or `only` some, in force (``stagedAction``).

    ``Set`` puts a policy in the place of the enforced one with its name, or adds it;
    ``Delete`` removes that one; ``Learn`` and ``Ignore`` change nothing. The policies
    keep the places they were read from. The gaps are those of the changed snapshot.
    """
    chosen = (each for each in snapshot.policy_objects if only is None or each.ref in only)
    staged = [(each, found) for each in chosen if (found := _staged(each)) is not None]
    gone = {_name(each, each.kind.removeprefix(_STAGED)) for each, _ in staged}
    added = {id(each) for each, found in staged if isinstance(found, CalicoPolicy) and found.staged_action == "Set"}
    objects = []
    for each in snapshot.policy_objects:
        if id(each) in added:
            objects.append(_enforced(each))
        elif each.group not in _GROUPS or each.kind not in _ENFORCED or _name(each, each.kind) not in gone:
            objects.append(each)
    previews = [found for _, found in staged if isinstance(found, StagedKubernetesPolicy)]
    previews = [each for each in previews if each.staged_action == "Set"]
    changed = msgspec.structs.replace(
        snapshot,
        policy_objects=tuple(objects),
        network_policies=(
            *(each for each in snapshot.network_policies if (_KUBERNETES, *_of(each)) not in gone),
            *(each.policy for each in previews if not each.unsure),
        ),
    )
    own = set(policy_gaps(snapshot))
    others = (gap for gap in snapshot.gaps if gap not in own)
    gaps = [*others, *policy_gaps(changed), *(_unsure(each) for each in previews if each.unsure)]
    gaps.sort(key=lambda gap: (gap.source, gap.path, gap.reason))
    return msgspec.structs.replace(changed, gaps=tuple(gaps))


def _staged(policy: PolicyObject) -> CalicoPolicy | StagedKubernetesPolicy | None:
    """Return the staged policy that an object is, if putting it in force changes something."""
    if policy.group not in _GROUPS or not policy.kind.startswith(_STAGED):
        return None
    found = parse_calico(policy)[0]
    if isinstance(found, CalicoPolicy | StagedKubernetesPolicy) and found.staged_action in {"Set", "Delete"}:
        return found
    return None


def _name(policy: PolicyObject, kind: str) -> Name:
    """Return a kind with the name that a policy has in the API, which need not be the one it is stored under."""
    found = parse_calico(policy)[0]
    metadata = found.metadata if isinstance(found, CalicoPolicy | StagedKubernetesPolicy) else policy.metadata
    return kind, metadata.namespace, metadata.name


def _of(policy: NetworkPolicy) -> tuple[str, str]:
    return policy.metadata.namespace, policy.metadata.name


def _enforced(policy: PolicyObject) -> PolicyObject:
    spec = {key: value for key, value in (policy.spec or {}).items() if key != "stagedAction"}
    return msgspec.structs.replace(policy, kind=policy.kind.removeprefix(_STAGED), spec=spec)


def _unsure(staged: StagedKubernetesPolicy) -> Gap:
    """Return the gap of a policy that is not put in force, because no rule of NetworkPolicies may or may not match."""
    namespace, name = _of(staged.policy)
    return Gap(
        GapKind.UNSUPPORTED,
        str(staged.place),
        f"{_STAGED}{_KUBERNETES} {namespace}/{name}: part of it is not understood: verdicts on the pods of "
        f"namespace {namespace} are unknown",
        "correct what the other gaps say of it",
        ObjectRef(f"{_STAGED}{_KUBERNETES}", namespace, name),
        Scope(namespace),
    )
