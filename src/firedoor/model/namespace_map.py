"""Namespaces and the connections that are possible between them, as a map."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.findings import Finding
from firedoor.model.places import Gap


class MapNode(Struct, frozen=True, gc=False):
    """A namespace with so many pods."""

    namespace: str
    pods: int


class MapEdge(Struct, frozen=True, gc=False):
    """How many ordered pairs of pods of two namespaces may connect: on all ports, on some, or perhaps."""

    source: str
    destination: str
    all: int = 0
    some: int = 0
    unknown: int = 0


class NamespaceMap(Struct, frozen=True, gc=False):
    """Namespaces by name and what connects them; `hidden` is how many there are besides."""

    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    hidden: int = 0


class DrawnMap(Struct, frozen=True, gc=False):
    """A map, the findings that its circles count, and what is missing from the picture."""

    map: NamespaceMap
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
