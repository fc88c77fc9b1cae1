"""The conformance suite finds out what a plugin does: outcomes come from the naive reference, with one fault each."""

from __future__ import annotations

from typing import Any

import pytest

from firedoor.engine.conformance.suite import SUITE
from firedoor.engine.reach.cni import PROFILES
from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from firedoor.model.conformance import CaseStatus, Conformance
from firedoor.usecases.conformance import ConformanceQuestion, find_conformance
from firedoor.usecases.conformance_bench import usable_nodes
from tests.conformance_faults import (
    either_selector,
    end_port_ignored,
    end_port_open,
    except_denies,
    first_named_port,
    ingress_by_default,
    no_direction,
    no_except,
    no_expressions,
    own_node,
)
from tests.conformance_network import Fault, Manifest, Network, changed, passing
from tests.reference.networkpolicy import Connection, Options, Verdict

BY_ADDRESS = Options(ipblock_matches_pods=True)
BY_IDENTITY = Options(ipblock_matches_pods=False, ipblock_matches_nodes=False)
PREFIX = "firedoor-conformance-1"


def found(network: Network, chosen: str = "", names: str = "", settle: float = 0.0) -> Conformance:
    cases = [each for each in SUITE if not names or each.name in names.split()]
    question = ConformanceQuestion(PREFIX, settle, chosen, cases)
    return find_conformance(question, network, network.prober, network.wait, Silent())


def statuses(conformance: Conformance) -> dict[str, CaseStatus]:
    return {each.feature: each.status for each in conformance.features}


def failing(conformance: Conformance) -> set[str]:
    return {feature for feature, status in statuses(conformance).items() if status is CaseStatus.FAILS}


def readings(conformance: Conformance) -> dict[str, tuple[str, ...]]:
    return {each.feature: each.readings for each in conformance.features if each.readings}


def test_a_plugin_that_does_what_the_api_says_passes_all_cases() -> None:
    network = Network()
    conformance = found(network, "calico")
    assert not failing(conformance)
    assert conformance.count(CaseStatus.UNCHECKED) == 0
    assert conformance.holds
    assert conformance.unforetold == 0
    assert not readings(conformance)
    assert network.is_closed


@pytest.mark.parametrize(
    ("options", "best"),
    [
        (BY_ADDRESS, {"calico", "cilium-nodes-pods", "antrea", "kube-network-policies", "kindnet"}),
        (BY_IDENTITY, {"cilium", "gke-dataplane-v2"}),
        (Options(ipblock_matches_pods=False, ipblock_matches_nodes=True), {"spec", "cilium-nodes"}),
        (Options(ipblock_matches_pods=True, ipblock_matches_nodes=False), {"cilium-pods"}),
        (Options(enforced=False), {"flannel", "none"}),
    ],
)
def test_profiles_are_told_apart_by_what_the_api_leaves_open(options: Options, best: set[str]) -> None:
    conformance = found(Network(options))
    assert set(conformance.best) == best
    assert all(each.agrees for each in conformance.profiles if each.name in best)


def test_one_node_is_enough_for_all_but_what_another_node_may_do() -> None:
    conformance = found(Network(nodes_there=1))
    unchecked = {each.name: each.reason for each in conformance.cases if each.status is CaseStatus.UNCHECKED}
    assert set(unchecked) == {"another-node-is-kept-out", "block-of-another-node", "host-network-source"}
    assert set(unchecked.values()) == {"it takes two nodes that pods can run on"}
    assert "calico" in conformance.best


def test_a_plugin_that_enforces_nothing_is_found_out() -> None:
    conformance = found(Network(Options(enforced=False)), "calico")
    (calico,) = [each for each in conformance.profiles if each.name == "calico"]
    assert not conformance.holds
    assert not conformance.chosen_agrees
    assert calico.wrong > 100
    assert conformance.unforetold == 0


FIRST = "one number for a name: that of the first pod that has it"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "feature", "reading"),
    [
        (changed(end_port_ignored), "endPort", "ignored: a range opens its first port alone"),
        (changed(end_port_open), "endPort", "not understood: a range opens every port"),
        (changed(first_named_port), "named port", FIRST),
        (changed(no_expressions), "matchExpressions", "ignored: labels alone count"),
        (changed(no_except), "except", "ignored: the whole block counts"),
        (changed(ingress_by_default), "policyTypes", "not filled in"),
        (passing("SCTP"), "SCTP", "not enforced: it passes always"),
    ],
    ids=["end-port", "end-port-open", "named-ports", "expressions", "except", "types", "sctp"],
)
def test_a_fault_is_found_in_its_part_of_the_api_and_nowhere_else(fault: Fault, feature: str, reading: str) -> None:
    conformance = found(Network(fault=fault))
    assert failing(conformance) == {feature}
    (told,) = readings(conformance)[feature]
    assert told.startswith(reading)
    assert set(readings(conformance)) == {feature}
    assert conformance.unforetold == 0
    assert not conformance.holds


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "feature", "reading", "others"),
    [
        # These show in the cases of other parts too, which are written with what is broken here.
        (changed(no_direction("Egress")), "egress", "not enforced: policies restrict ingress alone", {"policyTypes"}),
        (changed(no_direction("Ingress")), "ingress", "not enforced: policies restrict egress alone", {"changes"}),
        (passing("UDP"), "UDP", "not enforced: it passes always", {"port", "named port", "replies"}),
        (
            changed(either_selector),
            "namespaceSelector",
            "two selectors in one peer read as two peers",
            {"matchExpressions"},
        ),
    ],
    ids=["egress", "ingress", "udp", "selectors"],
)
def test_a_fault_that_shows_in_many_cases_is_one_reading(
    fault: Fault, feature: str, reading: str, others: set[str]
) -> None:
    conformance = found(Network(fault=fault))
    assert {feature, *others} <= failing(conformance)
    assert readings(conformance) == {feature: (reading,)}
    assert conformance.unforetold == 0
    assert "calico" in conformance.best


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "options", "best"),
    [
        (changed(end_port_ignored), BY_ADDRESS, {"weave"}),
        (changed(end_port_ignored), BY_IDENTITY, {"cilium", "gke-dataplane-v2"}),
        (changed(first_named_port), BY_IDENTITY, {"cilium", "gke-dataplane-v2"}),
        (own_node, BY_ADDRESS, {"aws", "azure"}),
        (except_denies, BY_ADDRESS, {"ovn"}),
    ],
    ids=["weave", "old-cilium", "cilium", "aws", "ovn"],
)
def test_a_documented_difference_names_its_plugin(fault: Fault, options: Options, best: set[str]) -> None:
    conformance = found(Network(options, fault=fault))
    assert set(conformance.best) == best
    assert all(each.agrees and each.documented for each in conformance.profiles if each.name in best)


def test_two_faults_are_two_readings() -> None:
    ranges = changed(end_port_ignored)

    def both(cluster: list[Manifest], asked: Connection, options: Options) -> Verdict | None:
        return Verdict.ACCEPTED if asked.protocol == "SCTP" else ranges(cluster, asked, options)

    conformance = found(Network(BY_IDENTITY, fault=both))
    assert failing(conformance) == {"endPort", "SCTP"}
    assert set(readings(conformance)) == {"endPort", "SCTP"}
    assert set(conformance.best) == {"cilium", "gke-dataplane-v2"}


def test_what_nobody_foretells_is_counted() -> None:
    def odd(_cluster: list[Manifest], asked: Connection, _options: Options) -> Verdict | None:
        return Verdict.ACCEPTED if asked.port == 8083 else None

    conformance = found(Network(fault=odd))
    assert failing(conformance) == {"endPort"}
    assert conformance.unforetold == 1
    assert not readings(conformance)


def test_a_protocol_that_the_kernel_lacks_is_unchecked_and_said_to_be() -> None:
    conformance = found(Network(protocols=("TCP", "UDP")))
    assert statuses(conformance)["SCTP"] is CaseStatus.UNCHECKED
    reasons = {each.reason for each in conformance.cases if each.feature == "SCTP"}
    assert reasons == {"it does not pass where no policy is: no SCTP in this kernel"}
    assert conformance.holds


def test_a_pod_that_does_not_start_takes_its_cases_along_and_no_others() -> None:
    conformance = found(Network(dead="s"))
    reasons = {each.reason for each in conformance.cases if each.status is CaseStatus.UNCHECKED}
    assert reasons == {"its image cannot be pulled"}
    assert statuses(conformance)["SCTP"] is CaseStatus.UNCHECKED
    assert sum(each.status is CaseStatus.UNCHECKED for each in conformance.cases) == 4
    assert "x/s could not be used: its image cannot be pulled" in conformance.notes


def test_a_late_pod_that_does_not_start_takes_its_case_along() -> None:
    conformance = found(Network(dead="late-b"), names="later-pods policy-deleted")
    by_name = {each.name: (each.status, each.reason) for each in conformance.cases}
    assert by_name["later-pods"] == (CaseStatus.UNCHECKED, "its image cannot be pulled")
    assert by_name["policy-deleted"] == (CaseStatus.PASSES, "")


def test_a_policy_that_the_server_refuses_leaves_its_case_unchecked() -> None:
    conformance = found(Network(refused="port-range"), names="port-range port-number")
    by_name = {each.name: (each.status, each.reason) for each in conformance.cases}
    assert by_name["port-range"] == (CaseStatus.UNCHECKED, "port-range-in: not today")
    assert by_name["port-number"] == (CaseStatus.PASSES, "")


def test_what_is_blocked_is_not_believed_of_pods_that_died() -> None:
    conformance = found(Network(dies_after=1), names="ingress-default-deny ingress-allow-all")
    for case in conformance.cases:
        assert case.status is CaseStatus.UNCHECKED
        assert "it does not pass where no policy is" in case.reason


def test_a_cluster_in_which_nothing_connects_is_an_error_and_cleaned_up() -> None:
    network = Network(dies_after=0)
    with pytest.raises(SourceError, match="no connection passes between the probe pods"):
        found(network)
    assert network.is_closed
    assert not [each for each in network.objects if each["kind"] == "Pod"]


def test_a_cluster_without_a_node_for_pods_is_an_error() -> None:
    network = Network(nodes_there=0)
    with pytest.raises(SourceError, match="there is no node"):
        found(network)
    assert network.is_closed


def test_a_slow_plugin_is_waited_for() -> None:
    network = Network(slow=2)
    names = "ingress-default-deny policy-changed block-of-one-pod port-range"
    assert not failing(found(network, names=names, settle=4.0))
    assert set(network.waited) == {0.0, 0.5}


def test_a_plugin_that_is_too_slow_for_the_time_given_fails() -> None:
    assert failing(found(Network(slow=3), names="ingress-default-deny", settle=0.0)) == {"ingress"}


def test_what_passes_before_the_policies_are_in_force_is_looked_at_again() -> None:
    # Ports of a range pass until the policy is there, and are blocked by a plugin that reads its first port alone.
    network = Network(slow=2, fault=changed(end_port_ignored))
    (case,) = found(network, names="port-range", settle=4.0).cases
    assert case.status is CaseStatus.FAILS
    assert [each.port for each in case.tries if each.is_wrong] == [8082, 8083]


def test_what_is_blocked_by_the_case_before_is_not_taken_for_a_success() -> None:
    def stuck(cluster: list[Manifest], asked: Connection, _options: Options) -> Verdict | None:
        there = any(each["kind"] == "NetworkPolicy" for each in cluster)
        network.seen_any = network.seen_any or there
        return Verdict.DENIED if network.seen_any else None

    network = Network(fault=stuck)
    conformance = found(network, names="ingress-default-deny subject-by-label pod-selector")
    first, *others = conformance.cases
    assert first.status is CaseStatus.FAILS or first.status is CaseStatus.UNCHECKED
    assert {each.status for each in others} == {CaseStatus.UNCHECKED}
    assert "it does not pass where no policy is" in others[0].reason


@pytest.mark.parametrize(
    ("name", "waits"), [("block-of-one-pod", [0.0]), ("host-network-source", [0.0, 0.5, 1.0, 0.5])]
)
def test_all_the_time_is_waited_where_nothing_tells_that_the_policies_are_in_force(
    name: str, waits: list[float]
) -> None:
    network = Network()
    found(network, names=name, settle=2.0)
    # Before all cases, before the case, for the case, and after all.
    assert network.waited == [0.0, 0.0, *waits, 0.0]


def test_where_nothing_is_enforced_nobody_waits_long_for_the_rest() -> None:
    network = Network(Options(enforced=False))
    names = "ingress-default-deny ingress-no-rules ingress-allow-all egress-default-deny"
    assert failing(found(network, names=names, settle=8.0)) == {"ingress", "egress"}
    assert network.waited.count(4.0) == 3
    assert sum(network.waited) == pytest.approx(3 * 8.0 + 1.0)


def test_an_interruption_removes_everything() -> None:
    network = Network()

    def interrupted(cluster: list[Manifest], asked: Connection, options: Options) -> Verdict | None:
        if network.runs > 5:
            raise KeyboardInterrupt
        return None

    network.fault = interrupted
    with pytest.raises(KeyboardInterrupt):
        found(network)
    assert network.is_closed
    assert not [each for each in network.objects if each["kind"] == "Pod"]


def test_each_case_starts_from_what_the_sites_were_made_with() -> None:
    network = Network()
    found(network, names="peer-relabelled namespace-relabelled pod-selector")
    policies = [each for each in network.objects if each["kind"] == "NetworkPolicy"]
    labels = {each["metadata"]["name"]: each["metadata"]["labels"] for each in network.objects}
    assert not policies
    assert labels[f"{PREFIX}-y"] == {"team": "blue"}
    assert labels[f"{PREFIX}-z"] == {}


def test_profiles_that_the_suite_cannot_tell_apart_get_the_same_verdict() -> None:
    conformance = found(Network(BY_IDENTITY))
    wrong = {each.name: each.wrong for each in conformance.profiles}
    assert wrong["cilium"] == wrong["gke-dataplane-v2"] == 0
    assert set(wrong) == set(PROFILES)


def test_a_chosen_profile_that_disagrees_is_an_answer_of_no() -> None:
    conformance = found(Network(BY_IDENTITY), "calico")
    assert not failing(conformance)
    assert not conformance.chosen_agrees
    assert not conformance.holds


def node(name: str, *, ready: str = "True", **parts: Any) -> Manifest:
    metadata = {"name": name, "labels": {"kubernetes.io/os": parts.pop("system", "linux")}}
    return {"metadata": metadata, "spec": parts, "status": {"conditions": [{"type": "Ready", "status": ready}]}}


def test_pods_are_put_on_nodes_that_take_them() -> None:
    nodes = [
        node("z"),
        node("a"),
        node("asleep", ready="Unknown"),
        node("control", taints=[{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]),
        node("preferred-elsewhere", taints=[{"key": "x", "effect": "PreferNoSchedule"}]),
        node("cordoned", unschedulable=True),
        node("windows", system="windows"),
        {"metadata": {"name": "bare"}},
    ]
    assert [each["metadata"]["name"] for each in usable_nodes(nodes)] == ["a", "preferred-elsewhere", "z"]
