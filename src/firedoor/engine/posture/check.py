"""What a check is, and what it is given to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from firedoor.engine.pod_security import LATEST, Version
from firedoor.engine.pod_security.survey import Survey
from firedoor.engine.posture.crews import Crew, crews_of, firsts
from firedoor.engine.posture.doors import Door, doors_of, homes_of
from firedoor.engine.posture.walk import RuleAt, every_rule
from firedoor.engine.reach.cni import SPEC, candidates
from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
from firedoor.engine.reach.network import Network
from firedoor.model.findings import Confidence, Finding, Fix, PodSecurityMark, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import GapKind, ObjectRef
from firedoor.model.services import Service
from firedoor.model.snapshot import Snapshot

SECTIONS = ("What it finds", "Why it matters", "Example", "Remedy", "References")
"""The headings that the documentation of every check has, in this order."""

Key = TypeVar("Key")

_HIDING = frozenset({GapKind.REJECTED, GapKind.UNREADABLE, GapKind.TEMPLATE, GapKind.FORBIDDEN})


@dataclass(frozen=True)
class Context:
    """
    What checks look at: a snapshot, its network, and what is known of the cluster around it.

    `detected_cni` is the profile that the snapshot's own node agents point to, None
    where it is open; `server_version` is the API server's, empty when not known. Pods are
    judged by the Pod Security Standards of `pss_version`.
    """

    snapshot: Snapshot
    network: Network
    detected_cni: str | None = None
    server_version: str = ""
    pss_version: Version = LATEST

    @cached_property
    def pod_security(self) -> Survey:
        """How the workloads and namespaces stand to the Pod Security Standards."""
        return Survey(self.snapshot, self.server_version)

    @cached_property
    def written(self) -> Network:
        """The network as the policies are written, even where no network plugin enforces them."""
        return self.network if self.network.cni.enforced else Network(self.snapshot, SPEC)

    @cached_property
    def workloads(self) -> dict[ObjectRef, list[int]]:
        """The members of each workload that policies can apply to: those on a network of their own."""
        return self._grouped(lambda position: self.written.members[position].workload)

    @cached_property
    def inhabitants(self) -> dict[str, list[int]]:
        """The members of each namespace that policies can apply to."""
        return self._grouped(lambda position: self.written.members[position].namespace)

    @cached_property
    def of_profile(self) -> tuple[tuple[int, ...], ...]:
        """The members of each profile."""
        groups: list[list[int]] = [[] for _ in self.written.profiles]
        for position, profile in enumerate(self.written.profile_of):
            groups[profile].append(position)
        return tuple(map(tuple, groups))

    @cached_property
    def selecting(self) -> dict[Direction, tuple[tuple[CompiledNetworkPolicy, ...], ...]]:
        """The policies that isolate each profile, by direction."""
        found: dict[Direction, tuple[tuple[CompiledNetworkPolicy, ...], ...]] = {}
        for direction in Direction:
            lists: list[list[CompiledNetworkPolicy]] = [[] for _ in self.written.profiles]
            for compiled in self.written.compiled[direction]:
                for profile in compiled.selected.tolist():
                    lists[profile].append(compiled)
            found[direction] = tuple(map(tuple, lists))
        return found

    @cached_property
    def rules(self) -> tuple[RuleAt, ...]:
        """Every rule of the NetworkPolicies that counts."""
        return tuple(every_rule(self.written.compiled))

    @cached_property
    def crews(self) -> tuple[Crew, ...]:
        """All pods, those on the network of their node as well, where they do not differ taken together."""
        return tuple(crews_of(self.written.members))

    @cached_property
    def first_crews(self) -> tuple[Crew, ...]:
        """The first crew of each workload."""
        return tuple(firsts(self.crews))

    @cached_property
    def plugins(self) -> frozenset[str]:
        """The network plugins that the workloads point to."""
        images = [image for each in self.crews for image in each.spec.images]
        names = {(each.workload.kind, each.workload.namespace, each.workload.name) for each in self.crews}
        return frozenset(candidates(images, names))

    @cached_property
    def homes(self) -> dict[str, list[Crew]]:
        """The crews by namespace."""
        return homes_of(self.crews)

    @cached_property
    def services(self) -> dict[str, list[Service]]:
        """The Services by namespace."""
        found: dict[str, list[Service]] = defaultdict(list)
        for each in self.snapshot.services:
            found[each.metadata.namespace].append(each)
        return found

    @cached_property
    def doors(self) -> tuple[Door, ...]:
        """The ways in from outside that policies do not close."""
        return tuple(doors_of(self.network, self.crews))

    @cached_property
    def direct_doors(self) -> dict[ObjectRef, list[Door]]:
        """Those of the ways in that no controller stands before, by the workload that they lead to."""
        found: dict[ObjectRef, list[Door]] = defaultdict(list)
        for each in self.doors:
            if each.is_direct:
                found[each.crew.workload].append(each)
        return found

    @cached_property
    def is_partial(self) -> bool:
        """Whether objects that might matter could not be read."""
        return any(gap.kind in _HIDING for gap in self.snapshot.gaps)

    def workloads_of(self, profiles: list[int]) -> tuple[ObjectRef, ...]:
        """Return the workloads that have pods of these profiles, sorted."""
        members = self.written.members
        return tuple(sorted({members[each].workload for profile in profiles for each in self.of_profile[profile]}))

    def is_uncertain(self, position: int) -> bool:
        """Return whether a policy that could not be evaluated may apply to the member."""
        member = self.written.members[position]
        return any(next(self.written.gaps_of(member, each), None) is not None for each in Direction)

    def _grouped(self, key: Callable[[int], Key]) -> dict[Key, list[int]]:
        groups: dict[Key, list[int]] = defaultdict(list)
        for position, member in enumerate(self.written.members):
            if not member.host_network:
                groups[key(position)].append(position)
        return dict(groups)


_NO_MAPPINGS = Mappings()


@dataclass(frozen=True)
class Check:
    """
    One thing that can be wrong with a cluster, and how to see it.

    `id` is the file name with ``-`` for ``_``. `severity` and `confidence` are the
    usual ones; a finding may carry others. `why` is told with every finding, `since`
    is the version of firedoor that brought the check, `docs` its module's docstring.
    `mappings` are the items of frameworks that it is about.
    """

    id: str
    title: str
    severity: Severity
    confidence: Confidence
    since: str
    why: str
    docs: str
    run: Callable[[Context], Iterator[Finding]]
    mappings: Mappings = _NO_MAPPINGS

    @property
    def sections(self) -> dict[str, str]:
        """The documentation by heading; a heading is a line of its own that a line of dashes underlines."""
        found: dict[str, list[str]] = {}
        lines = self.docs.strip().splitlines()
        current: list[str] = []
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if line and following and set(following) == {"-"}:
                current = found.setdefault(line, [])
            elif set(line) != {"-"}:
                current.append(line)
        return {heading: "\n".join(text).strip() for heading, text in found.items()}

    def finding(  # noqa: PLR0913 - a finding has this many parts
        self,
        about: ObjectRef,
        source: str,
        message: str,
        evidence: tuple[str, ...],
        fix: Fix,
        *,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        why: str = "",
        pss: PodSecurityMark | None = None,
    ) -> Finding:
        """Return a finding of this check, with its usual severity, confidence and reason unless others are given."""
        return Finding(
            self.id,
            severity or self.severity,
            confidence or self.confidence,
            about,
            source,
            message,
            why or self.why,
            evidence,
            fix,
            pss,
            self.mappings,
        )
