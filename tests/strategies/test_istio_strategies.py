"""The generated meshes are what they promise: acceptable to Istio, and worth asking about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tests.examples import few, thorough_only
from tests.reference.endpoints import RefPod, pods
from tests.reference.istio import decide, decide_istio
from tests.reference.istio_pods import in_mesh
from tests.reference.manifests import Manifest, items, name_of, namespace_of, objects, section
from tests.reference.networkpolicy import Connection, Options, Verdict
from tests.reference.networkpolicy import decide as decide_network
from tests.strategies.clusters import options
from tests.strategies.istio import interesting_connections, mesh_clusters

QUESTIONS = mesh_clusters().flatmap(
    lambda cluster: st.tuples(st.just(cluster), interesting_connections(cluster), options())
)
Question = tuple[list[Manifest], Connection, Options]

WORST_FIRST = [Verdict.DENIED, Verdict.UNKNOWN, Verdict.ACCEPTED]
IDENTITIES = {"principals", "namespaces", "serviceAccounts", "trustDomains", "requestPrincipals"}


def _parts(policy: Manifest, entries: str, part: str) -> Iterator[Manifest]:
    for rule in items(section(policy, "spec"), "rules"):
        for entry in items(rule, entries):
            yield {name: values for name, values in entry[part].items() if values is not None}


def _positive(field: str) -> str:
    return field if not field.startswith("not") else field[3].lower() + field[4:]


def _check_rules(policy: Manifest) -> None:
    for rule in items(section(policy, "spec"), "rules"):
        assert rule.get("from") != []
        assert rule.get("to") != []
        assert all(when["key"] and (when.get("values") or when.get("notValues")) for when in items(rule, "when"))
    sources = list(_parts(policy, "from", "source"))
    assert all(part and all(part.values()) for part in (*sources, *_parts(policy, "to", "operation")))
    for source in sources:
        fields = {_positive(name) for name in source}
        assert "serviceAccounts" not in fields or not fields & {"principals", "namespaces"}


def _check_action(policy: Manifest) -> None:
    spec = section(policy, "spec")
    custom = spec.get("action") == "CUSTOM"
    assert ("provider" in spec) is custom
    assert spec.get("action") in (None, "ALLOW") or spec["rules"]
    sources = {_positive(name) for source in _parts(policy, "from", "source") for name in source}
    assert not (custom and sources & IDENTITIES)
    assert not (spec.get("selector") and (spec.get("targetRef") or spec.get("targetRefs")))


@few
@given(mesh_clusters())
def test_every_generated_authorization_policy_passes_the_validation_of_istio(cluster: list[Manifest]) -> None:
    for policy in objects(cluster, "security.istio.io", "AuthorizationPolicy"):
        _check_rules(policy)
        _check_action(policy)


@few
@given(mesh_clusters())
def test_objects_have_distinct_names_and_only_policies_for_workloads_set_modes_of_ports(
    cluster: list[Manifest],
) -> None:
    names = [(m["kind"], namespace_of(m), name_of(m)) for m in cluster]
    assert len(names) == len(set(names))
    for policy in objects(cluster, "security.istio.io", "PeerAuthentication"):
        spec = section(policy, "spec")
        if "portLevelMtls" in spec:
            assert section(section(spec, "selector"), "matchLabels")
            assert spec["portLevelMtls"]
            assert all(1 <= int(port) <= 65535 for port in spec["portLevelMtls"])


@few
@given(QUESTIONS)
def test_the_mesh_takes_away_and_a_policy_against_everything_most_of_all(question: Question) -> None:
    cluster, connection, chosen = question
    mesh = decide_istio(cluster, connection, chosen)
    assert decide(cluster, connection, chosen) is min(
        decide_network(cluster, connection, chosen), mesh, key=WORST_FIRST.index
    )
    spec = {"action": "DENY", "rules": [{}]}
    metadata = {"name": "closed", "namespace": "istio-system"}
    closed = {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata, "spec": spec}
    left = decide_istio([*cluster, closed], connection, chosen)
    assert WORST_FIRST.index(left) <= WORST_FIRST.index(mesh)
    if isinstance(connection.dst, str) or not in_mesh(cluster, connection.dst) or connection.protocol != "TCP":
        assert left is mesh is Verdict.ACCEPTED


def _search(wanted: Callable[[Question], bool]) -> Question:
    """Return a generated question of some kind, by the same search every time."""
    search = settings(
        max_examples=3000, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    found: Question = find(QUESTIONS, wanted, settings=search, random=Random(20_000))
    return found


@thorough_only
@pytest.mark.parametrize("wanted", list(Verdict))
def test_every_verdict_is_within_reach_between_pods_in_the_mesh(wanted: Verdict) -> None:
    def answers(question: Question) -> bool:
        cluster, connection, chosen = question
        ends = (connection.src, connection.dst)
        inside = all(isinstance(end, RefPod) and in_mesh(cluster, end) for end in ends)
        return inside and ends[0] != ends[1] and decide_istio(cluster, connection, chosen) is wanted

    cluster, connection, chosen = _search(answers)
    assert decide_istio(cluster, connection, chosen) is wanted


@pytest.mark.parametrize("marked", [True, False])
def test_pods_of_one_cluster_may_be_on_both_sides_of_the_mesh_or_all_in_it(marked: bool) -> None:
    def answers(question: Question) -> bool:
        inside = {in_mesh(question[0], pod) for pod in pods(question[0]) if not pod.host_network}
        return inside == ({True, False} if marked else {True})

    assert _search(answers)


@thorough_only
def test_mutual_tls_keeps_somebody_out_whom_no_other_policy_does() -> None:
    def answers(question: Question) -> bool:
        cluster, connection, chosen = question
        others = [manifest for manifest in cluster if manifest["kind"] != "PeerAuthentication"]
        verdicts = [decide_istio(manifests, connection, chosen) for manifests in (cluster, others)]
        return verdicts == [Verdict.DENIED, Verdict.ACCEPTED]

    assert _search(answers)
