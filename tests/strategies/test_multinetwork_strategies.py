"""The generated secondary networks are what they promise: acceptable, and worth asking about."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tests.examples import few
from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest, name_of, namespace_of, objects
from tests.reference.multinetwork import attached, decide
from tests.reference.networkpolicy import Connection, Options, Verdict
from tests.strategies.clusters import options
from tests.strategies.multinetwork import NETWORK_NAMES, interesting_connections, multinetwork_clusters

QUESTIONS = multinetwork_clusters().flatmap(
    lambda cluster: st.tuples(st.just(cluster), interesting_connections(cluster), options())
)
Question = tuple[list[Manifest], tuple[str, Connection], Options]


def _elements(value: Any) -> Iterator[Any]:
    """Yield the elements of all lists, and the values of all labels, inside a value."""
    if isinstance(value, list):
        yield from value
        for element in value:
            yield from _elements(element)
    elif isinstance(value, dict):
        yield from (value.get("matchLabels") or {}).values()
        for field in value.values():
            yield from _elements(field)


@few
@given(multinetwork_clusters())
def test_no_generated_policy_has_the_nulls_that_a_schema_rejects(cluster: list[Manifest]) -> None:
    for policy in objects(cluster, "k8s.cni.cncf.io", "MultiNetworkPolicy"):
        assert None not in list(_elements(policy.get("spec")))


@few
@given(multinetwork_clusters())
def test_objects_have_distinct_names_and_pods_of_one_network_distinct_addresses(cluster: list[Manifest]) -> None:
    names = [(m["kind"], namespace_of(m), name_of(m)) for m in cluster]
    assert len(names) == len(set(names))
    for network in NETWORK_NAMES:
        addresses = [address for pod in attached(cluster, network) for address in set(pod.addresses)]
        assert len(addresses) == len(set(addresses))


@few
@given(QUESTIONS)
def test_every_generated_question_is_about_pods_on_the_network_and_has_an_answer(question: Question) -> None:
    cluster, (network, connection), chosen = question
    there = attached(cluster, network)
    ends = [end for end in (connection.src, connection.dst) if isinstance(end, RefPod)]
    assert all(end in there for end in ends)
    assert decide(cluster, network, connection, chosen) in Verdict


@pytest.mark.parametrize("wanted", list(Verdict))
def test_every_verdict_is_within_reach_between_pods(wanted: Verdict) -> None:
    def answers(question: Question) -> bool:
        cluster, (network, connection), chosen = question
        between = isinstance(connection.src, RefPod) and isinstance(connection.dst, RefPod)
        return between and chosen.enforced and decide(cluster, network, connection, chosen) is wanted

    search = settings(
        max_examples=3000, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    find(QUESTIONS, answers, settings=search, random=Random(20_000))  # the same search every time
