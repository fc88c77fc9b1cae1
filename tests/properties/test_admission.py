"""What the webhook says of a change is what the whole cluster says, compiled with the change."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from firedoor.engine.reach.cni import CniProfile
from firedoor.engine.reach.network import Network
from firedoor.model.admission import Proposal
from firedoor.model.amending import amended
from firedoor.model.assembly import reference
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.icmp import IcmpMessage
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.labels import LabelSelector
from firedoor.model.members import Member
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.admission_flows import UsedConnections
from firedoor.usecases.admission_intents import KeptIntents
from firedoor.usecases.assertions import verify
from firedoor.usecases.preview import replayed
from tests.examples import some
from tests.properties.comparing import network_of
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.clusters import clusters, external_addresses, options
from tests.strategies.selectors import NAMESPACES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

TERMS = st.one_of(
    st.sampled_from(list(Word)).map(lambda word: EndTerm(word.value, word)),
    st.sampled_from(NAMESPACES).map(lambda name: EndTerm(name, namespace=name)),
    st.sampled_from(("web", "api", "db")).map(lambda app: EndTerm(app, labels=LabelSelector({"app": app}))),
    st.sampled_from(("web", "api")).map(lambda app: EndTerm(app, namespace_labels=LabelSelector({"app": app}))),
)
DOMAINS = st.just(EndTerm("domain example.com", domain="example.com"))
PORTS: tuple[tuple[tuple[str, int, int], ...], ...] = (
    (("TCP", 1, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)),
    (("TCP", 80, 80),),
    (("TCP", 53, 8080), ("UDP", 53, 53)),
)


@st.composite
def intents(draw: st.DrawFn, addresses: Sequence[str]) -> Intent:
    outside = st.sampled_from(addresses).map(lambda each: EndTerm(each, addresses=each))
    kind = draw(st.sampled_from((IntentKind.MUST_DENY, IntentKind.ONLY_THESE, IntentKind.MUST_ALLOW)))
    sources = draw(st.lists(st.one_of(TERMS, TERMS, outside), min_size=1, max_size=2))
    destinations = draw(st.lists(st.one_of(TERMS, TERMS, outside, DOMAINS), min_size=1, max_size=2))
    ports = draw(st.sampled_from(PORTS))
    messages = draw(st.sampled_from(((), (), (), (IcmpMessage(4, 8),), (IcmpMessage(6, 128),))))
    return Intent("one", kind, tuple(sources), tuple(destinations), ports, allow_empty=True, icmp=messages)


def changes(now: Snapshot, other: Snapshot) -> list[tuple[NetworkPolicy | None, NetworkPolicy | None]]:
    """Policies that are made, changed and deleted; some of them name what no policy of the cluster does."""
    made = [
        msgspec.structs.replace(each, metadata=msgspec.structs.replace(each.metadata, name="made"))
        for each in other.network_policies
    ]
    changed = [
        (policy, msgspec.structs.replace(policy, spec=like.spec))
        for policy, like in product(now.network_policies, (*other.network_policies, *now.network_policies))
    ]
    return [*((None, each) for each in made), *changed, *((each, None) for each in now.network_policies)]


def broken(snapshot: Snapshot, cni: CniProfile, asked: Sequence[Intent], proposal: Proposal) -> set[int]:
    before = verify(snapshot, cni, asked, 1).results
    after = verify(amended(snapshot, proposal.old, proposal.new), cni, asked, 1).results
    return {
        number for number, (one, other) in enumerate(zip(before, after, strict=True)) if one.holds and not other.holds
    }


@some
@given(st.data())
def test_a_change_of_a_policy_breaks_what_the_whole_cluster_says(data: st.DataObject) -> None:
    cluster = data.draw(st.one_of(clusters(), clusters(), clusters(), clusters_with_cluster_policies()))
    other = data.draw(clusters())
    first, second = network_of(cluster, data.draw(options())), network_of(other, data.draw(options()))
    drawn = changes(first.snapshot, second.snapshot)
    if not (first.members and drawn):
        return
    addresses = sorted({*external_addresses(cluster), *external_addresses(other)})
    asked = data.draw(st.lists(intents(addresses), min_size=4, max_size=10))
    kept = KeptIntents(Network(first.snapshot, first.cni), asked)
    for old, new in drawn[:12]:
        some = new if new is not None else old
        assert some is not None
        proposal = Proposal(reference(some), old, new)
        wanted = broken(first.snapshot, first.cni, asked, proposal)
        event("broken" if wanted else "kept")
        assert set(kept.broken_by(proposal)) == wanted
        told = kept.foreseen(proposal)
        event("foreseen" if told is not None else "compiled")
        assert told is None or set(told) == wanted


@some
@given(st.data())
def test_labels_of_a_namespace_that_are_said_to_change_nothing_change_nothing(data: st.DataObject) -> None:
    cluster, other = data.draw(clusters()), data.draw(clusters())
    first, second = network_of(cluster, data.draw(options())), network_of(other, data.draw(options()))
    if not first.members:
        return
    asked = data.draw(st.lists(intents(["8.8.8.8"]), min_size=1, max_size=6))
    kept = KeptIntents(Network(first.snapshot, first.cni), asked)
    for new in second.snapshot.namespaces:
        old = next((each for each in first.snapshot.namespaces if reference(each) == reference(new)), None)
        proposal = Proposal(reference(new), old, new)
        wanted = broken(first.snapshot, first.cni, asked, proposal)
        told = kept.foreseen(proposal)
        event(f"{told is not None} {bool(wanted)}")
        assert set(kept.broken_by(proposal)) == wanted
        assert told is None or not wanted


def edges_of(data: st.DataObject, members: Sequence[Member]) -> list[FlowEdge]:
    """Connections between workloads, and with an address outside."""
    refs = sorted({each.workload for each in members})
    peers = [FlowPeer(PeerKind.WORKLOAD, each.namespace, each.kind, each.name) for each in refs]
    peers.append(FlowPeer(PeerKind.EXTERNAL, address="8.8.8.8"))
    peer, port, count = st.sampled_from(peers), st.sampled_from((53, 80, 8080)), st.integers(1, 9)
    verdict = st.sampled_from((FlowVerdict.ALLOWED, FlowVerdict.ALLOWED, FlowVerdict.AUDITED, FlowVerdict.DENIED))
    one = st.builds(FlowEdge, peer, peer, st.sampled_from(("TCP", "UDP")), port, verdict, count, st.just(1), st.just(2))
    return data.draw(st.lists(one, min_size=1, max_size=8))


@some
@given(st.data())
def test_a_change_cuts_the_used_connections_that_a_preview_says_it_breaks(data: st.DataObject) -> None:
    cluster = data.draw(st.one_of(clusters(), clusters(), clusters_with_cluster_policies()))
    first, second = network_of(cluster, data.draw(options())), network_of(data.draw(clusters()), data.draw(options()))
    drawn = changes(first.snapshot, second.snapshot)
    if not (first.members and drawn):
        return
    edges = edges_of(data, first.members)
    used = UsedConnections(Network(first.snapshot, first.cni), edges)
    for old, new in drawn[:12]:
        some = new if new is not None else old
        assert some is not None
        after = Network(amended(first.snapshot, old, new), first.cni)
        wanted = replayed(first, after, edges).broken
        event("cut" if wanted else "left")
        told = used.cut_by(Proposal(reference(some), old, new))
        assert bool(told) is bool(wanted)
        assert not wanted or told.startswith(f"{wanted} connection")
