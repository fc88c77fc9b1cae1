"""Which columns selectors, addresses, nodes and names stand for, each distinct question answered once."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family
from firedoor.engine.reach.columns import NOBODY, ColumnSets, Peers, distinct
from firedoor.engine.reach.holdings import Holders, Holdings
from firedoor.engine.reach.matches import Match
from firedoor.engine.reach.name_columns import NameColumns
from firedoor.engine.reach.selectors import LabelAxis, SelectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.addresses import AddressAxis
    from firedoor.engine.reach.profiles import Profiles
    from firedoor.model.labels import LabelSelector
    from firedoor.model.networkpolicy import IPBlock
    from firedoor.model.workloads import Node


class PeerIndex:
    """
    All columns, and the sets of them that policies name.

    Columns are the profiles, then the external classes of `addresses`, then the domain
    names and patterns that policies name, and last all other names where there are any.
    """

    def __init__(
        self,
        profiles: Profiles,
        namespaces: Mapping[str, dict[str, str]],
        axes: tuple[LabelAxis, LabelAxis],
        addresses: AddressAxis,
        domains: Sequence[str] = (),
        nodes: Sequence[Node] = (),
    ) -> None:
        """Index `profiles`; `namespaces` maps names to labels; `axes` are those of pods and of namespaces."""
        self.profiles = profiles
        self.axes = axes
        self.addresses = addresses
        self._domains = domains
        self._all_nodes = nodes
        self.first_external = len(profiles)
        self.first_domain = len(profiles) + addresses.size
        self._names = NameColumns(domains, self.first_domain)
        self.domains = self._names.written
        """The names and patterns as they are written."""
        self.size = self.first_domain + len(self.domains)
        self.sets = ColumnSets(self.size, profiles.ports, profiles.declaring)
        self.anyone = Peers(self.sets, ColumnSets.ALL, ColumnSets.NONE)
        """All columns: what a rule without peers matches."""
        self.perhaps_anyone = Peers(self.sets, ColumnSets.NONE, ColumnSets.ALL)
        """All columns, none of them surely: what a rule matches that is not fully understood."""
        names = sorted(namespaces)
        self._numbers = {name: number for number, name in enumerate(names)}
        self.namespace_count = len(names)
        numbers = np.asarray([self._numbers.get(each, -1) for each in profiles.namespaces], dtype=np.int32)
        self.namespace_of = numbers[profiles.namespace_of]
        self.is_pod: NDArray[np.bool_] = ~profiles.is_host
        self.labels = SelectorIndex(axes[0], profiles.labels, len(profiles))
        self._namespaces = SelectorIndex(axes[1], axes[1].columns([namespaces[name] for name in names]), len(names))
        self._holdings = Holdings(profiles)
        self._holders: dict[tuple[bool, bool], Holders] = {}
        """The addresses that blocks match, by whether they match those of pods, and of nodes."""
        self._bounds = np.searchsorted(self.namespace_of, np.arange(len(names) + 2)).astype(np.int32)
        """Where the profiles of each namespace begin, and twice where those of the last end; hosts come before all."""
        self._spans: list[int] = self._bounds.tolist()
        self._everyone = self.columns(self.is_pod)
        self._found: dict[object, Peers] = {}
        self._chosen: dict[object, NDArray[np.int32]] = {}
        self._in_namespaces: dict[object, NDArray[np.bool_]] = {}
        self._living: dict[tuple[str, str], NDArray[np.int32]] = {}
        self._packed_namespaces: dict[object, NDArray[np.uint8]] = {}

    def of(self, profiles: Profiles, namespaces: Mapping[str, dict[str, str]]) -> PeerIndex:
        """Return an index of other profiles, of these namespaces, with the same columns behind them."""
        return PeerIndex(profiles, namespaces, self.axes, self.addresses, self._domains, self._all_nodes)

    @cached_property
    def _nodes(self) -> dict[str, tuple[str, ...]]:
        """The addresses of every node."""
        return {node.metadata.name: node.addresses for node in self._all_nodes}

    def once(self, key: object, make: Callable[[], Peers]) -> Peers:
        """Return the peers that `make` finds, the first time that `key` is asked for."""
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = make()
        return found

    def chosen(self, selector: LabelSelector | None) -> NDArray[np.int32]:
        """Return all pods among the profiles that a selector matches, sorted; None matches all."""
        if selector is None or selector.is_empty:
            return self._everyone
        key = selector.key
        found = self._chosen.get(key)
        if found is None:
            found = self.labels.positions(selector)
            # Profiles on the network of their node come first, and have no labels.
            found = self._chosen[key] = found[found.searchsorted(self._bounds[0]) :]
        return found

    def of_namespace(self, namespace: str, chosen: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return those of `chosen` that live in a namespace."""
        number = self._numbers.get(namespace)
        return NOBODY if number is None else self._inside(number, chosen)

    def _inside(self, number: int, chosen: NDArray[np.int32]) -> NDArray[np.int32]:
        if chosen is self._everyone:
            return chosen[self._spans[number] - self._spans[0] : self._spans[number + 1] - self._spans[0]]
        low, high = chosen.searchsorted(self._bounds[number : number + 2])
        return chosen[low:high]

    def numbers_of(self, namespaces: Iterable[str]) -> NDArray[np.int64]:
        """Return the numbers of namespaces, by name; `namespace_count` for those that nobody knows."""
        return np.asarray([self._numbers.get(each, self.namespace_count) for each in namespaces], dtype=np.int64)

    def of_namespaces(
        self, chosen: Sequence[NDArray[np.int32]], which: NDArray[np.int64], namespaces: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        """
        Return what `of_namespace` does for many at once: profiles, and where in them those of each question stand.

        Each of `which` is a position in `chosen`, namespaces are as `numbers_of` returns them.
        """
        flat = np.concatenate([NOBODY, *chosen])
        begins = np.repeat(np.arange(len(chosen)) * self.size, [len(each) for each in chosen])
        keys, offsets = flat + begins, which * self.size
        lows, highs = (keys.searchsorted(offsets + self._bounds[namespaces + each]) for each in (0, 1))
        return flat, lows, highs

    def selected(self, namespace: str, selector: LabelSelector | None) -> NDArray[np.int32]:
        """Return the pods among the profiles of a namespace that a selector matches, sorted; None matches all."""
        return self.of_namespace(namespace, self.chosen(selector))

    def living_once(self, namespaces: LabelSelector, selector: LabelSelector | None) -> Peers:
        """Return what `living` does, where the same is asked for several times."""
        key = namespaces.key, None if selector is None else selector.key
        return self.once(key, partial(self.living, namespaces, selector))

    def living(self, namespaces: LabelSelector, selector: LabelSelector | None) -> Peers:
        """Return the pods of the namespaces that one selector matches which the other matches, as `selected` does."""
        asked = namespaces.values_of_one_label
        if asked is None:
            inside = self._packed(namespaces)
            if selector is not None and not selector.is_empty:
                inside = inside & self.labels.bits(selector)
            return self.sets.plain(self.sets.packed(inside))
        parts = [self._living_with(asked[0], value) for value in set(asked[1])]
        pods = parts[0] if len(parts) == 1 else np.sort(np.concatenate([NOBODY, *parts]))
        return self.sets.peers(pods if selector is None else self.labels.among(pods, selector))

    def only_namespace(self, selector: LabelSelector) -> int | None:
        """Return the number of the namespace that a selector of one value means, None where that is not one."""
        asked = selector.values_of_one_label
        if asked is None or len(asked[1]) != 1:
            return None
        numbers = self._namespaces.having(asked[0], asked[1][0])
        return int(numbers[0]) if len(numbers) == 1 else None

    def _living_with(self, key: str, value: str) -> NDArray[np.int32]:
        """Return the pods of the namespaces with one label, sorted."""
        found = self._living.get((key, value))
        if found is None:
            numbers = self._namespaces.having(key, value).tolist()
            pods = [self._inside(number, self._everyone) for number in numbers]
            found = self._living[key, value] = pods[0] if len(pods) == 1 else np.concatenate([NOBODY, *pods])
        return found

    def _packed(self, namespaces: LabelSelector) -> NDArray[np.uint8]:
        """Return which profiles are pods that live in a namespace that the selector matches, one bit for each."""
        key = namespaces.key
        found = self._packed_namespaces.get(key)
        if found is None:
            inside = self.in_namespaces(namespaces) & self.is_pod
            found = self._packed_namespaces[key] = np.packbits(inside)
        return found

    def pods(self, selector: LabelSelector | None) -> NDArray[np.bool_]:
        """Return which profiles are pods that the selector matches, shape ``(profiles,)``; None matches all."""
        return self.is_pod if selector is None else self.is_pod & self.labels.mask(selector)

    def in_namespaces(self, selector: LabelSelector) -> NDArray[np.bool_]:
        """Return which profiles live in a namespace that the selector matches."""
        key = selector.key
        found = self._in_namespaces.get(key)
        if found is None:
            found = self._in_namespaces[key] = self.spread(self._namespaces.mask(selector))
        return found

    def namespaces_where(self, test: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return which namespaces, sorted by name, have a name that passes."""
        return np.asarray([test(name) for name in self._numbers], dtype=bool)

    def in_named_namespaces(self, test: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return which profiles live in a namespace whose name passes."""
        return self.spread(self.namespaces_where(test))

    def in_namespace(self, namespace: str) -> NDArray[np.bool_]:
        """Return which profiles live in one namespace."""
        first, last = self.span(namespace)
        inside = np.zeros(len(self.profiles), dtype=bool)
        inside[first:last] = True
        return inside

    def span(self, namespace: str) -> tuple[int, int]:
        """Return the first profile of a namespace and the first behind it: profiles are sorted by namespace."""
        number = self._numbers.get(namespace)
        return (0, 0) if number is None else (self._spans[number], self._spans[number + 1])

    def match(self, profiles: NDArray[np.bool_], *, outside: bool = False) -> Match:
        """Return the condition over all columns that holds for the profiles of a mask, and for all others or none."""
        mask = np.full(self.size, outside, dtype=bool)
        mask[: len(profiles)] = profiles
        return Match.known(mask)

    def trait(self, number: int, test: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return which profiles have a value that passes of the trait with this number (``Profile.traits``)."""
        passing: dict[str, bool] = {}
        values = (each.traits[number] for each in self.profiles)
        found = [passing[value] if value in passing else passing.setdefault(value, test(value)) for value in values]
        return np.asarray(found, dtype=bool)

    def columns(self, mask: NDArray[np.bool_], first: int = 0) -> NDArray[np.int32]:
        """Return the numbers of the pods among the profiles of a mask, which begins at the profile `first`."""
        found = np.flatnonzero(mask & self.is_pod[first : first + len(mask)]) + first
        return found.astype(np.int32)

    def spread(self, namespaces: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which profiles live in the namespaces of a mask; host-network profiles live in none."""
        inside: NDArray[np.bool_] = np.append(namespaces, False)[self.namespace_of]
        return inside

    def union(self, found: Sequence[Peers]) -> Peers:
        """Return the peers that any of `found` holds."""
        if len(found) == 1:
            return found[0]
        sure = self.sets.union([each.sure_number for each in found])
        unsure = [each.maybe_number for each in found if each.maybe_number != ColumnSets.NONE]
        if not unsure:
            return Peers(self.sets, sure, ColumnSets.NONE)
        maybe = np.setdiff1d(np.concatenate([self.sets.arrays[each] for each in unsure]), self.sets.arrays[sure])
        return Peers(self.sets, sure, self.sets.number(maybe))

    def blocks(self, blocks: Iterable[IPBlock], *, pods: bool, nodes: bool) -> list[Peers]:
        """
        Return the columns that each block of addresses holds.

        `pods` and `nodes` say whether blocks match the addresses of pods, and of nodes
        and host-network pods; one whose address is not known is inside for sure only
        when all of IPv4 is. A domain name may have an address in any block, and has one in
        blocks that hold all of both families.
        """
        wanted = list(blocks)
        found = [self.once((each, pods, nodes), partial(self._block, each, pods=pods, nodes=nodes)) for each in wanted]
        if self.domains and all(any(self.addresses.covers(each, family) for each in wanted) for family in Family):
            found.append(self.sets.peers(np.arange(self.first_domain, self.size, dtype=np.int32)))
        return found

    def _block(self, each: IPBlock, *, pods: bool, nodes: bool) -> Peers:
        chosen = self._holders.get((pods, nodes))
        if chosen is None:
            chosen = self._holders[pods, nodes] = self._holdings.among(np.where(self.is_pod, pods, nodes))
        sure, unknown = chosen.inside(self._classes([each])), chosen.unknown
        if self.addresses.covers(each, Family.V4):
            sure, unknown = distinct(np.concatenate([sure, unknown])), NOBODY
        names = np.arange(self.first_domain, self.size, dtype=np.int32)
        outside = self.addresses.externals_of(each)
        if not nodes:
            outside = np.setdiff1d(outside, self.addresses.of_nodes)
        outside = outside + np.int32(self.first_external)
        return self.sets.peers(np.concatenate([sure, outside]), np.concatenate([unknown, names]))

    def _classes(self, blocks: Iterable[IPBlock]) -> NDArray[np.bool_]:
        """Return which external classes the blocks hold."""
        classes = np.zeros(self.addresses.size, dtype=bool)
        for each in blocks:
            classes[self.addresses.externals_of(each)] = True
        return classes

    def _split(
        self, sure: NDArray[np.bool_], maybe: NDArray[np.bool_], classes: NDArray[np.bool_], *, names: bool = False
    ) -> Peers:
        """Return profiles and external classes as peers; domain names are among them, surely if `names`."""
        everything = np.concatenate([sure, classes, np.full(len(self.domains), names)])
        doubted = np.concatenate([maybe, np.zeros_like(classes), np.full(len(self.domains), not names)])
        return self.sets.peers(np.flatnonzero(everything).astype(np.int32), np.flatnonzero(doubted).astype(np.int32))

    def networks(self, blocks: Sequence[IPBlock]) -> Peers:
        """
        Return the columns that blocks of addresses hold together, those of pods and nodes too.

        A pod with addresses inside and outside is matched or not by the family that a
        connection happens to use.
        """
        classes = self._classes(blocks)
        v4, v6 = (any(self.addresses.covers(each, family) for each in blocks) for family in Family)
        within, without = self._holdings.inside(classes), self._holdings.inside(~classes)
        sure, maybe = within & ~without, within & without
        if v4:
            sure = sure | self._holdings.unknown
        else:
            maybe = maybe | self._holdings.unknown
        return self._split(sure, maybe, classes, names=v4 and v6)

    def inside(self, blocks: Sequence[IPBlock], family: Family) -> Match:
        """
        Return the condition to have an address in one of the blocks.

        A pod of unknown address, taken to have one of `family`, is inside for sure only
        when a block is all of that; a domain name may always be.
        """
        covers = any(self.addresses.covers(each, family) for each in blocks)
        classes = self._classes(blocks)
        own = self._holdings.inside(classes) | (self._holdings.unknown & covers)
        lower = np.concatenate([own, classes, np.zeros(len(self.domains), dtype=bool)])
        unknown = np.zeros(self.size, dtype=bool)
        unknown[: self.first_external] = self._holdings.unknown & bool(blocks)
        unknown[self.first_domain :] = bool(blocks)
        return Match(lower, lower | unknown)

    def domain(self, matches: Callable[[str], bool]) -> Peers:
        """Return the domain names that pass; any address outside that is no node's may be one of theirs."""
        own = {self.addresses.external(each) for addresses in self._nodes.values() for each in addresses}
        outside = [self.first_external + each for each in range(self.addresses.size) if each not in own]
        named = self._names.passing(matches)
        return self.sets.peers(np.asarray(named, dtype=np.int32), np.asarray(outside, dtype=np.int32))

    def domain_columns(self, name: str) -> tuple[int, ...]:
        """Return the columns of a domain name, as `NameColumns.of` does."""
        return self._names.of(name)

    def domain_column(self, name: str) -> int | None:
        """Return one of `domain_columns`; None where there are none."""
        return next(iter(self._names.of(name)), None)

    def nodes(self, addresses: Iterable[str], names: Container[str], *, all_: bool) -> Peers:
        """
        Return the columns of nodes: their addresses, and the host-network pods that run on them.

        `names` are the nodes that are meant, `addresses` theirs; `all_` says that every node is.
        """
        external = {self.addresses.external(each) for each in addresses}
        sure, maybe = [self.first_external + each for each in external], []
        for column, profile in enumerate(self.profiles):
            if not profile.host_network:
                continue
            known = profile.node in self._nodes
            if all_ or (profile.node in names if known else not external.isdisjoint(profile.externals or ())):
                sure.append(column)
            elif not known and not profile.externals:
                maybe.append(column)
        return self.sets.peers(np.asarray(sorted(sure), dtype=np.int32), np.asarray(maybe, dtype=np.int32))
