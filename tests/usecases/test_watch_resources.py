"""What the status of custom resources is to say, turn by turn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from firedoor.adapters.intents import read_baseline
from firedoor.engine.reach.cni import SPEC
from firedoor.model.events import Event
from firedoor.model.exceptions import Rules
from firedoor.model.feed import ObjectChange, Turn
from firedoor.model.findings import Severity
from firedoor.model.resource_status import WantedStatus
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.render.resource_status import baseline_status, report_status
from firedoor.usecases import watch_resources as module
from firedoor.usecases.assertions import verify
from firedoor.usecases.watch import Watcher
from firedoor.usecases.watch_resources import REFRESH, ResourceKeeper, ResourceMeans
from tests.loading import snapshot_of
from tests.usecases.test_watch import BALANCER, DENY, SHOP, Clock, changes, workload

TODAY = date(2026, 11, 26)
CLOSED = "{name: closed, must-deny: {from: pods, to: {workload: db}}}"
DATA = """
---
apiVersion: v1
kind: Namespace
metadata: {name: data}
"""


def baseline(spec: str, name: str = "b", namespace: str = "data") -> str:
    return f"""
---
apiVersion: firedoor.dev/v1alpha1
kind: ZeroTrustBaseline
metadata: {{name: {name}, namespace: {namespace}, generation: 3, uid: u-{name}}}
spec: {{{spec}}}
"""


class Board:
    """A watcher and a keeper, and what the keeper hands on."""

    def __init__(self, pause: float = 0.0) -> None:
        self.clock, self.day = Clock(), TODAY
        self.handed: list[tuple[WantedStatus, ...]] = []
        self.events: list[Event] = []
        self.watcher = Watcher(SPEC, self.clock, rules=Rules(TODAY), pause=pause, today=lambda: self.day)
        means = ResourceMeans(
            read_baseline, baseline_status, report_status, self.handed.append, lambda: self.day, self.clock
        )
        self.keeper = ResourceKeeper(SPEC, means)

    def take(self, turn: Turn) -> None:
        self.watcher.take(turn)
        self.events += self.keeper.take(turn, self.watcher)

    def show(self, *texts: str) -> None:
        states = [state(each) for each in texts]
        self.take(Turn(states[0]))
        for old, new in pairwise(states):
            self.take(Turn(new, (*changes(old, new), *others(old, new))))

    def status(self, name: str = "b", namespace: str = "data") -> dict[str, Any]:
        (found,) = [each.status for each in self.handed[-1] if (each.namespace, each.name) == (namespace, name)]
        return {**found, **{each["type"]: each for each in found.get("conditions", ())}}

    def verdict(self) -> tuple[str, str]:
        found = self.status()["Holds"]
        return found["status"], found["message"]


def state(text: str) -> Snapshot:
    return msgspec.structs.replace(snapshot_of(text), origin=Origin("cluster", ("s",), "2026-01-02T03:04:05Z"))


def others(old: Snapshot, new: Snapshot) -> Iterable[ObjectChange]:
    """Return the changes of baselines, of which the tests of the watcher know nothing."""
    before, after = ({each.ref: each for each in state.baselines} for state in (old, new))
    for ref in {**before, **after}:
        first, second = before.get(ref), after.get(ref)
        if first is None or second is None or first.spec != second.spec:
            yield ObjectChange(ref, first, second)


def test_a_baseline_is_judged_anew_with_policies_and_with_itself() -> None:
    board, text = Board(), SHOP + baseline(f"intents: [{CLOSED}]")
    open_too = "{name: open, must-allow: {from: outside, to: {workload: db}}}"
    board.show(text, text + DENY, SHOP + DENY + baseline(f"intents: [{CLOSED}, {open_too}]"))
    told = [next(each for each in handed if each.name == "b").status for handed in board.handed]
    assert [each["intents"] for each in told] == [
        {"total": 1, "hold": 0, "fail": 1, "unknown": 0, "excepted": 0},
        {"total": 1, "hold": 1, "fail": 0, "unknown": 0, "excepted": 0},
        {"total": 2, "hold": 1, "fail": 1, "unknown": 0, "excepted": 0},
    ]
    assert board.verdict() == ("False", "intents fail: open")
    assert (board.status()["observedGeneration"], board.handed[-1][0].uid) == (3, "u-b")
    (failing,) = board.status()["failing"]
    assert failing == {
        "name": "open",
        "result": "fail",
        "message": "outside (any IPv4) -> data/db: denied on all",
        "decidedBy": [failing["decidedBy"][0]],
        "more": 0,
    }
    assert failing["decidedBy"][0].startswith("ingress denied: NetworkPolicy data/deny isolates ")


def test_a_baseline_alone_makes_no_network_anew() -> None:
    board = Board()
    board.show(SHOP, SHOP + baseline(f"intents: [{CLOSED}]"))
    network = board.watcher.network
    assert network.snapshot.baselines == ()
    assert board.verdict()[0] == "False"


def test_what_is_malformed_is_told_and_the_others_are_judged() -> None:
    board = Board()
    broken = baseline("intents: [{name: a, must-deny: {from: podz, to: any}}]", "broken")
    board.show(SHOP + DENY + broken + baseline(f"intents: [{CLOSED}]"))
    found = board.status("broken")
    assert (found["Ready"]["status"], found["Ready"]["reason"]) == ("False", "Malformed")
    assert found["Ready"]["message"] == "spec.intents[0].must-deny.from: 'podz' is no end; did you mean pods?"
    assert found["Holds"]["status"] == "Unknown"
    assert "intents" not in found
    assert board.verdict() == ("True", "the namespace is as the baseline says")


def test_an_exception_holds_until_its_last_day() -> None:
    board = Board()
    until = "{intent: closed, reason: later, expires: 2026-11-30}"
    board.show(SHOP + baseline(f"intents: [{CLOSED}], exceptions: [{until}]"))
    assert board.verdict()[0] == "True"
    assert board.status()["intents"]["excepted"] == 1
    assert board.status()["exceptions"] == {"active": 1, "expired": 0}
    board.day = date(2026, 12, 1)
    board.take(Turn(state(SHOP + baseline(f"intents: [{CLOSED}], exceptions: [{until}]")), ()))
    assert board.verdict() == ("False", "intents fail: closed")
    assert board.status()["exceptions"] == {"active": 0, "expired": 1}


def test_findings_that_are_grave_are_left_unless_they_are_excepted() -> None:
    board, wanted = Board(), "fail-on: low"
    board.show(SHOP + DATA + baseline(wanted))
    assert board.status()["Holds"]["reason"] == "FindingsLeft"
    assert "findings that are too grave: " in board.verdict()[1]
    left = board.status()["findings"]["left"]
    assert left > 0
    assert board.status("firedoor")["findings"]["excepted"] == 0
    excused = SHOP + DATA + baseline(f'{wanted}, exceptions: [{{check: "*", reason: known}}]')
    board = Board()
    board.show(excused)
    assert board.verdict()[0] == "True"
    assert board.status()["findings"] == {"left": 0, "excepted": board.status("firedoor")["findings"]["excepted"]}
    assert board.status()["findings"]["excepted"] >= left


def test_what_cannot_be_decided_is_unknown() -> None:
    board = Board()
    other = "\n---\n{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: p, namespace: data}}\n"
    board.show(SHOP + DENY + other + baseline(f"intents: [{CLOSED}]"))
    assert board.verdict() == ("Unknown", "intents cannot be decided: closed")
    assert board.status()["intents"]["unknown"] == 1
    assert board.status()["failing"][0]["result"] == "unknown"


def test_ends_that_match_nothing_fail() -> None:
    board = Board()
    board.show(SHOP + baseline("intents: [{name: a, must-deny: {from: pods, to: {workload: gone}}}]"))
    assert board.status()["failing"] == [
        {"name": "a", "result": "fail", "message": "workload gone: matches no pod", "decidedBy": [], "more": 0}
    ]


@pytest.mark.parametrize("demand", ["{from: pods, to: {workload: db}}", "{from: {workload: db}, to: {domain: a.b}}"])
def test_without_pods_there_is_nothing_to_judge(demand: str) -> None:
    board = Board()
    board.show(DATA + baseline(f"intents: [{{name: a, must-deny: {demand}}}]"))
    assert board.status()["Ready"]["reason"] == "NothingToJudge"
    assert board.status()["Holds"]["status"] == "Unknown"
    assert len(board.handed[-1]) == 1


def test_names_are_asked_about_in_a_network_that_knows_them() -> None:
    board = Board()
    board.show(
        SHOP + baseline("intents: [{name: a, must-deny: {from: {workload: db}, to: {domain: api.example.com}}}]")
    )
    assert board.status()["failing"][0]["message"] == "data/db -> api.example.com: accepted on all"


def test_each_namespace_with_pods_gets_a_report() -> None:
    board = Board()
    board.show(SHOP + DENY + BALANCER + DATA)
    assert {(each.namespace, each.name, each.uid) for each in board.handed[-1]} == {
        ("data", "firedoor", ""), ("shop", "firedoor", ""),
    }  # fmt: skip
    data, shop = board.status("firedoor"), board.status("firedoor", "shop")
    assert data["pods"] == {
        "total": 1, "isolated": 0, "ingressOnly": 1, "egressOnly": 0, "open": 0, "hostNetwork": 0,
    }  # fmt: skip
    everywhere = [
        {"peer": "outside", "traffic": "all", "isOutside": True},
        {"peer": "shop", "traffic": "all"},
    ]
    assert data["workloads"] == [
        {"kind": "Deployment", "name": "db", "pods": 1, "from": [], "to": everywhere, "more": 0}
    ]
    assert (data["exposedPorts"], data["policies"], data["moreWorkloads"]) == (0, 1, 0)
    assert shop["exposed"] == [
        {
            "workload": "Deployment web",
            "port": "TCP 80",
            "by": "Service shop/web (LoadBalancer)",
            "verdict": "accepted",
        },
    ]
    assert shop["exposedPorts"] == 1
    assert sum(shop["findings"].values()) == len(shop["worst"]) > 0
    ranks = [Severity(each["severity"]).rank for each in shop["worst"]]
    assert ranks == sorted(ranks, reverse=True)
    assert {each["object"] for each in data["worst"]} >= {"Namespace data"}


def test_reports_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WORKLOADS", 1)
    board = Board()
    board.show(SHOP)
    shop = board.status("firedoor", "shop")
    assert ([each["name"] for each in shop["workloads"]], shop["moreWorkloads"]) == (["api"], 1)
    monkeypatch.setattr(module, "MOST_PROFILES", 0)
    board = Board()
    board.show(SHOP)
    shop = board.status("firedoor", "shop")
    assert (shop["workloads"], shop["moreWorkloads"]) == ([], 2)


def test_reports_are_made_when_the_cluster_was_diagnosed_anew() -> None:
    board = Board(pause=60)
    more = SHOP + workload("new", "job")
    board.show(SHOP, more)
    assert {each.namespace for each in board.handed[-1]} == {"data", "shop"}
    board.clock.now = 61
    board.take(Turn(state(more), ()))
    assert {each.namespace for each in board.handed[-1]} == {"data", "new", "shop"}


def test_after_judging_took_long_changes_wait_and_baselines_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    board, text = Board(pause=10**9), SHOP + baseline(f"intents: [{CLOSED}]")
    board.show(text)

    def slow(*arguments: Any) -> Any:
        board.clock.now += 2.0
        return verify(*arguments)

    monkeypatch.setattr(module, "verify", slow)
    board.show(text)
    assert len(board.handed) == 2
    closed, mended = state(text + DENY), state(text.replace("to: {workload", "to: {namespace: data, workload") + DENY)
    board.take(Turn(closed, changes(state(text), closed)))
    assert (len(board.handed), board.verdict()[0]) == (2, "False")
    board.take(Turn(mended, tuple(others(closed, mended))))
    assert (len(board.handed), board.verdict()[0]) == (3, "True")
    board.take(Turn(state(text), changes(closed, state(text))))
    assert len(board.handed) == 3
    board.clock.now += 5 * 2.0
    board.take(Turn(state(text), ()))
    assert (len(board.handed), board.verdict()[0]) == (4, "False")


def test_nothing_is_handed_on_while_nothing_changes_but_now_and_then() -> None:
    board = Board(pause=10**9)
    board.show(SHOP)
    board.take(Turn(state(SHOP), ()))
    assert len(board.handed) == 1
    board.clock.now = REFRESH
    board.take(Turn(state(SHOP), ()))
    assert board.handed[0] == board.handed[1]
