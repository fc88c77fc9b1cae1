"""The settings of an Istio mesh that its policies depend on (``MeshConfig``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, Place
from firedoor.model.untyped import described

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIG_MAP, KEY = "istio", "mesh"
"""The name of the ConfigMap that holds the settings, and the key under which it does."""

ROOT_NAMESPACE = "istio-system"
"""The namespace whose policies are for all namespaces, unless the settings say otherwise."""

TRUST_DOMAIN = "cluster.local"
"""The trust domain unless the settings say otherwise; in a principal it stands for that of the settings."""

_PARTS = 5
"""The parts of a principal: ``TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT``."""


class MeshConfig(Struct, frozen=True, gc=False):
    """What the ConfigMap `istio` says; its `metadata` is that of the ConfigMap, and nothing else of it is kept."""

    metadata: ObjectMeta = ObjectMeta(CONFIG_MAP, ROOT_NAMESPACE)
    root_namespace: str = ROOT_NAMESPACE
    trust_domain: str = TRUST_DOMAIN
    trust_domain_aliases: tuple[str, ...] = ()
    place: Place = NOWHERE

    @property
    def trust_domains(self) -> tuple[str, ...]:
        """The trust domain and the others that stand for it."""
        return (self.trust_domain, *self.trust_domain_aliases)

    def principals(self, written: str) -> tuple[str, ...]:
        """Return what Istio makes of a principal in a policy: one for each of the trust domains, if it names any."""
        parts = written.split("/")
        domain = parts[0]
        if len(parts) != _PARTS or domain == "*":
            return (written,)
        if domain != TRUST_DOMAIN and not any(_are_alike(domain, each) for each in self.trust_domains):
            return (written,)
        found = (written if _ends(each, domain) else "/".join((each, *parts[1:])) for each in self.trust_domains)
        return tuple(dict.fromkeys(found))

    def domains(self, written: str) -> tuple[str, ...]:
        """Return what Istio makes of a trust domain in a policy: all of the mesh if it is one of them."""
        return self.trust_domains if written in self.trust_domains else (written,)


def mesh_config(settings: object, metadata: ObjectMeta, place: Place) -> MeshConfig:
    """
    Return the settings from what the key holds, once it is parsed.

    Raises ``ValueError`` that says what is wrong in them.
    """
    if settings is None:
        settings = {}
    if not isinstance(settings, dict):
        raise ValueError(f"expected a mapping, found {described(settings)}")  # noqa: TRY004 - one kind for all
    aliases = settings.get("trustDomainAliases") or []
    if not isinstance(aliases, list) or not all(isinstance(each, str) for each in aliases):
        raise ValueError(f"trustDomainAliases: expected a list of names, found {described(aliases)}")
    return MeshConfig(
        ObjectMeta(metadata.name, metadata.namespace),
        _text(settings, "rootNamespace") or ROOT_NAMESPACE,
        _text(settings, "trustDomain") or TRUST_DOMAIN,
        tuple(aliases),
        place,
    )


def settings_of(found: Sequence[MeshConfig]) -> MeshConfig:
    """Return the settings that count: those in the default root namespace, or those that there are."""
    own = [each for each in found if each.metadata.namespace == ROOT_NAMESPACE]
    return next(iter((*own, *found)), MeshConfig())


def _text(settings: dict[Any, Any], key: str) -> str:
    value = settings.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key}: expected a name, found {described(value)}")
    return value or ""


def _are_alike(one: str, other: str) -> bool:
    """Return whether one of two names is, or as a pattern describes, the other."""
    return other in {one, "*"} or any(_ends(*pair) or _begins(*pair) for pair in ((one, other), (other, one)))


def _begins(text: str, pattern: str) -> bool:
    return pattern.endswith("*") and text.startswith(pattern[:-1])


def _ends(text: str, pattern: str) -> bool:
    return pattern.startswith("*") and text.endswith(pattern[1:])
