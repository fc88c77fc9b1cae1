"""The generated Calico clusters are acceptable to an API server, and worth asking about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.examples import few, thorough_only
from tests.reference.addresses import parse_block
from tests.reference.calico import Connection, Options, Verdict, decide
from tests.reference.calico_selectors import parsed
from tests.reference.manifests import (
    Manifest,
    items,
    name_of,
    namespace_of,
    objects,
    section,
    strings,
)
from tests.strategies.calico import (
    STAGED_KINDS,
    VERSION,
    calico_clusters,
    interesting_connections,
)
from tests.strategies.clusters import options

ENTITY_FIELDS = (
    "nets",
    "notNets",
    "selector",
    "notSelector",
    "namespaceSelector",
    "serviceAccounts",
    "services",
    "ports",
    "notPorts",
)
QUESTIONS = calico_clusters().flatmap(
    lambda cluster: st.tuples(
        st.just(cluster), st.lists(interesting_connections(cluster), min_size=12, max_size=12), options()
    )
)
Question = tuple[list[Manifest], list[Connection], Options]
KINDS = (
    "NetworkPolicy",
    "GlobalNetworkPolicy",
    "Tier",
    "NetworkSet",
    "GlobalNetworkSet",
    "ServiceAccount",
    "Service",
    "EndpointSlice",
)
FIELDS = (
    "order",
    "selector",
    "namespaceSelector",
    "serviceAccountSelector",
    "types",
    "protocol",
    "notProtocol",
    "ipVersion",
    *(f"{side}.{field}" for side in ("source", "destination") for field in ENTITY_FIELDS),
)
WITH_PORTS = {"TCP", "UDP", "SCTP", 6, 17, 132}


def policies(cluster: list[Manifest]) -> Iterator[Manifest]:
    for kind in ("NetworkPolicy", "GlobalNetworkPolicy", *STAGED_KINDS):
        yield from objects(cluster, "projectcalico.org", kind)


def namespaced(policy: Manifest) -> bool:
    return not policy["kind"].endswith("GlobalNetworkPolicy")


def entities(rule: Manifest) -> list[Manifest]:
    return [section(rule, "source"), section(rule, "destination")]


@few
@given(calico_clusters())
def test_every_generated_object_passes_the_validation_of_the_api_server(cluster: list[Manifest]) -> None:
    names = [(each["apiVersion"], each["kind"], namespace_of(each), name_of(each)) for each in cluster]
    assert len(names) == len(set(names))
    tiers = {
        "default",
        "kube-admin",
        "kube-baseline",
        *(name_of(tier) for tier in objects(cluster, "projectcalico.org", "Tier")),
    }
    for policy in policies(cluster):
        assert section(policy, "spec").get("tier", "default") in tiers
        _check_spec(policy)
        near = {"ingress": "destination", "egress": "source"}
        for direction, side in near.items():
            for rule in items(section(policy, "spec"), direction):
                assert "services" not in section(rule, side)
                assert direction == "ingress" or "http" not in rule
                _check_rule(rule)
                for entity in entities(rule):
                    _check_entity(entity)
                    assert namespaced(policy) or "namespace" in entity.get("services", {"namespace": ""})


def _check_spec(policy: Manifest) -> None:
    spec = section(policy, "spec")
    assert "types" not in spec or 1 <= len(set(spec["types"])) == len(spec["types"])
    assert "namespace" not in policy["metadata"] or namespaced(policy)
    global_fields = {"namespaceSelector", "preDNAT", "doNotTrack", "applyOnForward"} & set(spec)
    assert not (namespaced(policy) and global_fields)
    assert not (spec.get("preDNAT") and spec.get("doNotTrack"))
    assert not (spec.get("preDNAT") and (spec.get("egress") or "Egress" in spec.get("types", [])))
    assert spec.get("applyOnForward") or not (spec.get("preDNAT") or spec.get("doNotTrack"))
    for field in ("selector", "serviceAccountSelector", "namespaceSelector"):
        assert "global(" not in spec.get(field, "")
        parsed(spec.get(field, ""))


def _check_rule(rule: Manifest) -> None:
    both = entities(rule)
    versions = {parse_block(net).version for e in both for f in ("nets", "notNets") for net in strings(e, f)}
    assert len(versions | ({rule["ipVersion"]} if "ipVersion" in rule else set())) <= 1
    assert not {"0.0.0.0/0", "::/0"} & {net for entity in both for net in strings(entity, "notNets")}
    if any(entity.get(field) for entity in both for field in ("ports", "notPorts")):
        assert rule.get("protocol") in WITH_PORTS
    if "icmp" in rule or "notICMP" in rule:
        assert rule["protocol"] in {"ICMP", "ICMPv6"}
    if "ipVersion" in rule and rule.get("protocol") in {"ICMP", "ICMPv6"}:
        assert rule["protocol"] == {4: "ICMP", 6: "ICMPv6"}[rule["ipVersion"]]
    if "http" in rule:
        assert rule["action"] == "Allow"
        assert rule.get("protocol", "TCP") == "TCP"


def _check_entity(entity: Manifest) -> None:
    assert "services" not in entity or set(entity) == {"services"}
    scope = entity.get("namespaceSelector", "")
    assert "global(" not in scope or scope == "global()"
    accounts = section(entity, "serviceAccounts").get("selector", "")
    for expression in (entity.get("selector", ""), entity.get("notSelector", ""), accounts):
        assert "global(" not in expression
        parsed(expression)
    parsed(scope)


@few
@given(QUESTIONS)
def test_neither_the_order_of_objects_nor_staged_policies_change_an_answer(question: Question) -> None:
    cluster, connections, chosen = question
    other = [each for each in reversed(cluster) if each["kind"] not in STAGED_KINDS]
    for connection in connections:
        assert decide(other, connection, chosen) is decide(cluster, connection, chosen)


def without(cluster: list[Manifest], kind: str, group: str = "") -> list[Manifest]:
    """Return the cluster without a kind; without Tiers, its policies are in the default one."""
    less = [each for each in cluster if each["kind"] != kind or not each["apiVersion"].startswith(group)]
    return [_in_default_tier(each) for each in less] if kind == "Tier" else less


def _in_default_tier(manifest: Manifest) -> Manifest:
    if "tier" not in section(manifest, "spec"):
        return manifest
    return manifest | {"spec": {field: value for field, value in manifest["spec"].items() if field != "tier"}}


def _without_field(manifest: Manifest, field: str) -> Manifest:
    if manifest["apiVersion"] != VERSION or "Policy" not in manifest["kind"]:
        return manifest
    spec = dict(section(manifest, "spec"))
    if field in spec:
        return manifest | {"spec": {name: value for name, value in spec.items() if name != field}}
    for direction in ("ingress", "egress"):
        if direction in spec:
            spec[direction] = [_rule_without(rule, field) for rule in items(spec, direction)]
    return manifest | {"spec": spec}


def _rule_without(rule: Manifest, field: str) -> Manifest:
    side, dot, inner = field.partition(".")
    if not dot:
        return {name: value for name, value in rule.items() if name != field}
    return rule | {side: {name: value for name, value in section(rule, side).items() if name != inner}}


def _changes(cluster: list[Manifest]) -> Iterator[tuple[str, list[Manifest]]]:
    """Yield what each kind and field adds to the cluster: a name for it, and the cluster without it."""
    for kind in KINDS:
        yield kind, without(cluster, kind, "projectcalico.org" if kind == "NetworkPolicy" else "")
    for field in FIELDS:
        yield field, [_without_field(each, field) for each in cluster]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@thorough_only
def test_every_verdict_is_within_reach_and_every_kind_and_field_matters_to_some_answer() -> None:
    wanted: set[object] = {*KINDS, *FIELDS, *((kind, each) for kind in KINDS[:2] for each in Verdict)}

    def look(question: Question) -> None:
        cluster, connections, chosen = question
        for name, less in _changes(cluster):
            reasons = {name, *((name, each) for each in Verdict)} & wanted
            for connection in connections if reasons and less != cluster else ():
                verdict = decide(cluster, connection, chosen)
                if decide(less, connection, chosen) is not verdict:
                    wanted.difference_update({name, (name, verdict)})

    search = settings(max_examples=100, phases=[Phase.generate], database=None)
    for start in range(40):
        if wanted:
            seed(start)(search(given(QUESTIONS)(look)))()
    assert not wanted
