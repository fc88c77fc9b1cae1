"""The generated clusters with Cilium are what they promise: acceptable to it, and worth asking about."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tests.examples import few, thorough_only
from tests.reference.cilium import Connection, Direction, DomainName, Options, Verdict, decide, decide_direction
from tests.reference.manifests import Manifest, items, name_of, namespace_of, objects, section, strings
from tests.reference.networkpolicy import decide as decide_without_cilium
from tests.strategies.cilium import (
    boundary_ports,
    clusters,
    external_addresses,
    interesting_connections,
    rules,
)
from tests.strategies.clusters import options

Question = tuple[list[Manifest], Connection, Options]
QUESTIONS = clusters().flatmap(lambda cluster: st.tuples(st.just(cluster), interesting_connections(cluster), options()))
PEERS = ("Endpoints", "Entities", "Nodes", "CIDR", "CIDRSet", "Groups", "Services", "FQDNs")
CLUSTERWIDE = "CiliumClusterwideNetworkPolicy"


@few
@given(clusters())
def test_every_generated_rule_passes_the_validation_of_cilium(cluster: list[Manifest]) -> None:
    for name, rule in rules(cluster):
        side = "from" if name.startswith("ingress") else "to"
        kinds = [kind for kind in PEERS if rule.get(side + kind) is not None]
        assert len(kinds) <= 1
        assert set(rule) <= {side + kind for kind in PEERS} | {"toPorts", "icmps", "authentication"}
        assert not (rule.get("toPorts") and (rule.get("icmps") or kinds == ["Services"]))
        assert not (name.endswith("Deny") and ("authentication" in rule or kinds in (["Services"], ["FQDNs"])))
        for entry in items(rule, "toPorts"):
            layer_7 = section(entry, "rules")
            assert items(entry, "ports")
            assert not (layer_7 and name.endswith("Deny"))
            assert "dns" not in layer_7 or side == "to"
            for port in items(entry, "ports"):
                assert isinstance(port["port"], str)
                assert port.get("endPort") is None or port["endPort"] >= int(port["port"])
                assert "http" not in layer_7 or port["protocol"] == "TCP"
                assert not layer_7 or (port["port"] != "0" and port.get("endPort") is None)


@few
@given(clusters())
def test_every_generated_policy_holds_rules_for_pods_or_clusterwide_for_nodes(cluster: list[Manifest]) -> None:
    for kind in ("CiliumNetworkPolicy", CLUSTERWIDE):
        for policy in objects(cluster, "cilium.io", kind):
            specs = [*([policy["spec"]] if "spec" in policy else []), *items(policy, "specs")]
            assert specs
            for spec in specs:
                assert ("endpointSelector" in spec) != ("nodeSelector" in spec)
                assert "nodeSelector" not in spec or kind == CLUSTERWIDE
            assert kind != CLUSTERWIDE or "namespace" not in policy["metadata"]


@few
@given(clusters())
def test_objects_of_a_generated_cluster_have_distinct_names(cluster: list[Manifest]) -> None:
    names = [(each["kind"], namespace_of(each), name_of(each)) for each in cluster]
    assert len(names) == len(set(names))


@few
@given(QUESTIONS)
def test_every_generated_question_has_an_answer(question: Question) -> None:
    cluster, connection, chosen = question
    assert decide(cluster, connection, chosen) in Verdict
    assert connection.port in boundary_ports(cluster)
    if not isinstance(connection.src, str) and type(connection.dst) is str:
        assert connection.dst in external_addresses(cluster)


@few
@given(QUESTIONS)
def test_without_policies_of_cilium_network_policies_mean_what_they_mean_elsewhere(question: Question) -> None:
    cluster, connection, chosen = question
    plain = [each for each in cluster if not each["apiVersion"].startswith("cilium.io/")]
    found, expected = decide(plain, connection, chosen), decide_without_cilium(plain, connection, chosen)
    assert found is expected


@few
@given(QUESTIONS)
def test_an_allowed_rule_more_never_denies_and_a_denied_one_never_allows(question: Question) -> None:
    cluster, connection, chosen = question
    allowing = _clusterwide(ingress=[{"fromEntities": ["all"]}], egress=[{"toEntities": ["all"]}])
    denying = _clusterwide(ingressDeny=[{"fromEntities": ["all"]}], egressDeny=[{"toEntities": ["all"]}])
    before = decide(cluster, connection, chosen)
    assert before is not Verdict.ACCEPTED or decide([*cluster, allowing], connection, chosen) is Verdict.ACCEPTED
    assert before is not Verdict.DENIED or decide([*cluster, denying], connection, chosen) is Verdict.DENIED


def _clusterwide(**spec: list[Manifest]) -> Manifest:
    rule = {"endpointSelector": {}, "enableDefaultDeny": {"ingress": False, "egress": False}, **spec}
    return {"apiVersion": "cilium.io/v2", "kind": CLUSTERWIDE, "metadata": {"name": "more"}, "spec": rule}


def _seen(question: Question) -> Iterator[tuple[str, object]]:
    """Yield what one question shows: answers that policies of Cilium give, and kinds of peers that change them."""
    cluster, connection, chosen = question
    answer = decide(*question)
    if isinstance(connection.dst, DomainName):
        yield "asked about a name", answer
    if answer is decide_without_cilium(*question):
        return
    yield from (("direction", (side, decide_direction(cluster, connection, side, chosen))) for side in Direction)
    fields = {field for _, rule in rules(cluster) for field, value in rule.items() if value}
    yield from (("kind of peer", kind) for kind in PEERS if {"from" + kind, "to" + kind} & fields)


@pytest.mark.slow
@thorough_only
def test_every_answer_is_within_reach_and_every_kind_of_peer_changes_some() -> None:
    wanted: set[tuple[str, object]] = {("kind of peer", kind) for kind in PEERS}
    wanted |= {("direction", (side, verdict)) for side in Direction for verdict in Verdict}
    wanted |= {("asked about a name", verdict) for verdict in Verdict}

    def is_last(question: Question) -> bool:
        wanted.difference_update(_seen(question))
        return not wanted

    search = settings(
        max_examples=5000, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    find(QUESTIONS, is_last, settings=search, random=Random(20_000))  # the same search every time


def test_cidrs_and_ports_of_every_source_are_boundaries() -> None:
    spec = {
        "endpointSelector": {},
        "ingress": [{"fromCIDRSet": [{"cidr": "198.18.0.0/15", "except": ["198.18.9.0/24"]}]}],
        "egress": [{"toPorts": [{"ports": [{"port": "500", "endPort": 600}, {"port": "0"}, {"port": "http"}]}]}],
    }
    cluster: list[Manifest] = [
        {"apiVersion": "cilium.io/v2", "kind": CLUSTERWIDE, "metadata": {"name": "a"}, "spec": spec},
        {
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumCIDRGroup",
            "metadata": {"name": "g"},
            "spec": {"externalCIDRs": ["198.51.100.0/24"]},
        },
    ]
    assert {"198.18.0.0", "198.17.255.255", "198.18.8.255", "198.51.101.0"} <= set(external_addresses(cluster))
    assert {499, 500, 600, 601} <= set(boundary_ports(cluster))
    assert strings(section(cluster[1], "spec"), "externalCIDRs")
