"""The reference of attack steps from outside, from pods and from nodes."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.attack_escapes import TO_NODE, TO_PODS, Pod, escapes, running
from tests.reference.attack_holders import NOBODY, UNAUTHENTICATED
from tests.reference.attack_things import ADMIN, CHOICE, Scene, Thing, node_of
from tests.reference.endpoints import RefPod, node_addresses
from tests.reference.manifests import Manifest, items, labels_of, name_of, namespace_of, objects, section, string_map
from tests.reference.networkpolicy import Connection, Verdict, decide

Port = tuple[str, int]
OUTSIDE = ("8.8.8.8", "203.0.113.9", "198.51.100.7")
COMPONENTS = ("kube-apiserver", "etcd", "kube-controller-manager")
CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")


def from_internet(scene: Scene) -> Iterator[Thing]:
    """Yield the pods that a Service opens to the outside."""
    for thing, alike in scene.parts.items():
        for pod in alike:
            for service in objects(scene.cluster, "", "Service"):
                if section(service, "spec").get("type") in {"LoadBalancer", "NodePort"} and any(
                    _lets_in(scene, service, pod, port) for port in _led_to(service, pod)
                ):
                    yield thing


def from_pods(scene: Scene, thing: Thing) -> Iterator[Thing]:
    """Yield what code in pods comes to hold."""
    for pod in scene.parts[thing]:
        for other, alike in scene.parts.items():
            if other != thing and any(_connects(scene, pod, each) for each in alike):
                yield other
        if _has_token(scene.cluster, pod):
            yield ("account", pod.end.namespace, pod.account)
        leads_to = escapes(scene.cluster, pod)
        if TO_NODE in leads_to:
            yield node_of(pod)
        if TO_PODS in leads_to:
            yield from _pods_on(scene, node_of(pod))
    yield from (each for each in (("group", UNAUTHENTICATED), NOBODY) if each in [*scene.users, *scene.groups])


def from_node(scene: Scene, thing: Thing) -> Iterator[Thing]:
    """Yield what root on a node comes to hold."""
    yield from _pods_on(scene, thing)
    yield ("group", "system:nodes")
    if thing[1] and _has_control_plane(scene, thing[1]):
        yield ADMIN


def _has_control_plane(scene: Scene, name: str) -> bool:
    """Return whether the control plane runs on a node: its labels say so, or its static pods are there."""
    for node in objects(scene.cluster, "", "Node"):
        if name_of(node) == name and any(each in labels_of(node) for each in CONTROL_PLANE):
            return True
    for pod in scene.pods:
        if (pod.end.namespace, pod.end.node) == ("kube-system", name) and (
            pod.end.labels.get("component") in COMPONENTS or pod.end.name in {f"{each}-{name}" for each in COMPONENTS}
        ):
            return True
    return False


def _pods_on(scene: Scene, node: Thing) -> Iterator[Thing]:
    for thing, alike in scene.parts.items():
        if any(node_of(each) == node or (node == CHOICE and not each.end.node) for each in alike):
            yield thing


def _connects(scene: Scene, source: Pod, target: Pod) -> bool:
    """Return whether policies accept a connection to an exposed port, or have no say as both are on one node."""
    ports = _exposed(scene, target)
    if source.end.host_network and source.end.node and source.end.node == target.end.node and ports:
        return True
    return any(_is_accepted(scene, source.end, target.end, port) for port in ports)


def _is_accepted(scene: Scene, source: RefPod | str, target: RefPod, port: Port) -> bool:
    return decide(scene.cluster, Connection(source, target, *port), scene.options) is Verdict.ACCEPTED


def _exposed(scene: Scene, pod: Pod) -> set[Port]:
    """Return the ports that a container declares or a Service leads to."""
    found = {
        (port.get("protocol") or "TCP", port["containerPort"])
        for container in running(pod.spec)
        for port in items(container, "ports")
    }
    for service in objects(scene.cluster, "", "Service"):
        found |= _led_to(service, pod)
    return found


def _led_to(service: Manifest, pod: Pod) -> set[Port]:
    """Return the ports of a pod that a Service leads to."""
    spec, found = section(service, "spec"), set()
    wanted = string_map(spec, "selector")
    if namespace_of(service) != pod.end.namespace or not wanted or not wanted.items() <= pod.end.labels.items():
        return set()
    for port in items(spec, "ports"):
        protocol, target = port.get("protocol") or "TCP", port.get("targetPort") or port["port"]
        if isinstance(target, int):
            found.add((protocol, target))
        else:
            named = [each for each in pod.end.named_ports if (each.name, each.protocol) == (target, protocol)]
            found |= {(protocol, each.number) for each in named[:1]}
    return found


def _lets_in(scene: Scene, service: Manifest, pod: Pod, port: Port) -> bool:
    """
    Return whether somebody outside is sure to get through a Service to a pod.

    Where the client's address may be replaced by a node's, the policies have to accept both.
    """
    may_be_replaced = section(service, "spec").get("externalTrafficPolicy") != "Local"
    nodes = [name_of(each) for each in objects(scene.cluster, "", "Node")]
    known = [str(address) for node in nodes for address in node_addresses(scene.cluster, node)]
    replacements = (known or list(OUTSIDE)) if may_be_replaced else []
    accepted = [each for each in (*OUTSIDE, *replacements) if _is_accepted(scene, each, pod.end, port)]
    return any(each in accepted for each in OUTSIDE) and all(each in accepted for each in replacements)


def _has_token(cluster: list[Manifest], pod: Pod) -> bool:
    """Return whether the API server puts a token into a pod: the pod says so before its account does."""
    own = (pod.end.namespace, pod.account)
    accounts = [each for each in objects(cluster, "", "ServiceAccount") if (namespace_of(each), name_of(each)) == own]
    says = [each.get("automountServiceAccountToken") for each in (pod.spec, *accounts)]
    said = [each for each in says if each is not None]
    return bool(said[0]) if said else True
