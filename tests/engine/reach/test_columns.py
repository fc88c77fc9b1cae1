"""Sets of columns are the same whether they are kept as numbers or as bits, and policies whatever they share."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.dialects.networkpolicy import PolicyCompiler, compile_one
from firedoor.engine.reach.dialects.written import WrittenPolicies
from firedoor.engine.reach.network import Network
from firedoor.model.multinetwork import MultiNetworkPolicy
from firedoor.model.networkpolicy import Direction

PODS = "\n---\n".join(
    f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}, namespace: n{number % 3}, labels: {{k: v{number}}}}}\n"
    "spec: {containers: [{name: a, image: a}]}"
    for number in range(70)
)
POLICY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: n0}
spec:
  podSelector: {matchExpressions: [{key: k, operator: In, values: [VALUES]}]}
  ingress:
    - from: [{namespaceSelector: {}, podSelector: {matchLabels: {k: v1}}}]
    - from: [{podSelector: {matchLabels: {k: v3}}}]
""".replace("VALUES", ", ".join(f"v{number}" for number in range(70)))


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(load_text(PODS + POLICY))


@pytest.mark.parametrize("columns", [[], [5], [0, 69], list(range(0, 70, 2)), list(range(70))])
def test_a_set_is_the_same_as_numbers_as_bits_and_as_a_mask(network: Network, columns: list[int]) -> None:
    sets = network.index.sets
    number = sets.number(np.asarray(columns, dtype=np.int32))
    assert sets.arrays[number].tolist() == columns
    assert sets.arrays.sizes[number] == len(columns)
    assert np.flatnonzero(sets.arrays.mask(number)).tolist() == columns
    bits = np.zeros(sets.size, dtype=bool)
    bits[columns] = True
    assert sets.packed(np.packbits(bits)) == number
    assert [each for each in range(sets.size) if sets.holds(number, each)] == columns


def test_a_peer_that_policies_share_is_looked_at_once_and_means_the_same(network: Network) -> None:
    (policy,) = network.policies
    (first, second) = policy.spec.ingress
    spec = replace(policy.spec, ingress=(first, second, first))
    other = replace(policy, metadata=replace(policy.metadata, name="b"), spec=spec)
    written = WrittenPolicies((policy, other))
    found = list(PolicyCompiler(written, network.index, network.axis, SPEC).compiled(Direction.INGRESS))
    sets = [[rule.peers.sure_number for rule in each.rules] for each in found]
    assert sets[1] == [*sets[0], sets[0][0]]


def test_policies_that_are_understood_in_part_stand_beside_others(network: Network) -> None:
    (policy,) = network.policies
    fields = {name: getattr(policy, name) for name in policy.__struct_fields__}
    doubted = MultiNetworkPolicy(**fields, unsure=("spec.ingress[0]",))
    outgoing = replace(policy, spec=replace(policy.spec, ingress=(), policy_types=("Egress",)))
    policies = (policy, doubted, outgoing, policy)
    written = WrittenPolicies(policies)
    compiled = list(PolicyCompiler(written, network.index, network.axis, SPEC).compiled(Direction.INGRESS))
    assert [each.policy for each in compiled] == [policy, doubted, policy]
    assert len(compiled[0].rules) == len(compiled[2].rules) == 2
    assert compiled[1].rules != compiled[0].rules


def test_a_policy_compiled_on_its_own_is_what_it_is_among_others(network: Network) -> None:
    (policy,) = network.policies
    (together,) = network.compiled[Direction.INGRESS]
    alone = compile_one(policy, Direction.INGRESS, network.index, network.axis, SPEC)
    assert alone is not None
    assert alone.selected.tolist() == together.selected.tolist()
    assert alone.rules == together.rules
    assert compile_one(policy, Direction.EGRESS, network.index, network.axis, SPEC) is None
