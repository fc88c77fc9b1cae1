from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.pod_security import LATEST, Level, Version
from firedoor.engine.pod_security.survey import Survey
from firedoor.model.places import ObjectRef
from firedoor.model.snapshot import Snapshot

STRICT = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
SECURE = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
WEB = ObjectRef("Deployment", "shop", "web")


def container(name: str = "main", **context: Any) -> dict[str, Any]:
    return {"name": name, "image": "a", "securityContext": {**SECURE, **context}}


def spec(*containers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"securityContext": STRICT, "containers": list(containers or (container(),)), **fields}


def workload(kind: str, name: str, pod: dict[str, Any], owner: str = "", **status: Any) -> dict[str, Any]:
    api = "batch/v1" if kind in {"Job", "CronJob"} else "apps/v1"
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod}
    body: dict[str, Any] = {"template": template}
    if kind == "CronJob":
        body = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    elif kind != "Job":
        body["selector"] = {"matchLabels": labels}
    return {"apiVersion": api, "kind": kind, "metadata": metadata(name, owner), "spec": body, "status": status}


def metadata(name: str, owner: str = "", kind: str = "") -> dict[str, Any]:
    kind = kind or "Deployment"
    owners = [{"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": owner, "controller": True}]
    return {"name": name, "namespace": "shop", "uid": name, **({"ownerReferences": owners} if owner else {})}


def pod(name: str, body: dict[str, Any], owner: str = "", phase: str = "Running") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(name, owner, "ReplicaSet"),
        "spec": body,
        "status": {"phase": phase},
    }


def snapshot(*documents: dict[str, Any]) -> Snapshot:
    return load_text("\n---\n".join(json.dumps(each) for each in documents))


def survey(*documents: dict[str, Any]) -> Survey:
    return Survey(snapshot(*documents))


def test_a_workload_without_pods_is_judged_by_its_template() -> None:
    found = survey(workload("Deployment", "web", spec(container(privileged=True, allowPrivilegeEscalation=True))))
    assert found.meets(WEB, LATEST) is Level.PRIVILEGED
    assert set(found.obstacles(WEB, Level.BASELINE, LATEST)) == {"privileged"}
    assert set(found.obstacles(WEB, Level.RESTRICTED, LATEST)) == {"allowPrivilegeEscalation", "privileged"}


def test_what_live_pods_have_besides_their_template_counts_too() -> None:
    sidecar = container("sidecar", capabilities={"add": ["NET_ADMIN"], "drop": ["ALL"]})
    found = survey(
        workload("Deployment", "web", spec()),
        workload("ReplicaSet", "web-1", spec(), "web"),
        pod("web-1-a", spec(sidecar, container()), "web-1"),
        pod("web-1-b", spec(sidecar, container()), "web-1"),
    )
    assert list(found.workloads) == [WEB]
    ((fault,),) = found.obstacles(WEB, Level.BASELINE, LATEST).values()
    assert (fault.subject.pod, fault.is_confirmed) == ("web-1-a", True)
    assert "sidecar adds capability NET_ADMIN" in fault.fault.words


def test_what_only_the_template_has_is_not_confirmed() -> None:
    open_ports = container()
    open_ports["ports"] = [{"containerPort": 80, "hostPort": 80}]
    found = survey(
        workload("Deployment", "web", spec(open_ports)),
        workload("ReplicaSet", "web-1", spec(open_ports), "web"),
        pod("web-1-a", spec(), "web-1"),
    )
    ((fault,),) = found.obstacles(WEB, Level.BASELINE, LATEST).values()
    assert (fault.subject.pod, fault.is_confirmed) == ("", False)
    confirmed = survey(
        workload("Deployment", "web", spec(open_ports)),
        workload("ReplicaSet", "web-1", spec(open_ports), "web"),
        pod("web-1-a", spec(container("first"), open_ports), "web-1"),
    )
    ((fault,),) = confirmed.obstacles(WEB, Level.BASELINE, LATEST).values()
    assert (fault.subject.pod, fault.is_confirmed) == ("", True)


def test_what_has_ended_does_not_count() -> None:
    bad = spec(hostPID=True)
    found = survey(
        pod("done", bad, phase="Succeeded"),
        workload("Job", "once", {**bad, "restartPolicy": "Never"}, conditions=[{"type": "Complete", "status": "True"}]),
        workload("CronJob", "nightly", {**spec(), "restartPolicy": "Never"}),
    )
    assert [str(ref) for ref in found.workloads] == ["CronJob shop/nightly"]
    assert found.namespace_meets("shop", LATEST) is Level.RESTRICTED


def test_a_workload_whose_owner_is_not_there_stands_for_itself() -> None:
    found = survey(workload("ReplicaSet", "web-1", spec(hostIPC=True), "gone"))
    assert [str(ref) for ref in found.workloads] == ["ReplicaSet shop/web-1"]


def test_a_namespace_meets_what_its_weakest_workload_meets() -> None:
    found = survey(
        workload("Deployment", "web", spec()),
        workload("Deployment", "old", {"containers": [{"name": "main", "image": "a"}]}),
    )
    assert found.meets(WEB, LATEST) is Level.RESTRICTED
    assert found.namespace_meets("shop", LATEST) is Level.BASELINE
    assert found.namespace_meets("empty", LATEST) is Level.RESTRICTED


def test_a_fact_is_told_once_by_the_first_control_that_has_it() -> None:
    capable = container(capabilities={"add": ["NET_ADMIN", "CHOWN"], "drop": ["ALL"]})
    volume = {"name": "logs", "hostPath": {"path": "/var/log"}}
    bad = spec(capable, volumes=[volume], hostNetwork=True)
    bad["containers"][0]["ports"] = [{"containerPort": 80}]
    found = survey(workload("Deployment", "web", bad))
    told = {control: [f.fault.path for _, faults in found.told(control, LATEST) for f in faults] for control in (
        "hostNamespaces", "hostPorts", "hostPathVolumes", "restrictedVolumes", "capabilities_baseline",
        "capabilities_restricted",
    )}  # fmt: skip
    path = "spec.containers[0].securityContext.capabilities.add"
    assert told == {
        "hostNamespaces": ["spec.hostNetwork"],
        "hostPorts": [],
        "hostPathVolumes": ["spec.volumes[0].hostPath"],
        "restrictedVolumes": [],
        "capabilities_baseline": [f"{path}[0]"],
        "capabilities_restricted": [f"{path}[1]"],
    }


def test_versions_are_told_apart_and_limited_by_the_server() -> None:
    probed = container()
    probed["livenessProbe"] = {"httpGet": {"port": 80, "host": "a"}}
    documents = snapshot(workload("Deployment", "web", spec(probed)))
    assert Survey(documents).told("hostProbesAndHostLifecycle", LATEST) != []
    assert Survey(documents).told("hostProbesAndHostLifecycle", Version(33)) == []
    assert Survey(documents, "v1.33.1").told("hostProbesAndHostLifecycle", LATEST) == []


def test_without_security_contexts_nothing_is_known() -> None:
    documents = snapshot(workload("Deployment", "web", spec(hostPID=True)))
    assert Survey(replace(documents, has_pod_details=False)).workloads == {}


def test_replicas_that_share_their_parts_are_judged_once() -> None:
    one = snapshot(pod("web-1-a", spec(hostPID=True), "web-1"))
    (first,) = one.pods
    second = replace(first, metadata=replace(first.metadata, name="web-1-b"))
    ((ref, judged),) = Survey(replace(one, pods=(first, second))).workloads.items()
    assert (str(ref), [each.pod for each in judged]) == ("ReplicaSet shop/web-1", ["web-1-a"])


def test_pods_with_the_same_specification_and_other_annotations_are_not_alike() -> None:
    one = snapshot(pod("a", spec()), pod("b", spec(hostPID=True)))
    (first, _) = one.pods
    off = {"container.apparmor.security.beta.kubernetes.io/main": "unconfined"}
    second = replace(first, metadata=replace(first.metadata, name="b", annotations=off))
    found = Survey(replace(one, pods=(first, second)))
    assert [str(found.meets(ref, LATEST)) for ref in found.workloads] == ["restricted", "privileged"]


def test_pods_without_an_owner_stand_for_themselves_also_where_they_share_all_parts() -> None:
    one = snapshot(pod("a", spec(hostPID=True)))
    (first,) = one.pods
    second = replace(first, metadata=replace(first.metadata, name="b"))
    assert [ref.name for ref in Survey(replace(one, pods=(first, second))).workloads] == ["a", "b"]


def test_without_live_pods_nothing_speaks_against_the_template() -> None:
    found = survey(workload("Deployment", "web", spec(hostPID=True)))
    ((fault,),) = found.obstacles(WEB, Level.BASELINE, LATEST).values()
    assert fault.is_confirmed


def test_pods_of_a_workload_that_differ_in_their_labels_alone_are_judged_once() -> None:
    one = snapshot(pod("db-0", spec(hostPID=True), "db"))
    (first,) = one.pods
    second = replace(first, metadata=replace(first.metadata, name="db-1", labels={"index": "1"}))
    ((_, judged),) = Survey(replace(one, pods=(first, second))).workloads.items()
    assert [each.pod for each in judged] == ["db-0"]
