"""
Profiles: pods that no policy can tell apart.

A profile is a namespace, the relevant labels, the relevant named ports, and for
pods whose address counts, the external classes that the address falls in.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np
from msgspec import Struct

from firedoor.engine.reach.columns import ranges
from firedoor.engine.reach.selectors import ABSENT, LabelAxis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.addresses import AddressAxis
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.members import Kin, Member
    from firedoor.model.workloads import PodIP, PodStatus

    Integers = NDArray[np.int64]

NamedPorts = tuple[tuple[str, str, int], ...]
"""``(name, protocol, number)`` of the named ports that some rule refers to."""
_MOST_CODES = 1 << 62
_UNSEEN: tuple[str, dict[str, str]] = "", {}
"""The namespace and the labels that policies see of a pod on the network of its node."""


class Profile(Struct, frozen=True, gc=False):
    """
    What the policies can see of a pod.

    `externals` are the classes of its addresses where rules match them, and None where
    an address counts but is not known; host-network pods are neither selected nor
    matched by selectors, so that of them only their `node` counts besides. `traits`
    are the values of those of the vocabulary, in the order of their names.
    """

    namespace: str
    labels: tuple[tuple[str, int], ...]
    ports: NamedPorts
    host_network: bool
    externals: tuple[int, ...] | None
    node: str = ""
    traits: tuple[str, ...] = ()


class Standing(NamedTuple):
    """The fields of a profile that most pods have in common."""

    host_network: bool = False
    externals: tuple[int, ...] | None = ()
    node: str = ""
    traits: tuple[str, ...] = ()


class Profiles(Sequence[Profile]):
    """Distinct profiles as columns, sorted by namespace; there are many, and a single one is made when asked for."""

    def __init__(
        self,
        namespaces: tuple[Sequence[str], Integers],
        labels: dict[str, NDArray[np.int32]],
        ports: tuple[Sequence[NamedPorts], Integers],
        standings: tuple[Sequence[Standing], Integers],
    ) -> None:
        """
        Each pair is what there is, and for each profile which of it; of `ports` none come first.

        `labels` are codes as `LabelAxis.columns` returns them.
        """
        self.namespaces, self.namespace_of = namespaces
        self.labels = labels
        self.ports, self.declaring = ports
        self.standings, self.standing_of = standings
        self.is_host = np.asarray([each.host_network for each in self.standings], dtype=bool)[self.standing_of]
        """Which are on the network of their node."""

    @classmethod
    def of(cls, profiles: Sequence[Profile]) -> Profiles:
        """Return a few profiles, sorted by namespace, as columns."""
        keys = sorted({key for each in profiles for key, _ in each.labels})
        labels = {
            key: np.asarray([dict(each.labels).get(key, ABSENT) for each in profiles], dtype=np.int32) for key in keys
        }
        ports: dict[NamedPorts, int] = {(): 0}
        declaring = np.asarray([ports.setdefault(each.ports, len(ports)) for each in profiles], dtype=np.int64)
        standings = [Standing(each.host_network, each.externals, each.node, each.traits) for each in profiles]
        own = np.arange(len(profiles))
        return cls(([each.namespace for each in profiles], own), labels, (tuple(ports), declaring), (standings, own))

    @overload
    def __getitem__(self, number: int) -> Profile: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Profile]: ...

    def __getitem__(self, number: int | slice) -> Profile | Sequence[Profile]:
        """Return one profile, or some."""
        if isinstance(number, slice):
            return self._all[number]
        labels = [(key, int(column[number])) for key, column in self._sorted if column[number] != ABSENT]
        namespace, ports = self.namespaces[self.namespace_of[number]], self.ports_of(number)
        return Profile(namespace, tuple(labels), ports, *self.standings[self.standing_of[number]])

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.namespace_of)

    def __iter__(self) -> Iterator[Profile]:
        """Return all of them."""
        return iter(self._all)

    def ports_of(self, number: int) -> NamedPorts:
        """Return the named ports of one profile."""
        found: NamedPorts = self.ports[self.declaring[number]]
        return found

    @cached_property
    def _sorted(self) -> list[tuple[str, NDArray[np.int32]]]:
        return sorted(self.labels.items())

    @cached_property
    def _all(self) -> list[Profile]:
        return list(map(self.__getitem__, range(len(self))))


def profiles_of(
    members: Sequence[Member], labels: LabelAxis, addresses: AddressAxis, vocabulary: Vocabulary
) -> tuple[Profiles, list[int]]:
    """Return the distinct profiles, sorted by namespace, and the profile of each member."""
    reader = _Reader(addresses, vocabulary)
    starts, kins, kin_of = _runs(members, singly=reader.tells_members_apart)
    is_host = np.fromiter(map(attrgetter("host_network"), kins), dtype=bool, count=len(kins))
    spaces: list[str] = list(map(attrgetter("workload.namespace"), kins))
    owned: list[dict[str, str]] = list(map(attrgetter("labels"), kins))
    for each in np.flatnonzero(is_host).tolist():
        spaces[each], owned[each] = _UNSEEN
    names = sorted(set(spaces))
    places = {name: place for place, name in enumerate(names)}
    namespace_of = np.fromiter(map(places.__getitem__, spaces), dtype=np.int64, count=len(kins))
    columns = labels.columns(owned)
    declaring = np.asarray(reader.declared(list(map(attrgetter("ports"), kins))), dtype=np.int64)
    standing_of = np.asarray(reader.standings_of(members, starts, is_host[kin_of]), dtype=np.int64)
    fields = [(namespace_of, len(names)), (declaring, len(reader.ports))]
    fields += [(column - np.int64(ABSENT), int(column.max()) + 1 - ABSENT) for column in columns.values()]
    alike = _combined([(_combined(fields)[kin_of], len(kins)), (standing_of, len(reader.standings))])
    _, first, number = np.unique(alike, return_index=True, return_inverse=True)
    # Those of one namespace stand in the order that they are met in.
    order = np.lexsort((first, namespace_of[kin_of[first]]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    first = first[order]
    own = kin_of[first]
    found = Profiles(
        (names, namespace_of[own]),
        {key: column[own] for key, column in columns.items()},
        (reader.ports, declaring[own]),
        (reader.standings, standing_of[first]),
    )
    return found, np.repeat(place[number], np.diff(starts, append=len(members))).tolist()


def profile_of(member: Member, labels: LabelAxis, addresses: AddressAxis, vocabulary: Vocabulary) -> Profile:
    """Return the profile of one member."""
    reader, kin = _Reader(addresses, vocabulary), member.kin
    (declared,) = reader.declared([kin.ports])
    namespace, own = _UNSEEN if kin.host_network else (kin.workload.namespace, kin.labels)
    return Profile(namespace, labels.reduce(own), reader.ports[declared], *reader.standing(member))


def _runs(members: Sequence[Member], *, singly: bool) -> tuple[Integers, list[Kin], Integers]:
    """
    Return where runs of members start that are alike, what they have in common, and which of that each run has.

    Replicas come in one run, and what they have in common is one object. Members on the
    network of their nodes differ in their addresses; `singly` says that all may.
    """
    kins: list[Kin] = list(map(attrgetter("kin"), members))
    starts = np.flatnonzero(np.diff(np.fromiter(map(id, kins), dtype=np.int64, count=len(kins)), prepend=-1))
    own = list(map(kins.__getitem__, starts.tolist()))
    kin_of = np.arange(len(own))
    is_host = np.fromiter(map(attrgetter("host_network"), own), dtype=bool, count=len(own))
    if singly or is_host.any():
        # Of a run that is taken apart, every position is a start.
        parts = np.where(is_host | singly, np.diff(starts, append=len(kins)), 1)
        kin_of, starts = ranges(starts, parts)
    return starts, own, kin_of


def _combined(fields: Iterable[tuple[Integers, int]]) -> Integers:
    """Return numbers, less than there are rows, which are equal for equal rows; of each field all are below a bound."""
    found, width = np.zeros(1, dtype=np.int64), 1
    for field, bound in fields:
        if width * bound > _MOST_CODES:
            found = np.unique(found, return_inverse=True)[1]
            width = len(found)
        found, width = found * bound + field, width * bound
    return np.unique(found, return_inverse=True)[1]


class _Reader:
    """Tells what of members counts besides namespace and labels; what they share is looked at once."""

    def __init__(self, addresses: AddressAxis, vocabulary: Vocabulary) -> None:
        self._addresses = addresses
        self._vocabulary = vocabulary
        self._traits = [function for _, function in sorted(vocabulary.traits.items())]
        self._classes: dict[tuple[str, tuple[PodIP, ...]], tuple[int, ...] | None] = {}
        self._ports: dict[NamedPorts, int] = {(): 0}
        self._standings: dict[tuple[bool, tuple[int, ...] | None, str, tuple[str, ...]], int] = {}

    @property
    def tells_members_apart(self) -> bool:
        """Whether members may differ that have everything in common but what is their own."""
        return bool(self._traits) or self._vocabulary.pods_by_address

    @property
    def ports(self) -> tuple[NamedPorts, ...]:
        """What `declared` numbers."""
        return tuple(self._ports)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """What `standings_of` numbers."""
        return tuple(Standing(*each) for each in self._standings)

    def declared(self, declared: Sequence[NamedPorts]) -> list[int]:
        """Return for the named ports of each of several pods the number of those that some rule refers to."""
        names = self._vocabulary.port_names
        # Few tuples are shared by all pods.
        numbers: dict[int, int] = {}
        for key, own in dict(zip(map(id, declared), declared, strict=True)).items():
            ports = tuple([each for each in own if each[0] in names])
            numbers[key] = self._ports.setdefault(ports, len(self._ports))
        return list(map(numbers.__getitem__, map(id, declared)))

    def standings_of(
        self, members: Sequence[Member], starts: NDArray[np.int64], is_host: NDArray[np.bool_]
    ) -> list[int]:
        """Return the number of the standing of each run of members, of which some are on the network of nodes."""
        numbers, standing = self._standings, self.standing
        usual = numbers.setdefault(Standing(), len(numbers))
        found = [usual] * len(starts)
        asked = np.arange(len(starts)) if self.tells_members_apart else np.flatnonzero(is_host)
        for run, start in zip(asked.tolist(), starts[asked].tolist(), strict=True):
            found[run] = numbers.setdefault(standing(members[start]), len(numbers))
        return found

    def standing(self, member: Member) -> tuple[bool, tuple[int, ...] | None, str, tuple[str, ...]]:
        """Return the fields of the `Standing` of one member, of which there are few different ones."""
        vocabulary, is_host = self._vocabulary, member.kin.host_network
        by_address = vocabulary.hosts_by_address if is_host else vocabulary.pods_by_address
        node = member.node if is_host and vocabulary.hosts_by_node else ""
        traits = tuple([trait(member) for trait in self._traits]) if self._traits else ()
        return is_host, self._externals(member.held.status) if by_address else (), node, traits

    def _externals(self, status: PodStatus) -> tuple[int, ...] | None:
        # Two pods on the network of a node have one address, which the first asks about for both.
        told = status.pod_ip, status.pod_ips
        try:
            return self._classes[told]
        except KeyError:
            found = {self._addresses.external(each) for each in status.addresses}
            return self._classes.setdefault(told, tuple(sorted(found)) or None)
