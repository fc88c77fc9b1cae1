"""The suite as data, the ways to get the API wrong, and what is concluded of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firedoor.engine.conformance.judging import Observed, judged
from firedoor.engine.conformance.predicting import Predictor
from firedoor.engine.conformance.readings import READINGS, Reading
from firedoor.engine.conformance.shapes import Case, Feature
from firedoor.engine.conformance.sites import SITES
from firedoor.engine.conformance.suite import SUITE
from firedoor.engine.conformance.world import SITE_BY_KEY, World, needs
from firedoor.engine.reach.cni import PROFILES
from firedoor.model.conformance import CaseStatus, Conformance, Observation, Passage
from firedoor.model.probing import Outcome, Stand
from firedoor.model.verdicts import Verdict

NODES = tuple(
    {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{number}"},
        "status": {"addresses": [{"type": "InternalIP", "address": f"10.0.0.{number + 1}"}]},
    }
    for number in range(2)
)


def world(pattern: str = "10.8.0.{}") -> World:
    stands = {
        each.key: Stand(
            each.name,
            f"node-{each.place}",
            (f"10.0.0.{each.place + 1}" if each.host_network else pattern.format(number + 1),),
        )
        for number, each in enumerate(SITES)
    }
    return World("scratch", NODES, stands)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(world())


def stages() -> Iterator[tuple[Case, int]]:
    return ((case, number) for case in SUITE for number in range(len(case.stages)))


def seen_by(predictor: Predictor, profile: str, *readings: Reading) -> list[tuple[Observed, Predictor]]:
    """Return what is observed of a plugin that does exactly what the engine concludes under a profile and readings."""
    found = []
    for case in SUITE:
        columns = [predictor.verdicts(case, n, PROFILES[profile], readings) for n in range(len(case.stages))]
        observed = tuple(tuple(map(observation, column)) for column in columns)
        found.append((Observed(case, observed), predictor))
    return found


def observation(verdict: Verdict) -> Observation:
    passes = verdict is Verdict.ACCEPTED
    return Observation(
        Passage.PASSES if passes else Passage.BLOCKED, Outcome.CONNECTED if passes else Outcome.TIMED_OUT
    )


def told(conformance: Conformance) -> dict[str, tuple[str, ...]]:
    return {each.feature: each.readings for each in conformance.features if each.readings}


def test_names_are_told_apart_and_are_names() -> None:
    names = [each.name for each in SUITE]
    assert len(set(names)) == len(names)
    assert all(each.replace("-", "").isalnum() and each == each.lower() for each in names)


def test_every_part_of_the_api_has_a_case() -> None:
    assert {each.feature for each in SUITE} == set(Feature)


def test_what_is_tried_is_listened_to() -> None:
    for case in SUITE:
        for each in case.tries:
            assert (each.protocol, each.port) in SITE_BY_KEY[each.destination].listening, case.name


def test_no_two_pods_share_an_address_but_those_of_one_node() -> None:
    on_pod_network = [each for each in SITES if not each.host_network]
    ports = [port for each in SITES if each.host_network for port in each.listening]
    assert len(ports) == len(set(ports))
    assert len({(each.space, each.name) for each in SITES}) == len(SITES)
    assert {each.place for each in on_pod_network} == {0, 1}


def test_every_case_fails_or_is_open_where_nothing_is_enforced(predictor: Predictor) -> None:
    for case in SUITE:
        unenforced = []
        for number in range(len(case.stages)):
            expected = predictor.decided(case, number)
            unenforced += [each is None or each is Verdict.DENIED for each in expected]
        assert any(unenforced), case.name


def test_every_case_with_policies_lets_something_pass_too(predictor: Predictor) -> None:
    # Otherwise a plugin that cuts everything off would pass it.
    cut = {
        case.name
        for case in SUITE
        if not any(
            each is not Verdict.DENIED for number in range(len(case.stages)) for each in predictor.decided(case, number)
        )
    }
    assert cut == {"udp-default-deny", "sctp-default-deny", "another-node-is-kept-out"}


def test_what_is_left_open_is_said_to_be(predictor: Predictor) -> None:
    for case, number in stages():
        if None in predictor.decided(case, number):
            assert case.left_open, case.name
    assert all(each.left_open for each in SUITE if each.is_undefined)


def test_nothing_is_unknown_to_the_engine(predictor: Predictor) -> None:
    for case, number in stages():
        for profile in PROFILES.values():
            assert Verdict.UNKNOWN not in predictor.verdicts(case, number, profile)


def test_the_sites_that_a_case_needs_are_those_that_it_tries_names_or_relabels() -> None:
    by_name = {each.name: each for each in SUITE}
    assert needs(by_name["block-of-one-pod"]) == {"x/a", "x/b", "x/c", "y/a"}
    assert needs(by_name["namespace-by-name"]) == {"x/a", "x/b", "x/c", "y/a", "y/b", "z/a"}
    assert needs(by_name["subject-relabelled"]) == {"x/a", "x/b", "x/c", "y/a"}


@pytest.mark.parametrize(
    ("pattern", "everything", "one"), [("10.8.0.{}", "0.0.0.0/0", "10.8.0.2/32"), ("fd00::{}", "::/0", "fd00::2/128")]
)
def test_blocks_are_of_the_family_of_the_pods(pattern: str, everything: str, one: str) -> None:
    by_name = {each.name: each for each in SUITE}
    (policy,) = world(pattern).policies(by_name["block-with-exception"].stages[0])
    assert policy["metadata"]["namespace"] == "scratch-x"
    assert policy["spec"]["ingress"] == [{"from": [{"ipBlock": {"cidr": everything, "except": [one]}}]}]


def test_the_suite_means_the_same_over_ipv6(predictor: Predictor) -> None:
    other = Predictor(world("fd00::{}"))
    for case, number in stages():
        if "node" not in case.name and "host" not in case.name:
            assert other.decided(case, number) == predictor.decided(case, number), case.name


def test_a_rule_without_exceptions_is_read_by_its_own_labels_alone(predictor: Predictor) -> None:
    by_name = {each.name: each for each in SUITE}
    assert predictor.decided(by_name["pod-selector"], 0) == (
        Verdict.ACCEPTED, Verdict.DENIED, Verdict.DENIED, Verdict.DENIED, Verdict.DENIED,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("reading", READINGS, ids=lambda each: f"{each.feature}-{READINGS.index(each)}")
def test_each_way_to_get_the_api_wrong_is_told_from_all_others(predictor: Predictor, reading: Reading) -> None:
    conformance = judged(seen_by(predictor, "calico", reading), "calico")
    assert told(conformance) == {reading.feature.value: (reading.text,)}
    assert conformance.unforetold == 0
    profiles = {each.name: each for each in conformance.profiles}
    assert reading.feature in profiles["calico"].features
    assert not conformance.holds


@pytest.mark.parametrize("profile", PROFILES)
def test_a_plugin_that_does_what_a_profile_says_fits_that_profile(predictor: Predictor, profile: str) -> None:
    conformance = judged(seen_by(predictor, profile), profile)
    found = {each.name: each for each in conformance.profiles}
    assert found[profile].wrong == 0
    assert found[profile].agrees
    assert conformance.chosen_agrees
    assert not told(conformance)
    assert conformance.holds is PROFILES[profile].enforced
    assert not found[conformance.best[0]].wrong


def test_two_ways_to_get_the_api_wrong_are_found_together(predictor: Predictor) -> None:
    by_text = {each.text: each for each in READINGS}
    first = by_text["ignored: a range opens its first port alone"]
    second = next(each for each in READINGS if each.feature is Feature.SCTP)
    conformance = judged(seen_by(predictor, "cilium", first, second), "")
    assert told(conformance) == {"endPort": (first.text,), "SCTP": (second.text,)}
    assert set(conformance.best) == {"cilium", "gke-dataplane-v2"}


def test_the_one_way_that_foretells_most_need_not_be_among_those_that_foretell_all(predictor: Predictor) -> None:
    mixed, dangerous = (
        next(each for each in READINGS if each.text.startswith(word)) for word in ("mixed up", "dangerous")
    )
    names = {"named-port", "egress-rule", "egress-named-port", "named-port-of-nobody-from-peers"}
    seen = [each for each in seen_by(predictor, "kube-router", mixed, dangerous) if each[0].case.name in names]
    conformance = judged(seen, "")
    assert {each for found in told(conformance).values() for each in found} == {mixed.text, dangerous.text}
    assert conformance.unforetold == 0


def test_where_nothing_was_seen_nothing_is_concluded(predictor: Predictor) -> None:
    conformance = judged([(Observed(each, reason="no pods"), predictor) for each in SUITE], "calico", ["one node"])
    assert conformance.best == ()
    assert conformance.count(CaseStatus.UNCHECKED) == len(SUITE)
    assert {each.status for each in conformance.features} == {CaseStatus.UNCHECKED}
    assert {each.reason for each in conformance.cases} == {"no pods"}
    assert conformance.holds
    assert conformance.notes == ("one node",)


def test_what_is_not_known_counts_for_nothing(predictor: Predictor) -> None:
    unknown = Observation(Passage.UNKNOWN, detail="no answer")
    (case,) = [each for each in SUITE if each.name == "pod-selector"]
    passes = Observation(Passage.PASSES, Outcome.CONNECTED)
    conformance = judged([(Observed(case, ((passes, *(unknown,) * 4),)), predictor)], "")
    (result,) = conformance.cases
    assert (result.status, result.reason) == (CaseStatus.UNCHECKED, "no answer")
    assert not any(each.wrong for each in conformance.profiles)


def test_a_wrong_connection_fails_its_case_whatever_is_not_known(predictor: Predictor) -> None:
    unknown, passes = Observation(Passage.UNKNOWN, detail="no answer"), Observation(Passage.PASSES, Outcome.CONNECTED)
    (case,) = [each for each in SUITE if each.name == "pod-selector"]
    conformance = judged([(Observed(case, ((unknown, passes, *(unknown,) * 3),)), predictor)], "")
    (result,) = conformance.cases
    assert result.status is CaseStatus.FAILS
    assert [each.is_wrong for each in result.tries] == [False, True, False, False, False]


def test_the_profiles_under_which_a_connection_passes_are_named(predictor: Predictor) -> None:
    (case,) = [each for each in SUITE if each.name == "block-of-one-pod"]
    conformance = judged([each for each in seen_by(predictor, "calico") if each[0].case is case], "")
    (result,) = conformance.cases
    opened, *closed = result.tries
    assert result.status is CaseStatus.OPEN
    assert opened.expected is None
    assert {"calico", "kube-router", "none"} <= set(opened.accepting)
    assert not {"spec", "cilium", "cilium-nodes"} & set(opened.accepting)
    assert all(each.accepting == ("flannel", "none") for each in closed)
