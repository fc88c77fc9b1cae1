"""Service accounts and their tokens: what is wrong with them, and what nearly is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.engine.rbac_risks import test_objects
from tests.engine.rbac_risks.loading import ACCOUNT, CI, account, binding, group, load, of, role, rule, user

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import find_risks
from firedoor.engine.rbac_risks.catalogue import OBJECT_RISKS
from firedoor.model.findings import Confidence

READ = rule("get", "configmaps")


def pod(name: str, spec: str = "", *, phase: str = "Running", owner: str = "", namespace: str = "shop") -> str:
    owners = f", ownerReferences: [{owner}]" if owner else ""
    return f"""apiVersion: v1
kind: Pod
metadata: {{namespace: {namespace}, name: {name}{owners}}}
spec: {{{spec}{", " if spec else ""}containers: [{{name: main, image: registry.example/x:1}}]}}
status: {{phase: {phase}}}
"""


def job(name: str, status: str = "") -> str:
    return f"""apiVersion: batch/v1
kind: Job
metadata: {{namespace: shop, name: {name}}}
spec:
  template:
    spec: {{restartPolicy: Never, containers: [{{name: main, image: registry.example/x:1}}]}}
status: {{{status}}}
"""


class TestDefaultAccountGranted:
    DEFAULT = "{kind: ServiceAccount, namespace: shop, name: default}"

    def test_its_roles_are_told(self) -> None:
        documents = (
            role(READ),
            binding(self.DEFAULT),
            binding("{kind: ServiceAccount, name: default}", namespace="shop"),
        )
        (found,) = of("default-account-granted", *documents)
        assert found.finding.message == (
            "ServiceAccount shop/default is bound to r: every pod of shop that names no service account has that"
        )
        assert found.finding.evidence == (
            "<stdin>:7: ClusterRoleBinding b gives ClusterRole r",
            "<stdin>:14: RoleBinding shop/b gives ClusterRole r",
        )

    def test_other_accounts_and_groups_are_not_told(self) -> None:
        assert of("default-account-granted", binding(CI, group("default"), user("default"))) == []


class TestDefaultAccountUsed:
    def test_pods_and_workloads_are_told_by_namespace(self) -> None:
        (found,) = of("default-account-used", pod("web"), job("report"), pod("other", "serviceAccountName: ci"))
        assert found.finding.message == (
            "2 workloads of shop run as its default service account, with its token: Job report, Pod web"
        )
        assert found.finding.evidence[1] == "<stdin>:1: Pod shop/web, nothing says otherwise"

    def test_pods_that_are_over_or_belong_to_a_workload_are_not(self) -> None:
        owner = "{apiVersion: batch/v1, kind: Job, name: report, uid: u, controller: true}"
        done = job("report", 'conditions: [{type: Complete, status: "True"}]')
        assert of("default-account-used", done, pod("web", owner=owner), pod("old", phase="Failed")) == []
        assert len(of("default-account-used", pod("web", owner=owner))) == 1

    def test_the_pod_decides_before_the_account(self) -> None:
        silent = account("default", more="automountServiceAccountToken: false")
        assert of("default-account-used", silent, pod("web")) == []
        assert len(of("default-account-used", silent, pod("web", "automountServiceAccountToken: true"))) == 1
        assert of("default-account-used", account("default"), pod("web", "automountServiceAccountToken: false")) == []

    def test_of_a_pod_that_was_served_its_volumes_tell_whether_it_has_the_token(self) -> None:
        served = pod("web").replace("name: web", "name: web, uid: u")
        assert of("default-account-used", served) == []
        projected = "projected: {sources: [{serviceAccountToken: {path: token}}]}"
        given = served.replace("spec: {", f"spec: {{volumes: [{{name: kube-api-access-x, {projected}}}], ")
        given = given.replace("image:", "volumeMounts: [{name: kube-api-access-x, mountPath: /t}], image:")
        (found,) = of("default-account-used", given)
        assert found.finding.evidence == ("<stdin>:1: Pod shop/web, volume kube-api-access-* holds it",)

    def test_of_a_pod_in_an_old_snapshot_the_rule_of_the_server_tells(self) -> None:
        served = pod("web").replace("name: web", "name: web, uid: u")
        old = replace(load(served), has_pod_details=False)
        found = [each.finding.check for each in find_risks(Authorizer(old))]
        assert found.count("default-account-used") == 1

    def test_kube_system_is_usual(self) -> None:
        (found,) = of("default-account-used", pod("web", namespace="kube-system"))
        assert found.is_usual


class TestTokenNotNeeded:
    POD = pod("web", "serviceAccountName: ci")

    def test_an_account_without_any_binding_needs_no_token(self) -> None:
        (found,) = of("token-not-needed", ACCOUNT, self.POD, whole=True)
        assert (
            found.finding.message == "no binding is for ServiceAccount shop/ci, yet its token is in the pods of Pod web"
        )
        assert found.finding.confidence is Confidence.HIGH
        assert found.finding.source.startswith("<stdin>:")

    def test_files_may_lack_the_binding(self) -> None:
        (found,) = of("token-not-needed", ACCOUNT, self.POD)
        assert found.finding.confidence is Confidence.LOW

    @pytest.mark.parametrize(
        "subject", [CI, group("system:serviceaccounts:shop"), user("system:serviceaccount:shop:ci")]
    )
    def test_a_binding_may_need_it(self, subject: str) -> None:
        assert of("token-not-needed", ACCOUNT, self.POD, role(READ), binding(subject)) == []

    def test_what_everybody_gets_needs_no_token(self) -> None:
        assert len(of("token-not-needed", ACCOUNT, self.POD, role(READ), binding(group("system:serviceaccounts")))) == 1

    def test_the_account_can_say_that_there_is_none(self) -> None:
        silent = account("ci", more="automountServiceAccountToken: false")
        assert of("token-not-needed", silent, self.POD) == []


def test_every_object_risk_is_tested() -> None:
    tests = {*globals(), *vars(test_objects)}
    names = {name.removeprefix("Test").lower() for name in tests if name.startswith("Test")}
    assert names == {each.id.replace("-", "") for each in OBJECT_RISKS}
