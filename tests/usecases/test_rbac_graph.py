from __future__ import annotations

from itertools import pairwise

import pytest
from msgspec.structs import replace

from firedoor.errors import NothingInScopeError
from firedoor.model.findings import Severity
from firedoor.model.places import Gap, GapKind
from firedoor.model.rbac_graph import EdgeKind, NodeState
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.usecases.rbac_graph import rbac_graph
from firedoor.usecases.rbac_graph_choice import GraphQuestion
from tests.engine.rbac_risks.loading import account, binding, group, load, role, rule, user
from tests.usecases.rbac_graphs import PODS, SECRETS, SHOP, WEB, edges, graph, ids, risks


def test_a_workload_leads_through_account_and_binding_to_a_role() -> None:
    found = graph(*SHOP, WEB)
    assert ids(found) == [
        "workload/Deployment/shop/web",
        "subject/ServiceAccount/shop/ci",
        "binding/RoleBinding/shop/b",
        "role/Role/shop/r",
    ]
    assert [(each.kind.value, each.place) for each in found.edges] == [
        ("runs-as", "<stdin>:21"),
        ("bound", "<stdin>:13"),
        ("grants", "<stdin>:13"),
    ]
    assert list(pairwise(ids(found))) == edges(found)


def test_places_are_those_of_the_objects() -> None:
    places = {each.id: each.place for each in graph(*SHOP).nodes}
    assert len(set(places.values())) == 3
    assert all(each.startswith("<stdin>:") for each in places.values())


def test_risks_mark_subject_binding_and_role_as_severe_as_they_are_there() -> None:
    found = graph(*SHOP)
    assert risks(found) == {each: {"secrets-read": Severity.HIGH} for each in ids(found)}
    wide = graph(account("ci"), role(SECRETS), binding())
    assert risks(wide) == {each: {"secrets-read": Severity.CRITICAL} for each in ids(wide)}


def test_a_namespace_shows_how_severe_a_role_is_there() -> None:
    documents = (
        role(SECRETS),
        binding(user("anna"), name="wide"),
        binding(user("ben"), name="local", namespace="shop"),
    )
    assert risks(graph(*documents))["role/ClusterRole//r"] == {"secrets-read": Severity.CRITICAL}
    local = graph(*documents, namespace="shop")
    assert risks(local)["role/ClusterRole//r"] == {"secrets-read": Severity.HIGH}
    assert "subject/User//anna" not in ids(local)


def test_a_namespace_shows_no_risk_of_a_binding_that_it_does_not_show() -> None:
    wide = (role(SECRETS), binding(user("anna"), name="wide"))
    local = (role(PODS, name="p"), binding(user("anna"), role="ClusterRole/p", name="local", namespace="shop"))
    assert risks(graph(*wide, *local, namespace="shop")) == {}


def test_the_worst_of_several_counts() -> None:
    documents = (role(SECRETS), binding(user("ben"), name="a", namespace="shop"), binding(user("anna"), name="z"))
    assert risks(graph(*documents))["role/ClusterRole//r"] == {"secrets-read": Severity.CRITICAL}
    again = (role(SECRETS), binding(user("ben"), name="z"), binding(user("anna"), name="a", namespace="shop"))
    assert risks(graph(*again))["role/ClusterRole//r"] == {"secrets-read": Severity.CRITICAL}


def test_cluster_admin_is_there_though_no_file_has_it() -> None:
    (state,) = [
        each.state
        for each in graph(account("ci"), binding(role="ClusterRole/cluster-admin")).nodes
        if each.id == "role/ClusterRole//cluster-admin"
    ]
    assert state is NodeState.THERE


def test_cluster_admin_is_marked_though_it_was_not_listed() -> None:
    found = graph(account("ci"), binding(role="ClusterRole/cluster-admin"), whole=True)
    assert [each.state for each in found.nodes] == [NodeState.THERE, NodeState.THERE, NodeState.MISSING]
    assert {each: marks["cluster-admin-bound"] for each, marks in risks(found).items()} == dict.fromkeys(
        ids(found), Severity.CRITICAL
    )
    local = graph(account("ci"), binding(role="ClusterRole/cluster-admin", namespace="shop"), whole=True)
    assert {each: marks["cluster-admin-bound"] for each, marks in risks(local).items()} == dict.fromkeys(
        ids(local), Severity.HIGH
    )


def test_what_is_missing_in_a_cluster_is_told_from_what_files_leave_out() -> None:
    documents = (account("other"), binding(role="ClusterRole/gone"))
    states = {each.id: each.state for each in graph(*documents).nodes}
    assert states["role/ClusterRole//gone"] is NodeState.UNREAD
    assert states["subject/ServiceAccount/shop/ci"] is NodeState.UNREAD
    states = {each.id: each.state for each in graph(*documents, whole=True).nodes}
    assert states["role/ClusterRole//gone"] is NodeState.MISSING
    assert states["subject/ServiceAccount/shop/ci"] is NodeState.MISSING
    assert states["binding/ClusterRoleBinding//b"] is NodeState.THERE


def test_what_a_cluster_did_not_let_us_list_is_unread() -> None:
    snapshot = load(account("other"), binding(role="ClusterRole/gone"), whole=True)
    gaps = tuple(
        Gap(GapKind.FORBIDDEN, path, "forbidden")
        for path in ("/apis/rbac.authorization.k8s.io/v1/clusterroles", "/api/v1/serviceaccounts")
    )
    found = rbac_graph(replace(snapshot, gaps=gaps), GraphQuestion())
    assert {each.id: each.state for each in found.nodes if each.state} == {
        "role/ClusterRole//gone": NodeState.UNREAD,
        "subject/ServiceAccount/shop/ci": NodeState.UNREAD,
    }
    assert found.gaps == gaps


def test_missing_roles_are_gaps_of_files() -> None:
    (gap,) = graph(account("ci"), binding(role="ClusterRole/gone")).gaps
    assert "there is no ClusterRole gone" in gap.reason


def test_a_role_is_not_the_cluster_role_of_its_name() -> None:
    found = graph(
        account("ci"),
        role(PODS, name="r"),
        role(SECRETS, name="r", namespace="shop"),
        binding(role="Role/r", name="one", namespace="shop"),
        binding(role="ClusterRole/r", name="two", namespace="shop"),
    )
    assert edges(found, EdgeKind.GRANTS) == [
        ("binding/RoleBinding/shop/one", "role/Role/shop/r"),
        ("binding/RoleBinding/shop/two", "role/ClusterRole//r"),
    ]
    assert "role/ClusterRole//r" not in risks(found)


def test_aggregated_roles_follow_and_a_circle_ends() -> None:
    gathering = "aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: %s}}]}\n"
    found = graph(
        role(name="top", more=gathering % "top", labels="to: middle"),
        role(name="middle", more=gathering % "middle", labels="to: top"),
        role(SECRETS, name="bottom", labels="to: middle"),
        binding(user("anna"), role="ClusterRole/top"),
    )
    assert edges(found, EdgeKind.AGGREGATES) == [
        ("role/ClusterRole//middle", "role/ClusterRole//bottom"),
        ("role/ClusterRole//middle", "role/ClusterRole//top"),
        ("role/ClusterRole//top", "role/ClusterRole//middle"),
    ]
    assert risks(found)["role/ClusterRole//bottom"] == {"secrets-read": Severity.CRITICAL}
    assert risks(found)["role/ClusterRole//top"] == {"secrets-read": Severity.CRITICAL}


def test_a_user_named_like_a_service_account_is_it() -> None:
    found = graph(account("ci"), role(PODS), binding(user("system:serviceaccount:shop:ci")))
    assert ids(found)[0] == "subject/ServiceAccount/shop/ci"


def test_accounts_are_members_of_the_groups_that_a_binding_is_for() -> None:
    everyone, of_shop = group("system:serviceaccounts"), group("system:serviceaccounts:shop")
    documents = (account("ci"), account("job", "jobs"), role(PODS))
    found = graph(*documents, binding(everyone, name="all"), binding(of_shop, name="shop"), binding(user("anna")))
    assert edges(found, EdgeKind.MEMBER) == [
        ("subject/ServiceAccount/jobs/job", "subject/Group//system:serviceaccounts"),
        ("subject/ServiceAccount/shop/ci", "subject/Group//system:serviceaccounts"),
        ("subject/ServiceAccount/shop/ci", "subject/Group//system:serviceaccounts:shop"),
    ]
    authenticated = graph(*documents, binding(group("system:authenticated"), user("anna")))
    assert ("subject/User//anna", "subject/Group//system:authenticated") in edges(authenticated, EdgeKind.MEMBER)
    assert len(edges(authenticated, EdgeKind.MEMBER)) == 3


def test_a_rule_that_permits_nothing_marks_its_role() -> None:
    found = graph(account("ci"), role(rule("get", "pods/*")), binding())
    assert risks(found) == {"role/ClusterRole//r": {"ineffective-rule": Severity.LOW}}


def test_the_version_decides_what_is_dangerous() -> None:
    given = (role(rule("get", "pods/exec")), binding(user("anna")))
    assert [*risks(graph(*given, version="1.30"))["role/ClusterRole//r"]] == ["pod-exec"]
    assert risks(graph(*given, version="1.36")) == {}


def test_names_cannot_make_two_nodes_one() -> None:
    found = graph(role(PODS), binding(user("a/b"), user("b"), user("/b"), user("%2Fb"), group("b")))
    assert len([each for each in found.nodes if each.part == "subject"]) == 5


def test_nothing_at_all_is_an_error_and_a_gap_is_not() -> None:
    with pytest.raises(NothingInScopeError, match="no role or binding was found"):
        graph(account("ci"))
    gap = Gap(GapKind.UNREADABLE, "a.yaml", "broken")
    assert rbac_graph(Snapshot(Origin(), gaps=(gap,)), GraphQuestion()).gaps == (gap,)


def test_the_order_of_the_files_says_nothing() -> None:
    given = (*SHOP, WEB, role(PODS, name="x"), binding(user("b"), user("a"), role="ClusterRole/x", name="x"))
    one, other = graph(*given), graph(*reversed(given))
    assert ids(one) == ids(other)
    assert edges(one) == edges(other)
