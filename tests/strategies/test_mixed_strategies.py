"""The generated clusters hold policies of several APIs, and questions on which these have a say."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.examples import few, thorough_only
from tests.reference.domains import DomainName
from tests.reference.manifests import Manifest, name_of, namespace_of
from tests.reference.mixed import decide, has_calico, has_cilium
from tests.reference.networkpolicy import Connection, Options, Verdict
from tests.strategies.mixed import APIS, interesting_connections, mixed_clusters

QUESTIONS = mixed_clusters().flatmap(lambda cluster: st.tuples(st.just(cluster), interesting_connections(cluster)))
Question = tuple[list[Manifest], Connection]


@few
@given(mixed_clusters())
def test_no_two_objects_of_a_kind_share_their_name(cluster: list[Manifest]) -> None:
    names = [(each["apiVersion"], each["kind"], namespace_of(each), name_of(each)) for each in cluster]
    assert len(names) == len(set(names))


@few
@given(QUESTIONS)
def test_names_are_asked_about_only_where_calico_judges_nothing(question: Question) -> None:
    cluster, connection = question
    assert not (has_calico(cluster) and isinstance(connection.dst, DomainName))


@pytest.mark.slow
@thorough_only
def test_verdicts_hang_on_every_api_and_all_come_up_where_there_are_both_plugins() -> None:
    decisive: set[str] = set()
    verdicts: set[Verdict] = set()

    @seed(1)
    @settings(max_examples=150, database=None, phases=[Phase.generate])
    @given(QUESTIONS)
    def look(question: Question) -> None:
        cluster, connection = question
        verdict = decide(cluster, connection, Options())
        if has_calico(cluster) and has_cilium(cluster):
            verdicts.add(verdict)
        for api in APIS:
            without = [each for each in cluster if not each["apiVersion"].startswith(f"{api}/")]
            if len(without) < len(cluster) and decide(without, connection, Options()) is not verdict:
                decisive.add(api)

    look()
    assert (decisive, verdicts) == (set(APIS), set(Verdict))
