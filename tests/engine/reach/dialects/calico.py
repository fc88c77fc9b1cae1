"""A small cluster under Calico's policies, and questions about it."""

from __future__ import annotations

from zlib import crc32

from tests.loading import snapshot_of

from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS

CLUSTER = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: data, labels: {team: data}}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: keeper, namespace: shop, labels: {role: storage}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db, tier: back-end}},
 status: {podIP: 10.0.0.1}, spec: {nodeName: n2, serviceAccountName: keeper, containers: [{name: a, image: a, ports: [
   {name: sql, containerPort: 5432}, {name: dns, containerPort: 53, protocol: UDP}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web, tier: front-end}},
 status: {podIP: 10.0.0.2}, spec: {nodeName: n2, containers: [
  {name: a, image: a, ports: [{name: http, containerPort: 8080}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: job, namespace: data, labels: {app: job}}, status: {podIP: 10.0.1.1},
 spec: {nodeName: n2, containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: shop, labels: {app: agent}},
 spec: {nodeName: n1, hostNetwork: true, containers: [{name: a, image: a}]}}
"""


def network(*texts: str) -> Network:
    """Return the network of the cluster with more manifests."""
    return Network(snapshot_of("\n---\n".join((CLUSTER, *texts))))


def policy(spec: str, name: str = "guard", kind: str = "GlobalNetworkPolicy") -> str:
    """Return a global policy with the fields of its specification, in flow style."""
    return f"{{apiVersion: projectcalico.org/v3, kind: {kind}, metadata: {{name: {name}}}, spec: {{{spec}}}}}"


def namespaced(spec: str, name: str = "guard", namespace: str = "shop") -> str:
    """Return a policy of a namespace."""
    return policy(spec, f"{name}, namespace: {namespace}", "NetworkPolicy")


def on_db(rules: str, **fields: object) -> str:
    """Return a global policy for the pod db with ingress rules."""
    more = "".join(f", {key}: {value}" for key, value in fields.items())
    return policy(f"selector: app == 'db', ingress: [{rules}]{more}", f"guard{crc32((rules + more).encode())}")


def tier(name: str, order: float, action: str = "Deny") -> str:
    """Return a tier."""
    return policy(f"order: {order}, defaultAction: {action}", name, "Tier")


def kubernetes(spec: str, name: str = "knp", namespace: str = "shop") -> str:
    """Return a NetworkPolicy of Kubernetes."""
    metadata = f"{{name: {name}, namespace: {namespace}}}"
    return f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {metadata}, spec: {{{spec}}}}}"


def networks(name: str, labels: str, nets: str, namespace: str = "") -> str:
    """Return a set of networks, a global one unless a namespace is given."""
    kind, where = ("NetworkSet", f", namespace: {namespace}") if namespace else ("GlobalNetworkSet", "")
    metadata = f"{{name: {name}, labels: {{{labels}}}{where}}}"
    return f"{{apiVersion: projectcalico.org/v3, kind: {kind}, metadata: {metadata}, spec: {{nets: [{nets}]}}}}"


def end(found: Network, name: str) -> int | str:
    """Return a pod by its name, anything else as it is."""
    return next((position for position, member in enumerate(found.members) if member.name == name), name)


def asked(found: Network, source: str, destination: str, port: int = 80, protocol: str = "TCP") -> Verdict:
    """Return the verdict, with which the explanations of both ends have to agree."""
    ends = end(found, source), end(found, destination)
    verdict = found.verdict(*ends, protocol, port)
    halves = [explain_direction(found, direction, *ends, protocol, port) for direction in Direction]
    assert all(half.because for half in halves)
    assert max((half.verdict for half in halves), key=[ACCEPTED, UNKNOWN, DENIED].index) is verdict
    return verdict


def why(found: Network, source: str, destination: str, port: int = 80, direction: Direction = INGRESS) -> list[str]:
    """Return the reasons of one end, each with the policy and rule that it comes from."""
    half = explain_direction(found, direction, end(found, source), end(found, destination), "TCP", port)
    return [" ".join(filter(None, (each.kind, each.policy, each.rule, each.detail))) for each in half.because]
