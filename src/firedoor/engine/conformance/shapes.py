"""The parts that cases of the suite are written in."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.model.declaring import Listening, Named

if TYPE_CHECKING:
    from collections.abc import Iterable

Manifest = dict[str, Any]


class Feature(StrEnum):
    """A part of the NetworkPolicy API that a plugin can do well or badly by itself."""

    INGRESS = "ingress"
    EGRESS = "egress"
    POLICY_TYPES = "policyTypes"
    PODS = "podSelector"
    NAMESPACES = "namespaceSelector"
    EXPRESSIONS = "matchExpressions"
    PORTS = "port"
    NAMED_PORTS = "named port"
    END_PORT = "endPort"
    UDP = "UDP"
    SCTP = "SCTP"
    UNION = "several policies"
    IP_BLOCKS = "ipBlock"
    EXCEPT = "except"
    SELF = "pod to itself"
    REPLIES = "replies"
    SERVICES = "Services"
    OWN_NODE = "own node"
    HOST_NETWORK = "host network"
    CHANGES = "changes"


class Space(Struct, frozen=True, gc=False):
    """A namespace of the suite, with its labels."""

    key: str
    labels: dict[str, str]


class Site(Struct, frozen=True, gc=False):
    """
    A pod of the suite; its key is ``space/name``.

    `place` counts the nodes round: sites of different places are on different nodes
    where there are several. A late one is made after the policies of its case.
    """

    key: str
    labels: dict[str, str]
    listening: Listening = (("TCP", 8080),)
    ports: Named = ()
    place: int = 0
    host_network: bool = False
    is_late: bool = False

    @property
    def space(self) -> str:
        """The key of its namespace."""
        return self.key.partition("/")[0]

    @property
    def name(self) -> str:
        """Its name within the namespace."""
        return self.key.partition("/")[2]


class Try(Struct, frozen=True, gc=False, order=True):
    """A connection to try, from one site to a port of another, both by key."""

    source: str
    destination: str
    protocol: str
    port: int
    is_through_service: bool = False


class Stage(Struct, frozen=True, gc=False):
    """
    A state of the scratch namespaces, and what is tried in it.

    `policies` are all that there are. `labels` are those of pods and namespaces (by key)
    which differ from those that they were made with.
    """

    policies: tuple[Manifest, ...]
    tries: tuple[Try, ...]
    labels: dict[str, dict[str, str]] = {}


class Case(Struct, frozen=True, gc=False):
    """
    One question to the plugin.

    `left_open` says what the API leaves open about it; with `is_undefined` that is all of
    it, otherwise only what the profiles disagree about. `places` is how many nodes it takes.
    """

    name: str
    feature: Feature
    tells: str
    stages: tuple[Stage, ...]
    left_open: str = ""
    is_undefined: bool = False
    places: int = 1

    @property
    def tries(self) -> Iterable[Try]:
        """All that is tried, in all stages."""
        return (each for stage in self.stages for each in stage.tries)
