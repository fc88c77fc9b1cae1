"""How answers combine of which some are "maybe", and which addresses a block holds for sure."""

from __future__ import annotations

from collections.abc import Iterable

from tests.reference.addresses import Block, parse_address, parse_block
from tests.reference.networkpolicy import Connection, Endpoint, Match

IPV4, IPV6 = 4, 6


def any_of(matches: Iterable[Match]) -> Match:
    """Return whether at least one holds; none of nothing does."""
    return max(matches, key=lambda match: match.value, default=Match.NO)


def all_of(matches: Iterable[Match]) -> Match:
    """Return whether every one holds, which all of nothing do."""
    return min(matches, key=lambda match: match.value, default=Match.YES)


def opposite(match: Match) -> Match:
    """Return whether the negation holds."""
    return {Match.YES: Match.NO, Match.MAYBE: Match.MAYBE, Match.NO: Match.YES}[match]


def certainly(holds: bool) -> Match:
    """Return the match of a condition about which the manifests leave no doubt."""
    return Match.YES if holds else Match.NO


def family_of(connection: Connection) -> int:
    """
    Return the IP version that a connection uses.

    An address outside has its own. Between pods it is IPv4 unless both are known
    to have IPv6 addresses and no others.
    """
    for end in (connection.src, connection.dst):
        if isinstance(end, str):
            return parse_address(end).version
    return IPV6 if all(_only_ipv6(end) for end in (connection.src, connection.dst)) else IPV4


def blocks_of(nets: Iterable[str], family: int) -> list[Block]:
    """Return those of the nets that belong to an IP version; a lone address is a net of one."""
    blocks = [parse_block(net if "/" in net else f"{net}/{128 if ':' in net else 32}") for net in nets]
    return [block for block in blocks if block.version == family]


def holds(blocks: list[Block], end: Endpoint) -> Match:
    """
    Return whether an end has an address in one of the blocks, all of the connection's IP version.

    A pod of unknown address is sure to be inside only where a block is the whole IP version.
    """
    addresses = (parse_address(end),) if isinstance(end, str) else end.addresses
    if not addresses:
        return any_of(Match.MAYBE if block.prefixlen else Match.YES for block in blocks)
    return certainly(any(address in block for address in addresses for block in blocks))


def _only_ipv6(end: Endpoint) -> bool:
    addresses = () if isinstance(end, str) else end.addresses
    return bool(addresses) and all(address.version == IPV6 for address in addresses)
