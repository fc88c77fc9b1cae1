"""Intents about messages of ICMP hold where the reference says that every message between pods is as demanded."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC
from firedoor.model.icmp import IcmpMessage
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.usecases.assertions import verify
from tests.examples import some
from tests.properties.comparing import as_text, cni_of
from tests.properties.worlds import LENIENT_VERSION
from tests.reference.calico_matches import family_of
from tests.reference.endpoints import pods
from tests.reference.mixed import decide
from tests.reference.networkpolicy import Connection, Verdict
from tests.strategies import calico, cilium, clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

PROTOCOLS = {4: "ICMP", 6: "ICMPv6"}


@some
@given(st.data())
def test_an_intent_about_a_message_holds_where_no_pair_of_pods_is_otherwise(data: st.DataObject) -> None:
    cluster = data.draw(st.one_of(calico.calico_clusters(), cilium.clusters(), clusters.clusters()))
    chosen = dataclasses.replace(data.draw(clusters.options()), icmp_as_written=data.draw(st.booleans()))
    inside = pods(cluster)
    if not inside:
        return
    message = IcmpMessage(data.draw(st.sampled_from((4, 4, 6))), data.draw(st.sampled_from((8, 128, 3))))
    kind = data.draw(st.sampled_from((IntentKind.MUST_ALLOW, IntentKind.MUST_DENY)))
    wanted = Verdict.ACCEPTED if kind is IntentKind.MUST_ALLOW else Verdict.DENIED
    asked = [
        Connection(source, destination, PROTOCOLS[message.version], message.type)
        for source in inside
        for destination in inside
        if source != destination
    ]
    found = {decide(cluster, each, chosen) for each in asked if family_of(each) == message.version}
    ends = (EndTerm("pods", Word.PODS),)
    intent = Intent("one", kind, ends, ends, (), icmp=(message,))
    snapshot = load_text(as_text(cluster), version=LENIENT_VERSION)
    (result,) = verify(snapshot, cni_of(SPEC, chosen), [intent], 5).results
    assert result.holds is (found <= {wanted})
