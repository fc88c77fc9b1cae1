from __future__ import annotations

from tests.engine.rbac.making import RBAC, authorizer, binding, gathering, labelled, role, rule, urls

from firedoor.model.access import MASTERS, AccessRequest, User, service_account_user, user_named
from firedoor.model.places import ObjectRef

ALICE = user_named("alice", ("devs",))
GET = AccessRequest("get", "pods", namespace="shop", name="web")
EVERYWHERE = AccessRequest("list", "pods")
READ = role("read", rule("get list", "pods"))


def test_without_a_binding_nothing_is_allowed() -> None:
    decision = authorizer(READ).decide(ALICE, GET)
    assert (decision.allowed, decision.verdict, decision.because) == (False, "denied", ())


def test_a_cluster_role_binding_gives_its_rules_everywhere() -> None:
    found = authorizer(READ, binding("b", "read", "user:alice"))
    assert found.decide(ALICE, GET).verdict == "allowed"
    assert found.decide(ALICE, EVERYWHERE).allowed


def test_a_role_binding_to_a_cluster_role_gives_its_rules_in_its_namespace_only() -> None:
    found = authorizer(READ, binding("shop/b", "read", "user:alice"))
    assert found.decide(ALICE, GET).allowed
    assert not found.decide(ALICE, AccessRequest("get", "pods", namespace="crm", name="web")).allowed
    assert not found.decide(ALICE, EVERYWHERE).allowed


def test_a_role_binding_gives_a_role_of_its_own_namespace_only() -> None:
    found = authorizer(
        role("shop/read", rule("get", "pods")),
        binding("shop/b", "read", "user:alice", kind="Role"),
        binding("crm/b", "read", "user:alice", kind="Role"),
    )
    assert found.decide(ALICE, GET).allowed
    assert not found.decide(ALICE, AccessRequest("get", "pods", namespace="crm")).allowed
    assert [each.metadata.namespace for each in found.dangling] == ["crm"]


def test_a_cluster_role_binding_cannot_refer_to_a_role() -> None:
    found = authorizer(role("shop/read", rule("get", "pods")), binding("b", "read", "user:alice", kind="Role"))
    assert not found.decide(ALICE, GET).allowed
    assert len(found.dangling) == 1


def test_a_missing_role_does_not_stop_other_bindings() -> None:
    found = authorizer(READ, binding("a", "gone", "user:alice"), binding("b", "read", "user:alice"))
    assert found.decide(ALICE, GET).allowed
    assert [each.metadata.name for each in found.dangling] == ["a"]


def test_paths_are_permitted_by_cluster_roles_in_cluster_role_bindings_only() -> None:
    probe = role("probe", urls("get", "/healthz"))
    asked = AccessRequest("get", path="/healthz")
    assert authorizer(probe, binding("b", "probe", "user:alice")).decide(ALICE, asked).allowed
    local = authorizer(probe, binding("shop/b", "probe", "user:alice"))
    assert not local.decide(ALICE, asked).allowed
    assert not local.decide(ALICE, AccessRequest("get", path="/healthz", namespace="shop")).allowed


def test_a_member_of_system_masters_may_do_everything_without_any_rule() -> None:
    decision = authorizer().decide(User("root", (MASTERS,)), GET)
    assert (decision.allowed, decision.is_master, decision.because) == (True, True, ())


def test_the_grants_tell_binding_role_rule_and_the_first_subject_that_matched() -> None:
    found = authorizer(READ, binding("shop/b", "read", "user:bob", "group:devs", "user:alice"))
    (grant,) = found.grants(ALICE, GET)
    assert (grant.subject.kind, grant.subject.name) == ("Group", "devs")
    assert grant.binding == ObjectRef("RoleBinding", "shop", "b")
    assert grant.role == ObjectRef("ClusterRole", "", "read")
    assert (grant.namespace, grant.path, grant.source) == ("shop", "rules[0]", None)
    assert grant.role_place.at(grant.path) == "read.yaml:9"
    assert str(grant.binding_place) == "b.yaml:3"


def test_an_aggregated_rule_tells_the_role_that_has_it() -> None:
    found = authorizer(
        gathering("all", {"matchLabels": {"to": "all"}}),
        labelled("part", {"to": "all"}, rule("get", "pods")),
        binding("b", "all", "user:alice"),
    )
    (grant,) = found.grants(ALICE, GET)
    assert (grant.role.name, grant.source) == ("all", ObjectRef("ClusterRole", "", "part"))


def test_grants_come_in_a_stable_order_those_of_cluster_role_bindings_first() -> None:
    found = authorizer(
        role("two", rule("get", "secrets"), rule("get", "pods"), rule("*", "*")),
        role("shop/one", rule("get", "pods")),
        binding("shop/x", "one", "user:alice", kind="Role"),
        binding("z", "two", "group:devs"),
        binding("a", "two", "user:alice"),
    )
    grants = [(each.binding.name, each.path) for each in found.grants(ALICE, GET)]
    assert grants == [("z", "rules[1]"), ("z", "rules[2]"), ("a", "rules[1]"), ("a", "rules[2]"), ("x", "rules[0]")]


def test_all_grants_of_a_user_are_those_of_the_cluster_and_of_one_or_every_namespace() -> None:
    found = authorizer(
        READ,
        binding("b", "read", "user:alice"),
        binding("shop/s", "read", "sa:crm/web", "group:devs"),
        binding("crm/c", "read", "user:alice"),
    )
    names = {scope: [each.binding.name for each in found.grants_of(ALICE, scope)] for scope in (None, "shop", "", "x")}
    assert names == {None: ["b", "c", "s"], "shop": ["b", "s"], "": ["b"], "x": ["b"]}
    assert [each.binding.name for each in found.grants_of(service_account_user("crm", "web"))] == ["s"]


def test_a_service_account_without_a_namespace_means_nobody_in_a_cluster_role_binding() -> None:
    found = authorizer(READ, binding("b", "read", "sa:web"), binding("shop/b", "read", "sa:web"))
    assert not found.decide(service_account_user("crm", "web"), AccessRequest("get", "pods", namespace="crm")).allowed
    assert len(list(found.grants(service_account_user("shop", "web"), GET))) == 1


def test_what_the_node_authorizer_may_add_is_remarked() -> None:
    found = authorizer()
    assert found.decide(User("system:node:a", ("system:nodes",)), GET).remarks
    assert not found.decide(User("system:node:a"), GET).remarks
    assert not found.decide(ALICE, GET).remarks


def test_requests_for_a_group_of_the_api_are_not_for_another() -> None:
    found = authorizer(role("r", rule("bind", "roles", RBAC)), binding("b", "r", "user:alice"))
    assert found.decide(ALICE, AccessRequest("bind", "roles", group=RBAC)).allowed
    assert not found.decide(ALICE, AccessRequest("bind", "roles")).allowed


def test_among_thousands_of_bindings_only_those_of_the_user_are_looked_at() -> None:
    many = [binding(f"n{number % 50}/b{number}", f"r{number % 1000}", f"user:u{number}") for number in range(20_000)]
    roles = [role(f"r{number}", rule("get", "pods")) for number in range(1000)]
    found = authorizer(*roles, *many)
    (scope,) = found.scopes(AccessRequest("get", "pods", namespace="n20"))[1:]
    assert [each.metadata.name for each, _ in scope.of(user_named("u70"))] == ["b70"]
    assert found.decide(user_named("u70"), AccessRequest("get", "pods", namespace="n20")).allowed
    assert not found.decide(user_named("u70"), AccessRequest("get", "pods", namespace="n21")).allowed
