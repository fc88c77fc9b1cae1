"""The product's attack graph of generated manifests, in the words of the reference."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec
import rustworkx as rx

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.attack.building import Attack
from firedoor.engine.attack.core import Core
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.model.attack import Kind, Standing
from firedoor.model.snapshot import Snapshot
from tests.reference.attack import ADMIN, INTERNET, Scene, Thing, follows, layers, plain, starts_of
from tests.reference.attack_things import CHOICE, node_of

Held = dict[Thing, int]
"""The fewest steps to everything that is held."""

_WORDS = {
    Kind.SERVICE_ACCOUNT: "account",
    Kind.USER: "user",
    Kind.GROUP: "group",
    Kind.NODE: "node",
    Kind.SECRETS: "secrets",
    Kind.NAMESPACE: "namespace",
}


def snapshot_of(scene: Scene) -> Snapshot:
    """Return the snapshot of a scene's objects, as if they came from a server of its version."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": scene.cluster})
    found = load_text(text)
    version = "" if scene.version is None else "v{}.{}.0".format(*scene.version)
    return msgspec.structs.replace(found, origin=msgspec.structs.replace(found.origin, server_version=version))


def attack_of(scene: Scene) -> Attack:
    """Return the product's attack graph of a scene."""
    return Attack(Network(snapshot_of(scene), SPEC))


def thing_of(standing: Standing) -> Thing:
    """Return what the reference calls a standing."""
    match standing.kind:
        case Kind.INTERNET:
            return INTERNET
        case Kind.CLUSTER_ADMIN:
            return ADMIN
        case Kind.PODS:
            return ("pods", standing.namespace, standing.detail, standing.name)
        case Kind.ROLE:
            return ("role", standing.detail, standing.name, standing.namespace)
        case Kind.SERVICE_ACCOUNT:
            return ("account", standing.namespace, standing.name)
        case Kind.SECRETS:
            return ("secrets", standing.namespace)
        case kind:
            return (_WORDS[kind], standing.name)


def vertices(attack: Attack, thing: Thing) -> list[int]:
    """Return the vertices of a thing."""
    return attack.graph.of_standing(lambda each: thing_of(each) == thing)


def things(attack: Attack, some: Iterable[int]) -> set[Thing]:
    """Return what is held at some vertices."""
    found = (attack.graph.vertices[number] for number in some)
    return {thing_of(each) for each in found if isinstance(each, Standing)}


def reached(attack: Attack, start: Thing) -> set[Thing]:
    """Return all that comes to be held, the start not counted."""
    found = {other for each in vertices(attack, start) for other in rx.descendants(attack.graph.graph, each)}
    return things(attack, found) - {start}


def steps(attack: Attack, start: Thing, end: Thing) -> int | None:
    """Return how many steps the shortest path has; None where there is none."""
    walk = Core(attack.graph, vertices(attack, start), vertices(attack, end)).shortest()
    return None if walk is None else sum(isinstance(attack.graph.vertices[each], Standing) for each in walk) - 1


def end_words(thing: Thing) -> str:
    """Return what people write for an end of a path."""
    match thing[0]:
        case "internet":
            return "internet"
        case "admin":
            return "cluster-admin"
        case "pods":
            return "/".join(thing[1:])
        case "account":
            return f"serviceaccount:{thing[1]}/{thing[2]}"
        case "secrets":
            return f"secrets:{thing[1]}" if thing[1] else "secrets"
        case kind:
            return f"{kind}:{thing[1]}"


def is_step(scene: Scene, source: Thing, target: Thing) -> bool:
    """Return whether the reference says that one step leads from one to the other."""
    parts = [*starts_of(scene, source), *(_unnamed(scene) if source == ("node", "") else ())]
    return any(plain(each) == target for part in parts for each in scene.once(follows, part))


def _unnamed(scene: Scene) -> list[Thing]:
    return [CHOICE, *(node_of(each) for each in scene.pods if not each.end.node)]


def expected(scene: Scene, start: Thing) -> Held:
    """Return what the reference says is held, with the fewest steps, the start not counted."""
    found: Held = {}
    for thing, distance in layers(scene, starts_of(scene, start)).items():
        each = plain(thing)
        found[each] = min(distance, found.get(each, distance))
    return {each: distance for each, distance in found.items() if each != start}


def without_lesser(some: Iterable[Thing], held: Held) -> set[Thing]:
    """
    Return things without the roles that are of no use: those of whom every right comes in as few steps.

    Who may bind all roles is not led to each of them.
    """
    return {each for each in some if each[0] != "role" or not _is_lesser(each, held)}


def _is_lesser(role: Thing, held: Held) -> bool:
    wholes = [ADMIN, ("namespace", role[3])]
    return role not in held or any(held.get(each, held[role] + 1) <= held[role] for each in wholes)
