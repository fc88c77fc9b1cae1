"""The conformance suite on a real node: what an enforcer really does, and what is seen without one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from lab.node import Node

from firedoor.adapters.cluster.probes import ProbeSettings, open_prober
from firedoor.bootstrap import new_scratch_prefix, open_scratch
from firedoor.engine.conformance.suite import SUITE
from firedoor.interfaces import Silent
from firedoor.model.conformance import CaseStatus, Conformance
from firedoor.usecases.conformance import ConformanceQuestion, find_conformance
from tests.lab.api import Api

CASES = (
    "ingress-default-deny egress-rule pod-to-itself through-a-service named-port egress-named-port "
    "named-port-of-nobody-from-peers port-range udp-port sctp-default-deny block-of-one-pod later-pods"
)
"""Of each part of the API one; the whole suite takes minutes."""


def found(kubeconfig: Path, names: str, settle: float, chosen: str) -> Conformance:
    cases = [each for each in SUITE if each.name in names.split()]
    question = ConformanceQuestion(new_scratch_prefix(), settle, chosen, cases)
    how = ProbeSettings(timeout=2.0, ttl=900)
    with open_scratch(str(kubeconfig), None) as scratch:
        return find_conformance(
            question, scratch, lambda: open_prober(str(kubeconfig), None, how), time.sleep, Silent()
        )


def statuses(conformance: Conformance) -> dict[str, CaseStatus]:
    return {each.name: each.status for each in conformance.cases}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kube_router_is_known_by_what_it_gets_wrong(node: Node, api: Api, kubeconfig: Path, enforced: None) -> None:
    conformance = found(kubeconfig, CASES, 4.0, "kube-router")
    others = {"sctp-default-deny", "block-of-one-pod"}
    assert statuses(conformance) == {
        **dict.fromkeys(CASES.split(), CaseStatus.PASSES),
        **dict.fromkeys(others, CaseStatus.OPEN),
        "sctp-default-deny": statuses(conformance)["sctp-default-deny"],  # not every kernel has SCTP
        "egress-named-port": CaseStatus.FAILS,
        "named-port-of-nobody-from-peers": CaseStatus.FAILS,
    }
    (named,) = [each for each in conformance.features if each.feature == "named port"]
    assert {each.partition(" ")[0] for each in named.readings} == {"mixed", "dangerous"}
    assert conformance.unforetold == 0
    assert conformance.best == ("kube-router",)
    assert conformance.chosen_agrees
    assert not conformance.holds
    spaces = [each["metadata"]["name"] for each in api.send("GET", "/api/v1/namespaces")[1]["items"]]
    assert not [each for each in spaces if each.startswith("firedoor-conformance-")]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_an_enforcer_nothing_is_enforced(node: Node, kubeconfig: Path, unenforced: None) -> None:
    names = "ingress-default-deny egress-rule"
    conformance = found(kubeconfig, names, 1.0, "calico")
    assert statuses(conformance) == dict.fromkeys(names.split(), CaseStatus.FAILS)
    assert conformance.best == ("flannel", "none")
    assert not conformance.chosen_agrees
