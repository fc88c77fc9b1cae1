"""Every check finds what its bad fixture holds, and nothing in its good one."""

from collections import Counter

import pytest
from tests.engine.posture.loading import FIXTURES, fixture

from firedoor.engine.posture import CHECKS, Check, run_checks
from firedoor.engine.reach.cni import PROFILES

EXPECTED: dict[str, list[str]] = {
    "account-shared": ["low ServiceAccount shop/app"],
    "admin-accept-everything": ["high ClusterNetworkPolicy all", "high ClusterNetworkPolicy all"],
    "apiserver-admission-plugins": [
        "high Pod kube-system/kube-apiserver-n1",
        "medium Pod kube-system/kube-apiserver-n2",
        "medium Pod kube-system/kube-apiserver-n3",
        "medium Pod kube-system/kube-apiserver-n3",
    ],
    "apiserver-anonymous-auth": ["low Pod kube-system/kube-apiserver-n1"],
    "apiserver-audit-off": ["medium Pod kube-system/kube-apiserver-n1", "medium Pod kube-system/kube-apiserver-n2"],
    "apiserver-authorization": [
        "critical Pod kube-system/kube-apiserver-n1",
        "critical Pod kube-system/kube-apiserver-n2",
        "high Pod kube-system/kube-apiserver-n3",
        "medium Pod kube-system/kube-apiserver-n4",
    ],
    "apiserver-encryption-missing": ["medium Pod kube-system/kube-apiserver-n1"],
    "apiserver-etcd-plain": ["high Pod kube-system/kube-apiserver-n1", "medium Pod kube-system/kube-apiserver-n2"],
    "apiserver-insecure-port": ["critical Pod kube-system/kube-apiserver-n1"],
    "apiserver-kubelet-unverified": ["low Pod kube-system/kube-apiserver-n1"],
    "apiserver-token-file": ["high Pod kube-system/kube-apiserver-n1"],
    "bare-pod": ["info Pod shop/debug"],
    "calico-order-missing": ["low NetworkPolicy shop/zz-allow"],
    "cilium-deny-useless": ["low CiliumNetworkPolicy shop/db", "low CiliumNetworkPolicy shop/web"],
    "cilium-world-open": [
        "info CiliumNetworkPolicy shop/any",
        "info CiliumNetworkPolicy shop/port",
        "medium CiliumNetworkPolicy shop/all",
    ],
    "cloud-identity-exposed": ["medium Deployment shop/api", "medium Deployment shop/web"],
    "cni-not-enforcing": ["critical Cluster cluster"],
    "cni-several": ["medium Cluster cluster"],
    "cni-unknown": ["info Cluster cluster"],
    "control-plane-bind-address": [
        "low Pod kube-system/kube-controller-manager-n1",
        "low Pod kube-system/kube-scheduler-n1",
    ],
    "control-plane-profiling": [
        "info Pod kube-system/kube-apiserver-n1",
        "info Pod kube-system/kube-controller-manager-n1",
        "info Pod kube-system/kube-scheduler-n1",
    ],
    "controller-manager-credentials": ["low Pod kube-system/kube-controller-manager-n1"],
    "database-open-to-all": ["medium Deployment shop/db"],
    "dns-blocked": ["low Deployment shop/api", "low Deployment shop/quiet", "medium Deployment shop/web"],
    "egress-api-server-open": ["low Deployment shop/web"],
    "egress-dns-anywhere": ["low NetworkPolicy shop/dns", "low NetworkPolicy shop/wide"],
    "egress-internet-open": ["low Deployment shop/web"],
    "egress-metadata-service": [
        "medium Deployment shop/any",
        "medium Deployment shop/cal",
        "medium Deployment shop/six",
        "medium Deployment shop/web",
    ],
    "endpoints-foreign": ["medium Service shop/db", "medium Service shop/node"],
    "etcd-no-client-auth": ["critical Pod kube-system/etcd-n1", "critical Pod kube-system/etcd-n2"],
    "etcd-not-tls": ["high Pod kube-system/etcd-n1", "medium Pod kube-system/etcd-n2"],
    "etcd-peer-open": ["high Pod kube-system/etcd-n1", "high Pod kube-system/etcd-n2", "high Pod kube-system/etcd-n3"],
    "except-undone": ["medium NetworkPolicy shop/web"],
    "exposed-admin-port": ["high Deployment shop/box", "medium Deployment shop/dock"],
    "exposed-dashboard": ["high Deployment shop/board", "medium Deployment shop/prom"],
    "exposed-database": ["high Deployment shop/db", "medium Deployment shop/search"],
    "gateway-http-only": ["medium Gateway shop/mesh", "medium Gateway shop/plain"],
    "gateway-routes-from-all": ["low Gateway shop/all", "low Gateway shop/empty"],
    "image-latest-tag": ["low Deployment shop/api", "low Deployment shop/web"],
    "ingress-all-ports": ["info NetworkPolicy shop/db"],
    "ingress-backend-missing": ["low Ingress shop/gone", "low Ingress shop/port"],
    "ingress-default-backend": ["low Ingress shop/both"],
    "ingress-snippet-annotations": ["medium Ingress shop/raw"],
    "ingress-wider-than-service": [
        "info NetworkPolicy shop/protocol",
        "info NetworkPolicy shop/range",
        "info NetworkPolicy shop/udp-alone",
    ],
    "ingress-wildcard-host": ["info Ingress shop/wild", "low Ingress shop/any"],
    "ingress-without-tls": ["medium Ingress shop/any", "medium Ingress shop/half", "medium Ingress shop/plain"],
    "ipblock-covers-pods": ["low NetworkPolicy shop/web"],
    "istio-allow-everything": ["medium AuthorizationPolicy shop/all"],
    "istio-allow-nothing": ["low AuthorizationPolicy shop/none", "medium AuthorizationPolicy shop/web"],
    "istio-deny-evadable": ["high AuthorizationPolicy shop/deny", "high AuthorizationPolicy shop/deny"],
    "istio-dry-run": ["info AuthorizationPolicy shop/dry"],
    "istio-http-on-tcp": ["medium AuthorizationPolicy shop/db", "medium AuthorizationPolicy shop/deny"],
    "istio-mtls-permissive": ["low PeerAuthentication shop/open", "medium PeerAuthentication shop/web"],
    "istio-mtls-unset": ["low Namespace data", "low Namespace shop"],
    "kubelet-version-skew": ["medium Node n2"],
    "mesh-sidecar-missing": ["medium Pod shop/web"],
    "named-port-missing": ["medium NetworkPolicy shop/metrics", "medium NetworkPolicy shop/web"],
    "namespace-pss-missing": ["low Namespace kube-system", "medium Namespace data", "medium Namespace shop"],
    "namespace-pss-violated": ["medium Namespace odd", "medium Namespace shop"],
    "namespace-pss-weak": ["low Namespace data", "low Namespace shop"],
    "namespace-default-used": ["low Namespace default"],
    "namespace-unlabelled": ["medium Namespace scratch"],
    "namespace-without-default-deny": ["low Namespace batch", "medium Namespace shop"],
    "no-cni-metrics": [
        "info DaemonSet kube-system/aws-node",
        "info DaemonSet kube-system/cilium",
        "info DaemonSet kube-system/kube-router",
    ],
    "no-flow-log": ["low DaemonSet kube-system/aws-node", "low DaemonSet kube-system/cilium"],
    "one-sided-allow": ["medium NetworkPolicy shop/db", "medium NetworkPolicy shop/web-out"],
    "pod-unprotected": ["critical Deployment shop/web"],
    "policy-contradicts-name": [
        "high NetworkPolicy shop/allow-dns",
        "high NetworkPolicy shop/default-deny-egress",
        "high NetworkPolicy shop/deny-cache",
        "high NetworkPolicy shop/described",
        "high NetworkPolicy shop/frontend-backend-policy",
        "low NetworkPolicy shop/deny-all",
        "medium NetworkPolicy shop/allow-backend-to-db",
        "medium NetworkPolicy shop/cache-egress",
    ],
    "policy-redundant": ["low NetworkPolicy shop/db-web"],
    "policy-selects-nothing": ["high NetworkPolicy shop/protect-database"],
    "policy-staged": [
        "info StagedGlobalNetworkPolicy security.quarantine",
        "info StagedKubernetesNetworkPolicy shop/web",
        "info StagedNetworkPolicy shop/old",
    ],
    "port-not-listened": ["low NetworkPolicy shop/web", "medium NetworkPolicy shop/web"],
    "priority-tied": ["medium ClusterNetworkPolicy deny-shop"],
    "pss-allow-privilege-escalation": ["low Deployment shop/open", "low Deployment shop/web"],
    "pss-app-armor-profile": ["medium Deployment shop/old", "medium Deployment shop/web"],
    "pss-capabilities-baseline": ["medium Deployment shop/proxy"],
    "pss-capabilities-restricted": ["low Deployment shop/some", "low Deployment shop/web"],
    "pss-host-namespaces": ["high CronJob shop/backup", "high Deployment shop/debug"],
    "pss-host-path-volumes": ["medium Deployment shop/logs"],
    "pss-host-ports": ["low Deployment shop/web"],
    "pss-host-probes-and-host-lifecycle": ["low Deployment shop/web"],
    "pss-privileged": ["high Deployment shop/agent", "low DaemonSet kube-system/node-agent"],
    "pss-proc-mount": ["medium Deployment shop/builder"],
    "pss-proc-mount-restricted": ["low Deployment shop/builder"],
    "pss-restricted-volumes": ["low Deployment shop/files"],
    "pss-run-as-non-root": ["low Deployment shop/root", "low Deployment shop/web"],
    "pss-run-as-user": ["medium Deployment shop/root"],
    "pss-se-linux-options": ["medium Deployment shop/free"],
    "pss-seccomp-profile-baseline": ["medium Deployment shop/web"],
    "pss-seccomp-profile-restricted": ["low Deployment shop/web"],
    "pss-sysctls": ["medium Deployment shop/queue"],
    "pss-windows-host-process": ["high DaemonSet shop/agent"],
    "route-without-tls": ["medium Route shop/web"],
    "rule-allows-everything": [
        "high NetworkPolicy shop/a-everyone",
        "low NetworkPolicy shop/e-except",
        "medium NetworkPolicy shop/b-pods",
        "medium NetworkPolicy shop/c-addresses",
        "medium NetworkPolicy shop/d-out",
    ],
    "rule-matches-nothing": ["medium NetworkPolicy shop/db", "medium NetworkPolicy shop/db"],
    "rule-unreachable": ["medium ClusterNetworkPolicy late", "medium NetworkPolicy shop/order"],
    "secret-in-args": ["medium Deployment shop/git", "medium Deployment shop/key", "medium Deployment shop/web"],
    "secret-in-configmap": ["medium ConfigMap shop/env", "medium ConfigMap shop/file"],
    "secret-in-env": ["medium Deployment shop/aws", "medium Deployment shop/web"],
    "selector-forgeable-label": ["low NetworkPolicy shop/ex", "low NetworkPolicy shop/web"],
    "selector-volatile-label": ["medium NetworkPolicy shop/peer", "medium NetworkPolicy shop/web"],
    "service-external-ips": ["low Service shop/own", "medium Service shop/catch"],
    "service-loadbalancer-public": ["medium Service shop/web", "medium Service shop/wide"],
    "service-nodeport": ["low Service shop/web"],
    "service-port-no-target": ["medium Service shop/web"],
    "service-selects-nothing": ["low Service shop/old", "low Service shop/web"],
    "token-secret-lasting": ["low Secret shop/stray", "medium Secret shop/ci"],
    "unsupported-version": ["medium Node worker-1"],
}

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)


def test_every_check_has_fixtures_and_expectations_and_nothing_else_has() -> None:
    ids = {check.id for check in CHECKS}
    files = {f"{path.parent.name}/{path.name}" for path in FIXTURES.rglob("*.*")}
    assert files == {f"{each}/{name}.yaml" for each in ids for name in ("bad", "good")}
    assert set(EXPECTED) == ids


@each_check
def test_every_check_has_a_positive_and_a_negative_fixture(check: Check) -> None:
    assert EXPECTED[check.id]
    for name in ("bad", "good"):
        assert (FIXTURES / check.id / f"{name}.yaml").read_text(encoding="utf-8").strip()


@each_check
def test_the_bad_fixture_gives_exactly_the_expected_findings(check: Check) -> None:
    found = [each for each in run_checks(fixture(check.id, "bad")) if each.check == check.id]
    assert Counter(f"{each.severity} {each.object}" for each in found) == Counter(EXPECTED[check.id])


@each_check
def test_the_good_fixture_gives_none(check: Check) -> None:
    assert [each.message for each in run_checks(fixture(check.id, "good")) if each.check == check.id] == []


@each_check
def test_findings_say_where_why_and_what_to_do(check: Check) -> None:
    found = run_checks(fixture(check.id, "bad"), [check])
    assert len(set(map(repr, found))) == len(found)
    for each in found:
        assert each.source
        assert each.why
        assert each.evidence
        assert all(each.evidence)
        assert each.fix.summary


def test_policies_are_judged_as_written_where_nothing_enforces_them() -> None:
    context = fixture("policy-selects-nothing", "bad")
    unenforced = type(context)(context.snapshot, type(context.network)(context.snapshot, PROFILES["none"]))
    ids = {each.check for each in run_checks(unenforced)}
    assert {"cni-not-enforcing", "policy-selects-nothing"} <= ids
