"""What a policy would do, asked while it is written."""

from __future__ import annotations

import pytest

from tests.web.running import Page

LOCK = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: lock, namespace: shop-data}
spec:
  podSelector: {matchLabels: {app: redis}}
  policyTypes: [Ingress, Egress]
"""


def test_a_policy_tells_what_it_takes_away(demo: Page) -> None:
    remove = {"kind": "NetworkPolicy", "namespace": "shop-data", "name": "redis-ingress"}
    found = demo.post("what-if", {"yaml": LOCK, "removed": [remove]}).document
    assert found["problems"] == []
    assert found["policies"] == [{"kind": "NetworkPolicy", "namespace": "shop-data", "name": "lock"}]
    changed = {each["object"]["name"]: each["change"] for each in found["diff"]["policies"]}
    assert changed == {"lock": "added", "redis-ingress": "removed"}
    lost = {(each["src"].get("workload"), each["dst"].get("workload")) for each in found["diff"]["changes"]}
    assert ("shop/cart", "shop-data/redis") in lost
    broken = {(each["source"], each["destination"]) for each in found["preview"]["changes"] if each["fate"] == "breaks"}
    assert ("Deployment shop/cart", "StatefulSet shop-data/redis") in broken


def test_nothing_proposed_is_nothing_changed(demo: Page) -> None:
    for body in ({}, {"yaml": " \n"}):
        found = demo.post("what-if", body).document
        assert (found["diff"], found["preview"], found["problems"]) == (None, None, [])


def test_the_page_keeps_nothing_of_it(demo: Page) -> None:
    before = demo.get("map").document
    demo.post("what-if", {"yaml": LOCK})
    assert demo.get("map").document == before


@pytest.mark.parametrize(
    ("yaml", "line", "reason"),
    [
        ("kind: [", 2, "not valid YAML"),
        (LOCK.replace("podSelector", "podSelecto"), 5, 'unknown field "spec.podSelecto"'),
        (LOCK + "  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]\n", 7, "must be a valid CIDR value"),
        ("hello", 1, "expected a mapping"),
    ],
)
def test_a_mistake_is_told_with_its_line(demo: Page, yaml: str, line: int, reason: str) -> None:
    found = demo.post("what-if", {"yaml": yaml}).document
    assert found["diff"] is None
    problem = found["problems"][0]
    assert problem["source"] == f"<stdin>:{line}"
    assert reason in problem["reason"]


def test_what_is_no_policy_is_left_aside(demo: Page) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: shop}\nspec: {containers: [{name: a}]}\n"
    found = demo.post("what-if", {"yaml": f"{LOCK}\n---\n{pod}"}).document
    assert found["others"] == 1
    assert found["diff"] is not None


@pytest.mark.parametrize("body", [[], {"yaml": 1}, {"yml": ""}, {"removed": [{"kind": "x"}]}])
def test_what_is_no_proposal_is_refused(demo: Page, body: object) -> None:
    answer = demo.post("what-if", body)
    assert (answer.status, "no proposal" in answer.document["problem"]) == (400, True)


def test_what_is_not_there_cannot_be_removed(demo: Page) -> None:
    gone = {"kind": "NetworkPolicy", "namespace": "shop", "name": "none"}
    answer = demo.post("what-if", {"removed": [gone]})
    assert (answer.status, "none that could be removed" in answer.document["problem"]) == (400, True)
