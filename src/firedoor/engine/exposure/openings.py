"""
What is open to pods that do not exist yet.

A rule that admits pods by labels admits whoever can create a pod with them. One pod is
imagined for each distinct pair of selectors, all of them at once in a network of their
own, so that whatever else decides about them (a denial in another tier) counts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.exposure.witnesses import Anyone, witnesses
from firedoor.engine.reach.network import Network
from firedoor.model.clusterpolicy import Action, PodsPeer
from firedoor.model.exposure import Opening
from firedoor.model.labels import EVERYTHING, NAMESPACE_NAME_LABEL
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import Direction
from firedoor.model.workloads import Namespace, Pod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.exposure.witnesses import Witness
    from firedoor.engine.reach.values import Value
    from firedoor.model.networkpolicy import NetworkPolicyPeer
    from firedoor.model.places import ObjectRef

_PREFIX = "imagined"
_EVERYONE = Anyone("", EVERYTHING, EVERYTHING)


@dataclass(slots=True)
class _Admission:
    """
    Whom rules admit to some members, and which rules.

    `is_meant` says that all of `anyone` are, and not only a pod that happens to get in.
    """

    anyone: Anyone
    rules: dict[str, None]
    is_meant: bool = True


def openings(network: Network) -> tuple[Opening, ...]:
    """Return what each workload accepts from pods that could be created, by workload and selectors."""
    groups: dict[tuple[ObjectRef, int], int] = {}
    for position, member in enumerate(network.members):
        if not member.host_network:
            groups.setdefault((member.workload, network.profile_of[position]), position)
    admissions = _admissions(network, list(groups.values()))
    imagined = _Imagined(network, {each.anyone.key: each.anyone for found in admissions.values() for each in found})
    merged: dict[tuple[ObjectRef, object], tuple[_Admission, int, int]] = {}
    for (workload, _), position in groups.items():
        for each in admissions[position]:
            sure, possible = imagined.value(each.anyone, position)
            known = merged.get((workload, each.anyone.key))
            if known is not None:
                each.rules |= known[0].rules
                each.is_meant |= known[0].is_meant
                sure, possible = sure | known[1], possible | known[2]
            merged[workload, each.anyone.key] = (each, sure, possible)
    return tuple(_openings(network, merged))


def _openings(
    network: Network, merged: dict[tuple[ObjectRef, object], tuple[_Admission, int, int]]
) -> Iterator[Opening]:
    census = _Census(network)
    named: dict[ObjectRef, int] = defaultdict(int)
    """What rules that name somebody let in."""
    for (workload, _), (admission, _, possible) in merged.items():
        if admission.is_meant:
            named[workload] |= possible
    ordered = sorted(merged.items(), key=lambda item: (item[0][0].namespace, item[0][0], _words(item[1][0].anyone)))
    for (workload, _), (admission, sure, possible) in ordered:
        everyone, wide_sure, wide_possible = merged[workload, _EVERYONE.key]
        known = (0, 0)
        if not admission.is_meant:
            known = (named[workload], named[workload])
        elif everyone.is_meant and not admission.anyone.is_everyone:
            # Any pod at all gets as far: nothing is added by having these labels.
            known = (wide_sure, wide_possible)
        if sure & ~known[0] or possible & ~known[1]:
            yield _opening(network, workload, admission, (sure, possible), census)


class _Census:
    """The pods of each namespace, counted once for each pair of selectors."""

    def __init__(self, network: Network) -> None:
        self._spaces = network.namespaces
        self._labels: dict[str, list[dict[str, str]]] = defaultdict(list)
        for member in network.members:
            if not member.host_network:
                self._labels[member.namespace].append(member.labels)
        self._counts: dict[object, int] = {}

    def count(self, anyone: Anyone) -> int:
        if anyone.key not in self._counts:
            self._counts[anyone.key] = sum(
                anyone.pods.matches(labels)
                for namespace, pods in self._labels.items()
                if anyone.holds(namespace, self._spaces[namespace])
                for labels in pods
            )
        return self._counts[anyone.key]


def _opening(network: Network, workload: ObjectRef, admission: _Admission, value: Value, census: _Census) -> Opening:
    anyone = admission.anyone
    namespaces, pods, matching = "a new namespace", "a pod without labels", 0
    if admission.is_meant:
        namespaces, pods = _words(anyone)
        matching = census.count(anyone)
    sure, possible = value
    traffic, unknown = network.axis.traffic(sure), network.axis.traffic(possible & ~sure)
    return Opening(workload, namespaces, pods, matching, traffic, unknown, tuple(admission.rules))


def _words(anyone: Anyone) -> tuple[str, str]:
    pods = "any pod" if anyone.pods.is_empty else f"pods {anyone.pods}"
    if anyone.namespace:
        return f"namespace {anyone.namespace}", pods
    if anyone.namespaces.is_empty:
        return "any namespace", pods
    prefix = f"{NAMESPACE_NAME_LABEL}="
    words = str(anyone.namespaces)
    is_name = words.startswith(prefix) and len(anyone.namespaces.requirements) == 1
    return f"namespace {words.removeprefix(prefix)}" if is_name else f"namespaces {words}", pods


class _Imagined:
    """The network with a pod more for each way to be admitted, in as many worlds as the namespaces take."""

    def __init__(self, network: Network, wanted: dict[tuple[object, ...], Anyone]) -> None:
        taken = {*network.namespaces, *(each.name for each in network.members)}
        prefix = _PREFIX
        while any(each.startswith(prefix) for each in taken):
            prefix += "-"
        worlds: list[_World] = []
        for number, (key, anyone) in enumerate(wanted.items()):
            for index, each in enumerate(witnesses(anyone, network.namespaces, f"{prefix}-{number}")):
                world = next((world for world in worlds if world.has_room(each)), None)
                if world is None:
                    world = _World()
                    worlds.append(world)
                world.add(key, f"{prefix}-{number}-{index}", each)
        self._answers = [world.build(network) for world in worlds]

    def value(self, anyone: Anyone, position: int) -> Value:
        """Return what the policies on a member accept from any of the pods imagined for `anyone`."""
        sure = possible = 0
        for imagined, positions, pods in self._answers:
            for pod in pods.get(anyone.key, ()):
                value = imagined.direction_value(Direction.INGRESS, positions[position], pod)
                sure, possible = sure | value[0], possible | value[1]
        return sure, possible


_Answers = tuple[Network, list[int], dict[tuple[object, ...], list[int]]]
"""A network, where the members of the true one are in it, and the imagined ones for each way."""


class _World:
    """Imagined pods whose namespaces do not contradict each other: each new one has one set of labels."""

    def __init__(self) -> None:
        self._namespaces: dict[str, dict[str, str]] = {}
        self._pods: list[tuple[tuple[object, ...], Pod]] = []

    def has_room(self, witness: Witness) -> bool:
        own = witness.namespace_labels
        return own is None or self._namespaces.get(witness.namespace, own) == own

    def add(self, key: tuple[object, ...], name: str, witness: Witness) -> None:
        if witness.namespace_labels is not None:
            self._namespaces[witness.namespace] = witness.namespace_labels
        metadata = ObjectMeta(name=name, namespace=witness.namespace, labels=witness.labels)
        self._pods.append((key, Pod(metadata)))

    def build(self, network: Network) -> _Answers:
        snapshot = network.snapshot
        new = tuple(Namespace(ObjectMeta(name=name, labels=own)) for name, own in self._namespaces.items())
        more = msgspec.structs.replace(
            snapshot,
            pods=(*snapshot.pods, *(pod for _, pod in self._pods)),
            namespaces=(*snapshot.namespaces, *new),
        )
        imagined = Network(more, network.cni)
        places = {(each.namespace, each.name, each.workload): place for place, each in enumerate(imagined.members)}
        by_name = {(each.namespace, each.name): place for place, each in enumerate(imagined.members)}
        pods: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for key, pod in self._pods:
            pods[key].append(by_name[pod.metadata.namespace, pod.metadata.name])
        return imagined, [places[each.namespace, each.name, each.workload] for each in network.members], pods


def _admissions(network: Network, positions: list[int]) -> dict[int, list[_Admission]]:
    """Return whom the rules admit to some members; any pod at all is always asked about."""
    layering = network.matrix[Direction.INGRESS].layering
    found: dict[int, dict[tuple[object, ...], _Admission]] = {
        each: {_EVERYONE.key: _Admission(_EVERYONE, {}, not any(layering.policies(network.profile_of[each])))}
        for each in positions
    }
    of_profile: dict[int, list[int]] = defaultdict(list)
    for position in positions:
        of_profile[network.profile_of[position]].append(position)
    for compiled in network.compiled[Direction.INGRESS]:
        policy = compiled.policy
        selected = [position for profile in compiled.selected.tolist() for position in of_profile.get(profile, ())]
        for number, rule in enumerate(policy.rules(Direction.INGRESS)):
            name = f"{policy.name} spec.ingress[{number}]"
            admitted = [_peer(policy.metadata.namespace, peer) for peer in rule.peers if peer.ip_block is None]
            _note(found, selected, admitted if rule.peers else [_EVERYONE], name)
    for cluster in network.typed.cluster:
        selected = [each for each in positions if _is_subject(network, each, cluster.subject)]
        for ordered in cluster.rules(Direction.INGRESS):
            peers = [each for each in ordered.peers if isinstance(each, PodsPeer)]
            if ordered.action is not Action.DENY:
                admitted = [Anyone("", each.namespace_selector, each.pod_selector or EVERYTHING) for each in peers]
                _note(found, selected, admitted, f"{cluster.metadata.name} {ordered.path}")
    return {position: list(each.values()) for position, each in found.items()}


def _note(
    found: dict[int, dict[tuple[object, ...], _Admission]], selected: list[int], admitted: list[Anyone], rule: str
) -> None:
    for position in selected:
        for anyone in admitted:
            admission = found[position].setdefault(anyone.key, _Admission(anyone, {}))
            admission.rules[rule] = None
            admission.is_meant = True


def _peer(namespace: str, peer: NetworkPolicyPeer) -> Anyone:
    pods = peer.pod_selector or EVERYTHING
    if peer.namespace_selector is None:
        return Anyone(namespace, EVERYTHING, pods)
    return Anyone("", peer.namespace_selector, pods)


def _is_subject(network: Network, position: int, subject: PodsPeer) -> bool:
    member = network.members[position]
    return subject.selects(network.namespaces[member.namespace], member.labels)
