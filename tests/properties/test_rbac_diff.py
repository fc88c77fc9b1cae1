"""What is told of two states is what the reference answers differently in them, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_diff import compare
from firedoor.engine.rbac_diff.state import groups_of
from firedoor.model.access import account_name
from firedoor.model.access_difference import AccessDifference, RightChange, RightChangeKind
from firedoor.model.rbac import Subject
from tests.examples import many, some
from tests.properties.rbac_worlds import key_of, ref_of, snapshot_of, written
from tests.reference import rbac as reference
from tests.reference.manifests import Manifest, items
from tests.reference.rbac_escalation import atoms, uncovered
from tests.strategies import rbac

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

Clusters = tuple[list[Manifest], list[Manifest]]
Question = tuple[list[Manifest], list[Manifest], list[reference.Request]]


@st.composite
def changed(draw: st.DrawFn) -> Clusters:
    """Generate a cluster, and the same with objects added, taken away, and with rules of others."""
    old = draw(rbac.clusters())
    new = [each for each in old if draw(st.sampled_from((True, True, True, False)))]
    if draw(st.booleans()):
        role = draw(rbac.new_roles())
        new = [role, *(each for each in new if ref_of(each) != ref_of(role))]
    known = tuple(reference.roles(new))
    added = [draw(rbac.new_bindings(known, f"added-{number}")) for number in range(draw(st.sampled_from((0, 1, 2))))]
    return (old, [*new, *added]) if draw(st.booleans()) else ([*new, *added], old)


def _with_requests(clusters: Clusters) -> st.SearchStrategy[Question]:
    requests = (rbac.requests(clusters[0]) | rbac.requests(clusters[1])).map(_possible)
    return st.tuples(st.just(clusters[0]), st.just(clusters[1]), st.lists(requests, min_size=4, max_size=10))


def _possible(request: reference.Request) -> reference.Request:
    """Return a request as clients can make it: a URL is in no namespace."""
    return replace(request, namespace="") if request.path else request


def differing(old: list[Manifest], new: list[Manifest]) -> AccessDifference:
    """Return the difference, with everything asked in namespaces as the reference does."""
    before, after = (Authorizer(snapshot_of(each)) for each in (old, new))
    return compare(before, after, ("old", "new"), lambda _: True)


def users(*clusters: list[Manifest]) -> list[reference.User]:
    """Return everybody of the clusters, each in all groups that the group of it implies."""
    found = (user for each in clusters for user in rbac.users(each))
    return list(dict.fromkeys(reference.User(each.name, _closed(each.groups)) for each in found))


def _closed(groups: tuple[str, ...]) -> tuple[str, ...]:
    implied = (more.name for each in groups for more in groups_of(Subject("Group", each)))
    return tuple(dict.fromkeys((*groups, *implied)))


def is_of(subject: Subject, user: reference.User) -> bool:
    if subject.kind == "Group":
        return subject.name in user.groups
    if subject.kind == "ServiceAccount":
        return user.name == account_name(subject.namespace, subject.name)
    return user.name == subject.name


def alone(subject: Subject) -> reference.User:
    """Return the user that a subject is by itself: a member of a group, or of the implied groups alone."""
    if subject.kind == "Group":
        return reference.User("member", _closed((subject.name,)))
    is_account = subject.kind == "ServiceAccount"
    return reference.user(account_name(subject.namespace, subject.name) if is_account else subject.name)


def holds_for(change: RightChange, request: reference.Request) -> bool:
    """Return whether what changed is about a request."""
    if not reference.rule_allows(written(change.rule), request):
        return False
    return not change.namespace or (not request.path and change.namespace == request.namespace)


def rules_in(cluster: list[Manifest], user: reference.User, namespace: str) -> list[Manifest]:
    """Return the rules that a user has in a namespace, or everywhere; URLs are in no namespace."""
    found = reference.granted(cluster, user, namespace)
    return [_inside(each.rule) if each.namespace else each.rule for each in found]


def _inside(rule: Manifest) -> Manifest:
    return {key: value for key, value in rule.items() if key != "nonResourceURLs"}


@many
@given(changed().flatmap(_with_requests))
def test_every_other_verdict_is_told_and_nothing_that_was_allowed_in_full(question: Question) -> None:
    old, new, requests = question
    found = differing(old, new)
    for user in users(old, new):
        for request in requests:
            before, after = (reference.is_allowed(each, user, request) for each in (old, new))
            told = {each.kind for each in found.changes if is_of(each.subject, user) and holds_for(each, request)}
            if before != after:
                assert (RightChangeKind.GAINED if after else RightChangeKind.LOST) in told
    for change in found.changes:
        states = (old, new) if change.kind is RightChangeKind.GAINED else (new, old)
        user = alone(change.subject)
        lacking, having = (rules_in(each, user, change.namespace) for each in states)
        parts = atoms([written(change.rule)])
        assert uncovered(lacking, parts) == parts
        assert uncovered(having, parts) == []
        for grant in change.via:
            assert uncovered([written(grant.rule)], parts) == []


@some
@given(changed().flatmap(_with_requests))
def test_what_is_unchanged_is_what_both_states_allow(question: Question) -> None:
    old, new, requests = question
    for change in differing(old, new).changes:
        other = old if change.kind is RightChangeKind.GAINED else new
        user = alone(change.subject)
        rules = rules_in(other, user, change.namespace)
        unchanged = [written(each) for each in change.unchanged]
        for request in requests:
            both = holds_for(change, request) and any(reference.rule_allows(each, request) for each in rules)
            if both:
                assert any(reference.rule_allows(each, request) for each in unchanged)
        for namespace in () if change.namespace else rbac.NAMESPACES:
            kept = uncovered(rules_in(other, user, namespace), [written(change.rule)]) == []
            assert kept == (namespace in change.unchanged_in)
        for each in unchanged:
            assert uncovered(rules, [each]) == []
            assert uncovered([written(change.rule)], [each]) == []


@some
@given(changed())
def test_the_way_back_is_the_same_the_other_way_round(clusters: Clusters) -> None:
    there, back = differing(*clusters), differing(*reversed(clusters))
    turned = {RightChangeKind.GAINED: RightChangeKind.LOST, RightChangeKind.LOST: RightChangeKind.GAINED}
    assert {_key(each, turned[each.kind]) for each in there.changes} == {_key(each, each.kind) for each in back.changes}
    assert {each.object for each in there.without_effect} == {each.object for each in back.without_effect}


def _key(change: RightChange, kind: RightChangeKind) -> tuple[Any, ...]:
    return (
        kind,
        change.subject,
        change.namespace,
        change.rule,
        frozenset(map(key_of, change.via)),
        change.unchanged,
        change.unchanged_in,
    )


@some
@given(rbac.clusters(), st.randoms(use_true_random=False))
def test_the_same_written_otherwise_is_no_change(cluster: list[Manifest], random: Any) -> None:
    other = [_rewritten(each, random) for each in cluster]
    random.shuffle(other)
    found = differing(cluster, other)
    assert found.changes == ()
    assert found.doubts == ()
    names = {ref_of(each) for each in (*reference.bindings(cluster), *reference.bindings(other))}
    assert names == {each.object for each in found.without_effect if "Binding" in each.object.kind}


def _rewritten(each: Manifest, random: Any) -> Manifest:
    """Return a role with its rules taken apart and mixed, a binding under another name with its subjects mixed."""
    if each["kind"].endswith("Role"):
        rules = [*atoms(items(each, "rules")), *items(each, "rules")[:1]]
        return {**each, "rules": random.sample(rules, len(rules))}
    if each["kind"].endswith("Binding"):
        subjects = random.sample(each["subjects"], len(each["subjects"]))
        return {**each, "subjects": subjects, "metadata": {**each["metadata"], "name": each["metadata"]["name"] + "-x"}}
    return each


@some
@given(changed())
def test_what_is_without_effect_gives_and_takes_nothing(clusters: Clusters) -> None:
    old, new = clusters
    silent = {each.object for each in differing(old, new).without_effect}
    for user in users(old, new):
        for state, other in ((old, new), (new, old)):
            for namespace in ("", *rbac.NAMESPACES):
                for each in reference.granted(state, user, namespace):
                    if reference.MASTERS not in user.groups and silent & {ref_of(each.binding), ref_of(each.role)}:
                        rule = _inside(each.rule) if each.namespace else each.rule
                        assert uncovered(rules_in(other, user, namespace), [rule]) == []
