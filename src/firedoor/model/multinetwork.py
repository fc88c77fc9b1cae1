"""
MultiNetworkPolicy (``k8s.cni.cncf.io``), and the secondary networks that pods are attached to.

A MultiNetworkPolicy says about secondary networks what a NetworkPolicy says about
the cluster network, in the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.multinetwork_rules import read_spec
from firedoor.model.network_attachments import Attachment, attachments
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import ObjectRef
from firedoor.model.untyped import Reader, described

if TYPE_CHECKING:
    from firedoor.model.faults import Fault
    from firedoor.model.policies import PolicyObject

__all__ = ["POLICY_FOR", "Attachment", "MultiNetworkPolicy", "attachments", "parse_multi_network_policy"]

KIND = "MultiNetworkPolicy"
POLICY_FOR = "k8s.v1.cni.cncf.io/policy-for"
"""The annotation that lists the networks a policy is for, separated by commas."""


class MultiNetworkPolicy(NetworkPolicy, frozen=True, gc=False):
    """A network policy for the secondary networks that it names; it does not touch the cluster network."""

    networks: tuple[str, ...] = ()
    """The NetworkAttachmentDefinitions that the policy is for, as ``namespace/name``; without any it does nothing."""
    unsure: tuple[str, ...] = ()
    """The paths of the rules that are not evaluated in full; ``spec`` stands for the whole policy."""

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(KIND, self.metadata.namespace, self.metadata.name)

    def is_unsure(self, path: str) -> bool:
        """Return whether the rule at `path` may match any connection, or none."""
        return path in self.unsure or "spec" in self.unsure


def parse_multi_network_policy(policy: PolicyObject) -> tuple[MultiNetworkPolicy | None, tuple[Fault, ...]]:
    """
    Return the policy, or None where an API server refuses the object, and what is wrong with it.

    The schema demands ``podSelector`` of a specification, but no specification: without
    one the policy selects all pods of its namespace and accepts nothing.
    """
    reader = Reader()
    networks = _networks(reader, policy)
    contents: dict[str, Any] = {"podSelector": {}} if policy.spec is None else policy.spec
    if not reader.is_mapping(contents, "spec"):
        return None, tuple(reader.faults)
    spec, unsure = read_spec(reader, contents)
    parsed = MultiNetworkPolicy(policy.metadata, spec, policy.place, networks, unsure)
    return (None if reader.is_refused else parsed), tuple(reader.faults)


def _networks(reader: Reader, policy: PolicyObject) -> tuple[str, ...]:
    """Return the networks that the annotation names; a name without namespace is in that of the policy."""
    path, remedy = f"metadata.annotations[{POLICY_FOR}]", "list NetworkAttachmentDefinitions: name, namespace/name"
    parts = policy.metadata.annotations.get(POLICY_FOR, "").split(",")
    networks: dict[str, None] = {}
    for part in filter(None, map(str.strip, parts)):
        namespace, slash, name = map(str.strip, part.rpartition("/"))
        if not name or "/" in namespace or bool(slash) != bool(namespace):
            reader.note(path, f"found {described(part)}, which names no network", remedy)
        else:
            networks[f"{namespace or policy.metadata.namespace}/{name}"] = None
    if not networks:
        reader.note(path, "the annotation names no network, so that the policy has no effect", remedy)
    return tuple(networks)
