"""Which hosts of ConfigMaps a pod is told of: by its variables, and by the files that its containers see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.network import Network
    from firedoor.model.contents import ConfigMap
    from firedoor.model.members import Member
    from firedoor.model.mentions import Mention
    from firedoor.model.volumes import ConfigMapSource
    from firedoor.model.workloads import Container

OF_EVERY_NAMESPACE = frozenset({"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"})
"""ConfigMaps that controllers put into every namespace: certificates, which name no hosts."""


class Told(NamedTuple):
    """A host that a pod is told of: where in the ConfigMap, and by which part of the pod."""

    mention: Mention
    config_map: ConfigMap
    by: str

    @property
    def place(self) -> str:
        """``file:line`` of the key."""
        return self.config_map.place.at(f'data["{self.mention.key}"]')


class _Use(NamedTuple):
    name: str
    keys: frozenset[str] | None
    """The keys that are used; None for all."""
    by: str


class ConfigMapIndex:
    """The ConfigMaps of a network by name."""

    def __init__(self, network: Network) -> None:
        """Index them."""
        self._known = {(each.metadata.namespace, each.metadata.name): each for each in network.snapshot.config_maps}

    def told(self, member: Member) -> Iterator[Told]:
        """Yield the hosts that a pod is told of, each once for each key."""
        seen: set[tuple[str, Mention]] = set()
        for use in _uses(member):
            found = self._known.get((member.namespace, use.name))
            for mention in found.mentions if found is not None else ():
                assert found is not None  # noqa: S101 - as the line above says
                if (use.keys is None or mention.key in use.keys) and (use.name, mention) not in seen:
                    seen.add((use.name, mention))
                    yield Told(mention, found, use.by)

    def uses_any(self, member: Member) -> bool:
        """Return whether a pod uses a ConfigMap of its own."""
        return any(each.name not in OF_EVERY_NAMESPACE for each in _uses(member))


def _uses(member: Member) -> Iterator[_Use]:
    spec = member.spec
    containers = (*spec.init_containers, *spec.containers)
    for container in containers:
        yield from _of_variables(container)
    for volume in spec.volumes:
        seen = [
            (container.name, mount.sub_path)
            for container in containers
            for mount in container.volume_mounts
            if mount.name == volume.name
        ]
        for source in volume.config_maps if seen else ():
            yield _Use(source.name, _keys(source, {path for _, path in seen}), f"volume {volume.name}")


def _of_variables(container: Container) -> Iterator[_Use]:
    for number, variable in enumerate(container.env):
        key = variable.value_from.config_map_key_ref if variable.value_from is not None else None
        if key is not None:
            yield _Use(key.name, frozenset({key.key}), f"container {container.name}, env[{number}]")
    for number, each in enumerate(container.env_from):
        if each.config_map_ref is not None:
            yield _Use(each.config_map_ref.name, None, f"container {container.name}, envFrom[{number}]")


def _keys(source: ConfigMapSource, sub_paths: set[str]) -> frozenset[str] | None:
    """Return the keys that containers see, of a volume and what of it they mount; None for all."""
    paths = {each.path: each.key for each in source.items}
    if "" in sub_paths:
        return frozenset(paths.values()) if paths else None
    if paths:
        return frozenset(
            key for path, key in paths.items() if path.partition("/")[0] in {_first(each) for each in sub_paths}
        )
    return frozenset(map(_first, sub_paths))


def _first(path: str) -> str:
    return path.removeprefix("./").partition("/")[0]
