"""The result of an intent is that of a loop over all pairs of pods, addresses outside and ports."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.algebra.cidrs import format_address, parse_address
from firedoor.engine.assertions import Verifier
from firedoor.engine.reach.network import Network
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.labels import LabelSelector
from firedoor.model.verdicts import Verdict
from tests.examples import some
from tests.properties.worlds import World, worlds
from tests.strategies.selectors import NAMESPACES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

TERMS = st.one_of(
    st.sampled_from(list(Word)).map(lambda word: EndTerm(word.value, word)),
    st.sampled_from(NAMESPACES).map(lambda name: EndTerm(name, namespace=name)),
    st.sampled_from(("web", "api", "db")).map(lambda app: EndTerm(app, labels=LabelSelector({"app": app}))),
)
ENDS = st.lists(TERMS, min_size=1, max_size=2).map(tuple)
End = int | str


def members_of(network: Network, terms: tuple[EndTerm, ...]) -> set[int]:
    return {
        position
        for position, member in enumerate(network.members)
        for term in terms
        if (
            term.word in {Word.ANY, Word.PODS}
            or (term.word is Word.NODES and member.host_network)
            or (
                term.word is None
                and term.namespace in {"", member.namespace}
                and (term.labels is None or term.labels.matches(member.labels))
            )
        )
    }


def representatives(network: Network) -> list[str]:
    """An address of every class that is no pod's and no node's, in the families in use."""
    taken = {parse_address(each) for member in network.members for each in member.addresses}
    taken |= {parse_address(each) for node in network.snapshot.nodes for each in node.addresses}
    found: list[str] = []
    for atom in network.addresses.atoms:
        free = next((n for n in range(atom.first, atom.last + 1) if (atom.family, n) not in taken), None)
        if atom.family in network.families and free is not None:
            found.append(format_address(atom.family, free))
    return found


def is_of_its_family(network: Network, position: int, address: str) -> bool:
    own = {parse_address(each)[0] for each in network.members[position].addresses}
    return not own or parse_address(address)[0] in own


@some
@given(worlds(), st.sampled_from(list(IntentKind)), ENDS, ENDS)
def test_an_intent_holds_where_no_pair_is_otherwise(
    world: World, kind: IntentKind, sources: tuple[EndTerm, ...], destinations: tuple[EndTerm, ...]
) -> None:
    network = Network(world.snapshot, world.cni)
    ports = tuple((protocol, port, port) for protocol, port in world.ports)
    first: set[End] = set(members_of(network, sources))
    second: set[End] = set(members_of(network, destinations))
    outside = representatives(network)
    if any(term.word in {Word.ANY, Word.OUTSIDE} for term in sources):
        first |= set(outside)
    if any(term.word in {Word.ANY, Word.OUTSIDE} for term in destinations):
        second |= set(outside)
    if kind is IntentKind.ONLY_THESE:
        first = {*range(len(network.members)), *outside} - first
    wanted = Verdict.ACCEPTED if kind is IntentKind.MUST_ALLOW else Verdict.DENIED
    expected = True
    for src, dst in product(first, second):
        if src == dst or (isinstance(src, str) and isinstance(dst, str)):
            continue
        pod, address = (src, dst) if isinstance(src, int) else (dst, src)
        if isinstance(address, str) and isinstance(pod, int) and not is_of_its_family(network, pod, address):
            continue
        if any(network.verdict(src, dst, *port) is not wanted for port in world.ports):
            expected = False
            break
    found = Verifier(network).result(Intent("one", kind, sources, destinations, ports, allow_empty=True))
    assert found.holds is expected
    for each in found.violations:
        assert each.verdict is not wanted
