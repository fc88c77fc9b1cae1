"""Pods that come one by one, made to share what they have in common with their replicas: it is kept once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from firedoor.model.workloads import Pod

if TYPE_CHECKING:
    from collections.abc import Iterable

SPARE = 1024
"""So many owners more than there were are remembered before those that are gone are forgotten, which takes a moment."""
_OF_METADATA = ("namespace", "labels", "annotations", "owner_references", "generate_name")
_Key = tuple[str, str, str]

Part = TypeVar("Part", bound=Struct)


class PodSharing:
    """
    Knows one pod of every owner.

    What replicas share is the same object, by which the network finds out quickly that they are alike. Pods of a list
    share it because they were read together.
    """

    def __init__(self) -> None:
        """Know nobody."""
        self._like: dict[_Key, Pod] = {}
        self._most = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to `learn` again who there is."""
        return len(self._like) >= self._most

    def learn(self, pods: Iterable[Pod]) -> None:
        """Know the owners of these pods, and no others."""
        self._like = {_key(each): each for each in pods}
        self._most = len(self._like) + SPARE

    def shared(self, pod: Pod) -> Pod:
        """Return an equal pod that has as much as possible in common with one of the same owner."""
        like = self._like.setdefault(_key(pod), pod)
        if like is pod:
            return pod
        spec = replace(like.spec, node_name=pod.spec.node_name)
        if spec != pod.spec:
            spec = _alike(pod.spec, like.spec, pod.spec.__struct_fields__)
        return replace(pod, metadata=_alike(pod.metadata, like.metadata, _OF_METADATA), spec=spec)


def _alike(part: Part, like: Part, fields: Iterable[str]) -> Part:
    """Return an equal part, of which those fields are the other one's that have equal values."""
    return replace(part, **{name: found for name in fields if (found := getattr(like, name)) == getattr(part, name)})


def _key(pod: Pod) -> _Key:
    owner = pod.metadata.controller
    kind, name = ("", pod.metadata.name) if owner is None else (owner.kind, owner.name)
    return pod.metadata.namespace, kind, name
