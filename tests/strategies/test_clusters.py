"""The generated clusters are what they promise: acceptable to an API server, and worth asking about."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tests.examples import few
from tests.reference.endpoints import pods
from tests.reference.manifests import (
    Manifest,
    items,
    name_of,
    namespace_of,
    objects,
    section,
    strings,
)
from tests.reference.networkpolicy import Connection, Options, Verdict, decide
from tests.strategies.clusters import (
    boundary_ports,
    clusters,
    interesting_connections,
    options,
)

QUESTIONS = clusters().flatmap(lambda cluster: st.tuples(st.just(cluster), interesting_connections(cluster), options()))
Question = tuple[list[Manifest], Connection, Options]


def _rules(policy: Manifest) -> Iterator[Manifest]:
    spec = section(policy, "spec")
    yield from items(spec, "ingress")
    yield from items(spec, "egress")


@few
@given(clusters())
def test_every_generated_policy_passes_the_validation_of_the_api_server(cluster: list[Manifest]) -> None:
    for policy in objects(cluster, "networking.k8s.io", "NetworkPolicy"):
        types = strings(section(policy, "spec"), "policyTypes")
        assert len(types) <= 2
        assert set(types) <= {"Ingress", "Egress"}
        for rule in _rules(policy):
            for peer in items(rule, "from") + items(rule, "to"):
                given_fields = {name for name, value in peer.items() if value is not None}
                assert given_fields
                assert given_fields == {"ipBlock"} or "ipBlock" not in given_fields
            for entry in items(rule, "ports"):
                port, end = entry.get("port"), entry.get("endPort")
                assert end is None or (isinstance(port, int) and port <= end <= 65535)


@few
@given(clusters())
def test_objects_of_a_generated_cluster_have_distinct_names_and_live_pods_distinct_addresses(
    cluster: list[Manifest],
) -> None:
    names = [(m["kind"], namespace_of(m), name_of(m)) for m in cluster]
    assert len(names) == len(set(names))
    addresses = [a for pod in pods(cluster) if not pod.host_network for a in pod.addresses]
    assert len(addresses) == len(set(addresses))


@few
@given(QUESTIONS)
def test_every_generated_question_has_an_answer(question: Question) -> None:
    cluster, connection, chosen = question
    assert decide(cluster, connection, chosen) in Verdict
    assert 1 <= connection.port <= 65535


@pytest.mark.parametrize("wanted", list(Verdict))
def test_every_verdict_is_within_reach_where_policies_are_enforced(wanted: Verdict) -> None:
    def answers(question: Question) -> bool:
        cluster, connection, chosen = question
        return chosen.enforced and decide(cluster, connection, chosen) is wanted

    search = settings(
        max_examples=3000, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    find(QUESTIONS, answers, settings=search, random=Random(20_000))  # the same search every time


@pytest.mark.parametrize("numbers", [[0], [65536]])
def test_boundary_ports_stay_within_the_range_of_ports(numbers: list[Any]) -> None:
    assert not set(numbers) & set(boundary_ports([]))
    assert {1, 2, 65534, 65535} <= set(boundary_ports([]))
