"""
Profiles: pods that no policy can tell apart.

A profile is a namespace, the relevant labels, the relevant named ports, and for
pods whose address counts, the external classes that the address falls in.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.addresses import AddressAxis
    from firedoor.engine.reach.selectors import LabelAxis
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.population import Member

NamedPorts = tuple[tuple[str, str, int], ...]
"""``(name, protocol, number)`` of the named ports that some rule refers to."""


@dataclass(frozen=True, slots=True)
class Profile:
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
    seen: dict[_Key, list[int]] = {}
    key_of = _Keys(labels, addresses, vocabulary).of
    for position, member in enumerate(members):
        key = key_of(member)
        held = seen.get(key)
        if held is None:
            seen[key] = [position]
        else:
            held.append(position)
    ordered = sorted(seen, key=itemgetter(0))
    of_member = [0] * len(members)
    for number, key in enumerate(ordered):
        for position in seen[key]:
            of_member[position] = number
    return [Profile(*key) for key in ordered], of_member


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
        self._alike: dict[tuple[str, int, int], _Key] = {}

    def of(self, member: Member) -> _Key:
        if member.host_network or self._traits or self._vocabulary.pods_by_address:
            return self.key(member)
        # Members keep their labels and ports, so that an identity stands for the same ones throughout.
        identity = member.namespace, id(member.labels), id(member.ports)
        found = self._alike.get(identity)
        if found is None:
            found = self._alike[identity] = self.key(member)
        return found

    def key(self, member: Member) -> _Key:
        vocabulary = self._vocabulary
        ports = tuple(port for port in member.ports if port[0] in vocabulary.port_names)
        traits = tuple(trait(member) for trait in self._traits)
        if member.host_network:
            externals = self._externals(member) if vocabulary.hosts_by_address else ()
            return "", (), ports, True, externals, member.node if vocabulary.hosts_by_node else "", traits
        externals = self._externals(member) if vocabulary.pods_by_address else ()
        return member.namespace, self._labels.reduce(member.labels), ports, False, externals, "", traits

    def _externals(self, member: Member) -> tuple[int, ...] | None:
        if not member.addresses:
            return None
        return tuple(sorted({self._addresses.external(each) for each in member.addresses}))
