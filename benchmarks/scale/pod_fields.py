"""
The fields of a pod as an API server serves them, without ``managedFields``.

What differs from one replica to the next is left as a ``%(...)s`` slot.
"""

from __future__ import annotations

from typing import Any

from benchmarks.scale.workload import DAEMON_SET, DEPLOYMENT, JOB, STATEFUL_SET, Workload

_START = "2026-03-10T08:%(second)s:00Z"
_SECRETS = "/var/run/secrets/kubernetes.io/serviceaccount"


def pod_manifest(workload: Workload, phase: str) -> dict[str, Any]:
    """Return the pod of a workload in a phase: Running, Succeeded, or Pending without node and address."""
    spec = pod_spec(workload)
    token = "kube-api-access-%(token)s"  # noqa: S105 - the name of a volume
    spec["volumes"].append({"name": token, "projected": {"defaultMode": 420, "sources": _token_sources()}})
    for container in spec["containers"]:
        container["volumeMounts"].append({"mountPath": _SECRETS, "name": token, "readOnly": True})
    if phase != "Pending":
        spec["nodeName"] = "%(node)s"
    spec["tolerations"] = [
        {"effect": "NoExecute", "key": f"node.kubernetes.io/{key}", "operator": "Exists", "tolerationSeconds": 300}
        for key in ("not-ready", "unreachable")
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _metadata(workload),
        "spec": spec,
        "status": _status(workload, phase),
    }


def pod_spec(workload: Workload) -> dict[str, Any]:
    """Return the specification as the pod template has it."""
    spec: dict[str, Any] = {
        "containers": [_container(workload, number) for number in range(workload.containers)],
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0,
        "restartPolicy": "Never" if workload.kind == JOB else "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {"fsGroup": 10001, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "serviceAccount": workload.name,
        "serviceAccountName": workload.name,
        "terminationGracePeriodSeconds": 30,
        "volumes": [
            {"configMap": {"defaultMode": 420, "name": f"{workload.name}-settings"}, "name": "settings"},
        ],
    }
    if workload.host_network:
        spec["hostNetwork"] = True
    return spec


def _metadata(workload: Workload) -> dict[str, Any]:
    version, kind, name = workload.owner
    reference = {
        "apiVersion": version,
        "blockOwnerDeletion": True,
        "controller": True,
        "kind": kind,
        "name": name,
        "uid": workload.uid,
    }
    return {
        "annotations": {
            "prometheus.io/port": str(workload.ports[-1][1]),
            "prometheus.io/scrape": "true",
        },
        "creationTimestamp": _START,
        "generateName": f"{name}-",
        "labels": {**workload.labels, **_kind_labels(workload)},
        "name": "%(name)s",
        "namespace": workload.namespace,
        "ownerReferences": [reference],
        "resourceVersion": "%(version)s",
        "uid": "%(uid)s",
    }


def _kind_labels(workload: Workload) -> dict[str, str]:
    """Return the labels that the controller of the kind adds to each pod."""
    if workload.kind == DEPLOYMENT:
        return {"pod-template-hash": workload.hashed}
    if workload.kind == STATEFUL_SET:
        return {
            "apps.kubernetes.io/pod-index": "%(ordinal)s",
            "controller-revision-hash": f"{workload.name}-{workload.hashed}",
            "statefulset.kubernetes.io/pod-name": "%(name)s",
        }
    if workload.kind == DAEMON_SET:
        return {"controller-revision-hash": workload.hashed, "pod-template-generation": "3"}
    return {
        "batch.kubernetes.io/controller-uid": workload.uid,
        "batch.kubernetes.io/job-name": workload.name,
        "controller-uid": workload.uid,
        "job-name": workload.name,
    }


def _container(workload: Workload, number: int) -> dict[str, Any]:
    name = workload.name if number == 0 else "sidecar"
    container: dict[str, Any] = {
        "env": _environment(workload) if number == 0 else [{"name": "LOG_LEVEL", "value": "info"}],
        "image": f"registry.example.com/{workload.namespace}/{name}:{workload.seed % 97}.{workload.seed % 13}",
        "imagePullPolicy": "IfNotPresent",
        "name": name,
        "resources": {
            "limits": {"cpu": "500m", "memory": "512Mi"},
            "requests": {"cpu": "100m", "memory": "256Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [{"mountPath": "/etc/settings", "name": "settings", "readOnly": True}],
    }
    if number == 0:
        container["ports"] = [
            {"containerPort": port, "name": name, "protocol": protocol} for name, port, protocol in workload.ports
        ]
        container["readinessProbe"] = {
            "failureThreshold": 3,
            "httpGet": {"path": "/ready", "port": workload.ports[0][0], "scheme": "HTTP"},
            "periodSeconds": 5,
            "successThreshold": 1,
            "timeoutSeconds": 1,
        }
    return container


def _environment(workload: Workload) -> list[dict[str, Any]]:
    secret = {"secretKeyRef": {"key": "password", "name": f"{workload.name}-database"}}
    return [
        {"name": "LOG_LEVEL", "value": "info"},
        {"name": "SERVICE_NAME", "value": workload.name},
        {"name": "DATABASE_URL", "value": f"postgres://{workload.app}@database.{workload.namespace}.svc:5432/main"},
        {"name": "DATABASE_PASSWORD", "valueFrom": secret},
    ]


def _token_sources() -> list[dict[str, Any]]:
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    return [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
        {"downwardAPI": {"items": [{"fieldRef": field, "path": "namespace"}]}},
    ]


def _status(workload: Workload, phase: str) -> dict[str, Any]:
    if phase == "Pending":
        waiting = {
            "lastProbeTime": None,
            "lastTransitionTime": _START,
            "message": "0 nodes are available: insufficient cpu.",
            "reason": "Unschedulable",
            "status": "False",
            "type": "PodScheduled",
        }
        return {"conditions": [waiting], "phase": phase, "qosClass": "Burstable"}
    ready = "True" if phase == "Running" else "False"
    conditions = [
        {"lastProbeTime": None, "lastTransitionTime": _START, "status": status, "type": kind}
        for kind, status in (
            ("PodReadyToStartContainers", ready),
            ("Initialized", "True"),
            ("Ready", ready),
            ("ContainersReady", ready),
            ("PodScheduled", "True"),
        )
    ]
    statuses = [
        {
            "containerID": "containerd://%(container)s",
            "image": f"registry.example.com/{workload.namespace}/{workload.name}:{workload.seed % 97}",
            "imageID": f"sha256:{workload.seed:064x}",
            "lastState": {},
            "name": workload.name if number == 0 else "sidecar",
            "ready": phase == "Running",
            "restartCount": 0,
            "started": phase == "Running",
            "state": {"running": {"startedAt": _START}}
            if phase == "Running"
            else {"terminated": {"exitCode": 0, "finishedAt": _START, "reason": "Completed", "startedAt": _START}},
        }
        for number in range(workload.containers)
    ]
    return {
        "conditions": conditions,
        "containerStatuses": statuses,
        "hostIP": "%(host)s",
        "hostIPs": [{"ip": "%(host)s"}],
        "phase": phase,
        "podIP": "%(ip)s",
        "podIPs": [{"ip": "%(ip)s"}],
        "qosClass": "Burstable",
        "startTime": _START,
    }
