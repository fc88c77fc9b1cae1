"""Selector expressions of Calico over pods, namespaces and service accounts."""

from __future__ import annotations

import pytest
from tests.engine.reach.dialects.calico import (
    ACCEPTED,
    DENIED,
    asked,
    namespaced,
    network,
    on_db,
    policy,
    why,
)

from firedoor.model.verdicts import Verdict

SELECTED = [
    ("app == 'db'", "db"),
    ("app != 'db'", "job web"),
    ("app in {'db', 'job'}", "db job"),
    ("app not in {'db', 'job'}", "web"),
    ("has(tier)", "db web"),
    ("!has(tier)", "job"),
    ("tier contains 'ck-e'", "db"),
    ("tier starts with 'front'", "web"),
    ("tier ends with '-end'", "db web"),
    ("tier ends with 'nothing'", ""),
    ("absent == 'x'", ""),
    ("has(absent)", ""),
    ("absent starts with 'x'", ""),
    ("absent != 'x'", "db job web"),
    ("app == 'db' || app == 'web'", "db web"),
    ("has(tier) && app != 'db'", "web"),
    ("!(app == 'db' || app == 'web')", "job"),
    ("all()", "db job web"),
    ("", "db job web"),
    ("projectcalico.org/namespace == 'shop'", "db web"),
    ("projectcalico.org/namespace in {'data'}", "job"),
    ("projectcalico.org/namespace starts with 'da'", "job"),
    ("has(projectcalico.org/namespace)", "db job web"),
    ("projectcalico.org/namespace != 'shop'", "job"),
    ("projectcalico.org/orchestrator == 'k8s'", "db job web"),
    ("projectcalico.org/orchestrator == 'other'", ""),
    ("projectcalico.org/serviceaccount == 'keeper'", "db"),
    ("projectcalico.org/serviceaccount != 'keeper'", "job web"),
    ("pcns.team == 'shop'", "db web"),
    ("pcns.team != 'shop'", "job"),
    ("has(pcns.team)", "db job web"),
    ("pcns.team starts with 'da'", "job"),
    ("pcns.team in {'data', 'other'}", "job"),
    ("pcns.projectcalico.org/name == 'data'", "job"),
    ("has(pcns.app)", ""),
    ("pcsa.role == 'storage'", "db"),
    ("pcsa.role not in {'storage'}", "job web"),
    ("!has(pcsa.role)", "job web"),
    ("pcsa.projectcalico.org/name == 'default'", "job web"),
    ("has(pcsa.team)", ""),
]


def _denied(*texts: str) -> str:
    """Return which pods a connection from outside does not reach."""
    found = network(*texts)
    return " ".join(name for name in ("db", "job", "web") if asked(found, "10.9.9.9", name) is DENIED)


@pytest.mark.parametrize(("selector", "expected"), SELECTED)
def test_a_policy_applies_to_the_pods_that_its_selector_selects(selector: str, expected: str) -> None:
    assert _denied(policy(f'selector: "{selector}"')) == expected


@pytest.mark.parametrize(("selector", "expected"), [each for each in SELECTED if each[0]])
def test_a_rule_matches_the_pods_that_its_selector_selects(selector: str, expected: str) -> None:
    found = network(on_db(f'{{action: Deny, source: {{selector: "{selector}"}}}}, {{action: Allow}}'))
    denied = [name for name in ("job", "web") if asked(found, name, "db") is DENIED]
    assert denied == [name for name in expected.split() if name != "db"]
    assert asked(found, "10.9.9.9", "db") is ACCEPTED


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("team == 'shop'", "db web"),
        ("team != 'shop'", "job"),
        ("has(team)", "db job web"),
        ("projectcalico.org/name == 'data'", "job"),
        ("kubernetes.io/metadata.name == 'data'", "job"),
        ("all()", "db job web"),
    ],
)
def test_a_global_policy_applies_to_the_namespaces_that_it_selects(selector: str, expected: str) -> None:
    assert _denied(policy(f'namespaceSelector: "{selector}"')) == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("role == 'storage'", "db"),
        ("role != 'storage'", "job web"),
        ("projectcalico.org/name == 'default'", "job web"),
        ("has(role) && projectcalico.org/name == 'keeper'", "db"),
    ],
)
def test_a_policy_applies_to_the_service_accounts_that_it_selects(selector: str, expected: str) -> None:
    assert _denied(policy(f'serviceAccountSelector: "{selector}"')) == expected
    inside = " ".join(name for name in expected.split() if name != "job")
    assert _denied(namespaced(f'serviceAccountSelector: "{selector}"')) == inside


def test_pods_of_one_service_account_are_selected_alike() -> None:
    more = """
    {apiVersion: v1, kind: Pod, metadata: {name: front, namespace: shop, labels: {app: front}},
     spec: {containers: [{name: a, image: a}]}}
    """
    apps = "app == 'front' || app == 'web' || app == 'db'"
    found = network(more, policy(f"serviceAccountSelector: '!has(role)', selector: {apps}"))
    assert [asked(found, "10.9.9.9", name) for name in ("front", "web", "db")] == [DENIED, DENIED, ACCEPTED]


def test_all_selectors_of_a_policy_must_hold() -> None:
    both = "selector: has(tier), namespaceSelector: team == 'shop', serviceAccountSelector: role == 'storage'"
    assert _denied(policy(both)) == "db"
    assert _denied(policy(both.replace("'shop'", "'data'"))) == ""


ALLOWED_FROM = [
    ("{namespaceSelector: team == 'shop'}", "web"),
    ("{namespaceSelector: team != 'shop'}", "job"),
    ("{namespaceSelector: all()}", "job web"),
    ("{namespaceSelector: '!has(absent)'}", "job web"),
    ("{namespaceSelector: team == 'shop' || team == 'data'}", "job web"),
    ("{namespaceSelector: has(team) && team != 'data'}", "web"),
    ("{namespaceSelector: global()}", ""),
    ("{selector: app == 'web', namespaceSelector: team == 'shop'}", "web"),
    ("{selector: app == 'web', namespaceSelector: team == 'data'}", ""),
    ("{serviceAccounts: {names: [default]}}", "job web"),
    ("{serviceAccounts: {names: [keeper, other]}}", ""),
    ("{serviceAccounts: {selector: '!has(role)'}}", "job web"),
    ("{serviceAccounts: {selector: has(role)}}", ""),
    ("{serviceAccounts: {names: [default], selector: has(role)}}", ""),
    ("{serviceAccounts: {}}", "10.9.9.9 agent job web"),
    ("{notSelector: app == 'web'}", "10.9.9.9 agent job"),
    ("{notSelector: has(app)}", "10.9.9.9 agent"),
    ("{selector: has(app), notSelector: app == 'web'}", "job"),
    ("{namespaceSelector: all(), notSelector: app == 'web'}", "job"),
    ("{serviceAccounts: {names: [default]}, notSelector: app == 'web'}", "job"),
]
NAMESPACED_FROM = [
    ("{selector: has(app)}", "web"),
    ("{selector: has(app), namespaceSelector: all()}", "job web"),
    ("{namespaceSelector: team == 'data'}", "job"),
    ("{notSelector: app == 'job'}", "web"),
    ("{serviceAccounts: {names: [default]}}", "web"),
    ("{serviceAccounts: {selector: '!has(role)'}}", "web"),
    ("{}", "10.9.9.9 agent job web"),
]


def _accepted(text: str) -> str:
    found = network(text)
    return " ".join(name for name in ("10.9.9.9", "agent", "job", "web") if asked(found, name, "db") is ACCEPTED)


@pytest.mark.parametrize(("source", "expected"), ALLOWED_FROM)
def test_whom_the_end_of_a_rule_of_a_global_policy_means(source: str, expected: str) -> None:
    assert _accepted(on_db(f"{{action: Allow, source: {source}}}")) == expected


@pytest.mark.parametrize(("source", "expected"), NAMESPACED_FROM)
def test_whom_the_end_of_a_rule_of_a_namespaced_policy_means(source: str, expected: str) -> None:
    assert _accepted(namespaced(f"selector: app == 'db', ingress: [{{action: Allow, source: {source}}}]")) == expected


def test_the_destination_of_an_ingress_rule_narrows_whom_the_policy_is_about() -> None:
    found = network(policy("ingress: [{action: Deny, destination: {selector: app == 'db'}}, {action: Allow}]"))
    assert asked(found, "job", "db") is DENIED
    assert asked(found, "job", "web") is ACCEPTED
    (told,) = why(found, "job", "db")
    assert told.endswith('spec.ingress[0] denies all ports from anyone, for pods selector app == "db"')


def test_the_source_of_an_egress_rule_narrows_whom_the_policy_is_about() -> None:
    found = network(policy("egress: [{action: Deny, source: {selector: app == 'web'}}, {action: Allow}]"))
    assert asked(found, "web", "db") is DENIED
    assert asked(found, "job", "db") is ACCEPTED


def test_a_label_of_the_pod_itself_goes_before_one_that_it_inherits() -> None:
    own = "{apiVersion: v1, kind: Pod, metadata: {name: own, namespace: data, labels: {pcns.team: shop}}}"
    found = network(own, policy("selector: \"pcns.team == 'shop'\""))
    assert [asked(found, "10.9.9.9", name) for name in ("db", "job", "own")] == [DENIED, ACCEPTED, DENIED]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("pcns.team == 'data'", ACCEPTED),
        ("pcns.projectcalico.org/name == 'data'", ACCEPTED),
        ("pcns.zone == 'own'", ACCEPTED),
        ("has(pcsa.role)", DENIED),
        ("pcns.team == 'shop'", DENIED),
    ],
)
def test_a_set_of_networks_inherits_the_labels_of_its_namespace(selector: str, expected: Verdict) -> None:
    nets = (
        "{apiVersion: projectcalico.org/v3, kind: NetworkSet, spec: {nets: [10.9.9.0/24]}, "
        "metadata: {name: nets, namespace: data, labels: {pcns.zone: own}}}"
    )
    assert (
        asked(network(nets, on_db(f'{{action: Allow, source: {{selector: "{selector}"}}}}')), "10.9.9.9", "db")
        is expected
    )


def test_a_set_of_networks_may_lie_in_a_namespace_where_nothing_else_does() -> None:
    nets = (
        "{apiVersion: projectcalico.org/v3, kind: NetworkSet, spec: {nets: [10.9.9.0/24]}, "
        "metadata: {name: nets, namespace: alone}}"
    )
    for field in (
        "selector: \"pcns.projectcalico.org/name == 'alone'\"",
        "namespaceSelector: kubernetes.io/metadata.name == 'alone'",
    ):
        assert asked(network(nets, on_db(f"{{action: Allow, source: {{{field}}}}}")), "10.9.9.9", "db") is ACCEPTED
