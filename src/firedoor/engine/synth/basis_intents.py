"""What is needed, by what people mean to be possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family
from firedoor.engine.assertions.ends import EndFinder
from firedoor.engine.synth.basis_flows import single
from firedoor.engine.synth.blocks import cover
from firedoor.engine.synth.gathering import Gathering
from firedoor.model.generation import Basis, Evidence, LeftOut, Party
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.reach.network import Network

_OTHERS = "only what must-allow says is taken as needed; hold the result against the rest with firedoor assert"


def basis_from_intents(network: Network, intents: Sequence[Intent]) -> Basis:
    """Return the connections that intents of kind ``must-allow`` ask for; ends that match nothing are told."""
    finder = EndFinder(network)
    gathering = Gathering()
    left: list[LeftOut] = []
    for intent in intents:
        if intent.kind is not IntentKind.MUST_ALLOW:
            continue
        evidence = (Evidence(f"intent {intent.name}", intent.place),)
        sources, destinations = (_parties(network, finder, each) for each in (intent.sources, intent.destinations))
        if intent.icmp:
            left.append(LeftOut(f"intent {intent.name}", f"policies are made for ports, not for ICMP ({intent.place})"))
        names = [each.domain for each in intent.destinations if each.domain]
        left += (
            LeftOut(f"intent {intent.name}", f"nobody knows where {name} leads ({intent.place})") for name in names
        )
        if not sources or not (destinations or names):
            left.append(LeftOut(f"intent {intent.name}", f"an end of it matches nothing ({intent.place})"))
        for source in sources:
            for destination in destinations:
                if source.workload is None and destination.workload is None:
                    continue
                for protocol, first, last in intent.ports:
                    gathering.add(source, destination, protocol, (first, last), evidence)
    others = any(each.kind is not IntentKind.MUST_ALLOW for each in intents)
    return Basis(gathering.needs(), tuple(left), (_OTHERS,) if others else ())


def _parties(network: Network, finder: EndFinder, terms: Iterable[EndTerm]) -> list[Party]:
    found: dict[Party, None] = {}
    for term in terms:
        if "/" in term.addresses:
            found[Party(blocks=(term.addresses,))] = None
            continue
        ends = finder.ends((term,))
        for position in sorted(ends.members):
            found[Party(network.members[position].workload)] = None
        for address in ends.addresses:
            found[Party(blocks=(single(address),))] = None
        if term.word in {Word.OUTSIDE, Word.ANY}:
            found[Party(blocks=tuple(_all_of(each) for each in network.families))] = None
    return list(found)


def _all_of(family: Family) -> str:
    (block,) = cover(family, family.everything)
    return block
