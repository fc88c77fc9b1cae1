"""
What is made in a cluster for probe pods: a timer, an owner, the pods, and services that lead to them.

The timer is a Job that wants no pods: it is complete at once, and the TTL controller deletes it
after a while, and the garbage collector whatever it owns. The owner is a paused Deployment of no
replicas: as the controller of the pods it keeps ReplicaSets and the like from adopting them, and,
unlike other objects, it has a scale (of 0), so that PodDisruptionBudgets still add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.adapters.cluster.probes.agnhost import WAITING, porter, serving
from firedoor.adapters.cluster.probes.settings import RUN_LABEL, SITE_LABEL

if TYPE_CHECKING:
    from firedoor.adapters.cluster.probes.settings import ProbeSettings, Run
    from firedoor.model.probing import ProbeSite

Manifest = dict[str, Any]

MAIN = "probe"
"""The container that connections are made from."""
NEVER_READY = "firedoor.dev/never"
"""A condition that nobody sets: a pod that waits for it is never ready, and no endpoint of a service."""
PRIVILEGED_PORTS = 1024

_USER = 65534
_GRACE = 1
"""Not 0: such a pod would be forgotten before it has ended."""
_FREE_PORTS = {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}
_RESOURCES = {
    "requests": {"cpu": "10m", "memory": "32Mi"},
    "limits": {"cpu": "500m", "memory": "256Mi"},
}
LOCKED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": _USER,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_ON_HOST_PORTS = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
    "runAsUser": 0,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def timer(run: Run, settings: ProbeSettings) -> Manifest:
    """Return the Job whose end takes all with it."""
    spec = {
        "completions": 0,
        "parallelism": 0,
        "ttlSecondsAfterFinished": settings.ttl,
        "template": {"spec": {"restartPolicy": "Never", **_idle(settings)}},
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": _metadata(run, run.name), "spec": spec}


def owner(run: Run, settings: ProbeSettings, timed_by: Manifest) -> Manifest:
    """Return the Deployment that owns the pods."""
    labels = {RUN_LABEL: run.id, SITE_LABEL: "none"}
    spec = {
        "replicas": 0,
        "paused": True,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": _idle(settings)},
    }
    metadata = {**_metadata(run, run.name), "ownerReferences": [_reference(timed_by)]}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def pod(
    run: Run, settings: ProbeSettings, position: int, site: ProbeSite, owned_by: Manifest, *, has_ipv4: bool
) -> Manifest:
    """Return the pod that stands in for a site."""
    named = _named_ports(site)
    listening = _listening(site, has_ipv4=has_ipv4)
    listening += [(f"ports-{number}", {"command": list(WAITING)}) for number in range(len(listening), len(named))]
    privileged = any(port < PRIVILEGED_PORTS for _, port in site.listening)
    security = _ON_HOST_PORTS if site.host_network and privileged else LOCKED
    containers = [
        {
            "name": name,
            "image": settings.image,
            "imagePullPolicy": "IfNotPresent",
            "resources": _RESOURCES,
            "securityContext": security,
            **what,
        }
        for name, what in listening
    ]
    for container, ports in zip(containers, named, strict=False):
        container["ports"] = ports
    sysctls = [_FREE_PORTS] if privileged and not site.host_network else []
    spec = {
        "activeDeadlineSeconds": settings.ttl,
        "automountServiceAccountToken": False,
        "containers": containers,
        "enableServiceLinks": False,
        "hostNetwork": site.host_network,
        "readinessGates": [{"conditionType": NEVER_READY}],
        "restartPolicy": "Never",
        "securityContext": {"sysctls": sysctls},
        "terminationGracePeriodSeconds": _GRACE,
    }
    if site.account:
        spec["serviceAccountName"] = site.account
    if site.node:
        spec.update(nodeName=site.node, tolerations=[{"operator": "Exists"}])
    else:
        spec["nodeSelector"] = {"kubernetes.io/os": "linux"}
    metadata = _metadata(run, run.site_name(position))
    metadata.update(
        namespace=site.namespace,
        labels={**site.labels, RUN_LABEL: run.id, SITE_LABEL: str(position)},
        # Injectors of sidecars look here; where a label of the workload asks for one, the label wins.
        annotations={"sidecar.istio.io/inject": "false", "linkerd.io/inject": "disabled"},
        ownerReferences=[{**_reference(owned_by), "controller": True}],
    )
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def of_any_user(pod: Manifest) -> Manifest:
    """Return a pod that does not say which user it runs as, as long as that is not root."""
    containers = []
    for each in pod["spec"]["containers"]:
        security = {key: value for key, value in each["securityContext"].items() if key != "runAsUser"}
        containers.append({**each, "securityContext": {**security, "runAsNonRoot": True}})
    return {**pod, "spec": {**pod["spec"], "containers": containers}}


def service(run: Run, position: int, site: ProbeSite, family: str, selector: dict[str, str]) -> Manifest:
    """Return the service that leads to one site alone; with an empty selector to what its endpoints name."""
    spec: Manifest = {
        "type": "ClusterIP",
        "ipFamilyPolicy": "SingleStack",
        "ipFamilies": [family],
        # Probe pods are never ready.
        "publishNotReadyAddresses": True,
        "ports": [
            {"name": port_name(protocol, port), "protocol": protocol, "port": port, "targetPort": port}
            for protocol, port in site.listening
        ],
    }
    if selector:
        spec["selector"] = selector
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(run, run.site_name(position)), "spec": spec}


def endpoints(run: Run, position: int, site: ProbeSite, address: str) -> Manifest:
    """Return the EndpointSlice of a service without selector: the address of a pod that is not ours."""
    metadata = _metadata(run, run.site_name(position))
    metadata["labels"] |= {
        "kubernetes.io/service-name": run.site_name(position),
        "endpointslice.kubernetes.io/managed-by": "firedoor.dev",
    }
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata,
        "addressType": "IPv6" if ":" in address else "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        "ports": [
            {"name": port_name(protocol, port), "protocol": protocol, "port": port} for protocol, port in site.listening
        ],
    }


def owned(manifest: Manifest, by: Manifest) -> Manifest:
    """Return an object that goes when another one goes."""
    return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": [_reference(by)]}}


def port_name(protocol: str, port: int) -> str:
    """Return the name of a port of a service."""
    return f"{protocol.lower()}-{port}"


def _metadata(run: Run, name: str) -> Manifest:
    labels = {RUN_LABEL: run.id, "app.kubernetes.io/managed-by": "firedoor"}
    return {"name": name, "labels": labels}


def _reference(by: Manifest) -> Manifest:
    metadata = by["metadata"]
    return {"apiVersion": by["apiVersion"], "kind": by["kind"], "name": metadata["name"], "uid": metadata["uid"]}


def _idle(settings: ProbeSettings) -> Manifest:
    """Return the pod that a template has to have, and that is never made."""
    container = {
        "name": MAIN, "image": settings.image, "command": list(WAITING),
        "resources": _RESOURCES, "securityContext": LOCKED,
    }  # fmt: skip
    return {"automountServiceAccountToken": False, "containers": [container]}


def _listening(site: ProbeSite, *, has_ipv4: bool) -> list[tuple[str, Manifest]]:
    """
    Return the containers that listen, by their names; the first is `MAIN`.

    A program that cannot listen on one of its ports may end: over SCTP where the kernel of
    the node has none, and on the network of a node, where a port may be taken already.
    `MAIN` goes on in any case.
    """
    if has_ipv4 and not site.host_network:
        sctp = [each for each in site.listening if each[0] == "SCTP"]
        others = [each for each in site.listening if each[0] != "SCTP"]
        return [(MAIN, porter(others)), *([("sctp", porter(sctp))] if sctp else [])]
    each_alone: list[tuple[str, Manifest]] = [(MAIN, {"command": list(WAITING)})]
    for protocol, port in site.listening:
        if has_ipv4 or protocol == "SCTP":
            each_alone.append((port_name(protocol, port), porter([(protocol, port)])))
        else:
            each_alone.append((port_name(protocol, port), {"command": list(serving(protocol, port))}))
    return each_alone


def _named_ports(site: ProbeSite) -> list[list[Manifest]]:
    """
    Return the named ports by container: a name may be there once in each.

    On the network of a node there are none: each would be reserved there, beside the pod that has it.
    """
    by_container: list[list[Manifest]] = []
    if site.host_network:
        return by_container
    for name, protocol, number in dict.fromkeys(site.ports):
        free = next((each for each in by_container if all(port["name"] != name for port in each)), None)
        if free is None:
            free = []
            by_container.append(free)
        free.append({"name": name, "protocol": protocol, "containerPort": number})
    return by_container
