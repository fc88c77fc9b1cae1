"""Strategies for what runs in a cluster: nodes, bare pods, and workloads with or without live pods."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from tests.strategies.policies import PORT_NAMES, PORT_NUMBERS, PROTOCOLS
from tests.strategies.selectors import NAMESPACES, Manifest, labels, shaped

NODE_ADDRESSES = {
    "node-1": ("192.168.0.10", "fd00:2::10"),
    "node-2": ("192.168.0.11",),
    "node-3": ("192.168.0.12",),
}
API_VERSIONS = {
    "CronJob": "batch/v1",
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "Job": "batch/v1",
    "ReplicaSet": "apps/v1",
    "ReplicationController": "v1",
    "StatefulSet": "apps/v1",
}


@cache
@st.composite
def nodes(draw: st.DrawFn) -> list[Manifest]:
    """Generate some of the nodes, so that pods may also name one the manifests do not hold."""
    chosen = draw(st.lists(st.sampled_from(sorted(NODE_ADDRESSES)), unique=True, max_size=2))
    return [_node(name) for name in chosen]


def _node(name: str) -> Manifest:
    internal = [{"type": "InternalIP", "address": address} for address in NODE_ADDRESSES[name]]
    others = [{"type": "Hostname", "address": name}, {"type": "ExternalIP", "address": "203.0.113.10"}]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "status": {"addresses": internal + others},
    }


@cache
@st.composite
def pods(draw: st.DrawFn, index: int) -> Manifest:
    """Generate a bare pod; a finished one may still show the address that another has by now."""
    spec = draw(_pod_specs())
    metadata = draw(_metadata(f"pod-{index}")) | draw(shaped(labels=labels()))
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    status = draw(st.none() | _statuses(index, spec))
    return pod if status is None else pod | {"status": status}


@cache
@st.composite
def workloads(draw: st.DrawFn, index: int) -> list[Manifest]:
    """Generate a workload, sometimes together with a live pod it controls."""
    kind = draw(st.sampled_from(sorted(API_VERSIONS)))
    template = draw(shaped(metadata=shaped(labels=labels()))) | {"spec": draw(_pod_specs())}
    spec: Manifest = {"template": template}
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    if kind == "StatefulSet":
        start = shaped(start=st.integers(0, 2))
        spec |= draw(shaped(replicas=st.integers(1, 2), ordinals=start))
    workload = {
        "apiVersion": API_VERSIONS[kind],
        "kind": kind,
        "metadata": draw(_metadata(f"{kind.lower()}-{index}")),
        "spec": spec,
    }
    live = draw(st.booleans()) and draw(st.booleans())
    return [workload, *(draw(_controlled_pods(workload, index)) if live else [])]


@st.composite
def _controlled_pods(draw: st.DrawFn, workload: Manifest, index: int) -> list[Manifest]:
    """Generate a live pod of the workload and, where there is one, the object between the two."""
    kind, owner = workload["kind"], workload
    between: list[Manifest] = []
    extra_labels = {}
    middle = {"Deployment": ("apps/v1", "ReplicaSet"), "CronJob": ("batch/v1", "Job")}.get(kind)
    if middle is not None:
        owner = {
            "apiVersion": middle[0],
            "kind": middle[1],
            "metadata": _controlled_by(workload, f"{workload['metadata']['name']}-5d4f8"),
            "spec": {"template": {"spec": {"containers": [{"name": "main"}]}}},
        }
        extra_labels = {"pod-template-hash": "5d4f8"} if kind == "Deployment" else {}
        between = [owner] if kind == "CronJob" or draw(st.booleans()) else []
    spec = draw(_pod_specs())
    metadata = _controlled_by(owner, f"{owner['metadata']['name']}-0")
    metadata["labels"] = draw(labels()) | extra_labels
    status = {"phase": "Running", **draw(_addresses(10 + index, spec))}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}
    return [*between, pod]


def _controlled_by(owner: Manifest, name: str) -> Manifest:
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "controller": True,
        "uid": f"uid-of-{owner['metadata']['name']}",
    }
    namespace = {key: value for key, value in owner["metadata"].items() if key == "namespace"}
    return {"name": name, **namespace, "ownerReferences": [reference]}


@cache
def _metadata(name: str) -> st.SearchStrategy[Manifest]:
    namespace = st.sampled_from((None, *NAMESPACES))
    return st.fixed_dictionaries({"name": st.just(name)}, optional={"namespace": namespace})


@cache
@st.composite
def _pod_specs(draw: st.DrawFn) -> Manifest:
    """Generate pod specs; on the host network the ports of all containers must differ."""
    on_host = draw(st.sampled_from((False, False, False, False, True)))
    taken: set[tuple[str, int]] | None = set() if on_host else None
    containers = [draw(_containers(f"main-{i}", taken)) for i in range(draw(st.integers(1, 2)))]
    spec: Manifest = {"containers": containers}
    if draw(st.booleans()):
        restart = draw(shaped(restartPolicy=st.just("Always")))
        spec["initContainers"] = [draw(_containers("init", taken)) | restart]
    if on_host:
        spec["hostNetwork"] = True
    elif draw(st.booleans()):
        spec["hostNetwork"] = draw(st.sampled_from((None, False)))
    node = draw(st.sampled_from((None, "", *sorted(NODE_ADDRESSES))))
    return spec if node is None else spec | {"nodeName": node}


@st.composite
def _containers(draw: st.DrawFn, name: str, taken: set[tuple[str, int]] | None) -> Manifest:
    """Generate a container; inside one no name may repeat, across two of a pod it may."""
    names: set[str] = set()
    pairs: set[tuple[str, int]] = set() if taken is None else taken
    ports = []
    for port in draw(st.lists(_container_ports(), max_size=2)):
        pair = (port.get("protocol") or "TCP", port["containerPort"])
        if port.get("name") not in names and pair not in pairs:
            ports.append(port)
            pairs.add(pair)
            names.update({port["name"]} if port.get("name") else ())
    return {"name": name, "image": "example.test/app:1", "ports": ports}


@cache
def _container_ports() -> st.SearchStrategy[Manifest]:
    return st.fixed_dictionaries(
        {"containerPort": st.sampled_from(PORT_NUMBERS)},
        optional={
            "name": st.sampled_from(PORT_NAMES),
            "protocol": st.sampled_from((None, *PROTOCOLS)),
        },
    )


@st.composite
def _statuses(draw: st.DrawFn, index: int, spec: Manifest) -> Manifest:
    phase = draw(st.sampled_from(("Running", "Running", "Pending", "Succeeded", "Failed", "Unknown")))
    finished = phase in ("Succeeded", "Failed")
    return {"phase": phase, **draw(_addresses(max(index - 1, 0) if finished else index, spec))}


@st.composite
def _addresses(draw: st.DrawFn, offset: int, spec: Manifest) -> Manifest:
    """Generate a pod's own addresses: none, one family, or both. On the host network: its node's."""
    node = spec.get("nodeName")
    if spec.get("hostNetwork") is True:
        if not node or draw(st.booleans()):
            return {}
        first = NODE_ADDRESSES[node][0]
        return draw(st.sampled_from(({"hostIP": first}, {"hostIP": first, "podIP": first})))
    known = (f"10.1.0.{4 + offset}", f"fd00:1::{4 + offset}")
    addresses = draw(st.sampled_from(((), known[:1], known[1:], known)))
    if not addresses:
        return {}
    several = {"podIPs": [{"ip": address} for address in addresses]}
    return {"podIP": addresses[0], **(several if len(addresses) > 1 or draw(st.booleans()) else {})}
