"""Domain names: ends outside the cluster of which the name is known, and the patterns that policies write."""

from __future__ import annotations

from collections.abc import Iterable

from tests.reference.addresses import WHOLE_IPV4, WHOLE_IPV6, Block
from tests.reference.matches import Match, certainly

WILDCARD = "*."


class DomainName(str):
    """
    A destination outside the cluster that is known by its name and not by its address.

    It takes the place of an address in a ``Connection``, so it is text as an
    address is; whoever judges addresses has to ask for it first.
    """

    __slots__ = ()


def name_matches(pattern: str, name: DomainName) -> bool:
    """
    Return whether a ``DomainName`` pattern of a policy matches a name.

    A leading ``*.`` stands for one or more whole labels, so it does not match
    what follows it. Case and the final dot of a name have no meaning in DNS.
    """
    wanted, found = _canonical(pattern), _canonical(name)
    if wanted.startswith(WILDCARD):
        suffix = wanted.removeprefix("*")
        return found.endswith(suffix) and found != suffix
    return wanted == found


def blocks_match_a_name(blocks: Iterable[Block]) -> Match:
    """
    Return whether blocks of addresses, taken together, match a name.

    The name may stand for any address of either family: only all of both is
    sure to hold it, and any block at all might.
    """
    known = set(blocks)
    return Match.MAYBE if known and not {WHOLE_IPV4, WHOLE_IPV6} <= known else certainly(bool(known))


def _canonical(name: str) -> str:
    return name.lower().removesuffix(".")
