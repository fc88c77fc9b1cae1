"""Intents: what a person means to be able to connect and what not, and whether a cluster holds to it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.algebra.ports import ALL_TRAFFIC, Traffic
from firedoor.model.explanation import DirectionExplanation
from firedoor.model.icmp import IcmpMessage
from firedoor.model.labels import LabelSelector
from firedoor.model.places import Gap
from firedoor.model.verdicts import Verdict


class IntentKind(StrEnum):
    """What an intent demands of the connections between its ends."""

    MUST_ALLOW = "must-allow"
    """Every one is accepted."""
    MUST_DENY = "must-deny"
    """Every one is denied."""
    ONLY_THESE = "only-these"
    """Whatever comes from elsewhere than the listed sources is denied."""


class Word(StrEnum):
    """Ends that have a name of their own."""

    ANY = "any"
    """Every pod, and everything outside."""
    PODS = "pods"
    """Every pod."""
    NODES = "nodes"
    """Every pod on the network of its node."""
    OUTSIDE = "outside"
    """Every address that belongs to no pod and no node."""


class EndTerm(Struct, frozen=True, gc=False):
    """
    One part of an end: a word, a block of addresses, a domain name, or the pods that meet all of the rest.

    `text` is what the person wrote, in one line.
    """

    text: str
    word: Word | None = None
    addresses: str = ""
    """A CIDR, or a single address."""
    namespace: str = ""
    namespace_labels: LabelSelector | None = None
    labels: LabelSelector | None = None
    workload: str = ""
    """``name`` or ``kind/name`` of a workload."""
    domain: str = ""
    """A DNS name, which stands for the addresses outside that it leads to."""


class Intent(Struct, frozen=True, gc=False):
    """
    One intent; `place` is its ``file:line``.

    It is about `ports` of destinations, and about the messages of `icmp`.
    """

    name: str
    kind: IntentKind
    sources: tuple[EndTerm, ...]
    destinations: tuple[EndTerm, ...]
    ports: Traffic = ALL_TRAFFIC
    allow_empty: bool = False
    place: str = ""
    icmp: tuple[IcmpMessage, ...] = ()


class Violation(Struct, frozen=True, gc=False):
    """
    Connections of two workloads, or of one with addresses, that are not as an intent demands.

    `traffic` has the opposite verdict for sure, `unknown` cannot be decided. `verdict`
    and both explanations are those of one of the connections, which `source`,
    `destination`, `protocol` and `port` name. With `icmp` it is all about that message.
    """

    source: str
    destination: str
    traffic: Traffic
    unknown: Traffic
    protocol: str
    port: int
    verdict: Verdict
    egress: DirectionExplanation
    ingress: DirectionExplanation
    icmp: IcmpMessage | None = None


class IntentResult(Struct, frozen=True, gc=False):
    """
    Whether an intent holds, and if not why.

    `problems` say which ends match nothing; `more` is how many violations there are
    besides those listed. `excepted` is why it need not hold, empty where it must.
    """

    intent: Intent
    problems: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    more: int = 0
    excepted: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not (self.problems or self.violations)

    @property
    def is_failure(self) -> bool:
        """Whether it does not hold and has to."""
        return not (self.holds or self.excepted)

    @property
    def is_unknown(self) -> bool:
        """Whether it cannot be decided: nothing is surely otherwise than it demands."""
        return not (self.holds or self.problems or any(each.traffic for each in self.violations))


class Verification(Struct, frozen=True, gc=False):
    """The results of all intents, in their order, and what is missing from the picture."""

    results: tuple[IntentResult, ...]
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"

    @property
    def failed(self) -> int:
        """How many intents do not hold and have to."""
        return sum(each.is_failure for each in self.results)

    @property
    def excepted(self) -> int:
        """How many intents do not hold and need not."""
        return sum(bool(each.excepted) and not each.holds for each in self.results)
