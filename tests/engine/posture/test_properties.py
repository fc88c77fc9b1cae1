"""On any cluster the catalogue gives an answer, the same one each time, and a redundant policy is one."""

import json
from collections.abc import Iterator

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.posture.loading import context_of
from tests.strategies.clusters import clusters, external_addresses
from tests.strategies.selectors import Manifest

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.posture import CHECKS, run_checks
from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction

REDUNDANT = next(check for check in CHECKS if check.id == "policy-redundant")


def text_of(cluster: list[Manifest]) -> str:
    return "\n---\n".join(["", *map(json.dumps, cluster)])


@settings(deadline=None, max_examples=150)
@given(clusters(), st.sampled_from(sorted(PROFILES)))
def test_every_check_answers_and_always_the_same(cluster: list[Manifest], cni: str) -> None:
    snapshot = load_text(text_of(cluster))
    first = run_checks(context_of(snapshot, PROFILES[cni]))
    assert first == run_checks(context_of(snapshot, PROFILES[cni]))
    assert len(set(map(repr, first))) == len(first)
    assert all(each.evidence and each.source for each in first)


@settings(deadline=None, max_examples=150)
@given(clusters(), st.sampled_from(("spec", "calico", "cilium")))
def test_removing_redundant_policies_changes_no_verdict(cluster: list[Manifest], cni: str) -> None:
    context = context_of(load_text(text_of(cluster)), PROFILES[cni])
    gone = {each.object for each in REDUNDANT.run(context)}
    kept = tuple(each for each in context.snapshot.network_policies if each.ref not in gone)
    if not gone:
        return
    after = Network(msgspec.structs.replace(context.snapshot, network_policies=kept), PROFILES[cni])
    outside = external_addresses(cluster)
    assert list(_traffic(context.network, outside)) == list(_traffic(after, outside))


def _traffic(network: Network, outside: list[str]) -> Iterator[object]:
    for direction in Direction:
        for subject in range(len(network.members)):
            for peer in (*range(len(network.members)), *outside):
                sure, possible = network.direction_value(direction, subject, peer)
                yield network.axis.traffic(sure), network.axis.traffic(possible)
