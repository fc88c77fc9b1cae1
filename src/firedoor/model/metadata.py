"""ObjectMeta, as every Kubernetes object carries it (``metav1.ObjectMeta``)."""

from __future__ import annotations

from msgspec import Struct, field


class OwnerReference(Struct, frozen=True, gc=False, rename="camel"):
    """Who made an object (``metav1.OwnerReference``)."""

    kind: str = ""
    name: str = ""
    api_version: str = ""
    controller: bool = False
    uid: str = ""


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
        for owner in self.owner_references:
            if owner.controller:
                return owner
        return None
