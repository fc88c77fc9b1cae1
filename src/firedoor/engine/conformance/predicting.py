"""What the engine expects to be seen: under the API text, under each profile, and under ways to get the API wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from firedoor.engine.reach.cni import PROFILES, CniProfile
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.conformance.readings import Reading
    from firedoor.engine.conformance.shapes import Case, Manifest, Try
    from firedoor.engine.conformance.world import World
    from firedoor.model.snapshot import Snapshot

_Kind = tuple[bool, bool, bool]
Labels = dict[str, dict[str, str]]


def kind_of(profile: CniProfile) -> _Kind:
    """Return what tells the verdicts of profiles apart here."""
    return profile.enforced, profile.ipblock_matches_pods, profile.ipblock_matches_nodes


_BY_KIND = {kind_of(each): each for each in PROFILES.values()}
ENFORCING = tuple(kind for kind in _BY_KIND if kind[0])
"""The ways in which profiles differ that enforce anything."""


class Predictor:
    """Answers from the engine, each worked out once."""

    def __init__(self, world: World) -> None:
        """`world` is where the cases are run."""
        self.world = world
        self._states: dict[tuple[str, int, tuple[int, ...]], tuple[bytes, list[Manifest], Labels]] = {}
        self._networks: dict[tuple[_Kind, bytes], tuple[Network, dict[str, int]]] = {}
        self._verdicts: dict[tuple[_Kind, bytes, Try], Verdict] = {}
        self._snapshots: dict[bytes, Snapshot] = {}

    def verdicts(
        self, case: Case, number: int, profile: CniProfile, readings: Sequence[Reading] = ()
    ) -> tuple[Verdict, ...]:
        """Return what is concluded of each try of a stage, by a plugin with a profile that reads the API so."""
        state, policies, labels = self._state(case, number, readings)
        kind = kind_of(profile)
        if profile.enforced and b'"ipBlock"' not in state:
            kind = ENFORCING[0]  # what tells them apart does not matter here
        found = []
        for each in case.stages[number].tries:
            if readings and any(reading.passes(each, self.world) for reading in readings):
                found.append(Verdict.ACCEPTED)
                continue
            key = kind, state, each
            if key not in self._verdicts:
                network, positions = self._network(kind, state, policies, labels)
                ends = positions[each.source], positions[each.destination]
                self._verdicts[key] = network.verdict(*ends, each.protocol, each.port)
            found.append(self._verdicts[key])
        return tuple(found)

    def _state(self, case: Case, number: int, readings: Sequence[Reading]) -> tuple[bytes, list[Manifest], Labels]:
        """Return the policies and labels of a stage as they are read, with a key that tells them apart."""
        key = case.name, number, tuple(map(id, readings))
        if key not in self._states:
            stage = case.stages[number]
            for reading in readings:
                stage = reading.stage(case, number, stage)
            policies = self.world.policies(stage)
            for reading in readings:
                policies = [each for policy in policies if (each := reading.rewrite(policy)) is not None]
            self._states[key] = msgspec.json.encode((policies, stage.labels)), policies, stage.labels
        return self._states[key]

    def decided(self, case: Case, number: int) -> tuple[Verdict | None, ...]:
        """Return what must be seen of each try of a stage; None where the API leaves it open."""
        agreed = self._by_kind(case, number)
        if case.is_undefined:
            return (None,) * len(agreed)
        return tuple(each.pop() if len(each) == 1 and Verdict.UNKNOWN not in each else None for each in agreed)

    def _by_kind(self, case: Case, number: int) -> list[set[Verdict]]:
        columns = [self.verdicts(case, number, _BY_KIND[kind]) for kind in ENFORCING]
        return [set(each) for each in zip(*columns, strict=True)]

    def _network(
        self, kind: _Kind, state: bytes, policies: list[Manifest], labels: Labels
    ) -> tuple[Network, dict[str, int]]:
        key = kind, state
        if key not in self._networks:
            decoded = [msgspec.convert(each, NetworkPolicy) for each in policies]
            network = Network(replace(self._snapshot(labels), network_policies=tuple(decoded)), _BY_KIND[kind])
            places = {each.full_name: position for position, each in enumerate(network.members)}
            stands = self.world.stands.items()
            spaces = {site: self.world.namespace(site.partition("/")[0]) for site, _ in stands}
            self._networks[key] = network, {site: places[f"{spaces[site]}/{stand.pod}"] for site, stand in stands}
        return self._networks[key]

    def _snapshot(self, labels: Labels) -> Snapshot:
        key = msgspec.json.encode(labels)
        if key not in self._snapshots:
            self._snapshots[key] = self.world.snapshot(labels)
        return self._snapshots[key]
