"""What is said of policies holds when they are really taken away."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from itertools import product

import msgspec
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.algebra.cidrs import is_address
from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.engine.reach.layers import Policy
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.profiles import NamedPorts
from firedoor.engine.reach.programs import ACCEPT, DENY
from firedoor.engine.reach.rules import AnyPolicy, CompiledRule
from firedoor.engine.reach.values import Value
from firedoor.engine.relations.effects import Effects, Hidden, Witness
from firedoor.engine.relations.parts import Part, profiles_of
from firedoor.engine.relations.redundancy import proof, removable
from firedoor.engine.relations.report import comparison
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.relations import Relation
from tests.examples import some
from tests.properties.worlds import LENIENT_VERSION
from tests.reference.manifests import Manifest
from tests.strategies import cilium
from tests.strategies.calico import calico_clusters
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.cluster_questions import external_ends
from tests.strategies.clusters import clusters, options

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

IDLE = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumNetworkPolicy",
    "metadata": {"name": "idle", "namespace": "nowhere"},
    "spec": {"endpointSelector": {}, "ingress": [{}]},
}
"""A policy for nobody, because of which Cilium stays the plugin when all other policies of it are gone."""
DARK = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=Scope("alpha", egress=False))
NAMES = ("example.com", "v1.api.example.com", "unheard-of.example")


@dataclasses.dataclass(frozen=True)
class Case:
    """A generated cluster, and how to judge it."""

    cluster: list[Manifest]
    cni: CniProfile
    is_dark: bool

    def network(self, cluster: list[Manifest]) -> Network:
        """Return the network of a variant of the cluster."""
        text = yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
        snapshot = load_text(text, version=LENIENT_VERSION)
        gaps = (*snapshot.gaps, DARK) if self.is_dark else snapshot.gaps
        return Network(msgspec.structs.replace(snapshot, gaps=gaps), self.cni)

    def without(self, *policies: AnyPolicy) -> list[Manifest]:
        """Return the cluster less some policies."""
        gone = {each.place.document for each in policies}
        return [each for number, each in enumerate(self.cluster, 1) if number not in gone]

    def without_rule(self, policy: AnyPolicy, direction: Direction, path: str) -> list[Manifest]:
        """Return the cluster less one rule of a policy, which isolates as before."""
        changed = copy.deepcopy(self.cluster)
        spec = changed[policy.place.document - 1]["spec"]
        if policy.ref.kind == "NetworkPolicy" and not spec.get("policyTypes"):
            spec["policyTypes"] = ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        del spec[str(direction)][int(path.rpartition("[")[2][:-1])]
        return changed


@st.composite
def cases(draw: st.DrawFn, *, of_rules: bool = False) -> Case:
    kinds = clusters() | clusters_with_cluster_policies()
    with_cilium = cilium.clusters().map(lambda cluster: [*cluster, IDLE])
    cluster = draw(kinds if of_rules else kinds | calico_clusters() | with_cilium)
    cni = dataclasses.replace(SPEC, name="generated", **dataclasses.asdict(draw(options())))
    return Case(cluster, cni, draw(st.sampled_from((False, False, True))))


def _values(network: Network, outside: list[str], names: tuple[str, ...]) -> Iterator[object]:
    for member in range(len(network.members)):
        for other in (*range(len(network.members)), *outside):
            yield member, other, _traffic(network, network.value(member, other))
            yield other, member, _traffic(network, network.value(other, member))
        for name in names:
            yield member, name, _traffic(network, network.value(member, name))


def _traffic(network: Network, value: Value) -> object:
    return network.axis.traffic(value[0]), network.axis.traffic(value[1])


def _assert_same(before: Network, after: Network, case: Case) -> None:
    is_named = before.index.domains and after.index.domains and not before.typed.cilium
    names = NAMES if is_named else ()
    outside = external_ends(case.cluster)
    assert list(_values(before, outside, names)) == list(_values(after, outside, names))


def _assert_differs(witness: Witness, before: Network, after: Network) -> None:
    ends, port = (witness.source, witness.destination), (witness.protocol, witness.port)
    assert before.value(*ends) == witness.before
    if isinstance(ends[1], str) and not is_address(ends[1]) and not after.index.domains:
        return
    assert before.verdict(*ends, *port) is not after.verdict(*ends, *port)
    assert after.verdict(*ends, *port) is before.judge(witness.after, *port)


@pytest.mark.parametrize("of_rules", [False, True])
@some
@given(st.data())
def test_what_is_redundant_can_go_and_what_is_effective_has_a_witness(of_rules: bool, data: st.DataObject) -> None:
    case = data.draw(cases(of_rules=of_rules))
    before = case.network(case.cluster)
    effects = Effects(before)
    book = effects.book
    numbers = [number for number, written in enumerate(book.policies) if written.profiles]
    parts = [part for number in numbers for part in (book.parts(number) if of_rules else [Part(number)])]
    if not parts:
        return
    part = data.draw(st.sampled_from(parts))
    policy = book.policies[part.policy].policy
    changed = case.without(policy) if part.direction is None else case.without_rule(policy, part.direction, part.rule)
    after = case.network(changed)
    found = effects.witness(part)
    if isinstance(found, Witness):
        _assert_differs(found, before, after)
        return
    if effects.is_doubtful(part):
        assert Hidden.UNKNOWN in found
        return
    _assert_same(before, after, case)
    why = proof(effects, part, found)
    assert part.direction is not None or part.policy not in {each.policy for each in why.covers}
    assert bool(why.other_end) == (Hidden.OTHER_END in found)


@some
@given(cases())
def test_all_removable_policies_can_go_together(case: Case) -> None:
    effects = Effects(case.network(case.cluster))
    book = effects.book
    found = {n: effects.witness(Part(n)) for n, written in enumerate(book.policies) if written.profiles}
    redundant = [n for n, each in found.items() if isinstance(each, frozenset) and Hidden.UNKNOWN not in each]
    gone = removable(effects, redundant)
    assert set(gone) <= set(redundant)
    assert bool(gone) == bool(redundant)
    after = case.network(case.without(*(book.policies[number].policy for number in gone)))
    _assert_same(effects.network, after, case)


@some
@given(cases())
def test_two_policies_compare_as_their_own_accepted_connections_do(case: Case) -> None:
    effects = Effects(case.network(case.cluster))
    policies = effects.book.policies
    accepted_by = [_accepted(effects, number) for number in range(len(policies))]
    for first in range(len(policies)):
        for second in range(first + 1):
            answer = comparison(effects, first, second)
            left, right = accepted = accepted_by[first], accepted_by[second]
            assert answer.relation is _relation(left, right)
            for direction in Direction:
                some = [{each for each in one if each[0] is direction} for one in accepted]
                assert getattr(answer, str(direction)) is _relation(some[0], some[1])
            assert bool(answer.only_first) == bool(left - right)
            assert bool(answer.common) == bool({each for each in left & right if each[4]})


def _relation(first: set[tuple[object, ...]], second: set[tuple[object, ...]]) -> Relation:
    if first == second:
        return Relation.EQUIVALENT
    if first <= second:
        return Relation.WITHIN
    if second <= first:
        return Relation.CONTAINS
    common = {each for each in first & second if each[4]}
    return Relation.OVERLAPPING if common else Relation.DISJOINT


def _accepted(effects: Effects, number: int) -> set[tuple[object, ...]]:
    """Return what a policy accepts by its rules, first match first: direction, pod, column, atom of ports, possibly."""
    network, written = effects.network, effects.book.policies[number]
    found: set[tuple[object, ...]] = set()
    for direction in Direction:
        asked = np.flatnonzero(effects.asked[direction]).tolist()
        for profile, column in product(written.profiles, asked):
            target = profile if direction is Direction.INGRESS else column
            declared = network.profiles[target].ports if target < len(network.profiles) else ()
            rules = list(_rules_for(written.compiled[direction], profile, column))
            for atom in range(len(network.axis)):
                outcomes = set(_outcomes(network, rules, declared, atom))
                if ACCEPT in outcomes:
                    found.add((direction, profile, column, atom, True))
                if outcomes == {ACCEPT}:
                    found.add((direction, profile, column, atom, False))
    return found


def _rules_for(policies: list[Policy], profile: int, column: int) -> Iterator[tuple[CompiledRule, bool]]:
    """Yield the rules that match a pod and a peer, each with whether it surely does."""
    for policy in policies:
        for rule in policy.rules if profile in profiles_of(policy) else ():
            surely = profile in policy.selected and column in rule.peers.sure
            subjects = rule.subjects
            if subjects is not None and not subjects.upper[profile]:
                continue
            if column in rule.peers.sure or column in rule.peers.maybe:
                yield rule, surely and (subjects is None or bool(subjects.lower[profile]))


def _outcomes(
    network: Network, rules: list[tuple[CompiledRule, bool]], declared: NamedPorts, atom: int
) -> Iterator[int]:
    for rule, surely in rules:
        if rule.ports.resolve(declared, network.axis) >> atom & 1:
            yield rule.action
            if surely:
                return
    yield DENY
