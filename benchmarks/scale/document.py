"""A whole cluster as one JSON document, written piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from benchmarks.scale.access import access
from benchmarks.scale.cluster_policies import cluster_network_policies
from benchmarks.scale.objects import namespaces, nodes, owners, services
from benchmarks.scale.plan import Plan, make_plan
from benchmarks.scale.pods import pods
from benchmarks.scale.policies import network_policies
from benchmarks.scale.size import Size

_AT_ONCE = 1000


def write_cluster(path: Path, size: Size, seed: int, *, indented: bool = False, with_owners: bool = False) -> Plan:
    """Write a cluster as a List to `path`, and return its plan."""
    plan = make_plan(size, seed)
    with path.open("wb") as stream:
        _write(stream, _elements(plan, indented=indented, with_owners=with_owners), indented=indented)
    return plan


def _elements(plan: Plan, *, indented: bool, with_owners: bool) -> Iterator[str]:
    return chain(
        namespaces(plan, indented=indented),
        nodes(plan, indented=indented),
        owners(plan, indented=indented) if with_owners else (),
        pods(plan, indented=indented),
        services(plan, indented=indented),
        network_policies(plan, indented=indented),
        cluster_network_policies(plan, indented=indented),
        access(plan, indented=indented),
    )


def _write(stream: BinaryIO, elements: Iterator[str], *, indented: bool) -> None:
    head, tail = ('{"apiVersion":"v1","items":[\n', '\n],"kind":"List","metadata":{"resourceVersion":""}}\n')
    if indented:
        head = '{\n    "apiVersion": "v1",\n    "items": [\n'
        tail = '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n'
    stream.write(head.encode())
    separator = ""
    while some := list(islice(elements, _AT_ONCE)):
        stream.write((separator + ",\n".join(some)).encode())
        separator = ",\n"
    stream.write(tail.encode())
