"""Verification against networks that do, and do not, what the reference says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import pytest

from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.errors import NothingInScopeError, SourceError, UsageError
from firedoor.interfaces import Silent
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.label_text import parse_selector
from firedoor.model.labels import LabelSelector
from firedoor.model.probing import Outcome, Probe, ProbeSite, Sighting
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Judgement, Seen, VerifyReport
from firedoor.usecases.verify import Verification, VerifyQuestion
from tests.reference.networkpolicy import Options
from tests.verifying import (
    Manifest,
    SimulatedNetwork,
    allow,
    app,
    pod,
    shop,
    snapshot_of,
    verified,
    with_ports,
    without,
)

Fault = Callable[[Probe, Sequence[ProbeSite]], Outcome | None]


def counts(report: VerifyReport) -> dict[Judgement, int]:
    return {judgement: number for judgement in Judgement if (number := report.count(judgement))}


def causes(report: VerifyReport) -> list[str]:
    return [each.id for each in report.causes]


def of_protocol(protocol: str, outcome: Outcome) -> Fault:
    def fault(probe: Probe, _: Sequence[ProbeSite]) -> Outcome | None:
        return outcome if probe.protocol == protocol and not probe.is_control else None

    return fault


@pytest.mark.parametrize("blocked", [Outcome.TIMED_OUT, Outcome.REFUSED, Outcome.RESET, Outcome.UNREACHABLE])
def test_a_network_that_does_what_the_policies_say_agrees_however_it_blocks(blocked: Outcome) -> None:
    network = SimulatedNetwork(shop(), blocked=blocked)
    report = verified(shop(), network)
    assert counts(report) == {Judgement.AGREES: len(report.plan.probes)}
    assert report.truth[Verdict.DENIED][Seen.BLOCKED] >= 3
    assert report.truth[Verdict.ACCEPTED][Seen.CONNECTED] >= 3
    assert (report.causes, report.fits, network.closed) == ((), (), 1)


def test_controls_come_first_and_nothing_is_tried_twice_that_agrees() -> None:
    network = SimulatedNetwork(shop())
    report = verified(shop(), network)
    controls = [each for each in network.tried if each.is_control]
    assert network.tried[: len(controls)] == controls
    assert network.tried[len(controls) :] == [each.planned.probe for each in report.checked]
    assert len(set(controls)) == len(controls)


def test_a_plugin_that_enforces_nothing_is_told_first() -> None:
    report = verified(shop(), SimulatedNetwork(shop(), options=Options(enforced=False)))
    assert report.truth[Verdict.DENIED][Seen.CONNECTED] == report.count(Judgement.DIFFERS) > 0
    assert report.truth[Verdict.DENIED][Seen.BLOCKED] == 0
    assert causes(report)[0] == "not-enforced"
    assert report.fits[0].profiles == ("flannel", "none")
    assert report.fits[0].agreeing == report.fits[0].seen == len(report.checked)


def test_policies_that_the_network_does_not_know_are_told_by_the_time_they_were_made() -> None:
    report = verified(shop(), SimulatedNetwork(without(shop(), "db", "db-sync")))
    assert causes(report)[0] == "stopped"
    assert "2026-02-01T00:00:00Z" in report.causes[0].title
    assert "policies-idle" in causes(report)


def timeless(cluster: list[Manifest]) -> list[Manifest]:
    for each in cluster:
        each["metadata"].pop("creationTimestamp", None)
    return cluster


def test_policies_without_effect_are_named_where_no_time_tells_them() -> None:
    report = verified(timeless(shop()), SimulatedNetwork(without(shop(), "job")))
    assert "policies-idle" in causes(report)
    title = next(each.title for each in report.causes if each.id == "policies-idle")
    assert title == "NetworkPolicy shop/job has no effect, and all other policies do"


def test_more_policies_without_effect_than_are_listed_are_counted() -> None:
    cluster = timeless(shop())
    idle = ("api", "api-dns", "db", "db-sync")
    report = verified(cluster, SimulatedNetwork(without(cluster, *idle)))
    titles = [each.title for each in report.causes if each.id == "policies-idle"]
    names = "NetworkPolicy shop/api, NetworkPolicy shop/api-dns, NetworkPolicy shop/db"
    assert titles == [f"{names} and 1 more have no effect, and all other policies do"]


def numbers_alone(port: Manifest) -> Manifest | None:
    return None if isinstance(port["port"], str) else port


def any_for_names(port: Manifest) -> Manifest:
    return {} if isinstance(port["port"], str) else port


def no_end(port: Manifest) -> Manifest:
    return {key: value for key, value in port.items() if key != "endPort"}


@pytest.mark.parametrize(
    ("change", "cause", "words"),
    [
        (numbers_alone, "named-ports", "match nothing"),
        (any_for_names, "named-ports", "match every port"),
        (no_end, "end-port", "endPort"),
    ],
)
def test_ports_that_are_read_otherwise_are_found(
    change: Callable[[Manifest], Manifest | None], cause: str, words: str
) -> None:
    report = verified(shop(), SimulatedNetwork(with_ports(shop(), change)), question=VerifyQuestion(is_all=True))
    if cause == "end-port":
        question = VerifyQuestion(intents=(intent(IntentKind.MUST_ALLOW, "api", "db", (("TCP", 5438, 5438),)),))
        report = verified(shop(), SimulatedNetwork(with_ports(shop(), change)), question=question)
    assert causes(report)[0] == cause
    assert words in report.causes[0].title


def with_block() -> list[Manifest]:
    return [*shop(), allow("web", "web", "ingress", {"ipBlock": {"cidr": "10.0.0.0/24"}}, {"port": 8080})]


def test_a_plugin_that_takes_blocks_for_pods_is_fitted_with_a_profile() -> None:
    network = SimulatedNetwork(with_block(), options=Options(ipblock_matches_pods=True))
    report = verified(with_block(), network, question=VerifyQuestion(is_all=True))
    assert causes(report)[0] == "other-profile"
    assert "calico" in report.causes[0].title
    assert report.causes[0].remedy == "judge with --cni calico"
    assert "calico" in report.fits[0].profiles
    assert report.fits[0].agreeing == report.fits[0].seen
    again = verified(with_block(), network, question=VerifyQuestion(is_all=True), cni=PROFILES["calico"])
    assert counts(again) == {Judgement.AGREES: len(again.checked)}


def test_what_hangs_on_addresses_is_unknown_of_pods_that_stand_in() -> None:
    question = VerifyQuestion(is_all=True, by_stand_ins=True)
    network = SimulatedNetwork(with_block(), options=Options(ipblock_matches_pods=True))
    report = verified(with_block(), network, question=question, cni=PROFILES["calico"])
    ends = {
        report.plan.sites[each.planned.probe.destination].pod
        for each in report.checked
        if each.judgement is Judgement.UNKNOWN
    }
    assert ends == {"web"}
    assert report.count(Judgement.DIFFERS) == 0
    assert report.plan.notes == (
        "what rules say of the addresses of pods is unknown, because pods that stand in have others",
    )
    spec = verified(with_block(), network, question=question)
    assert not spec.count(Judgement.UNKNOWN)
    assert spec.plan.notes == ()


def test_policies_of_a_mesh_are_told_to_act_in_sidecars() -> None:
    mesh = {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": {"namespace": "shop", "name": "default"},
        "spec": {"mtls": {"mode": "PERMISSIVE"}},
    }
    for by_stand_ins in (False, True):
        question = VerifyQuestion(by_stand_ins=by_stand_ins)
        plan = Verification(snapshot_of([*shop(), mesh]), SPEC, question, None).plan
        assert any("Istio" in note for note in plan.notes) is by_stand_ins


@pytest.mark.parametrize("protocol", ["UDP", "SCTP"])
def test_a_protocol_on_which_policies_do_not_act_is_found(protocol: str) -> None:
    network = SimulatedNetwork(shop(), faults=[of_protocol(protocol, Outcome.CONNECTED)])
    report = verified(shop(), network, question=every_protocol())
    assert f"policies do not act on {protocol}" in [each.title for each in report.causes]


def test_a_protocol_that_never_passes_is_found() -> None:
    network = SimulatedNetwork(shop(), faults=[of_protocol("SCTP", Outcome.TIMED_OUT)])
    report = verified(shop(), network, question=every_protocol())
    assert "SCTP never passes between pods" in [each.title for each in report.causes]


def every_protocol() -> VerifyQuestion:
    ports = tuple((protocol, 9000, 9000) for protocol in ("TCP", "UDP", "SCTP"))
    return VerifyQuestion(intents=(intent(IntentKind.MUST_DENY, "job", "db", ports),), is_all=True)


def intent(kind: IntentKind, source: str, destination: str, ports: tuple[tuple[str, int, int], ...]) -> Intent:
    ends = [EndTerm(each, labels=LabelSelector({"app": each})) for each in (source, destination)]
    return Intent("the intent", kind, (ends[0],), (ends[1],), ports, place="intents.yaml:4")


def test_a_node_on_which_nothing_is_enforced_is_found() -> None:
    def idle(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
        return Outcome.CONNECTED if sites[probe.destination].node == "west" else None

    network = SimulatedNetwork(without(shop(), "job"), faults=[idle])
    report = verified(shop(), network, question=VerifyQuestion(is_all=True))
    assert "nothing enforces the policies on node west" in [each.title for each in report.causes]


def test_a_direction_that_is_not_enforced_is_found() -> None:
    report = verified(shop(), SimulatedNetwork(without(shop(), "job")))
    assert "egress rules are not enforced" in [each.title for each in report.causes]


@pytest.mark.parametrize(
    ("outcome", "words"), [(Outcome.CONNECTED, "do not act on"), (Outcome.TIMED_OUT, "that pass directly")]
)
def test_connections_through_services_alone_are_told(outcome: Outcome, words: str) -> None:
    def through(probe: Probe, _: Sequence[ProbeSite]) -> Outcome | None:
        return outcome if probe.is_through_service and not probe.is_control else None

    network = SimulatedNetwork(shop(), faults=[through])
    report = verified(shop(), network, question=VerifyQuestion(through_service=True))
    assert all(each.planned.probe.is_through_service for each in report.checked if each.judgement is Judgement.DIFFERS)
    assert causes(report)[0] == "service"
    assert words in report.causes[0].title


def test_a_service_that_leads_nowhere_proves_nothing() -> None:
    def through(probe: Probe, _: Sequence[ProbeSite]) -> Outcome | None:
        return Outcome.TIMED_OUT if probe.is_through_service else None

    report = verified(shop(), SimulatedNetwork(shop(), faults=[through]), question=VerifyQuestion(through_service=True))
    direct, indirect = (
        [each for each in report.checked if each.planned.probe.is_through_service is via] for via in (False, True)
    )
    assert {each.judgement for each in direct} == {Judgement.AGREES}
    assert {each.judgement for each in indirect} == {Judgement.UNCHECKED}
    assert all("leads nowhere, not even from" in each.why for each in indirect)


def test_what_was_meant_and_is_not_applied_is_told() -> None:
    live = without(shop(), "db", "api")
    report = verified(shop(), SimulatedNetwork(live), live=live)
    assert "not-applied" in causes(report)
    assert report.causes[0].explains == report.count(Judgement.DIFFERS)


def test_policies_of_one_kind_alone_without_effect_are_told() -> None:
    report = verified([*shop(), admin("no-web", "Deny")], SimulatedNetwork(shop()))
    assert causes(report)[0] == "kind-not-enforced"
    assert "ClusterNetworkPolicy (policy.networking.k8s.io)" in report.causes[0].title


def test_a_pattern_that_nothing_explains_has_no_cause() -> None:
    def lost(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
        ends = sites[probe.source].pod, sites[probe.destination].pod
        return Outcome.TIMED_OUT if ends == ("api", "web") else None

    report = verified(shop(), SimulatedNetwork(shop(), faults=[lost]), question=VerifyQuestion(is_all=True))
    assert report.count(Judgement.DIFFERS) == 2
    assert report.causes == ()
    assert report.fits


def test_a_policy_that_is_programmed_late_agrees_late() -> None:
    network = SimulatedNetwork(shop(), late=2.0)
    report = verified(shop(), network)
    late = [each for each in report.checked if each.judgement is Judgement.LATE]
    assert late
    assert report.count(Judgement.DIFFERS) == 0
    assert all(1 < each.late < 3 and each.attempts > 1 for each in late)
    assert any("trying again" in text for text in network.time.told)


def test_what_does_not_settle_differs_in_the_end() -> None:
    network = SimulatedNetwork(shop(), late=60.0)
    report = verified(shop(), network, settle=2.0)
    assert report.count(Judgement.DIFFERS)
    assert all(each.attempts == 3 for each in report.checked if each.judgement is Judgement.DIFFERS)
    assert network.time.seconds < 105
    assert verified(shop(), SimulatedNetwork(shop(), late=60.0), settle=0).checked[0].attempts == 1


def test_nothing_is_blocked_where_nobody_listens() -> None:
    def deaf(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
        return Outcome.REFUSED if sites[probe.destination].pod == "db" else None

    report = verified(shop(), SimulatedNetwork(shop(), faults=[deaf]))
    to_db = [each for each in report.checked if report.plan.sites[each.planned.probe.destination].pod == "db"]
    assert to_db
    assert {each.judgement for each in to_db} == {Judgement.UNCHECKED}
    assert all(each.why.startswith("nothing answers on ") and "refused" in each.why for each in to_db)
    assert {each.judgement for each in report.checked if each not in to_db} == {Judgement.AGREES}


def test_nothing_is_blocked_from_where_no_attempt_comes_through() -> None:
    def mute(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
        return Outcome.TIMED_OUT if sites[probe.source].pod == "job" else None

    report = verified(shop(), SimulatedNetwork(shop(), faults=[mute]))
    own = [each for each in report.checked if report.plan.sites[each.planned.probe.source].pod == "job"]
    assert own
    assert {each.judgement for each in own} == {Judgement.UNCHECKED}
    assert all("nothing connected from shop/job" in each.why for each in own)


@pytest.mark.parametrize("outcome", [Outcome.CHECK_FAILED, Outcome.UNRESOLVED])
def test_an_attempt_that_cannot_be_made_says_nothing(outcome: Outcome) -> None:
    def failing(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
        return outcome if sites[probe.source].pod == "web" and not probe.is_control else None

    report = verified(shop(), SimulatedNetwork(shop(), faults=[failing]))
    own = [each for each in report.checked if report.plan.sites[each.planned.probe.source].pod == "web"]
    assert {(each.judgement, each.why) for each in own} == {(Judgement.UNCHECKED, f"{outcome}: as simulated")}


def test_sites_that_cannot_be_used_are_told_and_not_tried() -> None:
    network = SimulatedNetwork(shop(), unusable={"shop/db": "quota"})
    report = verified(shop(), network)
    lost = [each for each in report.checked if each.judgement is Judgement.UNCHECKED]
    assert lost
    assert {each.why for each in lost} == {"shop/db cannot be used: quota"}
    assert report.unusable == (("shop/db", "quota"),)
    number = [str(site) for site in report.plan.sites].index("shop/db")
    assert not any(number in {probe.source, probe.destination} for probe in network.tried)


def test_a_connection_is_seen_without_any_control() -> None:
    def no_control(probe: Probe, _: Sequence[ProbeSite]) -> Outcome | None:
        return Outcome.REFUSED if probe.is_control else None

    report = verified(shop(), SimulatedNetwork(shop(), options=Options(enforced=False), faults=[no_control]))
    assert report.truth[Verdict.DENIED][Seen.CONNECTED] == report.count(Judgement.DIFFERS) > 0


def admin(name: str, action: str) -> Manifest:
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": {
            "tier": "Admin",
            "priority": 1,
            "subject": {"pods": {"podSelector": {"matchLabels": {"app": "web"}}}},
            "ingress": [{"name": "one", "action": action, "from": [{"namespaces": {}}]}],
        },
    }


def test_unknown_verdicts_are_tried_and_told() -> None:
    verification = Verification(
        snapshot_of([*shop(), admin("a", "Accept"), admin("b", "Deny")]), SPEC, VerifyQuestion(), None
    )
    unknown = [each for each in verification.plan.probes if each.expected is Verdict.UNKNOWN]
    assert unknown
    network = SimulatedNetwork(shop())
    report = verification.carry_out(network, network.time, 0, Silent())
    assert report.count(Judgement.UNKNOWN) == len(unknown)
    assert report.truth[Verdict.UNKNOWN][Seen.CONNECTED] == len(unknown)


def test_intents_are_tried_and_judged_by_what_is_seen() -> None:
    good = intent(IntentKind.MUST_ALLOW, "web", "api", (("TCP", 8080, 8080),))
    bad = intent(IntentKind.MUST_DENY, "job", "api", (("UDP", 53, 53),))
    report = verified(shop(), SimulatedNetwork(shop()), question=VerifyQuestion(intents=(good,)))
    assert [(each.name, each.tried > 0, each.broken) for each in report.intents] == [("the intent", True, ())]
    report = verified(shop(), SimulatedNetwork(shop()), question=VerifyQuestion(intents=(bad,)))
    (seen,) = report.intents
    assert len(seen.broken) == 1
    assert report.count(Judgement.DIFFERS) == 0
    lost = SimulatedNetwork(shop(), unusable={"shop/api": "quota"})
    assert verified(shop(), lost, question=VerifyQuestion(intents=(bad,))).intents[0].unseen


def test_all_is_removed_whatever_happens() -> None:
    network = SimulatedNetwork(shop(), broken=True)
    with pytest.raises(SourceError, match="no pod may be made"):
        verified(shop(), network)
    assert network.closed == 1

    def interrupted(probe: Probe, _: Sequence[ProbeSite]) -> Outcome | None:
        if not probe.is_control:
            raise KeyboardInterrupt
        return None

    network = SimulatedNetwork(shop(), faults=[interrupted])
    with pytest.raises(KeyboardInterrupt):
        verified(shop(), network)
    assert network.closed == 1


def test_what_is_left_behind_is_told_with_the_results() -> None:
    report = verified(shop(), SimulatedNetwork(shop(), stuck="pod shop/firedoor-1 is still there"))
    assert report.left_behind == "pod shop/firedoor-1 is still there"
    assert counts(report) == {Judgement.AGREES: len(report.checked)}


def planned(**fields: Any) -> Verification:
    return Verification(snapshot_of(shop()), SPEC, VerifyQuestion(**fields), None)


def test_plans_are_narrowed() -> None:
    def ends(verification: Verification) -> set[tuple[str, str]]:
        sites = verification.plan.sites
        return {(sites[each.probe.source].pod, sites[each.probe.destination].pod) for each in verification.plan.probes}

    assert {source for source, _ in ends(planned(source="shop/web"))} == {"web"}
    assert {destination for _, destination in ends(planned(destination="api", home="shop"))} == {"api"}
    assert all("db" in pair for pair in ends(planned(labels=parse_selector("app=db"))))
    assert ends(planned(source="shop/*", namespace="shop")) == ends(planned())
    assert len(planned(budget=2).plan.probes) == 2
    assert planned(budget=2).plan.left_out


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"budget": 0}, "a budget of 0 probes is none"),
        ({"source": "shop/nobody"}, "no pod or workload of that name"),
        ({"source": "8.8.8.8"}, "outside of the cluster"),
        ({"destination": "gone/*"}, "there is no namespace gone"),
        ({"namespace": "gone"}, "there is no namespace gone"),
        ({"labels": parse_selector("app=none")}, "no pod has these labels"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises((UsageError, NothingInScopeError), match=message):
        planned(**fields)


def test_a_cluster_without_policies_has_nothing_to_probe_but_all() -> None:
    snapshot = snapshot_of([each for each in shop() if each["kind"] == "Pod"])
    with pytest.raises(NothingInScopeError, match="there is nothing to probe"):
        Verification(snapshot, SPEC, VerifyQuestion(), None)


def test_all_of_a_large_cluster_needs_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firedoor.usecases.verify.MOST_PROBES", 5)
    with pytest.raises(UsageError, match="--all is 27 probes here"):
        planned(is_all=True)
    assert planned(is_all=True, budget=7).plan.probes


def test_an_intent_about_what_is_outside_is_told_to_be_impossible() -> None:
    ends = (EndTerm("outside", Word.OUTSIDE),), (EndTerm("shop", namespace="shop"),)
    plan = planned(intents=(Intent("out", IntentKind.MUST_DENY, *ends),)).plan
    assert "out" in {plan.goals[number].intent for number in plan.impossible}


def test_what_was_never_tried_is_not_checked() -> None:
    class Idle(SimulatedNetwork):
        def run(self, probes: Iterable[Probe]) -> Iterator[Sighting]:  # noqa: ARG002
            return iter(())

    report = verified(shop(), Idle(shop()))
    assert {each.why for each in report.checked} == {"it was not tried"}
    assert {each.attempts for each in report.checked} == {0}


def test_hypotheses_that_come_to_the_same_as_the_policies_are_not_made() -> None:
    plain = [each for each in shop() if each["kind"] == "Pod"]
    plain.append(allow("db", "db", "ingress", app("api"), {"port": 5432}))
    report = verified(plain, SimulatedNetwork(plain, options=Options(enforced=False)))
    assert causes(report)[0] == "not-enforced"
    assert not {"named-ports", "end-port", "policies-idle", "stopped"} & set(causes(report))


def test_what_explains_a_part_has_examples_and_what_explains_all_stands_alone() -> None:
    def two_faults(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
        if probe.is_control:
            return None
        ends = sites[probe.source].pod, sites[probe.destination].pod
        return Outcome.TIMED_OUT if ends == ("api", "web") else Outcome.CONNECTED if probe.protocol == "SCTP" else None

    report = verified(shop(), SimulatedNetwork(shop(), faults=[two_faults]), question=every_protocol())
    assert report.causes
    assert all(each.explains < each.differing and len(each.evidence) > 1 for each in report.causes)
    idle = verified(shop(), SimulatedNetwork(shop(), options=Options(enforced=False)), question=every_protocol())
    assert all(each.explains == each.differing and len(each.evidence) == 1 for each in idle.causes)
    many = SimulatedNetwork(shop(), faults=[of_protocol("TCP", Outcome.CONNECTED), two_faults])
    report = verified(shop(), many, question=every_protocol())
    assert any(each.evidence[-1].startswith("and ") for each in report.causes)


def on_hosts(*, off: bool = False) -> list[Manifest]:
    """Return the shop with a pod on the network of its node that has the labels of `api`; `off` puts it off there."""
    agent = pod("agent", 9, node="west")
    agent["metadata"]["labels"] = {"app": "api"}
    agent["spec"]["hostNetwork"] = not off
    agent["status"].update(podIP="192.168.0.2", hostIP="192.168.0.2")
    nodes = [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name},
            "status": {"addresses": [{"type": "InternalIP", "address": address}]},
        }
        for name, address in (("east", "192.168.0.1"), ("west", "192.168.0.2"))
    ]
    return [*shop(), agent, *nodes, allow("web", "web", "ingress", {"ipBlock": {"cidr": "192.168.0.0/16"}})]


def from_host(outcome: Outcome) -> Fault:
    def fault(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
        return outcome if sites[probe.source].host_network and not probe.is_control else None

    return fault


def test_pods_on_the_network_of_a_node_count_as_its_address() -> None:
    report = verified(on_hosts(), SimulatedNetwork(on_hosts()))
    assert counts(report) == {Judgement.AGREES: len(report.plan.probes)}
    expected = {each.expected for each in report.plan.probes if report.plan.sites[each.probe.source].host_network}
    assert expected == {Verdict.ACCEPTED, Verdict.DENIED}


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (
            SimulatedNetwork(on_hosts(), faults=(from_host(Outcome.CONNECTED),)),
            "policies do not act on connections from",
        ),
        (SimulatedNetwork(on_hosts(), faults=(from_host(Outcome.TIMED_OUT),)), "are blocked even where rules let"),
        (SimulatedNetwork(on_hosts(off=True)), "by their labels"),
    ],
)
def test_a_plugin_that_treats_pods_on_the_network_of_a_node_otherwise_is_told(
    network: SimulatedNetwork, said: str
) -> None:
    report = verified(on_hosts(), network)
    assert report.count(Judgement.DIFFERS) > 0
    assert any(each.id == "host-network" and said in each.title for each in report.causes), report.causes


def test_workloads_on_the_network_of_a_node_are_put_off_it_too() -> None:
    spec = {"hostNetwork": True, "containers": [{"name": "main", "image": "app:1"}]}
    template = {"metadata": {"labels": {"app": "other"}}, "spec": spec}
    metadata = {"name": "other", "namespace": "shop"}
    workload: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata,
        "spec": {"template": template},
    }
    asked = VerifyQuestion(source="shop/agent")
    plain = deepcopy(workload)
    plain["metadata"]["name"] = "plain"
    del plain["spec"]["template"]["spec"]["hostNetwork"]
    report = verified([*on_hosts(), workload, plain], SimulatedNetwork(on_hosts(off=True)), question=asked)
    assert "host-network" in causes(report)
