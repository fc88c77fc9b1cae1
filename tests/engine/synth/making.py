"""Small clusters and edges to make policies for."""

from __future__ import annotations

from collections.abc import Sequence

from firedoor.adapters.manifests.source import load_text
from firedoor.bootstrap import read_policies
from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.engine.reach.network import Network
from firedoor.engine.synth.groups import GroupIndex
from firedoor.engine.synth.kinds.writing import ABILITIES
from firedoor.engine.synth.permitted import Permitted
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.generation import Evidence, Generation, Need, Party, PolicyKind
from firedoor.model.places import ObjectRef
from firedoor.usecases.generate import GenerationQuestion, from_flows, generate

SECOND = 10**9


def deployment(name: str, labels: str, *, namespace: str = "shop", pod: str = "", spec: str = "") -> str:
    """Return a Deployment whose pods have these labels; `pod` is put into the container, `spec` beside it."""
    return f"""
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{}}}}
  template:
    metadata: {{labels: {{{labels}}}}}
    spec:
      containers: [{{name: main, image: "example.test/{name}:1"{pod}}}]
{spec}"""


def network(text: str, cni: CniProfile = SPEC) -> Network:
    """Return the network of manifests."""
    return Network(load_text(text), cni)


def workload(name: str, namespace: str = "shop", owner: str = "Deployment") -> FlowPeer:
    """Return a workload as an end of an edge."""
    return FlowPeer(PeerKind.WORKLOAD, namespace, owner, name)


def outside(address: str, name: str = "") -> FlowPeer:
    """Return something outside as an end of an edge."""
    return FlowPeer(PeerKind.EXTERNAL, address=address, name=name)


def node(name: str, address: str = "") -> FlowPeer:
    """Return a node as an end of an edge."""
    return FlowPeer(PeerKind.NODE, name=name, address=address)


def edge(
    source: FlowPeer,
    destination: FlowPeer,
    port: int = 80,
    *,
    protocol: str = "TCP",
    verdict: FlowVerdict = FlowVerdict.ALLOWED,
    count: int = 1,
    at: tuple[int, int] = (0, 0),
) -> FlowEdge:
    """Return an edge; `at` are the seconds of the first and last connection."""
    return FlowEdge(source, destination, protocol, port, verdict, count, at[0] * SECOND, at[1] * SECOND)


def party(name: str, kind: str = "Deployment", namespace: str = "shop") -> Party:
    """Return a workload as an end of a need."""
    return Party(ObjectRef(kind, namespace, name))


def need(source: Party, destination: Party, port: int = 80, protocol: str = "TCP", last: int = 0) -> Need:
    """Return a need."""
    return Need(source, destination, protocol, port, last or port, (Evidence("said"),))


def permitted(
    found: Network,
    needs: Sequence[Need],
    kind: PolicyKind = PolicyKind.NETWORKPOLICY,
    bound: int = 0,
    namespaces: Sequence[str] = ("shop",),
) -> Permitted:
    """Return what is permitted when these are needed."""
    abilities = ABILITIES[kind]
    groups = GroupIndex(found, by_values_alone=abilities.accounts)
    return Permitted(found, groups, needs, namespaces, abilities, bound)


def generated(
    text: str, edges: Sequence[FlowEdge], asked: GenerationQuestion | None = None, cni: CniProfile = SPEC
) -> Generation:
    """Return policies for edges in the cluster of manifests; without more said, names need not be resolved."""
    asked = asked or GenerationQuestion(dns=False)
    return generate(load_text(text), cni, from_flows(edges, 1), asked, read_policies)
