"""Connections that are tried after a wave, against networks that do, and do not, what the reference says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.interfaces import Silent
from firedoor.model.journal import ProbeGate
from firedoor.model.probing import Outcome, Probe, ProbeSite
from firedoor.model.rollout import Action, Step
from firedoor.model.rollout_contents import ref_of
from firedoor.model.verification import VerifyReport
from firedoor.usecases.apply_verifying import verified_text, wave_verification, why_not_verified
from tests.reference.networkpolicy import Options
from tests.verifying import Manifest, SimulatedNetwork, allow, app, shop, snapshot_of, without

GATE = ProbeGate()
NEW = allow("web", "web", "ingress", app("api"), {"port": 8080})


def created(manifest: Manifest) -> Step:
    return Step(ref_of(manifest), Action.CREATE, None, manifest, manifest)


def tried(
    cluster: Sequence[Manifest], steps: Sequence[Step], network: SimulatedNetwork, gate: ProbeGate
) -> VerifyReport:
    found = wave_verification(snapshot_of(cluster), steps, SPEC, gate)
    assert found is not None
    return found.carry_out(network, network.time, 2.0, Silent())


def test_a_network_that_does_as_it_is_told_lets_the_apply_go_on() -> None:
    cluster = [*shop(), NEW]
    report = tried(cluster, [created(NEW)], SimulatedNetwork(cluster), GATE)
    assert why_not_verified(report) == ""
    assert (
        verified_text(report) == f"{len(report.checked)} of {len(report.checked)} connections are as the policies say"
    )
    ends = [(str(report.plan.sites[each.source]), str(report.plan.sites[each.destination])) for each in probes(report)]
    assert all("shop/web" in pair for pair in ends)


def probes(report: VerifyReport) -> list[Probe]:
    return [each.planned.probe for each in report.checked]


def test_a_network_that_does_not_know_the_new_policy_is_told_with_what_it_lets_through() -> None:
    report = tried([*shop(), NEW], [created(NEW)], SimulatedNetwork(shop()), GATE)
    why = why_not_verified(report)
    assert "connections are not as the policies say: " in why
    assert "-> shop/web " in why
    assert "(the policies deny it, it is connected)" in why


def test_a_network_that_cuts_what_must_stay_is_told_too() -> None:
    deny = {**NEW, "spec": {**NEW["spec"], "ingress": []}}
    report = tried([*shop(), NEW], [created(NEW)], SimulatedNetwork([*shop(), deny]), GATE)
    assert "shop/api -> shop/web TCP/8080 (the policies allow it, it is blocked)" in why_not_verified(report)


def test_many_are_told_in_short_and_with_the_likely_cause() -> None:
    cluster = without(shop())
    steps = [created(each) for each in shop() if each["kind"] == "NetworkPolicy"]
    report = tried(shop(), steps, SimulatedNetwork(cluster, options=Options(enforced=False)), ProbeGate(budget=50))
    why = why_not_verified(report)
    assert " more; " in why


def test_a_deletion_is_verified_by_what_is_let_through_again_and_a_bridge_by_nothing() -> None:
    db = next(each for each in shop() if each["kind"] == "NetworkPolicy" and each["metadata"]["name"] == "db")
    steps = [created(NEW), Step(ref_of(NEW), Action.DELETE, NEW), Step(ref_of(db), Action.DELETE, db)]
    cluster = without(shop(), "db")
    report = tried(cluster, steps, SimulatedNetwork(cluster), GATE)
    assert why_not_verified(report) == ""
    assert why_not_verified(tried(cluster, steps, SimulatedNetwork(shop()), GATE)) != ""
    assert all(
        "shop/db" in {str(report.plan.sites[each.source]), str(report.plan.sites[each.destination])}
        for each in probes(report)
    )


def test_the_budget_holds() -> None:
    cluster = [*shop(), NEW]
    assert len(tried(cluster, [created(NEW)], SimulatedNetwork(cluster), ProbeGate(budget=1)).checked) == 1


@pytest.mark.parametrize("mode", ["pods", "exec"])
def test_rules_on_addresses_of_pods_are_unknown_only_for_those_that_stand_in(mode: str) -> None:
    new = allow("web", "web", "ingress", {"ipBlock": {"cidr": "10.0.0.2/32"}})
    cluster = [*shop(), new]
    found = wave_verification(snapshot_of(cluster), [created(new)], SPEC, ProbeGate(mode))
    assert found is not None
    assert bool(found.plan.probes)


def test_where_no_pod_is_concerned_there_is_nothing_to_try() -> None:
    new = allow("other", "nobody", "ingress", app("api"))
    assert wave_verification(snapshot_of([*shop(), new]), [created(new)], SPEC, GATE) is None


def failing(_probe: Probe, _sites: Sequence[ProbeSite]) -> Outcome | None:
    return Outcome.CHECK_FAILED


def test_where_nothing_could_be_checked_the_apply_does_not_go_on() -> None:
    cluster = [*shop(), NEW]
    report = tried(cluster, [created(NEW)], SimulatedNetwork(cluster, faults=(failing,)), GATE)
    assert why_not_verified(report).startswith("no connection could be checked: ")


def test_what_could_not_be_checked_beside_others_is_told() -> None:
    def api(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
        return Outcome.CHECK_FAILED if str(sites[probe.source]) == "shop/job" else None

    cluster = [*shop(), NEW]
    report = tried(cluster, [created(NEW)], SimulatedNetwork(cluster, faults=(api,)), GATE)
    assert why_not_verified(report) == ""
    assert "could not be checked" in verified_text(report)
