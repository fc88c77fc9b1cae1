"""Pods that do not differ in what checks look at, taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.model.members import Member
    from firedoor.model.places import ObjectRef
    from firedoor.model.workloads import PodSpec


class Crew(NamedTuple):
    """Pods of one workload with the same labels, ports and containers; `position` is that of the first of them."""

    position: int
    member: Member

    @property
    def workload(self) -> ObjectRef:
        """The workload."""
        return self.member.workload

    @property
    def spec(self) -> PodSpec:
        """The specification that they have in common, as far as checks look at it."""
        return self.member.spec

    @property
    def source(self) -> str:
        """``file:line`` of the first pod, or of the workload that would make it."""
        return str(self.member.place)


def crews_of(members: Sequence[Member]) -> Iterator[Crew]:
    """Yield the crews in the order of the members, who stand sorted by workload."""
    last: Member | None = None
    for position, member in enumerate(members):
        if last is None or not _is_alike(last, member):
            yield Crew(position, member)
            last = member


def firsts(crews: Sequence[Crew]) -> list[Crew]:
    """Return the first crew of each workload."""
    found: dict[ObjectRef, Crew] = {}
    for each in crews:
        found.setdefault(each.workload, each)
    return list(found.values())


def _is_alike(one: Member, other: Member) -> bool:
    return one.spec.containers == other.spec.containers and one.kin == other.kin
