"""Short ways to write policies and what is tried."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from firedoor.engine.conformance.shapes import Try

if TYPE_CHECKING:
    from firedoor.engine.conformance.shapes import Manifest


def policy(
    name: str, subject: Manifest | None = None, *, space: str = "x", types: str = "", **rules: list[Manifest]
) -> Manifest:
    """Return a policy for the pods of a space that `subject` selects, or all; `types` are separated by spaces."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": f"{{{space}}}"},
        "spec": {"podSelector": subject or {}, **({"policyTypes": types.split()} if types else {}), **rules},
    }


def labelled(**labels: str) -> Manifest:
    """Return a selector for labels."""
    return {"matchLabels": labels}


def expressed(key: str, operator: str, *values: str) -> Manifest:
    """Return a selector of one expression."""
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


def pods(**labels: str) -> Manifest:
    """Return a peer: pods of the policy's own namespace."""
    return {"podSelector": labelled(**labels)}


def block(cidr: str, *excepts: str) -> Manifest:
    """Return a peer: addresses."""
    return {"ipBlock": {"cidr": cidr, **({"except": list(excepts)} if excepts else {})}}


def port(number: int | str | None = None, protocol: str | None = None, end: int | None = None) -> Manifest:
    """Return a port of a rule; what is not given is not written."""
    fields = {"port": number, "protocol": protocol, "endPort": end}
    return {key: value for key, value in fields.items() if value is not None}


def from_(*peers: Manifest, ports: tuple[Manifest, ...] = ()) -> Manifest:
    """Return an ingress rule."""
    return {**({"from": list(peers)} if peers else {}), **({"ports": list(ports)} if ports else {})}


def to(*peers: Manifest, ports: tuple[Manifest, ...] = ()) -> Manifest:
    """Return an egress rule."""
    return {**({"to": list(peers)} if peers else {}), **({"ports": list(ports)} if ports else {})}


def tries(
    sources: str, destinations: str, ports: str = "TCP/8080", *, through_service: bool = False
) -> tuple[Try, ...]:
    """Return what is tried: each source to each port of each destination, all of them separated by spaces."""
    found = []
    for source, destination, text in product(sources.split(), destinations.split(), ports.split()):
        protocol, _, number = text.partition("/")
        found.append(Try(source, destination, protocol, int(number), through_service))
    return tuple(found)
