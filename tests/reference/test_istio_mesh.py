"""Which pods are in the mesh, and whom mutual TLS keeps out, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.istio_samples import authorization, mesh_verdict, object_of, peer_authentication
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Verdict
from tests.reference.samples import OUTSIDE, host_pod, namespace_object, node, pod, workload

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN

INJECT, REVISION, MODE = "sidecar.istio.io/inject", "istio.io/rev", "istio.io/dataplane-mode"
ELSEWHERE = pod("elsewhere", "meshed", labels={INJECT: "true"})
PROXY: Any = {"name": "istio-proxy"}
STRICT: Any = {"mode": "STRICT"}


def is_restricted(db: Manifest, *others: Manifest) -> bool:
    """Return whether a pod in the namespace ``default`` is subject to the policies of the mesh."""
    cluster = [db, *others, authorization()]
    return mesh_verdict(cluster, OUTSIDE, "default/db") is DENIED


def test_where_nothing_is_said_about_the_mesh_every_pod_off_the_host_network_is_in_it() -> None:
    assert is_restricted(pod("db"))
    assert is_restricted(pod("db", labels={"app": "db"}, metadata={"annotations": {"a": "b"}}), namespace_object("x"))
    assert not is_restricted(host_pod("db"))


@pytest.mark.parametrize(
    "sign",
    [
        ELSEWHERE,
        pod("elsewhere", labels={INJECT: "false"}),
        pod("elsewhere", metadata={"annotations": {INJECT: "false"}}),
        pod("elsewhere", labels={REVISION: "canary"}),
        pod("elsewhere", labels={MODE: "none"}),
        pod("elsewhere", containers=[PROXY]),
        pod("elsewhere", initContainers=[PROXY]),
        pod("elsewhere", containers=[PROXY], status={"phase": "Succeeded"}),
        namespace_object("meshed", **{"istio-injection": "enabled"}),
        namespace_object("meshed", **{"istio-injection": "disabled"}),
        namespace_object("meshed", **{REVISION: "canary"}),
        namespace_object("meshed", **{MODE: "ambient"}),
        workload("Deployment", "apps/v1", labels={INJECT: "true"}),
    ],
    ids=str,
)
def test_where_anything_is_said_about_the_mesh_a_pod_without_a_sign_is_outside(sign: Manifest) -> None:
    assert not is_restricted(pod("db"), sign)


@pytest.mark.parametrize(
    ("labels", "annotations", "namespace", "expected"),
    [
        ({INJECT: "true"}, {}, {}, True),
        ({}, {INJECT: "true"}, {}, True),
        ({INJECT: "true"}, {INJECT: "false"}, {}, True),
        ({INJECT: "false"}, {INJECT: "true"}, {"istio-injection": "enabled"}, False),
        ({}, {}, {"istio-injection": "enabled"}, True),
        ({}, {INJECT: "false"}, {"istio-injection": "enabled"}, False),
        ({INJECT: "true"}, {}, {"istio-injection": "disabled"}, False),
        ({REVISION: "canary"}, {}, {}, True),
        ({REVISION: "canary", INJECT: "false"}, {}, {}, False),
        ({}, {}, {REVISION: "canary"}, True),
        ({INJECT: "false"}, {}, {REVISION: "canary"}, False),
        ({}, {}, {REVISION: "canary", "istio-injection": "disabled"}, False),
        ({MODE: "ambient"}, {}, {}, True),
        ({}, {}, {MODE: "ambient"}, True),
        ({MODE: "none"}, {}, {MODE: "ambient"}, False),
        ({INJECT: "false"}, {}, {MODE: "ambient"}, True),
        ({}, {}, {MODE: "ambient", "istio-injection": "disabled"}, True),
    ],
)
def test_labels_and_annotations_bring_a_pod_into_the_mesh(
    labels: Any, annotations: Any, namespace: Any, *, expected: bool
) -> None:
    db = pod("db", labels=labels, metadata={"annotations": annotations})
    assert is_restricted(db, namespace_object("default", **namespace), ELSEWHERE) is expected


@pytest.mark.parametrize("containers", [{"containers": [PROXY]}, {"initContainers": [PROXY]}])
def test_a_pod_that_carries_the_proxy_is_in_the_mesh_whatever_labels_say(containers: Any) -> None:
    assert is_restricted(pod("db", labels={INJECT: "false"}, **containers))


def test_no_label_brings_a_pod_on_the_host_network_into_the_mesh() -> None:
    assert not is_restricted(host_pod("db", labels={INJECT: "true"}))


@pytest.mark.parametrize(
    ("kind", "version", "name", "spec"),
    [
        ("Deployment", "apps/v1", "app", {}),
        ("StatefulSet", "apps/v1", "app-0", {}),
        ("ReplicationController", "v1", "app", {}),
        ("Job", "batch/v1", "app", {}),
    ],
)
def test_a_template_says_what_its_pods_are(kind: str, version: str, name: str, spec: Any) -> None:
    marked = workload(kind, version, labels={INJECT: "true"}, **spec)
    assert object_of([marked], f"default/{name}") == marked["spec"]["template"]
    assert mesh_verdict([marked, authorization()], OUTSIDE, f"default/{name}") is DENIED
    assert mesh_verdict([workload(kind, version), ELSEWHERE, authorization()], OUTSIDE, f"default/{name}") is ACCEPTED


def test_the_template_of_a_cronjob_is_that_of_its_jobs() -> None:
    template = {"metadata": {"labels": {INJECT: "true"}}, "spec": {"containers": []}}
    cron = workload("CronJob", "batch/v1") | {"spec": {"jobTemplate": {"spec": {"template": template}}}}
    assert object_of([cron], "default/app") == template
    assert mesh_verdict([cron, authorization()], OUTSIDE, "default/app") is DENIED


MESHED = {INJECT: "true"}
DB, FRIEND, STRANGER = pod("db", labels=MESHED), pod("friend", labels=MESHED), pod("stranger")
ENDS = [DB, FRIEND, STRANGER, host_pod("agent", nodeName="n2"), pod("far", labels=MESHED, nodeName="n1")]


def test_mutual_tls_keeps_out_who_is_not_in_the_mesh() -> None:
    cluster = [*ENDS, peer_authentication(mtls=STRICT)]
    assert mesh_verdict(cluster, "default/friend", "default/db") is ACCEPTED
    assert mesh_verdict(cluster, "default/stranger", "default/db") is DENIED
    assert mesh_verdict(cluster, OUTSIDE, "default/db") is DENIED
    assert mesh_verdict(cluster, "default/agent", "default/far") is DENIED
    assert mesh_verdict(cluster, OUTSIDE, "default/stranger") is ACCEPTED
    assert mesh_verdict(cluster, OUTSIDE, "default/db", protocol="UDP") is ACCEPTED


def test_mutual_tls_does_not_keep_out_the_own_node() -> None:
    cluster = [
        node("n1", "192.168.0.10"),
        host_pod("agent", nodeName="n1"),
        pod("db", nodeName="n1"),
        peer_authentication(mtls=STRICT),
    ]
    assert mesh_verdict(cluster, "default/agent", "default/db") is ACCEPTED
    assert mesh_verdict(cluster, "192.168.0.10", "default/db") is ACCEPTED


def test_a_certificate_alone_does_not_authorize() -> None:
    cluster = [*ENDS, peer_authentication(mtls=STRICT), authorization()]
    assert mesh_verdict(cluster, "default/friend", "default/db") is DENIED


def test_an_allow_policy_for_everyone_does_not_replace_a_certificate() -> None:
    cluster = [*ENDS, peer_authentication(mtls=STRICT), authorization(rules=[{}])]
    assert mesh_verdict(cluster, OUTSIDE, "default/db") is DENIED


@pytest.mark.parametrize("mode", ["PERMISSIVE", "DISABLE", "UNSET", None])
def test_every_other_mode_lets_plain_text_in(mode: Any) -> None:
    assert mesh_verdict([*ENDS, peer_authentication(mtls={"mode": mode})], OUTSIDE, "default/db") is ACCEPTED


def at(scope: str, mode: str | None, **more: Any) -> Manifest:
    """Return a policy that sets a mode for the mesh, for the namespace, or for the workload ``db``."""
    metadata = {"name": more.pop("name", scope), **more.pop("metadata", {})}
    selector = {"selector": {"matchLabels": {"app": "db"}}} if scope == "workload" else {}
    mtls = {} if mode is None else {"mtls": {"mode": mode}}
    namespace = "istio-system" if scope == "mesh" else "default"
    return peer_authentication(namespace, metadata=metadata, **selector, **mtls, **more)


def plain_text(*policies: Manifest, port: int = 80) -> Verdict:
    return mesh_verdict([pod("db", labels={"app": "db"}), *policies], OUTSIDE, "default/db", port)


@pytest.mark.parametrize(
    ("mesh", "namespace", "workload", "expected"),
    [
        ("STRICT", "UNSET", "UNSET", DENIED),
        ("STRICT", None, None, DENIED),
        ("STRICT", "PERMISSIVE", "UNSET", ACCEPTED),
        ("STRICT", "UNSET", "DISABLE", ACCEPTED),
        ("PERMISSIVE", "STRICT", "UNSET", DENIED),
        ("UNSET", "PERMISSIVE", "STRICT", DENIED),
        ("UNSET", "UNSET", "UNSET", ACCEPTED),
    ],
)
def test_the_narrowest_scope_that_sets_a_mode_decides(
    mesh: str, namespace: str | None, workload: str | None, expected: Verdict
) -> None:
    assert plain_text(at("mesh", mesh), at("namespace", namespace), at("workload", workload)) is expected


def test_a_policy_of_another_namespace_or_for_another_workload_does_not_count() -> None:
    assert plain_text(peer_authentication("other", mtls=STRICT)) is ACCEPTED
    other = peer_authentication(selector={"matchLabels": {"app": "web"}}, mtls=STRICT)
    assert plain_text(other) is ACCEPTED


def test_a_policy_for_workloads_counts_in_no_namespace_from_the_root_namespace() -> None:
    root = peer_authentication("istio-system", selector={"matchLabels": {"app": "db"}}, mtls=STRICT)
    assert plain_text(root) is ACCEPTED
    assert mesh_verdict([pod("db", "istio-system", labels={"app": "db"}), root], OUTSIDE, "istio-system/db") is ACCEPTED


def test_pods_of_the_root_namespace_follow_the_mesh() -> None:
    cluster = [pod("db", "istio-system"), at("mesh", "STRICT")]
    assert mesh_verdict(cluster, OUTSIDE, "istio-system/db") is DENIED


@pytest.mark.parametrize("key", [80, "80"])
def test_the_mode_of_a_port_goes_before_that_of_its_workload(key: Any) -> None:
    opened = at("workload", "STRICT", portLevelMtls={key: {"mode": "DISABLE"}})
    assert plain_text(opened) is ACCEPTED
    assert plain_text(opened, port=81) is DENIED
    closed = at("workload", None, portLevelMtls={key: {"mode": "STRICT"}})
    assert plain_text(closed) is DENIED
    assert plain_text(closed, port=81) is ACCEPTED


@pytest.mark.parametrize("setting", [None, {}, {"mode": None}, {"mode": "UNSET"}])
def test_a_port_that_sets_no_mode_inherits_that_of_its_workload(setting: Any) -> None:
    assert plain_text(at("workload", "STRICT", portLevelMtls={"80": setting})) is DENIED
    assert plain_text(at("mesh", "STRICT"), at("workload", None, portLevelMtls={"80": setting})) is DENIED


OLD, NEW = {"creationTimestamp": "2024-01-01T00:00:00Z"}, {"creationTimestamp": "2025-01-01T00:00:00Z"}


@pytest.mark.parametrize("scope", ["mesh", "namespace", "workload"])
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(OLD, NEW, DENIED), (NEW, OLD, ACCEPTED), (OLD, OLD, DENIED), ({}, {}, UNKNOWN), (OLD, {}, UNKNOWN)],
)
def test_of_several_policies_of_one_scope_the_oldest_counts(
    scope: str, first: Any, second: Any, expected: Verdict
) -> None:
    policies = [
        at(scope, "STRICT", name="a", metadata=first),
        at(scope, "PERMISSIVE", name="b", metadata=second),
    ]
    assert plain_text(*policies) is expected
    assert plain_text(*reversed(policies)) is expected


def test_which_policy_is_the_oldest_does_not_matter_where_both_lead_to_one_verdict() -> None:
    assert plain_text(at("namespace", "DISABLE", name="a"), at("namespace", "PERMISSIVE", name="b")) is ACCEPTED


def test_the_oldest_policy_counts_even_when_it_sets_no_mode() -> None:
    unset, strict = at("namespace", None, name="a", metadata=OLD), at("namespace", "STRICT", name="b", metadata=NEW)
    assert plain_text(unset, strict) is ACCEPTED
