"""The fast ways of generation say what slower ones say that look at one thing at a time."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.replay import VERDICTS, Encoded
from firedoor.engine.reach.values import both
from firedoor.engine.relations.effects import Effects, Witness
from firedoor.engine.relations.glance import plainly_matters
from firedoor.engine.synth import asking
from firedoor.engine.synth.asking import Asker
from firedoor.engine.synth.groups import GroupIndex
from firedoor.engine.synth.kinds.writing import ABILITIES
from firedoor.engine.synth.permitted import Permitted
from firedoor.engine.synth.surplus import surplus
from firedoor.model.generation import Need, Party, PolicyKind
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import ObjectRef
from tests.examples import some
from tests.properties.generating import OUTSIDE, PORTS, PROTOCOLS
from tests.properties.worlds import LENIENT_VERSION
from tests.reference.manifests import Manifest
from tests.strategies.clusters import clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


Pair = tuple[ObjectRef, ObjectRef]


def network_of(cluster: list[Manifest]) -> Network:
    text = yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
    return Network(load_text(text, version=LENIENT_VERSION), SPEC)


def drawn_needs(network: Network, data: st.DataObject) -> list[Need]:
    inside = [Party(each) for each in sorted({member.workload for member in network.members})]
    outside = [Party(blocks=(f"{each}/32",)) for each in OUTSIDE]
    ends = [*product(inside, inside), *product(inside, outside), *product(outside, inside)]
    chosen = data.draw(st.lists(st.sampled_from(ends), max_size=8)) if ends else []
    ports = st.sampled_from([(each, each) for each in PORTS] + [(80, 443)])
    return [Need(*pair, data.draw(st.sampled_from(PROTOCOLS)), *data.draw(ports)) for pair in chosen]


def one_by_one(network: Network, encoded: Encoded) -> NDArray[np.uint8]:
    rows = zip(encoded.source.tolist(), encoded.destination.tolist(), encoded.service.tolist(), strict=True)
    ends, services = encoded.ends, encoded.services
    found = [VERDICTS.index(network.verdict(ends[one], ends[other], *services[port])) for one, other, port in rows]
    return np.asarray(found, dtype=np.uint8)


@some
@given(clusters(), st.data())
def test_needs_are_judged_together_as_they_are_one_by_one(cluster: list[Manifest], data: st.DataObject) -> None:
    network = network_of(cluster)
    needs = drawn_needs(network, data)
    asker = Asker(network, GroupIndex(network), domains=True)
    together = asker.verdicts(needs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "replay", one_by_one)
        assert together == [verdict for need in needs for verdict in asker.verdicts([need])]


@some
@given(clusters(), st.data())
def test_what_stays_open_is_what_single_pairs_of_pods_have_open(cluster: list[Manifest], data: st.DataObject) -> None:
    network = network_of(cluster)
    needs = drawn_needs(network, data)
    spaces = sorted({member.namespace for member in network.members})
    scope = data.draw(st.lists(st.sampled_from(spaces), unique=True)) if spaces else []
    permitted = Permitted(network, GroupIndex(network), needs, scope, ABILITIES[PolicyKind.NETWORKPOLICY], 0)
    found = surplus(network, network, permitted)
    assert found.before == found.after == len(found.pairs)
    wanted = {
        (f"{one.namespace}/{one.name}", f"{other.namespace}/{other.name}", network.axis.traffic(ports))
        for (one, other), ports in open_pairs(network, permitted).items()
    }
    told = {(each.source, each.destination, each.traffic) for each in found.pairs}
    assert {each for each in told if "outside" not in f"{each[0]}{each[1]}"} == wanted


def open_pairs(network: Network, permitted: Permitted) -> dict[Pair, int]:
    counts = Counter(member.workload for member in network.members)
    scope = {ref for group in permitted.subjects for ref in group.workloads}
    found: dict[Pair, int] = Counter()
    for source, destination in product(range(len(network.members)), repeat=2):
        pair = network.members[source].workload, network.members[destination].workload
        if scope.isdisjoint(pair) or (pair[0] == pair[1] and counts[pair[0]] == 1):
            continue
        one, other = network.profile_of[source], network.profile_of[destination]
        sides = network.decided(Direction.EGRESS, one, other), network.decided(Direction.INGRESS, other, one)
        found[pair] |= both(*sides)[0]
    for need in permitted.written:
        one_end, other_end = need.source.workload, need.destination.workload
        if one_end is not None and other_end is not None and (one_end, other_end) in found:
            found[one_end, other_end] &= ~network.axis.inside(need.protocol, need.first, need.last)
    return {pair: ports for pair, ports in found.items() if ports}


@some
@given(clusters())
def test_what_plainly_matters_has_a_witness(cluster: list[Manifest]) -> None:
    effects = Effects(network_of(cluster))
    for number in range(len(effects.book.policies)):
        for part in effects.book.parts(number):
            if plainly_matters(effects, part):
                assert isinstance(effects.witness(part), Witness)
