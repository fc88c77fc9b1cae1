"""
The reference of attack paths: what comes to be held by whoever holds something, one step after the other.

Written from ``docs/howto/attack-paths.md`` and the rules of Kubernetes, not to be fast: for
each thing that is held every rule is asked each of its questions one by one. Only what is
known to work counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.attack_pods import from_internet, from_node, from_pods
from tests.reference.attack_rights import from_identity
from tests.reference.attack_things import ADMIN, INTERNET, Scene, Thing
from tests.reference.rbac import MASTERS

__all__ = ["ADMIN", "INTERNET", "Scene", "Thing", "follows", "layers", "plain", "starts_of"]


def layers(scene: Scene, starts: list[Thing]) -> dict[Thing, int]:
    """Return everything that comes to be held, with the fewest steps to it."""
    held = dict.fromkeys(starts, 0)
    last = list(held)
    while last:
        found = {target for thing in last for target in scene.once(follows, thing)} - set(held)
        held |= dict.fromkeys(found, held[last[0]] + 1)
        last = list(found)
    return held


def follows(scene: Scene, thing: Thing) -> Iterator[Thing]:
    """Yield what one step leads to from something that is held."""
    match thing[0]:
        case "internet":
            yield from from_internet(scene)
        case "pods":
            yield from from_pods(scene, thing)
        case "node":
            yield from from_node(scene, thing)
        case "account" | "user" | "group" | "role":
            yield from from_identity(scene, thing)
        case "namespace":
            yield from _everything_in(scene, thing[1])
        case "admin":
            yield from _everything(scene)


def plain(thing: Thing) -> Thing:
    """Return a thing as people write it: all pods of a workload are one, and so are nodes without a name."""
    return thing[:4] if thing[0] == "pods" else thing[:2] if thing[0] == "node" else thing


def starts_of(scene: Scene, wanted: Thing) -> list[Thing]:
    """Return what people mean by a thing: all parts of a workload."""
    return [each for each in scene.parts if plain(each) == wanted] if wanted[0] == "pods" else [wanted]


def _everything_in(scene: Scene, namespace: str) -> Iterator[Thing]:
    yield from (each for each in scene.parts if each[1] == namespace)
    yield from (each for each in scene.accounts if each[1] == namespace)
    yield ("secrets", namespace)
    # Who has every right in a namespace also takes the label off it that keeps privileged pods out.
    yield from scene.nodes


def _everything(scene: Scene) -> Iterator[Thing]:
    for namespace in scene.namespaces:
        yield ("namespace", namespace)
        yield from _everything_in(scene, namespace)
    yield from (("secrets", ""), *scene.users, *(each for each in scene.groups if each[1] != MASTERS))
