"""What is wrong with roles, bindings and accounts themselves: what has it, and what nearly has it."""

from __future__ import annotations

import pytest
from tests.engine.rbac_risks.loading import ACCOUNT, account, binding, group, of, role, rule, user

from firedoor.model.findings import Confidence, Severity

DEFAULTS = "kubernetes.io/bootstrapping: rbac-defaults"
READ = rule("get", "configmaps")
RBAC = "rbac.authorization.k8s.io"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"


def messages(risk: str, *documents: str, whole: bool = False) -> list[str]:
    return [each.finding.message for each in of(risk, *documents, whole=whole)]


ADMIN = "ClusterRole/cluster-admin"


class TestClusterAdminBound:
    def test_it_is_told_where_the_role_was_not_read_too(self) -> None:
        (found,) = of("cluster-admin-bound", ACCOUNT, binding(role=ADMIN), whole=True)
        assert found.finding.message == (
            "ServiceAccount shop/ci is cluster-admin in the whole cluster, by ClusterRoleBinding b"
        )
        assert (found.finding.severity, found.scope, found.is_usual) == (Severity.CRITICAL, "cluster", False)
        assert found.finding.evidence[1].endswith("which every cluster has and which permits everything")

    def test_the_role_is_told_with_its_place(self) -> None:
        admin = role(rule('"*"', '"*"', '"*"'), name="cluster-admin")
        (found,) = of("cluster-admin-bound", admin, binding(role=ADMIN))
        assert found.finding.evidence[1] == "<stdin>:1: ClusterRole cluster-admin"

    @pytest.mark.parametrize(
        ("namespace", "scope", "severity"),
        [("shop", "namespace", Severity.HIGH), ("kube-system", "kube-system", Severity.CRITICAL)],
    )
    def test_a_role_binding_makes_an_administrator_of_a_namespace(
        self, namespace: str, scope: str, severity: Severity
    ) -> None:
        (found,) = of("cluster-admin-bound", binding(user("anna"), role=ADMIN, namespace=namespace))
        assert (found.scope, found.namespaces, found.finding.severity) == (scope, (namespace,), severity)
        assert f"in namespace {namespace}" in found.finding.message

    def test_an_account_without_a_namespace_is_in_that_of_the_binding(self) -> None:
        (found,) = of("cluster-admin-bound", binding("{kind: ServiceAccount, name: ci}", role=ADMIN, namespace="shop"))
        assert str(found.finding.object) == "ServiceAccount shop/ci"

    def test_an_account_of_kube_system_is_less_severe_and_everybody_more(self) -> None:
        at_home = of(
            "cluster-admin-bound", binding("{kind: ServiceAccount, namespace: kube-system, name: x}", role=ADMIN)
        )
        public = of("cluster-admin-bound", binding(group("system:authenticated"), role=ADMIN, namespace="shop"))
        assert [each.finding.severity for each in (*at_home, *public)] == [Severity.HIGH, Severity.CRITICAL]

    def test_what_kubernetes_and_its_installer_set_up_is_usual(self) -> None:
        usual = (
            binding(group("system:masters"), role=ADMIN, name="cluster-admin", labels=DEFAULTS),
            binding(group("kubeadm:cluster-admins"), role=ADMIN, name="kubeadm:cluster-admins"),
        )
        unusual = (
            binding(user("anna"), role=ADMIN, name="cluster-admin", labels=DEFAULTS),
            binding(user("system:kube-proxy"), role=ADMIN),
            binding(user("anna"), role=ADMIN, name="kubeadm:cluster-admins"),
        )
        assert [each.is_usual for document in usual for each in of("cluster-admin-bound", document)] == [True, True]
        assert [each.is_usual for document in unusual for each in of("cluster-admin-bound", document)] == [False] * 3

    def test_a_role_of_that_name_is_another(self) -> None:
        assert of("cluster-admin-bound", binding(role="Role/cluster-admin", namespace="shop")) == []
        assert of("cluster-admin-bound", binding(role="ClusterRole/cluster-administrator")) == []


class TestPublicBinding:
    @pytest.mark.parametrize(
        ("subject", "severity"),
        [
            (user("system:anonymous"), Severity.CRITICAL),
            (group("system:unauthenticated"), Severity.CRITICAL),
            (group("system:authenticated"), Severity.HIGH),
            (group("system:serviceaccounts"), Severity.MEDIUM),
        ],
    )
    def test_it_says_whom_that_means(self, subject: str, severity: Severity) -> None:
        (found,) = of("public-binding", binding(subject, subject))
        assert found.finding.severity is severity
        assert found.finding.message.startswith("ClusterRoleBinding b gives ClusterRole r to ")
        assert found.finding.message.rpartition(": ")[2].startswith("every")
        assert (found.scope, found.is_usual) == ("cluster", False)

    @pytest.mark.parametrize(
        ("name", "subject"),
        [
            ("system:basic-user", "system:authenticated"),
            ("system:discovery", "system:authenticated"),
            ("system:public-info-viewer", "system:unauthenticated"),
        ],
    )
    def test_what_every_cluster_has_is_usual(self, name: str, subject: str) -> None:
        (found,) = of("public-binding", binding(group(subject), role=f"ClusterRole/{name}", name=name))
        assert found.is_usual

    def test_another_role_or_group_under_such_a_name_is_not(self) -> None:
        name = "system:discovery"
        documents = (
            binding(group("system:authenticated"), role="ClusterRole/edit", name=name, labels=DEFAULTS),
            binding(group("system:unauthenticated"), role=f"ClusterRole/{name}", name=name, labels=DEFAULTS),
        )
        assert [found.is_usual for each in documents for found in of("public-binding", each)] == [False, False]

    def test_the_namespace_is_told(self) -> None:
        (found,) = of("public-binding", binding(user("system:anonymous"), namespace="shop"))
        assert (found.scope, found.namespaces) == ("namespace", ("shop",))

    def test_a_group_of_ones_own_is_not_public(self) -> None:
        assert of("public-binding", binding(group("developers"), user("system:admin"))) == []


class TestMissingRole:
    def test_it_is_sure_where_the_whole_cluster_was_read(self) -> None:
        (found,) = of("missing-role", binding(role="Role/gone", namespace="shop"), whole=True)
        assert found.finding.message == "RoleBinding shop/b refers to Role gone, which is not there"
        assert (found.finding.confidence, found.finding.severity) == (Confidence.HIGH, Severity.MEDIUM)
        assert found.finding.source == "<stdin>:1"

    def test_it_is_not_sure_where_files_were_read(self) -> None:
        (found,) = of("missing-role", binding(role="Role/gone", namespace="shop"))
        assert found.finding.message.endswith("which is not there among what was read")
        assert (found.finding.confidence, found.finding.severity) == (Confidence.LOW, Severity.LOW)

    def test_roles_of_every_cluster_are_not_missing_from_files(self) -> None:
        documents = [binding(role=f"ClusterRole/{name}") for name in ("view", "system:node")]
        assert [each for document in documents for each in of("missing-role", document)] == []
        assert len(of("missing-role", documents[0], whole=True)) == 1

    def test_a_role_that_is_there_is_not_missing(self) -> None:
        assert of("missing-role", role(READ), binding()) == []


class TestMissingAccount:
    def test_the_account_is_named(self) -> None:
        assert messages("missing-account", NAMESPACE, account("other"), role(READ), binding(), whole=True) == [
            "ClusterRoleBinding b is for ServiceAccount shop/ci, which is not there"
        ]

    def test_its_namespace_may_be_what_is_missing(self) -> None:
        other = NAMESPACE.replace("shop", "other")
        found = messages("missing-account", other, account("other", "other"), role(READ), binding(), whole=True)
        assert found == ["ClusterRoleBinding b is for ServiceAccount shop/ci, namespace shop of which is not there"]

    def test_files_may_leave_it_out(self) -> None:
        (found,) = of("missing-account", role(READ), binding())
        assert found.finding.message.endswith("which is not there among what was read")
        assert (found.finding.confidence, found.finding.severity) == (Confidence.LOW, Severity.LOW)

    def test_the_account_of_every_namespace_need_not_be_in_files(self) -> None:
        default = binding("{kind: ServiceAccount, namespace: shop, name: default}")
        assert of("missing-account", role(READ), default) == []
        assert len(of("missing-account", account("other"), role(READ), default, whole=True)) == 1

    def test_users_groups_and_accounts_that_are_there_are_not_missing(self) -> None:
        people = binding(user("anna"), group("developers"), "{kind: ServiceAccount, name: ci}", namespace="shop")
        assert of("missing-account", ACCOUNT, role(READ), people) == []

    def test_a_user_named_like_an_account_is_looked_for_too(self) -> None:
        assert len(of("missing-account", ACCOUNT, binding(user("system:serviceaccount:shop:gone")))) == 1


class TestUnusedRole:
    def test_roles_of_both_kinds_are_told(self) -> None:
        documents = (
            role(READ),
            role(READ, namespace="shop"),
            role(READ, name="used"),
            binding(role="ClusterRole/used"),
        )
        assert messages("unused-role", *documents, whole=True) == [
            "no binding refers to ClusterRole r",
            "no binding refers to Role shop/r",
        ]

    def test_a_binding_in_another_namespace_uses_another_role(self) -> None:
        used = binding(role="Role/r", namespace="shop")
        assert len(of("unused-role", role(READ, namespace="shop"), used)) == 0
        (found,) = of("unused-role", role(READ, namespace="other"), used)
        assert found.finding.message.endswith("among what was read")
        assert found.finding.confidence is Confidence.LOW

    def test_a_role_that_another_one_gathers_is_used(self) -> None:
        gathers = "aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: r}}]}\n"
        documents = (role(more=gathers), role(READ, name="source", labels="to: r"), binding())
        assert of("unused-role", *documents) == []
        assert of("unused-role", role(READ, labels=f'"{RBAC}/aggregate-to-view": "true"')) == []

    def test_what_kubernetes_brings_is_usual(self) -> None:
        (found,) = of("unused-role", role(READ, labels=DEFAULTS))
        assert found.is_usual


class TestMastersBound:
    def test_the_group_is_told(self) -> None:
        (found,) = of("masters-bound", binding(group("system:masters")))
        assert found.finding.message == "ClusterRoleBinding b names Group system:masters"
        assert not found.is_usual

    def test_a_user_of_that_name_is_a_mistake(self) -> None:
        assert messages("masters-bound", binding(user("system:masters"), labels=DEFAULTS)) == [
            "ClusterRoleBinding b names User system:masters, which is the name of a group and of no user or account"
        ]

    def test_the_one_of_kubernetes_is_usual_and_other_groups_are_not_told(self) -> None:
        (found,) = of("masters-bound", binding(group("system:masters"), labels=DEFAULTS))
        assert found.is_usual
        assert of("masters-bound", binding(group("masters"))) == []


class TestIneffectiveRule:
    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            (rule("get", '"pods/*"'), "pods/* permits nothing"),
            (rule("bind", "rolebindings, clusterrolebindings", RBAC), "bind and escalate mean something for roles"),
            (rule("get, create", "pods", names="one"), "create with resourceNames permits nothing"),
        ],
    )
    def test_the_rule_and_the_reason_are_told(self, given: str, reason: str) -> None:
        (found,) = of("ineffective-rule", role(READ, given))
        assert found.finding.message.startswith(f"ClusterRole r rules[1]: {reason}")
        assert found.finding.source == "<stdin>:4"

    def test_urls_are_in_no_namespace(self) -> None:
        urls = '{verbs: [get], nonResourceURLs: ["/metrics"]}'
        served = role(urls, namespace="shop").replace("name: r,", "name: r, uid: u,")
        assert messages("ineffective-rule", served) == [
            "Role shop/r rules[0]: nonResourceURLs in a Role permit nothing: URLs are in no namespace"
        ]
        assert of("ineffective-rule", role(urls)) == []

    @pytest.mark.parametrize(
        "given",
        [
            rule("get", '"*/scale"'),
            rule("bind", "roles, rolebindings", RBAC),
            rule("create", "pods/exec", names="one"),
            rule("create", '"*"', names="one"),
            rule("create", "pods", names='one, ""'),
            rule("get, delete", "pods", names="one"),
            rule("bind", ""),
        ],
    )
    def test_what_permits_something_is_not_told(self, given: str) -> None:
        assert of("ineffective-rule", role(given)) == []
