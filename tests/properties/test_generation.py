"""Generated policies let pass what they were made for and nothing else, as a reference says that knows no generator."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.generation import PolicyKind
from firedoor.model.members import Member
from firedoor.render.generation_yaml import generation_yaml
from firedoor.usecases.generate import GenerationQuestion
from tests.examples import many, some
from tests.properties.generating import (
    OUTSIDE,
    PORTS,
    PROTOCOLS,
    Case,
    cases,
    granted,
    granted_in_mesh,
    mesh_cases,
    reference_pods,
    written,
)
from tests.reference import calico, cilium, clusternetworkpolicy, istio
from tests.reference.endpoints import RefPod
from tests.reference.matches import Match
from tests.reference.networkpolicy import Connection, Options, Verdict, decide, is_own_node

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@many
@given(cases(), st.booleans(), st.booleans())
def test_network_policies_let_pass_what_was_seen_and_nothing_else(case: Case, named: bool, dns: bool) -> None:
    found = case.generate(GenerationQuestion(named_ports=named, dns=dns))
    if found is None:
        return
    assert found.proof.holds, found.proof
    cluster = [*case.cluster, *written(found)]
    wanted = granted(case, found)
    ends: list[tuple[RefPod | str, Member | str]] = [*reference_pods(case), *((each, each) for each in OUTSIDE)]
    for (source, one), (destination, other), protocol, port in product(ends, ends, PROTOCOLS, PORTS):
        if source == destination or (isinstance(source, str) and isinstance(destination, str)):
            continue
        told = decide(cluster, Connection(source, destination, protocol, port), Options())
        if _is_free(cluster, source, destination):
            continue
        is_wanted = wanted.holds(one, other, protocol, port)
        assert (told is Verdict.ACCEPTED) == is_wanted, (source, destination, protocol, port)


def _is_free(cluster: list[dict[str, object]], source: RefPod | str, destination: RefPod | str) -> bool:
    """Return whether no policy binds either end, or the source may be the node of the destination."""
    bound = [each for each in (source, destination) if isinstance(each, RefPod) and not each.host_network]
    if not bound:
        return True
    is_bound = isinstance(destination, RefPod) and not destination.host_network
    return is_bound and is_own_node(cluster, destination, source) is not Match.NO  # type: ignore[arg-type]


@some
@given(cases())
def test_what_is_generated_does_not_hang_on_the_order_of_what_is_read(case: Case) -> None:
    once = case.generate(GenerationQuestion())
    turned = Case(case.cluster, case.snapshot, case.edges[::-1]).generate(GenerationQuestion())
    assert (once is None) == (turned is None)
    if once is not None and turned is not None:
        assert generation_yaml(once) == generation_yaml(turned)


REFERENCES = {
    PolicyKind.CALICO: calico.decide,
    PolicyKind.CILIUM: cilium.decide,
    PolicyKind.CLUSTERNETWORKPOLICY: clusternetworkpolicy.decide,
}


@some
@pytest.mark.parametrize("kind", list(REFERENCES))
@given(case=cases())
def test_policies_of_other_kinds_let_pass_what_was_seen_and_nothing_else(kind: PolicyKind, case: Case) -> None:
    found = case.generate(GenerationQuestion(kind, dns=False))
    if found is None:
        return
    assert found.proof.holds, found.proof
    cluster = [*case.cluster, *written(found)]
    wanted = granted(case, found)
    inside = [(pod, member) for pod, member in reference_pods(case) if not member.host_network]
    outside = [(each, each) for each in OUTSIDE]
    pairs: list[tuple[tuple[RefPod | str, Member | str], tuple[RefPod | str, Member | str]]] = [
        *product(inside, inside),
        *product(inside, outside),
    ]
    if kind is not PolicyKind.CLUSTERNETWORKPOLICY:  # which knows no addresses at ingress
        pairs += product(outside, inside)
    for ((source, one), (destination, other)), protocol, port in product(pairs, PROTOCOLS, PORTS):
        if source != destination:
            told = REFERENCES[kind](cluster, Connection(source, destination, protocol, port), Options())
            is_wanted = wanted.holds(one, other, protocol, port)
            assert (told is Verdict.ACCEPTED) == is_wanted, (source, destination, protocol, port)


@some
@given(cases())
def test_staged_policies_are_proved_too(case: Case) -> None:
    found = case.generate(GenerationQuestion(PolicyKind.CALICO_STAGED))
    if found is not None:
        assert found.proof.holds, found.proof


@some
@given(mesh_cases())
def test_policies_of_a_mesh_let_pass_what_was_seen_and_nothing_else(case: Case) -> None:
    found = case.generate(GenerationQuestion(PolicyKind.ISTIO, dns=False))
    if found is None:
        return
    assert found.proof.holds, found.proof
    cluster = [*case.cluster, *written(found)]
    wanted = granted_in_mesh(case, found)
    inside = [(pod, member) for pod, member in reference_pods(case) if not member.host_network]
    sources: list[tuple[RefPod | str, Member | str]] = [*inside, *((each, each) for each in OUTSIDE)]
    for (source, one), (destination, other), port in product(sources, inside, PORTS):
        if source != destination:
            told = istio.decide_istio(cluster, Connection(source, destination, "TCP", port), Options())
            is_wanted = wanted.holds(one, other, port)
            assert (told is Verdict.ACCEPTED) == is_wanted, (source, destination, port)
