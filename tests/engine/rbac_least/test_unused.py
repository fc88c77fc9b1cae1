from __future__ import annotations

from tests.engine.rbac_least.asked import (
    JANE,
    WEB,
    WEB_SUBJECT,
    allowed,
    binding,
    cluster,
    for_object,
    for_url,
    role,
    rule,
)

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_least.unused import Judged, is_bootstrap, unused_grants
from firedoor.engine.rbac_least.usage import Usage
from firedoor.model.access import AccessRequest, User
from firedoor.model.least_access import UnusedGrant
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, Subject


def judged(*objects: Role | RoleBinding, made: tuple[tuple[User, AccessRequest], ...], namespace: str = "") -> Judged:
    usage = Usage()
    usage.read(allowed(user, request) for user, request in made)
    authorizer = Authorizer(cluster(*objects))
    return unused_grants(authorizer, authorizer.snapshot.role_bindings, usage.allowed, namespace)


def of_web(*rules: PolicyRule, made: tuple[AccessRequest, ...] = ()) -> tuple[UnusedGrant, ...]:
    local = role("web", *rules, namespace="shop")
    bound = binding("web", local, Subject("ServiceAccount", "web"), namespace="shop")
    return judged(local, bound, made=tuple((WEB, each) for each in made)).grants


def test_a_rule_that_no_request_needed_is_unused() -> None:
    (found,) = of_web(rule("get list", "pods"), made=(for_object("get", "pods", "bank", "x"),))
    assert (found.state, found.unused, found.used, found.requests) == ("unused", (rule("get list", "pods"),), (), 0)
    assert found.grant.subject == WEB_SUBJECT
    assert (str(found.grant.binding), str(found.grant.role), found.grant.path) == (
        "RoleBinding shop/web",
        "Role shop/web",
        "rules[0]",
    )


def test_a_rule_that_was_used_in_part_says_which_part_was_not() -> None:
    made = (for_object("get", "pods", "shop", "x"), for_object("get", "pods", "shop", "y"))
    (found,) = of_web(rule("get list", "pods secrets"), made=made)
    assert (found.state, found.requests) == ("partly", 1)
    assert found.unused == (rule("list", "pods"), rule("get list", "secrets"))
    assert found.used == (rule("get", "pods"),)


def test_names_are_parts_too() -> None:
    usage = Usage(kept_names=frozenset({"a", "b"}))
    usage.read(allowed(WEB, for_object("get", "secrets", "shop", name)) for name in ("z", "y", "b"))
    local = role("web", rule("get", "secrets", names="a b"), namespace="shop")
    bound = binding("web", local, WEB_SUBJECT, namespace="shop")
    (found,) = unused_grants(Authorizer(cluster(local, bound)), (bound,), usage.allowed, "").grants
    assert (found.unused, found.used) == ((rule("get", "secrets", names="a"),), (rule("get", "secrets", names="b"),))


def test_a_rule_that_was_used_in_all_its_parts_is_not_told() -> None:
    made = tuple(for_object(verb, "pods", "shop") for verb in ("list", "watch"))
    assert of_web(rule("list watch", "pods"), made=made) == ()


def test_a_star_says_what_it_was_used_for() -> None:
    made = (
        for_object("get", "pods/log", "shop", "x"),
        for_object("list", "pods", "shop"),
        for_object("get", "*", "shop"),
    )
    (found,) = of_web(rule("*", "*", "*"), made=made[:2])
    assert (found.state, found.unused) == ("partly", ())
    assert found.used == (rule("list", "pods"), rule("get", "pods/log"))
    (found,) = of_web(rule("get", "*"), made=made)
    assert found.used == (rule("get", "* pods/log"),)
    (found,) = of_web(rule("get", "*/log"), made=made)
    assert found.used == (rule("get", "pods/log"),)


def test_urls_count_for_the_cluster_alone() -> None:
    probe = role("probe", rule("get", urls="/metrics /debug/*"))
    everywhere, local = binding("a", probe, Subject("User", "jane")), binding("b", probe, WEB_SUBJECT, namespace="shop")
    found = judged(probe, everywhere, local, made=((JANE, for_url("get", "/debug/pprof")),))
    (only,) = found.grants
    assert (only.unused, only.used) == ((rule("get", urls="/metrics"),), (rule("get", urls="/debug/pprof"),))
    assert (found.checked, found.unseen) == (1, (WEB_SUBJECT,))


def test_members_use_what_their_group_holds_in_any_namespace() -> None:
    reader = role("reader", rule("get", "pods"), rule("get", "secrets"))
    bound = binding("devs", reader, Subject("Group", "devs"), Subject("Group", "nobody"))
    found = judged(reader, bound, made=((JANE, for_object("get", "pods", "shop", "x")),))
    assert [(each.grant.subject.name, each.grant.path) for each in found.grants] == [
        ("devs", "rules[1]"),
        ("nobody", "rules[0]"),
        ("nobody", "rules[1]"),
    ]
    assert found.unseen == (Subject("Group", "nobody"),)


def test_a_namespace_is_about_what_holds_there_and_its_accounts() -> None:
    reader = role("reader", rule("get", "pods"))
    bindings = (
        binding("a", reader, Subject("User", "jane"), namespace="shop"),
        binding("b", reader, WEB_SUBJECT),
        binding("c", reader, Subject("User", "jane"), Subject("Odd", "x")),
    )
    found = judged(reader, *bindings, made=(), namespace="shop")
    assert [each.grant.binding.name for each in found.grants] == ["a", "b"]
    assert judged(reader, *bindings, made=()).checked == 4


def test_bindings_that_kubernetes_comes_with_are_known_by_their_label() -> None:
    reader = role("reader")
    assert is_bootstrap(binding("a", reader, labels="kubernetes.io/bootstrapping=rbac-defaults"))
    assert not is_bootstrap(binding("a", reader))
