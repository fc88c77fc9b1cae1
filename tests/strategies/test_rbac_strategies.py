"""The generated roles and bindings are told apart, and answer yes and no often enough to show a difference."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.examples import few
from tests.reference.manifests import Manifest, name_of
from tests.reference.rbac import (
    MASTERS,
    Request,
    bindings,
    dangling,
    holders,
    is_aggregating,
    is_allowed,
    namespace_in,
    roles,
    rules_of,
)
from tests.reference.rbac_escalation import may_create_binding, may_write_role, uncovered
from tests.strategies.rbac import clusters, new_bindings, new_roles, requests, rules_and_wanted, users

GUARDED = clusters(is_guarded=True).flatmap(
    lambda cluster: st.tuples(st.just(cluster), new_bindings(tuple(roles(cluster))))
)
ALL = settings(max_examples=100, database=None, phases=[Phase.generate])


@few
@given(clusters())
def test_no_two_objects_of_a_kind_share_their_name(cluster: list[Manifest]) -> None:
    names = [(each["kind"], namespace_in(each), name_of(each)) for each in [*roles(cluster), *bindings(cluster)]]
    assert len(names) == len(set(names))


@few
@given(clusters(is_guarded=True), new_roles())
def test_only_what_an_api_server_accepts_is_made(cluster: list[Manifest], role: Manifest) -> None:
    for each in [*roles(cluster), role]:
        for rule in each["rules"]:
            is_for_paths = "nonResourceURLs" in rule
            assert is_for_paths != ("resources" in rule)
            assert not (is_for_paths and each["kind"] == "Role")
    for binding in bindings(cluster):
        is_local = binding["kind"] == "RoleBinding"
        assert is_local or binding["roleRef"]["kind"] == "ClusterRole"
        for subject in binding["subjects"]:
            assert is_local or subject["kind"] != "ServiceAccount" or subject["namespace"]


@pytest.mark.slow
def test_every_answer_comes_up_often() -> None:
    seen: Counter[str] = Counter()
    asked: Counter[str] = Counter()

    def note(question: str, *, answer: bool) -> None:
        asked[question] += 1
        seen[question] += answer

    @seed(1)
    @ALL
    @given(clusters().flatmap(lambda each: st.tuples(st.just(each), st.lists(requests(each), min_size=2, max_size=4))))
    def look(question: tuple[list[Manifest], list[Request]]) -> None:
        cluster, wanted = question
        note("dangling", answer=bool(dangling(cluster)))
        for role in filter(is_aggregating, roles(cluster)):
            note("aggregated", answer=bool(rules_of(cluster, role)))
        for request in wanted:
            note("held", answer=len(holders(cluster, request)) > 1)
            for user in users(cluster):
                if MASTERS not in user.groups:
                    note("allowed", answer=is_allowed(cluster, user, request))

    @seed(1)
    @ALL
    @given(GUARDED, new_roles(), rules_and_wanted())
    def look_at_writers(
        bound_to: tuple[list[Manifest], Manifest], role: Manifest, two: tuple[list[Manifest], list[Manifest]]
    ) -> None:
        cluster, binding = bound_to
        note("covered", answer=not uncovered(*two))
        for user in users(cluster):
            if MASTERS in user.groups:
                continue
            bound, wrote = may_create_binding(cluster, user, binding), may_write_role(cluster, user, role, "create")
            note("bound", answer=bound.allowed)
            note("unable to bind for what is missing", answer=bool(bound.missing))
            note("written", answer=wrote.allowed)
            note("unable to write for what is missing", answer=bool(wrote.missing))

    look()
    look_at_writers()
    shares = {question: seen[question] / asked[question] for question in asked}
    assert all(0.02 < share < 0.9 for share in shares.values()), shares
