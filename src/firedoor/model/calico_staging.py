"""Staged policies of Calico: what is to become of them, and those that preview a NetworkPolicy of Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.calico import StagedKubernetesPolicy
from firedoor.model.calico_stored import api_metadata
from firedoor.model.multinetwork_rules import read_spec
from firedoor.model.networkpolicy import NetworkPolicy

if TYPE_CHECKING:
    from collections.abc import Collection

    from firedoor.model.calico_fields import CalicoReader
    from firedoor.model.policies import PolicyObject

ACTIONS = ("Set", "Delete", "Learn", "Ignore")


def staged_action(reader: CalicoReader, spec: dict[str, Any]) -> str:
    """Return ``stagedAction``, which is ``Set`` where nothing else is said."""
    return reader.word(spec, "stagedAction", "spec", ACTIONS) or "Set"


def refuse_remains(reader: CalicoReader, spec: dict[str, Any], kept: Collection[str]) -> None:
    """Refuse the fields of a policy that stages a deletion, all but `kept`: there is nothing for them to say."""
    for key, value in spec.items():
        is_set = bool(value) or (key == "order" and value is not None)
        if is_set and key not in kept:
            reason = f"found {key} beside stagedAction Delete, expected nothing"
            reader.refuse(f"spec.{key}", reason, "remove the field")


def staged_kubernetes_policy(
    reader: CalicoReader, policy: PolicyObject, spec: dict[str, Any]
) -> StagedKubernetesPolicy:
    """Return a staged NetworkPolicy of Kubernetes; a value that has no meaning is left out, and makes it unsure."""
    metadata = api_metadata(reader, policy.metadata)
    action = staged_action(reader, spec)
    if action == "Delete":
        refuse_remains(reader, spec, ("stagedAction",))
    wire = {key: value for key, value in spec.items() if key != "stagedAction" and value is not None}
    previewed, _ = read_spec(reader, {"podSelector": {}, **wire})
    return StagedKubernetesPolicy(
        metadata, policy.place, action, NetworkPolicy(metadata, previewed, policy.place), reader.doubts > 0
    )
