"""Where a permission risk stands, how bad it is, and what is told of it."""

from __future__ import annotations

from tests.engine.rbac_risks.loading import ACCOUNT, CI, binding, group, held, risks, role, rule, user

from firedoor.model.findings import Confidence, Severity

RBAC = "rbac.authorization.k8s.io"
READ = rule("get, list", "secrets")


def namespaced(namespace: str, *, name: str = "b", role_name: str = "r") -> str:
    return binding(CI, role=f"ClusterRole/{role_name}", name=name, namespace=namespace)


def test_a_role_binding_is_about_its_namespace() -> None:
    found = held(role(READ), namespaced("shop"))["secrets-read"]
    assert (found.scope, found.namespaces) == ("namespace", ("shop",))
    assert found.finding.severity is Severity.HIGH
    assert found.finding.message == "ServiceAccount shop/ci can read Secrets in namespace shop"
    assert found.finding.source == "<stdin>:12"


def test_namespaces_where_it_is_alike_are_told_together_and_kube_system_apart() -> None:
    found = risks(ACCOUNT, role(READ), *(namespaced(each) for each in ("b", "a", "kube-system")))
    told = [(each.scope, each.namespaces, each.finding.severity) for each in found if each.scope]
    assert told == [
        ("kube-system", ("kube-system",), Severity.CRITICAL),
        ("namespace", ("a", "b"), Severity.HIGH),
    ]


def test_what_holds_everywhere_includes_its_namespaces() -> None:
    found = held(role(READ), binding(), namespaced("shop", name="c"))["secrets-read"]
    assert (found.scope, found.namespaces) == ("cluster", ())
    assert [str(each.binding) for each in found.grants] == ["ClusterRoleBinding b", "RoleBinding shop/c"]


def test_of_many_grants_the_first_are_told_and_all_are_kept() -> None:
    found = held(role(READ), *(namespaced(f"n{each:02}") for each in range(23)))["secrets-read"]
    assert (len(found.finding.evidence), found.finding.evidence[-1]) == (21, "and 3 more of these")
    assert (len(found.grants), len(found.namespaces)) == (23, 23)


def test_a_role_binding_gives_nothing_that_is_in_no_namespace() -> None:
    cluster_wide = role(
        rule("get", "nodes/proxy"), rule("create", "persistentvolumes"), "{verbs: [get], nonResourceURLs: ['/metrics']}"
    )
    assert held(cluster_wide, namespaced("shop")) == {}


def test_a_role_binding_lets_its_namespace_be_labelled() -> None:
    assert held(role(rule("patch", "namespaces")), namespaced("shop"))["namespace-labels"].namespaces == ("shop",)


def test_names_lower_the_severity_and_are_told() -> None:
    found = held(role(rule("get", "secrets", names="one, two")), binding())["secrets-read"]
    assert found.finding.severity is Severity.MEDIUM
    assert found.names == ("one", "two")
    assert found.finding.message.endswith("in the whole cluster, only of what is named one, two")
    assert found.finding.evidence[0].endswith("get on secrets named one, two")


def test_of_many_names_the_first_are_told() -> None:
    found = held(role(rule("get", "secrets", names=", ".join(f"s{each}" for each in range(11)))), binding())
    assert found["secrets-read"].finding.message.endswith("s6, s7 and 3 more")


def test_a_rule_without_names_beside_counts_for_all() -> None:
    found = held(role(rule("get", "secrets", names="one"), READ), binding())["secrets-read"]
    assert (found.names, found.finding.severity) == ((), Severity.CRITICAL)


def test_names_everywhere_and_all_in_a_namespace_are_two_findings() -> None:
    limited = role(rule("get", "secrets", names="one"), name="limited")
    found = risks(ACCOUNT, limited, role(READ), binding(role="ClusterRole/limited", name="a"), namespaced("shop"))
    told = [(each.scope, each.names) for each in found if each.scope]
    assert told == [("namespace", ()), ("cluster", ("one",))]


def test_create_by_name_of_a_subresource_is_limited_and_of_an_object_is_nothing() -> None:
    found = held(role(rule("create", "serviceaccounts/token, pods", names="robot")), binding())
    assert found["token-request"].names == ("robot",)
    assert "pod-create" not in found


def test_a_name_that_is_enough_for_everything_does_not_lower_the_severity() -> None:
    assert held(role(rule("impersonate", "groups", names='"system:masters"')), binding())[
        "impersonate-users"
    ].finding.severity is (Severity.CRITICAL)
    bind = role(rule("bind", "clusterroles", RBAC, names="view"), rule("create", "rolebindings", RBAC))
    assert held(bind, binding())["rbac-bind"].finding.severity is Severity.MEDIUM


def test_everything_is_told_once_and_includes_the_rest() -> None:
    found = held(
        role(rule('"*"', '"*"', '"*"')), binding(), role(READ, name="s"), namespaced("shop", name="c", role_name="s")
    )
    assert set(found) == {"everything-permitted"}


def test_everything_about_objects_of_one_name_does_not_hide_the_rest() -> None:
    named = rule('"*"', '"*"', '"*"', names="one")
    found = held(role(named, READ), binding())
    assert found["everything-permitted"].names == ("one",)
    assert found["secrets-read"].names == ()


def test_everything_in_one_namespace_says_nothing_of_others() -> None:
    all_of_it = role(rule('"*"', '"*"', '"*"'), name="all")
    reader = role(READ)
    found = held(all_of_it, reader, namespaced("shop", role_name="all"), namespaced("other", name="c"))
    assert found["everything-permitted"].namespaces == ("shop",)
    assert found["secrets-read"].namespaces == ("other",)


def test_cluster_admin_is_told_by_its_own_risk_only() -> None:
    admin = role(rule('"*"', '"*"', '"*"'), name="cluster-admin")
    assert set(held(admin, binding(role="ClusterRole/cluster-admin"))) == {"cluster-admin-bound"}


def test_another_role_beside_cluster_admin_is_told_as_well() -> None:
    admin = role(rule('"*"', '"*"', '"*"'), name="cluster-admin")
    other = role(rule('"*"', '"*"', '"*"'))
    found = held(admin, other, binding(role="ClusterRole/cluster-admin"), binding(name="c"))
    assert set(found) == {"cluster-admin-bound", "everything-permitted"}
    assert [str(each.role) for each in found["everything-permitted"].grants] == ["ClusterRole r"]


def test_bind_is_asked_for_in_the_namespace_of_the_binding() -> None:
    binder = role(rule("bind", "clusterroles", RBAC), name="binder")
    writer = role(rule("create", "rolebindings, clusterrolebindings", RBAC))
    found = held(binder, writer, namespaced("shop", role_name="binder"), binding(name="c"))["rbac-bind"]
    assert found.namespaces == ("shop",)


def test_a_group_that_an_account_is_always_in_completes_what_it_has() -> None:
    binder = role(rule("bind", "clusterroles", RBAC), name="binder")
    writer = role(rule("create", "clusterrolebindings", RBAC))
    found = held(
        binder, writer, binding(role="ClusterRole/binder"), binding(group("system:serviceaccounts:shop"), name="c")
    )["rbac-bind"]
    assert found.scope == "cluster"
    assert {str(each.binding) for each in found.grants} == {"ClusterRoleBinding b", "ClusterRoleBinding c"}


def test_what_only_a_group_has_is_told_of_the_group() -> None:
    found = risks(role(READ), binding(group("developers"), user("anna")))
    assert [str(each.finding.object) for each in found] == ["Group developers", "User anna"]


def test_a_user_named_like_an_account_is_that_account() -> None:
    assert "secrets-read" in held(role(READ), binding(user("system:serviceaccount:shop:ci")))


def test_a_group_for_everybody_makes_it_worse() -> None:
    found = risks(role(READ), binding(group("system:authenticated"), namespace="shop"))
    assert [each.finding.severity for each in found if each.finding.check == "secrets-read"] == [Severity.CRITICAL]


def test_an_aggregated_rule_tells_where_it_comes_from() -> None:
    more = "aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: r}}]}\n"
    found = held(role(more=more), role(READ, name="source", labels="to: r"), binding())["secrets-read"]
    assert "rules[0], from ClusterRole source by aggregation: get, list on secrets" in found.finding.evidence[0]
    assert found.grants[0].role.name == "r"


def test_get_on_exec_is_enough_before_the_release_that_asks_for_create() -> None:
    get = role(rule("get", "pods/exec"))
    old = held(get, binding(), version="v1.34.1")["pod-exec"].finding
    assert (old.confidence, len(old.evidence)) == (Confidence.HIGH, 1)
    assert "pod-exec" not in held(get, binding(), version="v1.35.0-eks-1")
    unknown = held(get, binding())["pod-exec"].finding
    assert unknown.confidence is Confidence.MEDIUM
    assert unknown.evidence[1] == (
        "the version of the API server is not known: get pods/exec, pods/attach is enough before 1.35 only"
    )


def test_create_on_exec_beside_get_is_sure() -> None:
    found = held(role(rule("get, create", "pods/exec")), binding())["pod-exec"].finding
    assert found.confidence is Confidence.HIGH
    assert all("not known" not in each for each in found.evidence)


def test_parts_of_the_kubelet_are_asked_for_from_a_release_on() -> None:
    pods = role(rule("get", "nodes/pods"))
    assert "nodes-kubelet-read" not in held(pods, binding(), version="v1.32.0")
    assert "nodes-kubelet-read" in held(pods, binding(), version="v1.33.0")
    unknown = held(pods, binding())["nodes-kubelet-read"].finding
    assert unknown.evidence[1].endswith("get nodes/configz, nodes/pods means something from 1.33 on")


def test_a_part_that_needs_a_release_makes_the_whole_unsure() -> None:
    rules = (
        rule('"impersonate:user-info"', "users", "authentication.k8s.io"),
        rule('"impersonate-on:user-info:list"', "pods"),
    )
    found = held(role(*rules), binding())["impersonate-constrained"].finding
    assert found.confidence is Confidence.MEDIUM
    assert found.evidence[-1].endswith("impersonate-on:user-info: means something from 1.36 on")
    assert "impersonate-constrained" not in held(role(*rules), binding(), version="1.35")


def test_names_that_matter_on_one_platform_only() -> None:
    change = role(rule("patch", "configmaps"))
    assert held(change, binding(), version="v1.33.2-eks-abc")["aws-auth"].finding.confidence is Confidence.HIGH
    assert "aws-auth" not in held(change, binding(), version="v1.33.2-gke.100")
    unknown = held(change, binding())["aws-auth"].finding
    assert unknown.evidence[-1].endswith("this matters on eks only")
    assert unknown.severity is Severity.MEDIUM
    named = role(rule("patch", "configmaps", names="aws-auth"))
    assert held(named, binding(), version="v1.33.2-eks-abc")["aws-auth"].finding.severity is Severity.CRITICAL


def test_a_setting_of_kube_system_matters_there_alone() -> None:
    change = role(rule("patch", "configmaps"))
    assert "dns-config" not in held(change, namespaced("shop"))
    assert held(change, namespaced("kube-system"))["dns-config"].scope == "kube-system"


def test_the_star_stands_for_extras_and_subresources() -> None:
    group_name = "authentication.k8s.io"
    for resource in ('"*"', '"*/scopes"'):
        assert "impersonate-details" in held(role(rule("impersonate", resource, group_name)), binding())


def test_a_binding_of_a_role_with_nothing_dangerous_tells_nothing() -> None:
    assert held(role(rule("get", "configmaps")), binding()) == {}


def test_limited_parts_of_one_way_are_named_together() -> None:
    rules = (
        rule("approve", "signers", "certificates.k8s.io", names="example.com/one"),
        rule("update", "certificatesigningrequests/approval", "certificates.k8s.io", names="two"),
    )
    assert held(role(*rules), binding())["csr-approve"].names == ("two", "example.com/one")


def test_the_own_node_is_asked_for_without_its_name() -> None:
    act = rule('"impersonate-on:associated-node:get"', "pods")
    for names, found in (("", True), ('"*"', True), ("worker-1", False)):
        node = rule('"impersonate:associated-node"', "nodes", "authentication.k8s.io", names)
        assert ("impersonate-constrained" in held(role(node, act), binding(), version="v1.36.0")) is found


def test_a_whole_domain_of_signers_is_as_bad_as_all() -> None:
    approval = rule("update", "certificatesigningrequests/approval", "certificates.k8s.io")
    for name, severity in (("kubernetes.io/*", Severity.CRITICAL), ("example.com/*", Severity.MEDIUM)):
        signer = rule("approve", "signers", "certificates.k8s.io", f'"{name}"')
        assert held(role(approval, signer), binding())["csr-approve"].finding.severity is severity
