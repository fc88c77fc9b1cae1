"""The pods that the cases of the conformance suite are tried with, and the state of their namespaces."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from firedoor.engine.conformance.predicting import Predictor
from firedoor.engine.conformance.shapes import Stage
from firedoor.engine.conformance.sites import SPACES
from firedoor.engine.conformance.world import SITE_BY_KEY, World
from firedoor.errors import SourceError
from firedoor.interfaces import PlacedProber
from firedoor.model.conformance import Observation, Passage
from firedoor.model.places import ObjectRef
from firedoor.model.probing import Outcome, Probe, ProbeSite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from firedoor.engine.conformance.shapes import Case, Site, Try
    from firedoor.interfaces import Progress, Scratch
    from firedoor.model.rollout import Manifest

NewProber = Callable[[], AbstractContextManager[PlacedProber]]

_PASSAGES = {
    Outcome.CONNECTED: Passage.PASSES,
    Outcome.UNRESOLVED: Passage.UNKNOWN,
    Outcome.CHECK_FAILED: Passage.UNKNOWN,
}
"""What outcomes mean; all others are ways of being blocked."""
_KEEPING_OUT = frozenset({"NoSchedule", "NoExecute"})


@dataclass(frozen=True)
class Bench:
    """Sites that are ready, and a prober between them; `unusable` are those that are not, with the reason."""

    prober: PlacedProber
    positions: Mapping[str, int]
    unusable: Mapping[str, str]
    world: World

    @cached_property
    def predictor(self) -> Predictor:
        """What foretells what will be seen here."""
        return Predictor(self.world)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person has to know of it."""
        nodes = sorted({each.node for each in self.world.stands.values()})
        spread = f"the probe pods run on {', '.join(nodes)}"
        return (spread, *(f"{key} could not be used: {why}" for key, why in sorted(self.unusable.items())))

    def look(self, tries: Sequence[Try]) -> dict[Try, Observation]:
        """Return what is seen of each try."""
        if not tries:
            return {}
        probes = {
            Probe(
                self.positions[each.source],
                self.positions[each.destination],
                each.protocol,
                each.port,
                each.is_through_service,
            ): each
            for each in tries
        }
        seen = {each: Observation(Passage.UNKNOWN, detail="it was not tried") for each in tries}
        for sighting in self.prober.run(probes):
            passage = _PASSAGES.get(sighting.outcome, Passage.BLOCKED)
            seen[probes[sighting.probe]] = Observation(passage, sighting.outcome, sighting.detail)
        return seen


def prepared(prober: PlacedProber, sites: Sequence[Site], world: World, progress: Progress) -> Bench:
    """Return a bench with the pods of some sites, on the nodes of a world in turn."""
    names = [each["metadata"]["name"] for each in world.nodes]
    asked = [
        ProbeSite(
            ObjectRef("Pod", world.namespace(each.space), each.name),
            "",
            each.labels,
            each.ports,
            each.listening,
            node=str(names[each.place % len(names)]),
            host_network=each.host_network,
        )
        for each in sites
    ]
    unusable = prober.prepare(asked, progress)
    keys = [each.key for each in sites]
    stands = {keys[position]: stand for position, stand in prober.stands().items()}
    return Bench(
        prober,
        {key: position for position, key in enumerate(keys) if key in stands},
        {key: unusable.get(position, "its pod was not made") for position, key in enumerate(keys) if key not in stands},
        replace(world, stands={**world.stands, **stands}),
    )


class State:
    """What there is in the scratch namespaces, which becomes what a stage of a case asks for."""

    def __init__(self, scratch: Scratch, world: World) -> None:
        """Start without policies, and with the labels that things were made with."""
        self._scratch = scratch
        self._world = world
        self._policies: dict[tuple[str, str], Manifest] = {}
        self._labels = {each.key: each.labels for each in SPACES}
        self._labels |= {key: each.labels for key, each in SITE_BY_KEY.items()}
        self._made_with = dict(self._labels)

    def become(self, case: Case, number: int) -> None:
        """Make it the state of a stage; raises ``WriteRefusedError`` where the server does not let it."""
        self._become(case.name, case.stages[number])

    def clear(self) -> None:
        """Take all policies away, and give things their first labels back."""
        self._become("", Stage((), ()))

    def _become(self, name: str, stage: Stage) -> None:
        wanted = {_key(each): each for each in map(_named(name), self._world.policies(stage))}
        for key, policy in list(self._policies.items()):
            if key not in wanted:
                self._scratch.remove(policy)
                del self._policies[key]
        self._relabel({**self._made_with, **stage.labels})
        for key, policy in wanted.items():
            if self._policies.get(key) != policy:
                self._policies[key] = policy
                self._scratch.put(policy)

    def _relabel(self, wanted: Mapping[str, dict[str, str]]) -> None:
        for key, labels in wanted.items():
            now = self._labels[key]
            if labels != now:
                gone = dict.fromkeys(now.keys() - labels.keys())
                self._scratch.relabel(self._ref(key), {**gone, **labels})
                self._labels[key] = labels

    def _ref(self, key: str) -> ObjectRef:
        if key not in SITE_BY_KEY:
            return ObjectRef("Namespace", "", self._world.namespace(key))
        return ObjectRef("Pod", self._world.namespace(SITE_BY_KEY[key].space), self._world.stands[key].pod)


def _key(policy: Manifest) -> tuple[str, str]:
    return policy["metadata"]["namespace"], policy["metadata"]["name"]


def _named(case: str) -> Callable[[Manifest], Manifest]:
    """Return what gives policies a name of their own in each case, so that none is the change of another's."""

    def named(policy: Manifest) -> Manifest:
        metadata = policy["metadata"]
        return {**policy, "metadata": {**metadata, "name": f"{case}-{metadata['name']}"}}

    return named


def usable_nodes(nodes: Iterable[Mapping[str, Any]]) -> tuple[Manifest, ...]:
    """Return the nodes that any pod can run on, by name; raises ``SourceError`` where there is none."""
    found = sorted((dict(each) for each in nodes if _is_usable(each)), key=lambda each: str(each["metadata"]["name"]))
    if not found:
        raise SourceError(
            "there is no node that the probe pods could run on",
            remedy="see `kubectl get nodes`: it takes a Linux node that is ready and has no taints",
        )
    return tuple(found)


def _is_usable(node: Mapping[str, Any]) -> bool:
    spec, status = node.get("spec") or {}, node.get("status") or {}
    conditions = status.get("conditions") or ()
    is_ready = any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
    is_tainted = any(each.get("effect") in _KEEPING_OUT for each in spec.get("taints") or ())
    is_linux = (node["metadata"].get("labels") or {}).get("kubernetes.io/os", "linux") == "linux"
    return is_ready and is_linux and not is_tainted and not spec.get("unschedulable")
