from __future__ import annotations

import pytest

from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.places import Gap, GapKind
from firedoor.model.rbac import Subject
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.usecases.rbac import AskedPermission, can, show, who_can
from tests.loading import snapshot_of

API = "apiVersion: rbac.authorization.k8s.io/v1"


def role(name: str, *rules: str, namespace: str = "") -> str:
    kind, where = ("Role", f", namespace: {namespace}") if namespace else ("ClusterRole", "")
    return f"{{{API}, kind: {kind}, metadata: {{name: {name}{where}}}, rules: [{', '.join(rules)}]}}\n---\n"


def binding(name: str, ref: str, *subjects: str, namespace: str = "") -> str:
    kind, where = ("RoleBinding", f", namespace: {namespace}") if namespace else ("ClusterRoleBinding", "")
    ref_kind, _, ref_name = ref.partition("/")
    ref = f"{{apiGroup: rbac.authorization.k8s.io, kind: {ref_kind}, name: {ref_name}}}"
    return (
        f"{{{API}, kind: {kind}, metadata: {{name: {name}{where}}}, roleRef: {ref}, "
        f"subjects: [{', '.join(subjects)}]}}\n---\n"
    )


def rule(verbs: str, resources: str, groups: str = '""', names: str = "") -> str:
    limited = f", resourceNames: [{names}]" if names else ""
    return f'{{verbs: [{verbs}], apiGroups: [{groups}], resources: ["{resources}"]{limited}}}'


def account(name: str, namespace: str) -> str:
    return f"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: {name}, namespace: {namespace}}}}}\n---\n"


ALICE = "{kind: User, name: alice, apiGroup: rbac.authorization.k8s.io}"
DEVS = "{kind: Group, name: devs, apiGroup: rbac.authorization.k8s.io}"
WEB = "{kind: ServiceAccount, name: web, namespace: shop}"
WEB_NAME = "system:serviceaccount:shop:web"
SNAPSHOT = snapshot_of(
    account("web", "shop")
    + role("reader", rule("get, list", "pods"), "{verbs: [get], nonResourceURLs: [/metrics]}")
    + role("nodes", rule("list", "nodes"), "{verbs: [get], nonResourceURLs: [/healthz]}")
    + role("secrets", rule("get", "secrets", names="tls, db"), rule("'*'", "configmaps"), namespace="shop")
    + binding("all", "ClusterRole/reader", ALICE)
    + binding("in-shop", "ClusterRole/reader", WEB, DEVS, namespace="shop")
    + binding("nodes", "ClusterRole/nodes", WEB, namespace="shop")
    + binding("secrets", "Role/secrets", WEB, namespace="shop")
)
WHOLE = Origin(kind="cluster", captured_at="2026-01-01T00:00:00Z")


def ask(verb: str, resource: str, name: str = "", namespace: str = "") -> AskedPermission:
    return AskedPermission(verb, resource, name, namespace)


def test_what_is_allowed_comes_with_binding_role_and_rule() -> None:
    answer = can(SNAPSHOT, ask("get", "pods", namespace="shop"), WEB_NAME)
    assert (answer.verdict, answer.is_everywhere, answer.notes) == ("allowed", False, ())
    (grant,) = answer.because
    assert (str(grant.binding), str(grant.role), grant.path) == (
        "RoleBinding shop/in-shop",
        "ClusterRole reader",
        "rules[0]",
    )
    assert can(SNAPSHOT, ask("get", "pods"), "alice").verdict == "allowed"
    assert can(SNAPSHOT, ask("get", "/metrics"), "alice").verdict == "allowed"
    assert can(SNAPSHOT, ask("get", "/metrics"), WEB_NAME).verdict == "denied"


def test_what_is_denied_says_where_and_for_what_it_is_allowed() -> None:
    answer = can(SNAPSHOT, ask("get", "pods"), WEB_NAME)
    assert (answer.verdict, answer.is_everywhere, answer.elsewhere) == ("denied", True, ("shop",))
    answer = can(SNAPSHOT, ask("get", "secrets", namespace="shop"), WEB_NAME)
    assert (answer.verdict, answer.elsewhere) == ("denied", ())
    assert answer.notes == ("there are rules for single objects: db, tls; give NAME to ask about one",)
    assert can(SNAPSHOT, ask("get", "secrets", "db", "shop"), WEB_NAME).verdict == "allowed"
    assert can(SNAPSHOT, ask("create", "secrets", namespace="shop"), WEB_NAME).notes == ()


def test_many_names_are_cut_in_the_remark() -> None:
    names = ", ".join(f"s{number:02}" for number in range(12))
    many = snapshot_of(role("r", rule("get", "secrets", names=names)) + binding("b", "ClusterRole/r", ALICE))
    (note,) = can(many, ask("get", "secrets"), "alice").notes
    assert "s09 and 2 more; give NAME" in note


def test_groups_count_besides_the_implied_ones() -> None:
    answer = can(SNAPSHOT, ask("get", "pods", namespace="shop"), "bob", ("devs",))
    assert (answer.verdict, answer.user.groups, answer.notes) == ("allowed", ("devs", "system:authenticated"), ())
    answer = can(SNAPSHOT, ask("get", "pods"), "root", ("system:masters",))
    assert (answer.verdict, answer.is_master, answer.because) == ("allowed", True, ())


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("shop:web", f"no binding names shop:web (did you mean {WEB_NAME}?)"),
        ("shop/web", f"no binding names shop/web (did you mean {WEB_NAME}?)"),
        ("alicia", "no binding names alicia (did you mean alice?)"),
        ("zzz", "no binding names zzz"),
        ("system:serviceaccount:web", "system:serviceaccount:web is no service account: that would be"),
        ("system:serviceaccount:shop:cart", "no ServiceAccount shop/cart was read"),
    ],
)
def test_remarks_help_with_the_subject(name: str, note: str) -> None:
    assert any(each.startswith(note) for each in can(SNAPSHOT, ask("get", "pods"), name).notes)


def test_a_default_service_account_need_not_be_read() -> None:
    notes = can(SNAPSHOT, ask("get", "pods"), "system:serviceaccount:shop:default").notes
    assert not any("no ServiceAccount" in each for each in notes)


def test_nodes_may_be_permitted_more_by_their_own_authorizer() -> None:
    notes = can(SNAPSHOT, ask("get", "pods"), "system:node:a", ("system:nodes",)).notes
    assert any("node authorizer" in each for each in notes)


def test_an_unknown_namespace_gets_a_remark() -> None:
    assert "nothing that was read is in a namespace shp (did you mean shop?)" in (
        can(SNAPSHOT, ask("get", "pods", namespace="shp"), "alice").notes
    )
    assert can(SNAPSHOT, ask("get", "pods", namespace="kube-system"), "alice").notes == ()
    assert who_can(SNAPSHOT, ask("get", "pods", namespace="xyz-q")).notes == (
        "nothing that was read is in a namespace xyz-q",
    )


def test_who_can_without_a_namespace_is_about_any() -> None:
    found = who_can(SNAPSHOT, ask("list", "pods"))
    assert [(each.subject, {grant.namespace for grant in each.via}) for each in found.holders] == [
        (Subject("Group", "system:masters"), set()),
        (Subject("Group", "devs"), {"shop"}),
        (Subject("ServiceAccount", "web", "shop"), {"shop"}),
        (Subject("User", "alice"), {""}),
    ]
    assert (found.is_everywhere, found.ways, found.doubts, found.gaps) == (True, None, (), ())
    inside = who_can(SNAPSHOT, ask("list", "pods", namespace="other"))
    assert [each.subject.name for each in inside.holders] == ["system:masters", "alice"]
    assert not inside.is_everywhere


def test_a_rule_that_holds_everywhere_is_found_once() -> None:
    both = snapshot_of(
        role("reader", rule("get", "pods"))
        + binding("all", "ClusterRole/reader", ALICE)
        + "".join(binding("b", "ClusterRole/reader", ALICE, namespace=each) for each in ("a", "b"))
    )
    (_, alice) = who_can(both, ask("get", "pods")).holders
    assert [grant.namespace for grant in alice.via] == ["", "a", "b"]


def test_groups_of_service_accounts_are_named_and_expanded() -> None:
    everybody = "{kind: Group, name: 'system:serviceaccounts', apiGroup: rbac.authorization.k8s.io}"
    snapshot = snapshot_of(
        account("web", "shop") + role("r", rule("get", "pods")) + binding("b", "ClusterRole/r", everybody, WEB)
    )
    found = who_can(snapshot, ask("get", "pods"))
    assert [(each.subject.name, each.by_group is not None) for each in found.holders] == [
        ("system:masters", False),
        ("system:serviceaccounts", False),
        ("web", False),
        ("web", True),
    ]


def test_who_can_names_rules_for_single_objects() -> None:
    assert "there are rules for single objects: db, tls" in who_can(SNAPSHOT, ask("get", "secrets")).notes[0]


def test_bindings_to_a_role_that_was_not_read_leave_their_subjects_open() -> None:
    snapshot = snapshot_of(
        role("r", rule("get", "pods"))
        + binding("ok", "ClusterRole/r", ALICE)
        + binding("gone", "ClusterRole/admins", ALICE, WEB)
        + binding("here", "ClusterRole/viewer", DEVS, namespace="shop")
    )
    found = who_can(snapshot, ask("get", "pods"))
    assert [(each.subject.name, len(each.unsure)) for each in found.doubts] == [("devs", 1), ("web", 1)]
    assert [each.subject.name for each in who_can(snapshot, ask("get", "nodes")).doubts] == ["web", "alice"]
    assert can(snapshot, ask("get", "nodes"), "alice").verdict == "unknown"
    assert len(show(snapshot, "alice", (), "").gaps) == 1


def test_what_could_not_be_read_leaves_everybody_open() -> None:
    listing = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    gap = Gap(GapKind.FORBIDDEN, listing, "forbidden", "ask for it")
    blind = Snapshot(origin=WHOLE, gaps=(gap,))
    assert can(blind, ask("get", "pods"), "alice").unsure == (gap,)
    found = who_can(blind, ask("get", "pods"))
    assert (found.gaps, found.doubts) == ((gap,), ())
    assert show(blind, "alice", (), "shop").gaps == (gap,)


def test_without_any_role_nothing_is_in_scope() -> None:
    for question in (
        lambda: can(Snapshot(), ask("get", "pods"), "alice"),
        lambda: who_can(Snapshot(), ask("get", "pods")),
        lambda: show(Snapshot(), "alice", (), ""),
    ):
        with pytest.raises(NothingInScopeError, match="no role or binding was found"):
            question()


@pytest.mark.parametrize(("name", "groups"), [("", ()), ("alice", ("",))])
def test_empty_names_are_refused(name: str, groups: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="the name of a user or group is empty"):
        can(SNAPSHOT, ask("get", "pods"), name, groups)


def test_the_matrix_has_a_row_for_each_resource_that_a_rule_names() -> None:
    found = show(SNAPSHOT, WEB_NAME, (), "")
    assert [(each.namespace, each.target, each.names, each.verbs) for each in found.resources] == [
        ("shop", "configmaps", (), ("*",)),
        ("shop", "pods", (), ("get", "list")),
        ("shop", "secrets", ("db", "tls"), ("get",)),
    ]
    assert found.urls == ()
    assert found.notes == (
        (
            "a RoleBinding gives rules for nodes, which has no effect: requests for cluster-scoped resources carry "
            "no namespace"
        ),
        "a RoleBinding gives rules for URLs, which has no effect: URLs are in no namespace",
    )
    assert show(SNAPSHOT, WEB_NAME, (), "other").resources == ()


def test_rows_of_a_namespace_count_in_what_holds_everywhere() -> None:
    snapshot = snapshot_of(
        role("a", rule("get, use", "*"), rule("list", "secrets", names="db"))
        + role("b", rule("delete", "pods"), rule("get", "pods", names="p"))
        + binding("a", "ClusterRole/a", ALICE)
        + "".join(binding("b", "ClusterRole/b", ALICE, namespace=each) for each in ("one", "two"))
    )
    found = show(snapshot, "alice", (), "")
    rows = [(each.namespace, each.target, each.names, each.verbs) for each in found.resources]
    assert rows[:3] == [
        ("", "*", (), ("get", "use")),
        ("", "secrets", ("db",), ("get", "list", "use")),
        ("one", "pods", (), ("get", "delete", "use")),
    ]
    assert [row[1:] for row in rows if row[0] == "one"] == [row[1:] for row in rows if row[0] == "two"]
    (two,) = [each for each in found.resources if each.namespace == "two" and not each.names]
    assert [str(each.binding) for each in two.via] == ["ClusterRoleBinding a", "RoleBinding two/b"]


def test_every_verb_is_a_star_and_urls_follow_their_patterns() -> None:
    snapshot = snapshot_of(
        role("r", '{verbs: ["*"], nonResourceURLs: ["/debug/*"]}', "{verbs: [get], nonResourceURLs: [/debug/a, /b]}")
        + binding("b", "ClusterRole/r", ALICE)
    )
    found = show(snapshot, "alice", ("system:masters",), "")
    assert [(each.target, each.verbs) for each in found.urls] == [
        ("/b", ("get",)),
        ("/debug/*", ("*",)),
        ("/debug/a", ("*",)),
    ]
    assert found.is_master


def test_who_can_make_itself_able_is_found_in_every_namespace() -> None:
    snapshot = snapshot_of(
        account("web", "shop")
        + role("r", rule("get", "secrets"))
        + binding("b", "ClusterRole/r", WEB, namespace="shop")
        + role("t", rule("create", "serviceaccounts/token"))
        + binding("tokens", "ClusterRole/t", ALICE, namespace="shop")
        + role(
            "grant",
            rule("create", "rolebindings", "rbac.authorization.k8s.io"),
            rule("bind", "clusterroles", "rbac.authorization.k8s.io"),
        )
        + binding("grant", "ClusterRole/grant", DEVS, namespace="empty")
    )
    found = who_can(snapshot, ask("get", "secrets"), indirect=True)
    assert found.ways is not None
    ways = {(each.subject.name, each.technique, each.target.name) for each in found.ways}
    # What every cluster has can be bound as well.
    assert ways >= {("alice", "create-token", "web"), ("devs", "bind", "r"), ("devs", "bind", "cluster-admin")}
    assert {each[:2] for each in ways} == {("alice", "create-token"), ("devs", "bind")}
    assert all(each.via for each in found.ways)
    inside = who_can(snapshot, ask("get", "secrets", namespace="shop"), indirect=True)
    assert inside.ways is not None
    assert [each.subject.name for each in inside.ways] == ["alice"]


def test_a_binding_in_a_namespace_permits_nothing_for_namespaces_as_a_collection() -> None:
    snapshot = snapshot_of(
        role("r", rule("get, list, watch", "namespaces")) + binding("b", "ClusterRole/r", ALICE, namespace="shop")
    )
    (row,) = show(snapshot, "alice", (), "").resources
    assert (row.namespace, row.verbs) == ("shop", ("get",))
    assert can(snapshot, ask("list", "namespaces"), "alice").elsewhere == ()
    assert can(snapshot, ask("get", "namespaces"), "alice").elsewhere == ("shop",)
    assert can(snapshot, ask("get", "namespaces", "shop"), "alice").verdict == "allowed"


def test_a_role_that_the_api_refuses_gives_nothing_for_sure() -> None:
    refused = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: odd}
rules: [{verbs: [get], nonResourceURLs: [/x], resourceNames: [a]}]
---
"""
    snapshot = snapshot_of(refused + binding("b", "ClusterRole/odd", ALICE))
    decision = can(snapshot, ask("get", "/x"), "alice")
    assert decision.verdict == "unknown"
    assert "split it into two rules" in decision.unsure[0].remedy
