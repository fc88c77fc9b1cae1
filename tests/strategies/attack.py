"""
Strategies for small clusters in which something leads to something else.

Most of what is drawn is picked from lists of what matters: rights that lead on, pods that
get out to their node, policies and Services that open or close the way between pods.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests.reference.manifests import Manifest
from tests.strategies.attack_rights import ACCOUNTS, NAMESPACES, rights

NODES = ("node-1", "node-2")
NAMES = ("web", "api", "db", "job")
ENFORCED = "pod-security.kubernetes.io/enforce"
VERSIONS = (None, (1, 23), (1, 34), (1, 35))


def _core(kind: str, name: str, namespace: str = "", **fields: Any) -> Manifest:
    metadata: Manifest = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **fields}


@cache
@st.composite
def clusters(draw: st.DrawFn) -> list[Manifest]:
    """Generate the objects of a small cluster."""
    names = draw(st.sampled_from((NAMES[:2], NAMES[:3], NAMES)))
    found = [draw(_namespaces(name)) for name in NAMESPACES]
    found += [draw(_nodes(name)) for name in draw(st.sampled_from((NODES, NODES[:1], ())))]
    found += [_core("PersistentVolume", "disk", spec={"hostPath": {"path": draw(st.sampled_from(PATHS))}})]
    for namespace in NAMESPACES:
        found.append(_core("PersistentVolumeClaim", "data", namespace, spec={"volumeName": "disk"}))
        found += [_core("ServiceAccount", name, namespace, **draw(_automount)) for name in ACCOUNTS]
    for name in names:
        found += draw(_workloads(name))
    if draw(_rarely):
        found += draw(_control_planes)
    found += [draw(_services(number)) for number in range(draw(st.integers(0, 2)))]
    found += [draw(_policies(number)) for number in range(draw(st.integers(0, 3)))]
    return found + draw(rights())


_automount = st.sampled_from(({}, {}, {"automountServiceAccountToken": False}, {"automountServiceAccountToken": True}))


@st.composite
def _namespaces(draw: st.DrawFn, name: str) -> Manifest:
    level = draw(st.sampled_from((None, None, "privileged", "baseline", "restricted")))
    found = _core("Namespace", name)
    found["metadata"]["labels"] = {"team": name[0], **({ENFORCED: level} if level else {})}
    return found


@st.composite
def _nodes(draw: st.DrawFn, name: str) -> Manifest:
    found = _core("Node", name)
    role = draw(st.sampled_from((None, None, "control-plane", "worker")))
    found["metadata"]["labels"] = {f"node-role.kubernetes.io/{role}": ""} if role else {}
    addresses = [{"type": "InternalIP", "address": f"192.168.0.{10 + NODES.index(name)}"}]
    return {**found, "status": {"addresses": addresses}}


PATHS = (
    "/",
    "/etc",
    "/var/lib/kubelet",
    "/var/lib/kubelet/pods",
    "/run/containerd/containerd.sock",
    "/data",
    "/dev",
    "/var/log",
)
_ESCAPES: list[Manifest] = [
    {"privileged": True},
    *({"capabilities": {"add": [name]}} for name in ("SYS_ADMIN", "NET_ADMIN", "ALL", "SYS_PTRACE", "DAC_READ_SEARCH")),
]
_AS: list[Manifest] = [{}, {}, {}, {}, {"runAsUser": 0}, {"runAsUser": 1000}, {"runAsNonRoot": True}]
_PORTS: list[list[Manifest]] = [
    [],
    [{"containerPort": 8080}],
    [{"containerPort": 8080, "name": "http"}],
    [{"containerPort": 8080}, {"containerPort": 53, "protocol": "UDP"}],
]
_rarely = st.sampled_from((False,) * 7 + (True,))


@st.composite
def _specs(draw: st.DrawFn) -> Manifest:
    """Generate what a pod is: whose, where, with which ports, and what lets it out to its node."""
    container: Manifest = {"name": "main", "image": "example.test/app:1", "ports": draw(st.sampled_from(_PORTS))}
    spec: Manifest = {"containers": [container], **draw(_automount)}
    spec |= draw(st.sampled_from(({}, *({"serviceAccountName": name} for name in 2 * ACCOUNTS))))
    spec |= draw(st.sampled_from(({}, {}, *({"nodeName": name} for name in NODES))))
    container["securityContext"] = {**draw(st.sampled_from([{}] * 12 + _ESCAPES)), **draw(st.sampled_from(_AS))}
    if draw(_rarely):
        spec["securityContext"] = draw(st.sampled_from(_AS))
    if draw(_rarely):
        restart: Manifest = draw(st.sampled_from(({}, {"restartPolicy": "Always"})))
        spec["initContainers"] = [{**container, "name": "init", "securityContext": {"privileged": True}, **restart}]
    if draw(_rarely):
        spec["hostPID"] = True
    if draw(_rarely) or ("nodeName" in spec and draw(_rarely)):
        spec["hostNetwork"] = True
    if draw(_rarely) or draw(_rarely):
        claim: Manifest = draw(
            st.sampled_from(
                (
                    {"claimName": "data"},
                    {"claimName": "data"},
                    {"claimName": "data", "readOnly": True},
                    {"claimName": "no"},
                )
            )
        )
        by_claim = {"persistentVolumeClaim": claim}
        volume = draw(st.sampled_from((*3 * [by_claim], *({"hostPath": {"path": path}} for path in PATHS))))
        spec["volumes"] = [{"name": "files", **volume}]
        part: Manifest = draw(st.sampled_from(({}, {}, {}, {"subPath": "etc"}, {"subPathExpr": "$(WHERE)"})))
        mount = {"name": "files", "mountPath": "/files", "readOnly": draw(st.booleans()), **part}
        container["env"] = [{"name": "WHERE", "value": "part"}]
        container["volumeMounts"] = [mount]
    return spec


@st.composite
def _workloads(draw: st.DrawFn, name: str) -> list[Manifest]:
    """Generate a pod, a workload with a template, or a DaemonSet with live pods on both nodes."""
    namespace, spec = draw(st.sampled_from(NAMESPACES)), draw(_specs())
    labels = {"app": draw(st.sampled_from(("web", "db")))}
    kind = draw(
        st.sampled_from(
            ("Deployment", "Deployment", "Pod", "Pod", "DaemonSet", "Spread", "Job", "CronJob", "StatefulSet")
        )
    )
    if kind == "Pod":
        pod = _core("Pod", name, namespace, spec=spec)
        pod["metadata"]["labels"] = labels
        return [pod]
    template: Manifest = {"metadata": {"labels": labels}, "spec": spec}
    outer: Manifest = {"selector": {"matchLabels": labels}, "template": template}
    if kind == "StatefulSet":
        outer["replicas"] = draw(st.sampled_from((1, 2)))
    if kind in {"Job", "CronJob"}:
        outer = {"template": {"metadata": {"labels": labels}, "spec": {**spec, "restartPolicy": "Never"}}}
    if kind == "CronJob":
        outer = {"schedule": "0 0 * * *", "jobTemplate": {"spec": outer}}
    version = "batch/v1" if kind in {"Job", "CronJob"} else "apps/v1"
    known = "DaemonSet" if kind == "Spread" else kind
    found = {**_core(known, name, namespace, spec=outer), "apiVersion": version}
    return [found, *(_live(found, labels, spec, node) for node in NODES if kind == "Spread")]


def _live(owner: Manifest, labels: Manifest, spec: Manifest, node: str) -> Manifest:
    home = owner["metadata"]
    pod = _core("Pod", f"{home['name']}-{node}", home["namespace"], spec={**spec, "nodeName": node})
    reference = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": home["name"], "uid": "1", "controller": True}
    pod["metadata"] |= {"labels": labels, "ownerReferences": [reference]}
    return pod


def _control_plane(name: str, node: str, labels: Manifest) -> list[Manifest]:
    home = _core("Namespace", "kube-system")
    home["metadata"]["labels"] = {"team": "system"}
    containers = [{"name": "main", "image": "example.test/server:1"}]
    spec = {"containers": containers, "nodeName": node, "automountServiceAccountToken": False}
    pod = _core("Pod", name, "kube-system", spec=spec)
    pod["metadata"]["labels"] = labels
    return [home, pod]


_control_planes = st.sampled_from(
    (
        _control_plane("etcd-node-1", "node-1", {}),
        _control_plane("kube-apiserver-node-2", "node-1", {}),
        _control_plane("etcd-backup", "node-1", {}),
        _control_plane("server", "node-2", {"component": "kube-apiserver"}),
    )
)


@st.composite
def _services(draw: st.DrawFn, number: int) -> Manifest:
    kind = draw(st.sampled_from(("LoadBalancer", "LoadBalancer", "NodePort", "ClusterIP")))
    port = draw(st.sampled_from(({"port": 8080}, {"port": 80, "targetPort": "http"}, {"port": 80, "targetPort": 9090})))
    spec: Manifest = {"type": kind, "selector": {"app": draw(st.sampled_from(("web", "db")))}, "ports": [port]}
    if kind != "ClusterIP":
        spec["externalTrafficPolicy"] = draw(st.sampled_from(("Local", "Cluster")))
    return _core("Service", f"service-{number}", draw(st.sampled_from(NAMESPACES)), spec=spec)


_PEERS: list[Manifest] = [
    {"podSelector": {}},
    {"podSelector": {"matchLabels": {"app": "web"}}},
    {"namespaceSelector": {}},
    {"namespaceSelector": {"matchLabels": {"team": "a"}}},
    {"ipBlock": {"cidr": "0.0.0.0/0"}},
    {"ipBlock": {"cidr": "203.0.113.0/24"}},
]
_RULES: list[list[Manifest]] = [
    [],
    [{}],
    *([{"peers": [peer]}] for peer in _PEERS),
    *([{"peers": [peer], "ports": [{"port": port}]}] for peer, port in product(_PEERS[:4], (8080, "http"))),
    [{"ports": [{"port": 8080}]}],
]


@st.composite
def _policies(draw: st.DrawFn, number: int) -> Manifest:
    selector = draw(st.sampled_from(({}, {"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "db"}})))
    rules, types = (
        draw(st.sampled_from(_RULES)),
        draw(st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"]))),
    )
    spec: Manifest = {"podSelector": selector, "policyTypes": types}
    for kind, peers in (("Ingress", "from"), ("Egress", "to")):
        if kind in types:
            spec[kind.lower()] = [
                {peers if key == "peers" else key: part for key, part in rule.items()} for rule in rules
            ]
    metadata = {"name": f"policy-{number}", "namespace": draw(st.sampled_from(NAMESPACES))}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
