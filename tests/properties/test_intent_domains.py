"""Intents about domain names hold where the reference says that every connection to the name is as demanded."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.usecases.assertions import verify
from tests.examples import some
from tests.properties.comparing import as_text, cni_of
from tests.properties.worlds import LENIENT_VERSION
from tests.reference.domains import DomainName
from tests.reference.endpoints import pods
from tests.reference.mixed import decide, has_calico
from tests.reference.networkpolicy import Connection, Verdict
from tests.strategies import cilium, clusters
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.clusters import boundary_ports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

NAMES = ("example.com", "api.example.com", "v1.api.example.com", "www.example.test", "example.org")


@some
@given(st.data())
def test_an_intent_about_a_name_holds_where_no_pod_is_otherwise(data: st.DataObject) -> None:
    kinds = (clusters_with_cluster_policies(), cilium.clusters(), clusters.clusters())
    cluster, chosen = data.draw(st.one_of(*kinds)), data.draw(clusters.options())
    inside = pods(cluster)
    assume(inside and not has_calico(cluster))
    name, port = data.draw(st.sampled_from(NAMES)), data.draw(st.sampled_from(boundary_ports(cluster)))
    kind = data.draw(st.sampled_from((IntentKind.MUST_ALLOW, IntentKind.MUST_DENY)))
    wanted = Verdict.ACCEPTED if kind is IntentKind.MUST_ALLOW else Verdict.DENIED
    found = {decide(cluster, Connection(pod, DomainName(name), "TCP", port), chosen) for pod in inside}
    intent = Intent(
        "one",
        kind,
        (EndTerm("pods", Word.PODS),),
        (EndTerm(f"domain {name}", domain=name),),
        (("TCP", port, port),),
    )
    snapshot = load_text(as_text(cluster), version=LENIENT_VERSION)
    (result,) = verify(snapshot, cni_of(SPEC, chosen), [intent], 5).results
    assert result.holds is (found == {wanted})
