"""The generated cluster-wide policies are what they promise: acceptable to an API server, and worth asking about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_network
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from tests.examples import few, thorough_only
from tests.reference import networkpolicy
from tests.reference.clusternetworkpolicy import (
    Direction,
    Options,
    Verdict,
    admin_stage,
    baseline_stage,
    decide,
    decide_direction,
)
from tests.reference.domains import DomainName, name_matches
from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest, items, name_of, objects, section
from tests.reference.networkpolicy import Connection
from tests.reference.tiers import UNDECIDED, Outcome
from tests.strategies.cluster_policies import (
    ANP,
    BANP,
    CNP,
    DOMAIN_PATTERNS,
    FUTURE_PEERS,
    GROUP,
    clusters_with_cluster_policies,
)
from tests.strategies.cluster_questions import (
    DOMAIN_NAMES,
    cluster_policy_connections,
    external_ends,
    ports_around,
)
from tests.strategies.clusters import clusters, interesting_connections, options

Question = tuple[list[Manifest], Connection, Options]
Questions = tuple[list[Manifest], list[Connection], Options]


@st.composite
def _questions(draw: st.DrawFn) -> Questions:
    """Generate one cluster with several connections to ask about, for a cluster takes longest to make."""
    cluster = draw(clusters_with_cluster_policies())
    connection = cluster_policy_connections(cluster)
    return cluster, draw(st.lists(connection, min_size=6, max_size=6)), draw(options())


QUESTIONS = _questions()
DOMAIN_NAME = re.compile(
    r"^(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$"
)
PLACES = {"nodes", "networks", "domainNames"}
NAMES = {"destinationNamedPort", "namedPort"}


def _policies(cluster: list[Manifest]) -> list[Manifest]:
    return [policy for kind in (CNP, ANP, BANP) for policy in objects(cluster, GROUP, kind)]


def _rules(policy: Manifest) -> Iterator[tuple[Manifest, list[Manifest]]]:
    """Yield each rule with its peers."""
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for rule in items(section(policy, "spec"), direction):
            yield rule, items(rule, peers)


def _entries(rule: Manifest) -> list[Manifest]:
    return items(rule, "protocols") + items(rule, "ports")


def _set_fields(part: Manifest) -> set[str]:
    return {name for name, value in part.items() if value is not None}


def _nulls_inside(part: Any) -> bool:
    """Return whether a list, or a map of labels, holds a null, which no rule of the schema lets through."""
    if isinstance(part, list):
        return any(each is None or _nulls_inside(each) for each in part)
    if isinstance(part, dict):
        labels = part.get("matchLabels") or {}
        return None in labels.values() or any(map(_nulls_inside, part.values()))
    return False


@few
@given(clusters_with_cluster_policies())
def test_every_generated_policy_passes_the_validation_of_the_api_server(cluster: list[Manifest]) -> None:
    for policy in _policies(cluster):
        _check_spec(policy)
        for rule, peers in _rules(policy):
            _check_rule(policy["kind"], rule, peers)
            for entry in _entries(rule):
                _check_entry(policy["kind"], entry)
    assert not _uses(cluster, next(iter(FUTURE_PEERS[0])))
    assert {name_of(policy) for policy in objects(cluster, GROUP, BANP)} <= {"default"}
    names = [(policy["kind"], name_of(policy)) for policy in _policies(cluster)]
    assert len(names) == len(set(names))


def _check_spec(policy: Manifest) -> None:
    spec, kind = policy["spec"], policy["kind"]
    assert policy["apiVersion"] == f"{GROUP}/{'v1alpha2' if kind == CNP else 'v1alpha1'}"
    assert ("tier" in spec) == (kind == CNP)
    assert spec.get("tier", "Admin") in {"Admin", "Baseline"}
    assert ("priority" in spec) == (kind != BANP)
    assert 0 <= spec.get("priority", 0) <= 1000
    assert len(_set_fields(spec["subject"])) == 1
    assert _set_fields(spec["subject"]) <= {"namespaces", "pods"}
    assert not _nulls_inside(spec)
    peers = [peer for _, found in _rules(policy) for peer in found]
    for pods in (peer["pods"] for peer in [spec["subject"], *peers] if peer.get("pods") is not None):
        assert "podSelector" in pods
        assert kind == CNP or "namespaceSelector" in pods


def _check_rule(kind: str, rule: Manifest, peers: list[Manifest]) -> None:
    accept = "Accept" if kind == CNP else "Allow"
    assert rule["action"] in {accept, "Deny", *({"Pass"} if kind != BANP else ())}
    assert peers
    fields = [_set_fields(peer) for peer in peers]
    assert all(len(each) == 1 for each in fields)
    places = PLACES & set().union(*fields)
    assert not (places and "from" in rule)
    assert "domainNames" not in places or (rule["action"] == accept and kind != BANP)
    assert not (places and any(NAMES & _set_fields(entry) for entry in _entries(rule)))
    for values in (peer.get(field) for peer in peers for field in ("networks", "domainNames")):
        assert values is None or (values and len(values) == len(set(values)))
    for cidr in (cidr for peer in peers for cidr in peer.get("networks") or ()):
        assert ("." in cidr) != (":" in cidr)
        assert str(ip_network(cidr, strict=False))
    assert all(DOMAIN_NAME.match(name) for peer in peers for name in peer.get("domainNames") or ())
    field, foreign = ("protocols", "ports") if kind == CNP else ("ports", "protocols")
    assert foreign not in rule
    assert rule.get(field) != []


def _check_entry(kind: str, entry: Manifest) -> None:
    assert len(_set_fields(entry)) == 1
    ((_, value),) = [pair for pair in entry.items() if pair[1] is not None]
    port = value["destinationPort"] if kind == CNP and isinstance(value, dict) else value
    ends = port.get("range", port) if isinstance(port, dict) else {}
    assert ends.get("start", 1) < ends.get("end", 65535)


@few
@given(QUESTIONS)
def test_every_generated_question_has_one_answer_in_any_order_of_the_manifests(questions: Questions) -> None:
    cluster, connections, chosen = questions
    for connection in connections:
        answer = decide(cluster, connection, chosen)
        assert answer in Verdict
        assert decide(cluster[::-1], connection, chosen) is answer
        assert isinstance(connection.src, RefPod) or not isinstance(connection.dst, DomainName)


@few
@given(clusters().flatmap(lambda c: st.tuples(st.just(c), interesting_connections(c), options())))
def test_without_cluster_wide_policies_the_answer_is_that_of_network_policies(question: Question) -> None:
    cluster, connection, chosen = question
    assert decide(cluster, connection, chosen) is networkpolicy.decide(cluster, connection, chosen)


@few
@given(QUESTIONS)
def test_what_the_admin_tier_decides_is_decided_whatever_other_tiers_say(questions: Questions) -> None:
    cluster, connections, chosen = questions
    others = [m for m in cluster if m["kind"] not in ("NetworkPolicy", BANP)]
    for connection in connections:
        for way in Direction:
            if not admin_stage(cluster, connection, way) & {Outcome.PASS, Outcome.UNDECIDED}:
                answers = [decide_direction(each, connection, way, chosen) for each in (cluster, others)]
                assert answers[0] is answers[1]


def _uses(cluster: list[Manifest], wanted: str) -> bool:
    rules = [rule for policy in _policies(cluster) for rule in _rules(policy)]
    return any(wanted in _set_fields(each) for rule, peers in rules for each in peers + _entries(rule))


def _ties(cluster: list[Manifest], connection: Connection) -> bool:
    """Return whether the Admin tier is torn between accepting and denying although each policy is sure."""
    policies = _policies(cluster)
    for direction in Direction:
        alone = [admin_stage([*_without_policies(cluster), each], connection, direction) for each in policies]
        torn = {Outcome.ACCEPT, Outcome.DENY} <= admin_stage(cluster, connection, direction)
        if torn and all(len(each) == 1 for each in alone):
            return True
    return False


def _without_policies(cluster: list[Manifest]) -> list[Manifest]:
    return [manifest for manifest in cluster if manifest["kind"] not in (CNP, ANP, BANP)]


def _matters(question: Question) -> bool:
    """Return whether the cluster-wide policies change the answer that NetworkPolicies alone would give."""
    cluster, connection, chosen = question
    return decide(cluster, connection, chosen) is not decide(_without_policies(cluster), connection, chosen)


def _baseline(question: Question, *outcomes: Outcome) -> bool:
    cluster, connection, _ = question
    return any(baseline_stage(cluster, connection, way) == set(outcomes) for way in Direction)


SITUATIONS: dict[str, Callable[[Question], bool]] = {
    **{
        f"the verdict is {verdict.value}": lambda q, v=verdict: _matters(q) and decide(*q) is v  # type: ignore[misc]
        for verdict in Verdict
    },
    **{
        f"a policy with {field} decides": lambda q, f=field: _uses(q[0], f) and _matters(q)  # type: ignore[misc]
        for field in sorted(PLACES | NAMES)
    },
    "equal priorities are in conflict": lambda q: _ties(q[0], q[1]),
    "a name is accepted by its domain": lambda q: (
        isinstance(q[1].dst, DomainName)
        and _uses(q[0], "domainNames")
        and admin_stage(q[0], q[1], Direction.EGRESS) == {Outcome.ACCEPT}
    ),
    "an address may be that of a name": lambda q: (
        type(q[1].dst) is str
        and _uses(q[0], "domainNames")
        and admin_stage(q[0], q[1], Direction.EGRESS) == {Outcome.ACCEPT} | UNDECIDED
    ),
    "the Baseline tier denies": lambda q: _baseline(q, Outcome.DENY) and decide(*q) is Verdict.DENIED,
    "the Baseline tier passes": lambda q: _baseline(q, Outcome.PASS),
    "a pass of the Admin tier leaves it to others": lambda q: any(
        admin_stage(q[0], q[1], way) == {Outcome.PASS} for way in Direction
    ),
}


def _search(most: int) -> settings:
    return settings(max_examples=most, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


@thorough_only
def test_every_situation_is_within_reach_where_policies_are_enforced() -> None:
    missing = set(SITUATIONS)

    def saw_all(questions: Questions) -> bool:
        cluster, connections, chosen = questions
        for question in ((cluster, connection, chosen) for connection in connections if chosen.enforced):
            missing.difference_update([each for each in missing if SITUATIONS[each](question)])
        return not missing

    with suppress(NoSuchExample):
        find(QUESTIONS, saw_all, settings=_search(1500), random=Random(20_000))  # the same search every time
    assert not missing


def test_peers_of_a_later_version_appear_on_demand() -> None:
    future = clusters_with_cluster_policies(future=True)
    field = next(iter(FUTURE_PEERS[0]))
    assert find(future, lambda cluster: _uses(cluster, field), settings=_search(300), random=Random(20_000))


def test_every_pattern_of_domains_tells_names_apart() -> None:
    for pattern in DOMAIN_PATTERNS:
        assert {name_matches(pattern, name) for name in DOMAIN_NAMES} == {True, False}


def test_questions_are_asked_around_networks_and_ports_of_cluster_wide_policies() -> None:
    rule = {
        "to": [{"networks": ["198.51.100.0/24"]}],
        "protocols": [{"tcp": {"destinationPort": {"range": {"start": 7000, "end": 7100}}}}],
    }
    policy = {"apiVersion": f"{GROUP}/v1alpha2", "kind": CNP, "metadata": {}, "spec": {"egress": [rule]}}
    node = {
        "kind": "Node",
        "apiVersion": "v1",
        "status": {"addresses": [{"type": "ExternalIP", "address": "192.0.2.9"}]},
    }
    assert {"198.51.99.255", "198.51.100.0", "198.51.101.0", "192.0.2.9"} <= set(external_ends([policy, node]))
    assert {6999, 7000, 7100, 7101} <= set(ports_around([policy]))
