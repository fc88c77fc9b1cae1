"""ObjectMeta, as every Kubernetes object carries it (``metav1.ObjectMeta``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable


class OwnerReference(Struct, frozen=True, gc=False, rename="camel"):
    """Who made an object (``metav1.OwnerReference``)."""

    kind: str = ""
    name: str = ""
    api_version: str = ""
    controller: bool = False
    uid: str = ""


def controller_of(owners: Iterable[OwnerReference]) -> OwnerReference | None:
    """Return the owner that manages an object, if one of them does (``ownerReferences[].controller``)."""
    for owner in owners:
        if owner.controller:
            return owner
    return None


class ObjectMeta(Struct, frozen=True, gc=False, rename="camel"):
    """Name, namespace, labels and owners of an object."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[OwnerReference, ...] = ()
    generate_name: str = ""
    uid: str = ""
    creation_timestamp: str | None = field(default=None)
    deletion_timestamp: str | None = field(default=None)

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that manages the object, if one does."""
        return controller_of(self.owner_references)
