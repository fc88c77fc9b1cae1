"""Ranges of addresses as arrivals have them (``first-last``), and what of them a load balancer lets through."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import format_range, parse_address, parse_cidr
from firedoor.algebra.intervals import canonical, difference
from firedoor.model.exposure import Arrival
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from firedoor.algebra.cidrs import Family
    from firedoor.algebra.intervals import Interval, IntervalSet

_ONLY = "loadBalancerSourceRanges are {}: whether anybody else gets through depends on the balancer's platform"


def by_family(ranges: Iterable[str]) -> dict[Family, IntervalSet]:
    """Return the addresses of ranges ``first-last``, by family."""
    found: dict[Family, list[Interval]] = defaultdict(list)
    for each in ranges:
        first, _, last = each.partition("-")
        family, low = parse_address(first)
        found[family].append((low, parse_address(last)[1]))
    return {family: canonical(each) for family, each in sorted(found.items())}


def union(ranges: Iterable[str]) -> tuple[str, ...]:
    """Return ranges ``first-last`` as the fewest that hold the same addresses."""
    return _texts(by_family(ranges))


def narrowed(arrival: Arrival, networks: Sequence[str]) -> Arrival:
    """
    Return what is left of an arrival where a load balancer is for some networks only.

    A platform that does not support ``spec.loadBalancerSourceRanges`` ignores them, so
    the other addresses are unknown.
    """
    if not networks:
        return arrival
    allowed: dict[Family, list[Interval]] = defaultdict(list)
    for each in networks:
        # What an annotation says is no range that anybody has validated.
        with suppress(ValueError):
            family, first, last = parse_cidr(each)
            allowed[family].append((first, last))
    accepted = by_family(arrival.accepted)
    others = {family: difference(each, canonical(allowed[family])) for family, each in accepted.items()}
    doubtful = _texts(others)
    if not doubtful:
        return arrival
    sure = _texts({family: difference(each, others[family]) for family, each in accepted.items()})
    verdict = Verdict.ACCEPTED if sure else Verdict.UNKNOWN
    because = (*arrival.because, _ONLY.format(", ".join(networks)))
    return Arrival(verdict, sure, union([*arrival.unknown, *doubtful]), because)


def _texts(found: Mapping[Family, IntervalSet]) -> tuple[str, ...]:
    return tuple(format_range(family, low, high) for family, each in found.items() for low, high in each)
