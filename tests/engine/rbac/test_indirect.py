from __future__ import annotations

from typing import Any

import pytest
from tests.engine.rbac.making import LIVE, RBAC, authorizer, binding, role, rule, subject, urls

from firedoor.engine.rbac.indirect import as_user, ways_to
from firedoor.model.access import AUTHENTICATED, MASTERS, AccessRequest
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, Subject
from firedoor.model.snapshot import Origin
from firedoor.model.workloads import Pod, PodSpec, PodStatus, PodTemplate, Workload

ASKED = AccessRequest("get", "configmaps", namespace="shop", name="db")
AUTHENTICATION = "authentication.k8s.io"
HELD = (role("read", rule("get", "configmaps", names="db")),)
BY_ACCOUNT = (*HELD, binding("shop/r", "read", "sa:crm/web"))
RUNNING = Pod(ObjectMeta("web-1", "crm"), PodSpec(service_account_name="web"), PodStatus("Running"))
DEPLOYED = Workload("Deployment", ObjectMeta("web", "crm"), PodTemplate(spec=PodSpec(service_account_name="web")))


def ways(*objects: Role | RoleBinding, asked: AccessRequest = ASKED, **others: Any) -> list[tuple[str, str, str]]:
    found = ways_to(authorizer(*objects, **others), asked)
    return [(each.subject.name, str(each.technique), _text(each.target)) for each in found]


def _text(target: Subject | ObjectRef) -> str:
    return f"{target.kind} {target.namespace}/{target.name}"


def eves(
    *rules: PolicyRule, where: str = "crm/", to: tuple[Role | RoleBinding, ...] = BY_ACCOUNT, **others: Any
) -> Any:
    own = role("own", *rules)
    return ways(*to, own, binding(f"{where}e", "own", "user:eve"), **others)


@pytest.mark.parametrize(
    ("given", "technique"),
    [
        (rule("impersonate", "serviceaccounts", names="web"), "impersonate"),
        (rule("create", "serviceaccounts/token", names="web"), "create-token"),
        (rule("get", "secrets"), "read-secrets"),
        (rule("list", "secrets"), "read-secrets"),
        (rule("watch", "secrets"), "read-secrets"),
        (rule("get", "secrets", names="web-token-x7k2p"), "read-secrets"),
        (rule("create", "pods"), "create-pods"),
        (rule("create", "deployments", "apps"), "write-workloads"),
        (rule("create", "cronjobs", "batch"), "write-workloads"),
        (rule("create", "replicationcontrollers"), "write-workloads"),
        (rule("update", "deployments", "apps", "web"), "write-workloads"),
        (rule("patch", "pods", names="web-1"), "change-pods"),
        (rule("create", "pods/exec"), "exec"),
        (rule("get", "pods/exec"), "exec"),
        (rule("create", "*/attach"), "attach"),
        (rule("patch", "pods/ephemeralcontainers"), "ephemeral-containers"),
    ],
)
def test_the_rights_of_a_service_account_can_be_taken_on_in_its_namespace(given: PolicyRule, technique: str) -> None:
    expected = [("eve", technique, "ServiceAccount crm/web")]
    assert eves(given, pods=(RUNNING,), workloads=(DEPLOYED,)) == expected
    assert eves(given, where="", pods=(RUNNING,), workloads=(DEPLOYED,)) == expected
    assert eves(given, where="ops/", pods=(RUNNING,), workloads=(DEPLOYED,)) == []


@pytest.mark.parametrize(
    "given",
    [
        rule("impersonate", "serviceaccounts", names="api"),
        rule("create", "serviceaccounts"),
        rule("create", "serviceaccounts/token", names="api"),
        rule("get", "secrets", names="api-token-x7k2p"),
        rule("create", "pods", "apps"),
        rule("create", "deployments"),
        rule("create", "deployments", "apps", "web"),
        rule("update", "deployments", "apps", "api"),
        rule("update", "statefulsets", "apps"),
        rule("patch", "pods", names="api-1"),
        rule("get", "pods/log"),
        rule("create", "pods/exec", names="api-1"),
    ],
)
def test_what_is_for_other_objects_or_other_verbs_leads_nowhere(given: PolicyRule) -> None:
    assert eves(given, pods=(RUNNING,), workloads=(DEPLOYED,)) == []


def test_without_a_pod_that_runs_as_the_account_there_is_none_to_get_into() -> None:
    given = rule("create patch", "pods/exec pods/attach pods/ephemeralcontainers")
    ended = Pod(ObjectMeta("web-1", "crm"), PodSpec(service_account_name="web"), PodStatus("Succeeded"))
    assert eves(given, pods=(ended,)) == []
    assert [each[1] for each in eves(given, workloads=(DEPLOYED,))] == ["attach", "ephemeral-containers", "exec"]


def test_get_opens_a_shell_before_kubernetes_1_35_and_where_the_version_is_not_known() -> None:
    given = rule("get", "pods/exec")
    versions = {"v1.34.9": 1, "v1.35.0": 0, "1.36": 0, "": 1}
    for version, expected in versions.items():
        origin = Origin("cluster", server_version=version)
        assert len(eves(given, pods=(RUNNING,), origin=origin)) == expected, version


def test_a_user_is_impersonated_by_name() -> None:
    held = (*HELD, binding("shop/r", "read", "user:bob"))
    assert eves(rule("impersonate", "users", names="bob"), where="", to=held) == [("eve", "impersonate", "User /bob")]
    assert eves(rule("impersonate", "users", names="bob"), where="shop/", to=held) == []
    assert eves(rule("impersonate", "users", names="ann"), where="", to=held) == []


def test_a_user_that_is_a_service_account_is_one() -> None:
    held = (*HELD, binding("shop/r", "read", "user:system:serviceaccount:crm:web"))
    assert eves(rule("create", "pods"), to=held) == [("eve", "create-pods", "ServiceAccount crm/web")]


def test_a_group_is_impersonated_together_with_some_user_or_service_account() -> None:
    held = (*HELD, binding("shop/r", "read", "group:ops"))
    group, user, account = (
        rule("impersonate", "groups", names="ops"),
        rule("impersonate", "users", names="ann"),
        rule("impersonate", "serviceaccounts", names="x"),
    )
    way = [("eve", "impersonate", "Group /ops")]
    assert eves(group, where="", to=held) == []
    assert eves(group, user, where="", to=held) == way
    assert eves(group, account, where="", to=held) == way
    assert eves(group, where="", to=(*held, role("sa", account), binding("any/e", "sa", "user:eve"))) == way
    assert eves(user, where="", to=held) == []


def test_whoever_may_impersonate_system_masters_can_do_everything() -> None:
    found = eves(rule("impersonate", "groups users"), where="", to=())
    assert found == [("eve", "impersonate", f"Group /{MASTERS}")]


def test_everybody_authenticated_is_no_group_to_get_into() -> None:
    held = (*HELD, binding("shop/r", "read", f"group:{AUTHENTICATED}"))
    others = role("imp", rule("impersonate", "groups users"))
    names = {each[2] for each in ways(*held, others, binding("x", "imp", "group:system:unauthenticated"))}
    assert names == {f"Group /{MASTERS}"}


def test_who_is_able_already_needs_no_way() -> None:
    assert (
        eves(rule("create", "pods"), rule("get", "secrets"), to=(*BY_ACCOUNT, binding("shop/x", "read", "user:eve")))
        == []
    )


def test_a_service_account_is_no_way_to_itself_and_members_of_groups_count_by_what_is_implied() -> None:
    objects = (
        *BY_ACCOUNT,
        role("run", rule("create", "pods")),
        binding("crm/x", "run", "sa:web", "sa:api", "group:system:serviceaccounts:crm"),
    )
    assert [each[0] for each in ways(*objects)] == ["system:serviceaccounts:crm", "api"]


def test_constrained_impersonation_takes_the_identity_and_the_request() -> None:
    new = Origin("cluster", server_version="v1.36.0")
    identity = rule("impersonate:serviceaccount", "serviceaccounts", AUTHENTICATION, "web")
    request = rule("impersonate-on:serviceaccount:get", "configmaps", names="db")
    own = (role("on", request), binding("shop/on", "on", "user:eve"))
    way = [("eve", "impersonate-constrained", "ServiceAccount crm/web")]
    assert eves(identity, to=(*BY_ACCOUNT, *own), origin=new) == way
    assert eves(identity, to=BY_ACCOUNT, origin=new) == []
    assert eves(identity, to=(*BY_ACCOUNT, *own), origin=LIVE) == []
    assert eves(identity, to=(*BY_ACCOUNT, *own), origin=Origin("cluster")) == way


def test_constrained_impersonation_of_users_nodes_and_groups_has_modes_of_its_own() -> None:
    new = Origin("cluster", server_version="v1.36.0")
    held = (*HELD, binding("shop/r", "read", "user:bob", "user:system:node:n1", "group:ops"))
    modes = {
        "User /bob": ("user-info", [("users", "bob")]),
        "User /system:node:n1": ("arbitrary-node", [("nodes", "n1")]),
        "Group /ops": ("user-info", [("groups", "ops"), ("users", "ann")]),
    }
    for target, (mode, parts) in modes.items():
        rules = [rule(f"impersonate:{mode}", plural, AUTHENTICATION, name) for plural, name in parts]
        rules.append(rule(f"impersonate-on:{mode}:get", "configmaps"))
        assert eves(*rules, where="", to=held, origin=new) == [("eve", "impersonate-constrained", target)]


def test_system_masters_cannot_be_impersonated_in_a_constrained_way() -> None:
    rules = (rule("impersonate:user-info", "groups users", AUTHENTICATION), rule("impersonate-on:user-info:get", "*"))
    assert eves(*rules, where="", to=(), origin=Origin("cluster", server_version="v1.36.0")) == []


def test_bind_and_the_right_to_create_a_binding_lead_to_every_role_that_permits_it() -> None:
    bind = rule("bind", "clusterroles roles", RBAC)
    local = role("shop/local", rule("get", "configmaps"))
    other = role("crm/local", rule("get", "configmaps"))
    to = (*HELD, local, other, role("no", rule("get", "configmaps", names="other")))
    wide = eves(bind, rule("create", "clusterrolebindings", RBAC), where="", to=to)
    assert wide == [("eve", "bind", "ClusterRole /read")]
    near = eves(bind, rule("create", "rolebindings", RBAC), where="shop/", to=to)
    assert near == [("eve", "bind", "ClusterRole /read"), ("eve", "bind", "Role shop/local")]
    assert eves(bind, where="", to=to) == []
    assert eves(rule("create", "rolebindings", RBAC), where="", to=to) == []


def test_bind_and_the_right_to_change_an_existing_binding_lead_to_its_role() -> None:
    held = (*HELD, binding("shop/r", "read", "group:ops"), binding("w", "read", "group:ops"))
    bind = rule("bind", "clusterroles", RBAC, "read")
    way = [("eve", "bind", "ClusterRole /read")]
    assert eves(bind, rule("update", "rolebindings", RBAC, "r"), where="shop/", to=held) == way
    assert eves(bind, rule("patch", "clusterrolebindings", RBAC, "w"), where="", to=held) == way
    assert eves(bind, rule("patch", "clusterrolebindings", RBAC, "x"), where="", to=held) == []


def test_for_a_path_only_cluster_role_bindings_help() -> None:
    probe = role("probe", urls("get", "/metrics"))
    asked = AccessRequest("get", path="/metrics")
    bind = rule("bind", "clusterroles", RBAC)
    assert eves(bind, rule("create", "rolebindings", RBAC), where="", to=(probe,), asked=asked) == []
    wide = eves(bind, rule("create", "clusterrolebindings", RBAC), where="", to=(probe,), asked=asked)
    assert wide == [("eve", "bind", "ClusterRole /probe")]


def test_escalate_and_the_right_to_change_a_role_that_one_has_lead_anywhere() -> None:
    rules = (rule("escalate update", "clusterroles", RBAC, "own"),)
    assert eves(*rules, where="", to=()) == [("eve", "escalate", "ClusterRole /own")]
    assert eves(rule("escalate", "clusterroles", RBAC), where="", to=()) == []
    assert eves(rule("update", "clusterroles", RBAC), where="", to=()) == []
    assert eves(rule("escalate update", "clusterroles", RBAC, "other"), where="", to=()) == []


def test_a_role_of_the_namespace_is_changed_there_and_a_binding_without_a_role_is_no_way() -> None:
    mine = role("shop/mine", rule("escalate patch", "roles", RBAC))
    objects = (
        mine,
        binding("shop/m", "mine", "user:eve", kind="Role"),
        binding("shop/g", "gone", "user:eve", kind="Role"),
    )
    assert ways(*objects) == [("eve", "escalate", "Role shop/mine")]
    assert ways(*objects, asked=AccessRequest("get", "configmaps", namespace="crm")) == []


def test_members_of_implied_groups_can_change_the_roles_they_have_by_name() -> None:
    objects = (
        role("any", rule("escalate update", "clusterroles", RBAC, "mine")),
        binding("a", "any", f"group:{AUTHENTICATED}"),
        role("mine", rule("list", "pods")),
        binding("shop/m", "mine", "user:eve"),
        binding("shop/n", "read", "user:ann"),
        *HELD,
    )
    assert ways(*objects) == [("eve", "escalate", "ClusterRole /mine")]


def test_a_way_tells_the_grants_that_it_takes_each_once() -> None:
    own = role("own", rule("bind", "clusterroles", RBAC), rule("create patch update", "rolebindings", RBAC))
    held = (*HELD, binding("shop/r", "read", "group:ops"))
    (way,) = ways_to(authorizer(*held, own, binding("shop/e", "own", "user:eve")), ASKED)
    assert [each.path for each in way.via] == ["rules[0]", "rules[1]"]


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("group:ops", ("ops", AUTHENTICATED)),
        ("group:system:unauthenticated", ("system:unauthenticated",)),
        (f"group:{AUTHENTICATED}", (AUTHENTICATED,)),
        ("group:system:serviceaccounts:crm", ("system:serviceaccounts:crm", "system:serviceaccounts", AUTHENTICATED)),
        ("user:bob", (AUTHENTICATED,)),
        ("sa:crm/web", ("system:serviceaccounts", "system:serviceaccounts:crm", AUTHENTICATED)),
    ],
)
def test_a_subject_stands_for_a_user_with_the_groups_it_implies(text: str, groups: tuple[str, ...]) -> None:
    assert as_user(subject(text)).groups == groups
