"""Whom the workloads of a namespace exchange what with, namespace by namespace."""

from __future__ import annotations

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.places import ObjectRef


class NamespacePeer(Struct, frozen=True, gc=False):
    """
    One side of what a workload may exchange: pods of a namespace, or (an empty one) addresses outside.

    `traffic` is surely accepted between some of the pods, or with some of the addresses; `unknown` may be. With
    `is_part` not all addresses outside are treated alike.
    """

    namespace: str
    traffic: Traffic
    unknown: Traffic = ()
    is_part: bool = False


class WorkloadPeers(Struct, frozen=True, gc=False):
    """
    A workload, how many pods it has, and the namespaces that reach it and that it reaches.

    Pods on the network of their node are neither told of nor told as peers.
    """

    workload: ObjectRef
    pods: int
    sources: tuple[NamespacePeer, ...] = ()
    destinations: tuple[NamespacePeer, ...] = ()
