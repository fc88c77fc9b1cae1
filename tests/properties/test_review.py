"""What a review calls unused or wide can go, and what one connection uses is what the reference says accepts it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.engine.review.ends import Ends
from firedoor.engine.review.judging import review_network
from firedoor.model import networkpolicy, verdicts
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.review import DAY, ItemKind, NetworkReview
from tests.examples import many, some
from tests.properties.comparing import network_of
from tests.properties.worlds import LENIENT_VERSION, World, end_of, pairs, worlds
from tests.reference.domains import DomainName
from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest, items, name_of, namespace_of, objects, section
from tests.reference.networkpolicy import Connection, Direction, Verdict, decide, decide_direction, policy_types
from tests.strategies.clusters import options
from tests.strategies.istio import interesting_connections as mesh_connections
from tests.strategies.istio import mesh_clusters
from tests.strategies.mixed import interesting_connections, mixed_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

NOW = 100 * DAY
Rule = tuple[str, str, str]
FIELDS = {Direction.INGRESS: "ingress", Direction.EGRESS: "egress"}


def peer_of(network: Network, end: RefPod | str) -> FlowPeer:
    position = end_of(network, end)
    if isinstance(position, str):
        return FlowPeer(PeerKind.EXTERNAL, address=position)
    ref = network.members[position].workload
    return FlowPeer(PeerKind.WORKLOAD, ref.namespace, ref.kind, ref.name)


def edge_of(network: Network, asked: Connection) -> FlowEdge:
    ends = peer_of(network, asked.src), peer_of(network, asked.dst)
    return FlowEdge(*ends, asked.protocol, asked.port, FlowVerdict.ALLOWED, 1, NOW - 30 * DAY, NOW)


def reviewed(network: Network, asked: list[Connection]) -> NetworkReview:
    return review_network(network, [edge_of(network, each) for each in asked], NOW, 30, "")


def questions(world: World) -> list[Connection]:
    return [Connection(*ends, *port) for ends in pairs(world) for port in world.ports]


def policies_of(cluster: list[Manifest]) -> dict[tuple[str, str], Manifest]:
    return {
        (namespace_of(each), name_of(each)): each for each in objects(cluster, "networking.k8s.io", "NetworkPolicy")
    }


def changed(cluster: list[Manifest], found: NetworkReview) -> list[Manifest]:
    """Return the manifests with every proposal carried out by hand."""
    written = copy.deepcopy(cluster)
    policies = policies_of(written)
    dropped: list[tuple[list[Any], int]] = []
    for item in found.items:
        if item.kind is ItemKind.POLICY_WITHOUT_PODS:
            continue
        spec = policies[item.object.namespace, item.object.name]["spec"]
        spec["policyTypes"] = policy_types({"spec": spec})
        field, _, number = item.path.removeprefix("spec.").rstrip("]").partition("[")
        if item.kind is ItemKind.RULE_UNUSED:
            dropped.append((spec[field], int(number)))
        else:
            spec[field][int(number)] = item.manifest
    for rules, position in sorted(dropped, key=lambda each: -each[1]):
        del rules[position]
    return written


@many
@given(st.data())
def test_without_what_is_unused_or_wide_all_that_was_observed_is_accepted(data: st.DataObject) -> None:
    world = data.draw(worlds())
    network = Network(world.snapshot, world.cni)
    accepted = [each for each in questions(world) if decide(world.cluster, each, world.options) is Verdict.ACCEPTED]
    asked = data.draw(st.lists(st.sampled_from(accepted), max_size=6, unique=True)) if accepted else []
    found = reviewed(network, asked)
    assert found.proof.kept == found.proof.accepted
    manifests = changed(world.cluster, found)
    after = Network(load_text(yaml.safe_dump_all(manifests), version=LENIENT_VERSION), world.cni)
    for each in questions(world):
        ends = end_of(after, each.src), end_of(after, each.dst)
        verdict = after.verdict(*ends, each.protocol, each.port)
        expected = decide(manifests, each, world.options)
        assert verdict == verdicts.Verdict(expected.value)
        if each in asked:
            assert expected is Verdict.ACCEPTED
        if expected is Verdict.ACCEPTED:
            # Nothing is opened.
            assert decide(world.cluster, each, world.options) is Verdict.ACCEPTED


def accepting(world: World, asked: Connection) -> tuple[set[Rule], set[Rule]]:
    """Return the rules that accept a connection by themselves, and those of which the reference can say so."""
    others = [each for each in world.cluster if each.get("kind") not in {"NetworkPolicy", "List"}]
    accept: set[Rule] = set()
    tellable: set[Rule] = set()
    for key, policy in policies_of(world.cluster).items():
        for direction, field in FIELDS.items():
            if direction.value not in policy_types(policy):
                continue
            alone = copy.deepcopy({**policy, "spec": section(policy, "spec")})
            alone["spec"]["policyTypes"] = [direction.value]
            alone["spec"][field] = []
            if decide_direction([*others, alone], asked, direction, world.options) is not Verdict.DENIED:
                continue
            for number, rule in enumerate(items(section(policy, "spec"), field)):
                alone["spec"][field] = [rule]
                said = decide_direction([*others, alone], asked, direction, world.options)
                name = (*key, f"spec.{field}[{number}]")
                if said is not Verdict.UNKNOWN:
                    tellable.add(name)
                if said is Verdict.ACCEPTED:
                    accept.add(name)
    return accept, tellable


@many
@given(st.data())
def test_one_connection_uses_just_the_rules_that_accept_it(data: st.DataObject) -> None:
    world = data.draw(worlds())
    network = Network(world.snapshot, world.cni)
    possible = questions(world)
    assume(possible)
    asked = data.draw(st.sampled_from(possible))
    found = reviewed(network, [asked])
    unused = {
        (each.object.namespace, each.object.name, each.path)
        for each in found.items
        if each.kind is ItemKind.RULE_UNUSED
    }
    undecided = {(each.object.namespace, each.object.name, each.path) for each in found.undecided}
    accept, tellable = accepting(world, asked)
    assert not accept & unused
    ends = Ends(network)
    if all(len(ends.of(peer_of(network, end)).columns) == 1 for end in (asked.src, asked.dst)):
        assert not accept & undecided
        idle = {(each.object.namespace, each.object.name) for each in found.items if not each.path}
        assert {each for each in tellable - accept if each[:2] not in idle} <= unused | undecided
        assert found.rules.used >= len(accept)


@some
@given(st.data())
def test_no_rule_of_any_api_that_lets_a_connection_through_is_called_unused(data: st.DataObject) -> None:
    cluster, chosen = data.draw(mixed_clusters()), data.draw(options())
    network = network_of(cluster, chosen)
    drawn = data.draw(st.lists(interesting_connections(cluster), min_size=1, max_size=6))
    asked = [each for each in drawn if not isinstance(each.dst, DomainName)]
    found = reviewed(network, asked)
    unused = {
        (each.object.kind, "/".join(filter(None, (each.object.namespace, each.object.name))), each.path)
        for each in found.items
        if each.kind is ItemKind.RULE_UNUSED
    }
    for each in asked:
        ends = end_of(network, each.src), end_of(network, each.dst)
        for direction in networkpolicy.Direction:
            told = explain_direction(network, direction, *ends, each.protocol, each.port)
            if told.verdict is verdicts.Verdict.ACCEPTED:
                assert not {(one.kind, one.policy, one.rule) for one in told.because} & unused


@some
@given(st.data())
def test_no_rule_of_a_mesh_that_lets_a_connection_through_is_called_unused(data: st.DataObject) -> None:
    cluster, chosen = data.draw(mesh_clusters()), data.draw(options())
    network = network_of(cluster, chosen)
    asked = data.draw(st.lists(mesh_connections(cluster), min_size=1, max_size=6))
    found = reviewed(network, asked)
    unused = {
        (each.object.kind, f"{each.object.namespace}/{each.object.name}", each.path)
        for each in found.items
        if each.kind is ItemKind.RULE_UNUSED
    }
    for each in asked:
        ends = end_of(network, each.src), end_of(network, each.dst)
        told = explain_direction(network, networkpolicy.Direction.INGRESS, *ends, each.protocol, each.port)
        if told.verdict is verdicts.Verdict.ACCEPTED:
            assert not {(one.kind, one.policy, one.rule) for one in told.because} & unused


def shortened(cluster: list[Manifest], found: NetworkReview) -> list[Manifest]:
    """Return the manifests with every narrower rule of any API written by hand."""
    written = copy.deepcopy(cluster)
    for item in found.items:
        if item.kind is not ItemKind.RULE_WIDER:
            continue
        # Calico has a NetworkPolicy too, whose rules have actions.
        of_calico = item.object.kind == "NetworkPolicy" and "action" in (item.manifest or {})
        namespace = item.object.namespace
        (policy,) = [
            each
            for each in _flat(written)
            if (each["kind"], name_of(each)) == (item.object.kind, item.object.name)
            and (each["metadata"].get("namespace") or ("default" if namespace else "")) == namespace
            and (item.object.kind != "NetworkPolicy" or of_calico is ("projectcalico" in each["apiVersion"]))
        ]
        head, _, number = item.path.rstrip("]").rpartition("[")
        *outer, field = head.split(".")
        spec: Any = policy
        for step in outer:
            name, _, index = step.rstrip("]").partition("[")
            spec = spec[name][int(index)] if index else spec[name]
        spec[field][int(number)] = item.manifest
    return written


def _flat(cluster: list[Manifest]) -> list[Manifest]:
    return [one for each in cluster for one in (each["items"] if each["kind"] == "List" else [each])]


@some
@given(st.data())
def test_narrower_rules_of_any_api_accept_what_was_observed_and_open_nothing(data: st.DataObject) -> None:
    cluster, chosen = data.draw(mixed_clusters()), data.draw(options())
    before = network_of(cluster, chosen)
    drawn = data.draw(st.lists(interesting_connections(cluster), min_size=4, max_size=12))
    possible = [each for each in drawn if not isinstance(each.dst, DomainName)]
    asked = [each for each in possible if _verdict(before, each) is verdicts.Verdict.ACCEPTED][:4]
    found = reviewed(before, asked)
    assert found.proof.kept == found.proof.accepted
    after = network_of(shortened(cluster, found), chosen)
    for each in possible:
        told = _verdict(after, each)
        if each in asked:
            assert told is verdicts.Verdict.ACCEPTED
        if _verdict(before, each) is verdicts.Verdict.DENIED:
            assert told is verdicts.Verdict.DENIED


def _verdict(network: Network, asked: Connection) -> verdicts.Verdict:
    return network.verdict(end_of(network, asked.src), end_of(network, asked.dst), asked.protocol, asked.port)
