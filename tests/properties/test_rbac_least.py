"""Least roles are enough for what was asked, nothing in them can be taken away, and they permit nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_least.least import least_rules
from firedoor.engine.rbac_least.merging import as_rule, merged, parts
from firedoor.engine.rbac_least.objects import as_snapshot, generated
from firedoor.engine.rbac_least.proof import prove
from firedoor.engine.rbac_least.unused import unused_grants
from firedoor.engine.rbac_least.usage import Usage
from firedoor.model.access import AccessRequest, service_account_user
from firedoor.model.audit import AuditEvent, AuditOutcome
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, Subject
from tests.examples import many, some

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

WEB = service_account_user("shop", "web")
SUBJECT = Subject("ServiceAccount", "web", "shop")
RESOURCES = (("", "pods"), ("", "secrets"), ("", "events"), ("events.k8s.io", "events"), ("apps", "deployments"))
VERBS = ("get", "list", "create")
NAMESPACES = ("", "shop", "bank")
NAMES = ("", "a", "b", "c")
UNIVERSE = (
    *(
        AccessRequest(verb, resource, sub, group, name, namespace)
        for verb, (group, resource), sub, name, namespace in itertools.product(
            VERBS, RESOURCES, ("", "status"), NAMES, NAMESPACES
        )
    ),
    *(AccessRequest(verb, path=path) for verb in VERBS for path in ("/metrics", "/logs", "/logs/x")),
)

requests = st.lists(st.sampled_from(UNIVERSE), max_size=25, unique=True)
limits = st.integers(0, 3)
words = st.lists(st.sampled_from(("get", "list", "*")), min_size=1, max_size=2, unique=True).map(tuple)


def allowed(roles: list[Role], bindings: list[RoleBinding]) -> set[AccessRequest]:
    authorizer = Authorizer(as_snapshot(roles, bindings))
    return {each for each in UNIVERSE if authorizer.decide(WEB, each).allowed}


def smaller(roles: list[Role]) -> Iterator[list[Role]]:
    """Yield the roles without each single permission, names and all."""
    for number, role in enumerate(roles):
        for position, rule in enumerate(role.rules):
            for gone in parts(rule):
                rest = [as_rule(part) for part in parts(rule) if part != gone]
                rules = (*role.rules[:position], *rest, *role.rules[position + 1 :])
                yield [*roles[:number], replace(role, rules=rules), *roles[number + 1 :]]


@many
@given(requests, limits)
def test_roles_are_enough_and_nothing_can_be_taken_away(asked: list[AccessRequest], most_names: int) -> None:
    roles, bindings = generated(SUBJECT, least_rules(asked, most_names))
    wanted = set(asked)
    assert wanted <= allowed(roles, bindings)
    for weaker in smaller(roles):
        assert not wanted <= allowed(weaker, bindings)
    proof = prove(roles, bindings, [(WEB, each) for each in asked])
    assert (proof.requests, proof.allowed, proof.holds) == (len(asked), len(asked), True)


@some
@given(requests, limits)
def test_roles_permit_what_was_asked_and_at_most_other_names_of_it(asked: list[AccessRequest], most_names: int) -> None:
    found = allowed(*generated(SUBJECT, least_rules(asked, most_names)))
    nameless = {replace(each, name="") for each in asked}
    for each in found - set(asked):
        everywhere = replace(each, name="", namespace="")
        assert replace(each, name="") in nameless or everywhere in nameless


@some
@given(requests)
def test_what_the_log_says_in_any_order_makes_the_same_roles(asked: list[AccessRequest]) -> None:
    assert least_rules(asked, 2) == least_rules(asked[::-1], 2)


@some
@given(requests, st.integers(0, 2))
def test_names_that_were_not_kept_change_no_rule(asked: list[AccessRequest], most_names: int) -> None:
    usage = Usage(most_names)
    usage.read(AuditEvent(WEB, each, AuditOutcome.ALLOWED) for each in asked)
    assert least_rules(usage.allowed.of(WEB), most_names) == least_rules(asked, most_names)


@some
@given(requests)
def test_nothing_of_the_least_roles_is_unused(asked: list[AccessRequest]) -> None:
    roles, bindings = generated(SUBJECT, least_rules(asked, 2))
    usage = Usage(kept_names=frozenset(NAMES))
    usage.read(AuditEvent(WEB, each, AuditOutcome.ALLOWED) for each in asked)
    assert unused_grants(Authorizer(as_snapshot(roles, bindings)), bindings, usage.allowed, "").grants == ()


@some
@given(requests, words, st.sampled_from([("pods",), ("pods", "secrets/status"), ("*",), ("*/status",)]))
def test_without_its_unused_parts_a_rule_still_permits_what_was_asked(
    asked: list[AccessRequest], verbs: tuple[str, ...], resources: tuple[str, ...]
) -> None:
    roles, bindings = generated(SUBJECT, {"": (PolicyRule(verbs, ("", "apps"), resources),)})
    usage = Usage(kept_names=frozenset(NAMES))
    usage.read(AuditEvent(WEB, each, AuditOutcome.ALLOWED) for each in asked)
    before = allowed(roles, bindings) & set(asked)
    judged = unused_grants(Authorizer(as_snapshot(roles, bindings)), bindings, usage.allowed, "")
    kept = judged.grants[0].used if judged.grants else roles[0].rules
    assert allowed([replace(roles[0], rules=kept)], bindings) & set(asked) == before


@some
@given(requests)
def test_merging_changes_no_permission(asked: list[AccessRequest]) -> None:
    rules = [rule for found in least_rules(asked, 3).values() for rule in found]
    each_part = [part for rule in rules for part in parts(rule)]
    assert {part for rule in merged(each_part) for part in parts(rule)} == set(each_part)
