"""The authorizer and the checks against escalation answer as a real API server was recorded to."""

from __future__ import annotations

import json
from functools import cache

import pytest
from tests.engine.rbac.recorded import Asked, Tried, recording, snapshot, unserved, without_defaults
from tests.reference import rbac as reference
from tests.reference.manifests import Manifest
from tests.reference.rbac_escalation import may_create_binding
from tests.reference.rbac_escalation import may_write_role as reference_may_write

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.escalation import may_grant, may_write_role
from firedoor.engine.rbac.roles import aggregates
from firedoor.model.access import MASTERS, user_named
from firedoor.model.default_roles import BOOTSTRAPPING
from firedoor.model.rbac import PolicyRule

RECORDED = recording()
BINDINGS = ("RoleBinding", "ClusterRoleBinding")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Authorizer:
    return Authorizer(snapshot(tmp_path_factory.mktemp("recorded")))


@pytest.fixture(scope="module")
def manifests(served: Authorizer) -> Authorizer:
    return Authorizer(unserved(served.snapshot))


def shown(asked: Asked) -> str:
    return f"{'allowed' if asked.allowed else 'denied'}: {asked.user} {asked.request}"


def is_permitted(authorizer: Authorizer, write: Tried) -> bool:
    written = load_text(json.dumps(write.manifest))
    if write.manifest["kind"] in BINDINGS:
        return may_grant(authorizer, write.user, written.role_bindings[0]).allowed
    return may_write_role(authorizer, write.user, written.roles[0], write.verb).allowed


@cache
def granted(user: reference.User, namespace: str) -> list[Manifest]:
    return [each.rule for each in reference.granted(RECORDED.objects, user, namespace)]


def test_the_recording_holds_enough_of_both_answers() -> None:
    asked, tried = RECORDED.asked, RECORDED.tried
    assert len({each[:2] for each in asked}) == len(asked) >= 5000
    assert 0.4 < sum(each.allowed for each in asked) / len(asked) < 0.6
    assert sum(not each.request.is_for_resource for each in asked) > 300
    assert len(tried) >= 400
    for is_binding in (True, False):
        taken = [each.taken for each in tried if (each.manifest["kind"] in BINDINGS) is is_binding]
        assert 0.2 < sum(taken) / len(taken) < 0.8


def test_every_question_is_answered_as_the_server_did(served: Authorizer) -> None:
    differing = [
        shown(each)
        for each in RECORDED.asked
        if served.decide(each.user, each.request).verdict != ("allowed" if each.allowed else "denied")
    ]
    assert differing == []


def test_the_rules_of_aggregating_roles_are_those_that_the_controller_gathered(manifests: Authorizer) -> None:
    names = [each["metadata"]["name"] for each in RECORDED.objects if each.get("aggregationRule")]
    assert {"view", "edit", "admin", "chain", "loop-1"} <= set(names)
    for name in names:
        role, written = manifests.roles.get("ClusterRole", "", name), load_text(json.dumps(_served(name))).roles[0]
        assert role is not None
        assert aggregates(role)
        assert _rules(manifests, name) == set(written.rules)


def test_answers_do_not_depend_on_who_aggregated(served: Authorizer, manifests: Authorizer) -> None:
    for each in RECORDED.asked:
        assert manifests.decide(each.user, each.request).allowed == each.allowed, shown(each)


def test_the_roles_that_every_server_makes_need_not_be_among_the_files(served: Authorizer) -> None:
    given = without_defaults(served.snapshot)
    assert 70 < len(served.snapshot.roles) - len(given.roles) < 80
    files = Authorizer(given)
    assert [
        shown(each) for each in RECORDED.asked if files.decide(each.user, each.request).allowed != each.allowed
    ] == []
    # An update that changes nothing, not even the uid, is taken from anybody; only what was served has a uid.
    tried = [each for each in RECORDED.tried if BOOTSTRAPPING not in each.manifest["metadata"].get("labels", {})]
    assert len(tried) > 0.9 * len(RECORDED.tried)
    assert [each for each in tried if is_permitted(files, each) != each.taken] == []


def test_every_write_is_judged_as_the_server_did(served: Authorizer) -> None:
    differing = [each for each in RECORDED.tried if is_permitted(served, each) != each.taken]
    assert differing == []


@pytest.mark.parametrize("name", RECORDED.implied)
def test_a_name_implies_the_groups_that_the_server_adds(name: str) -> None:
    assert set(user_named(name).groups) == RECORDED.implied[name]


@pytest.mark.slow
def test_the_reference_answers_as_the_server_did() -> None:
    for each in RECORDED.asked:
        user, asked = reference.User(each.user.name, each.user.groups), each.request
        request = reference.Request(
            asked.verb, asked.resource, asked.subresource, asked.group, asked.name, asked.namespace, asked.path
        )
        permitted = any(reference.rule_allows(rule, request) for rule in granted(user, asked.namespace))
        assert (MASTERS in user.groups or permitted) == each.allowed, shown(each)


@pytest.mark.slow
def test_the_reference_judges_writes_as_the_server_did() -> None:
    for each in RECORDED.tried:
        user = reference.User(each.user.name, each.user.groups)
        if each.manifest["kind"] in BINDINGS:
            answer = may_create_binding(RECORDED.objects, user, each.manifest)
        else:
            answer = reference_may_write(RECORDED.objects, user, each.manifest, each.verb)
        assert answer.allowed == each.taken, each


def _served(name: str) -> Manifest:
    return next(each for each in RECORDED.objects if each["kind"] == "ClusterRole" and each["metadata"]["name"] == name)


def _rules(authorizer: Authorizer, name: str) -> set[PolicyRule]:
    role = authorizer.roles.get("ClusterRole", "", name)
    assert role is not None
    return {rule for rule, _, _ in authorizer.roles.rules(role)}
