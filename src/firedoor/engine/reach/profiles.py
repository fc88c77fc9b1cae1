"""
Profiles: pods that no policy can tell apart.

A profile is a namespace, the relevant labels, the relevant named ports, and for
pods whose address counts, the external classes that the address falls in.
"""

from __future__ import annotations

from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.addresses import AddressAxis
    from firedoor.engine.reach.selectors import LabelAxis
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.members import Member
    from firedoor.model.workloads import Pod, PodIP

NamedPorts = tuple[tuple[str, str, int], ...]
"""``(name, protocol, number)`` of the named ports that some rule refers to."""


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


def profiles_of(
    members: Sequence[Member], labels: LabelAxis, addresses: AddressAxis, vocabulary: Vocabulary
) -> tuple[list[Profile], list[int]]:
    """Return the distinct profiles, sorted by namespace, and the profile of each member."""
    keys = _Keys(labels, addresses, vocabulary)
    met = keys.numbers(members)
    ordered = sorted(keys.met, key=itemgetter(0))
    place = np.empty(len(ordered), dtype=np.int64)
    place[[keys.met[key] for key in ordered]] = np.arange(len(ordered))
    found: list[int] = place[np.asarray(met, dtype=np.int64)].tolist()
    return [Profile(*key) for key in ordered], found


def profile_of(member: Member, labels: LabelAxis, addresses: AddressAxis, vocabulary: Vocabulary) -> Profile:
    """Return the profile of one member."""
    return Profile(*_Keys(labels, addresses, vocabulary).key(member))


_Key = tuple[str, tuple[tuple[str, int], ...], NamedPorts, bool, "tuple[int, ...] | None", str, tuple[str, ...]]
"""The fields of a profile in their order."""


class _Keys:
    """Finds what tells members apart; what they share is looked at once."""

    def __init__(self, labels: LabelAxis, addresses: AddressAxis, vocabulary: Vocabulary) -> None:
        self._labels = labels
        self._addresses = addresses
        self._vocabulary = vocabulary
        self._traits = [function for _, function in sorted(vocabulary.traits.items())]
        self._ports: dict[NamedPorts, NamedPorts] = {}
        """Of named ports those that some rule refers to."""
        self._classes: dict[tuple[str, tuple[PodIP, ...]], tuple[int, ...] | None] = {}
        self.met: dict[_Key, int] = {}
        """The keys of members, numbered in the order that they were met in."""

    def numbers(self, members: Sequence[Member]) -> list[int]:
        """Return the number of each member's key in `met`."""
        if self._traits or self._vocabulary.pods_by_address:
            return [self._number(member) for member in members]
        # Replicas come in one run, and what they have in common is one object.
        kin = np.fromiter(map(id, map(attrgetter("kin"), members)), dtype=np.int64, count=len(members))
        starts = np.flatnonzero(np.diff(kin, prepend=-1)).tolist()
        found: list[int] = []
        for start, end in pairwise([*starts, len(members)]):
            first = members[start]
            if first.kin.host_network:
                found += [self._number(each) for each in members[start:end]]
            else:
                found += [self._number(first)] * (end - start)
        return found

    def _number(self, member: Member) -> int:
        return self.met.setdefault(self.key(member), len(self.met))

    def key(self, member: Member) -> _Key:
        vocabulary, kin, pod = self._vocabulary, member.kin, member.pod
        ports = self._ports.get(kin.ports)
        if ports is None:
            ports = self._ports[kin.ports] = tuple([each for each in kin.ports if each[0] in vocabulary.port_names])
        traits = tuple([trait(member) for trait in self._traits]) if self._traits else ()
        if kin.host_network:
            externals = self._externals(pod) if vocabulary.hosts_by_address else ()
            return "", (), ports, True, externals, pod.spec.node_name if vocabulary.hosts_by_node else "", traits
        externals = self._externals(pod) if vocabulary.pods_by_address else ()
        return kin.workload.namespace, self._labels.reduce(kin.labels), ports, False, externals, "", traits

    def _externals(self, pod: Pod) -> tuple[int, ...] | None:
        # Two pods on the network of a node have one address, which the first asks about for both.
        told = pod.status.pod_ip, pod.status.pod_ips
        if told not in self._classes:
            found = {self._addresses.external(each) for each in pod.addresses}
            self._classes[told] = tuple(sorted(found)) or None
        return self._classes[told]
