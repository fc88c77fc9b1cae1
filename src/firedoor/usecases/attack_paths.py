"""Attack paths between two ends, and the workloads whose compromise matters most."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.attack.building import Attack
from firedoor.engine.attack.core import Core
from firedoor.engine.attack.cutting import cut
from firedoor.engine.attack.ranking import Ranker
from firedoor.engine.attack.telling import signature, told
from firedoor.model.attack import AttackPaths, Kind, Ranking
from firedoor.usecases.attack_ends import resolve
from firedoor.usecases.ends import require_namespace
from firedoor.usecases.networks import network_of
from firedoor.usecases.rbac_risks import gaps_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.attack.core import Walk
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.snapshot import Snapshot

_NO_ROLES = "there is no role or binding among the sources: only the network and the pods themselves make paths"
_NO_NODES = "no node is known: where a pod gets out to its node, it is not known what else runs there"


class AttackQuestion(msgspec.Struct, frozen=True):
    """
    What counts as a step, and how many paths are wanted.

    With `possible` steps that are not known to work count; with `any_port` connections to
    ports that no container and no Service tells of. `bound` is the most steps of a path,
    `limit` the most paths, `namespace` where names are looked for.
    """

    namespace: str = ""
    possible: bool = False
    any_port: bool = False
    bound: int = 8
    limit: int = 10


def attack_paths(snapshot: Snapshot, cni: CniProfile, asked: AttackQuestion, source: str, target: str) -> AttackPaths:
    """Return the paths between two ends, shortest first, and the fewest changes that leave none."""
    attack = _attack(snapshot, cni, asked)
    namespace = asked.namespace or "default"
    ends = (resolve(attack, source, namespace, is_source=True), resolve(attack, target, namespace, is_source=False))
    core = Core(attack.graph, *ends)
    walks: list[Walk] = []
    is_cut_short = False
    # One more than is wanted tells whether there are more.
    for walk in islice(_distinct(core, asked.bound), asked.limit + 1):
        if walk is None or len(walks) == asked.limit:
            is_cut_short = True
            break
        walks.append(walk)
    return AttackPaths(
        source,
        target,
        tuple(told(core, walk) for walk in walks),
        asked.bound,
        is_cut_short,
        cut(core, walks),
        asked.possible,
        _notes(snapshot),
        gaps_in(attack.authorizer, ""),
        cni.name,
    )


def rank(snapshot: Snapshot, cni: CniProfile, asked: AttackQuestion) -> Ranking:
    """Return all workloads, or those of one namespace, by what follows from their compromise, worst first."""
    attack = _attack(snapshot, cni, asked)
    if asked.namespace:
        require_namespace(attack.network, asked.namespace)
    ranker = Ranker(attack)
    workloads = dict.fromkeys(group.workload for group in attack.groups)
    wanted = [each for each in workloads if asked.namespace in {"", each.namespace}]
    return Ranking(
        tuple(ranker.rows(wanted)),
        len(workloads),
        len(attack.network.members),
        ranker.total(Kind.NODE),
        ranker.total(Kind.USER),
        ranker.total(Kind.SECRETS),
        asked.possible,
        _notes(snapshot),
        gaps_in(attack.authorizer, ""),
        cni.name,
    )


def _distinct(core: Core, bound: int) -> Iterator[Walk | None]:
    """Yield the ways that people can tell apart."""
    seen: set[tuple[object, ...]] = set()
    for walk in core.walks(bound):
        if walk is None:
            yield None
            return
        key = signature(core, walk)
        if key not in seen:
            seen.add(key)
            yield walk


def _attack(snapshot: Snapshot, cni: CniProfile, asked: AttackQuestion) -> Attack:
    network = network_of(snapshot, cni)
    return Attack(network, possible=asked.possible, any_port=asked.any_port)


def _notes(snapshot: Snapshot) -> tuple[str, ...]:
    notes = []
    if not snapshot.roles and not snapshot.role_bindings:
        notes.append(_NO_ROLES)
    if not snapshot.nodes and not any(pod.spec.node_name for pod in snapshot.pods):
        notes.append(_NO_NODES)
    return tuple(notes)
