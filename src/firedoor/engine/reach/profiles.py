"""
Profiles: pods that no policy can tell apart.

A profile is a namespace, the relevant labels, the relevant named ports, and for
pods whose address counts, the external classes that the address falls in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.addresses import AddressAxis
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.selectors import LabelAxis
    from firedoor.model.population import Member

NamedPorts = tuple[tuple[str, str, int], ...]
"""``(name, protocol, number)`` of the named ports that some rule refers to."""


@dataclass(frozen=True, slots=True)
class Profile:
    """
    What the policies can see of a pod.

    `externals` are the classes of its addresses where ``ipBlock`` peers match them,
    and None where an address counts but is not known; host-network pods are neither
    selected nor matched by selectors, so that nothing else of them counts.
    """

    namespace: str
    labels: tuple[tuple[str, int], ...]
    ports: NamedPorts
    host_network: bool
    externals: tuple[int, ...] | None


def profiles_of(
    members: Sequence[Member],
    labels: LabelAxis,
    port_names: frozenset[str],
    addresses: AddressAxis,
    cni: CniProfile,
) -> tuple[list[Profile], list[int]]:
    """Return the distinct profiles, sorted by namespace, and the profile of each member."""
    seen: dict[Profile, list[int]] = {}
    for position, member in enumerate(members):
        profile = _profile(member, labels, port_names, addresses, cni)
        seen.setdefault(profile, []).append(position)
    ordered = sorted(seen, key=lambda each: each.namespace)
    of_member = [0] * len(members)
    for number, profile in enumerate(ordered):
        for position in seen[profile]:
            of_member[position] = number
    return ordered, of_member


def _profile(
    member: Member, labels: LabelAxis, port_names: frozenset[str], addresses: AddressAxis, cni: CniProfile
) -> Profile:
    ports = tuple(port for port in member.ports if port[0] in port_names)
    if member.host_network:
        externals = _externals(member, addresses) if cni.ipblock_matches_nodes else ()
        return Profile("", (), ports, host_network=True, externals=externals)
    externals = _externals(member, addresses) if cni.ipblock_matches_pods else ()
    return Profile(member.namespace, labels.reduce(member.labels), ports, host_network=False, externals=externals)


def _externals(member: Member, addresses: AddressAxis) -> tuple[int, ...] | None:
    if not member.addresses:
        return None
    return tuple(sorted({addresses.external(each) for each in member.addresses}))
