from __future__ import annotations

from pathlib import Path

import pytest

from firedoor.errors import NothingInScopeError
from firedoor.model.flow_reading import FlowQuestion
from firedoor.usecases.flows import beyond, held, observed, older_than
from tests.adapters.flows.test_store import NIGHT, kept, row

HOUR = 3_600_000_000_000


def test_the_edges_with_most_connections_come_first_and_all_are_counted(tmp_path: Path) -> None:
    own = kept(tmp_path, *(row(port=port, count=port) for port in range(1, 6)))
    found = observed(own, FlowQuestion(), 2)
    assert [each.count for each in found.edges] == [5, 4]
    assert (found.total, found.coverage.share) == (5, 1)
    assert len(observed(own, FlowQuestion()).edges) == 5


def test_a_store_without_what_is_asked_says_so(tmp_path: Path) -> None:
    own = kept(tmp_path, row())
    with pytest.raises(NothingInScopeError, match="no flows of that cluster and time"):
        observed(own, FlowQuestion(cluster="other"))
    with pytest.raises(NothingInScopeError):
        observed(own, FlowQuestion(since=(NIGHT + 2) * HOUR))
    assert len(held(own).hours) == 1


def test_an_hour_is_old_when_it_has_ended() -> None:
    is_old = older_than(10 * HOUR, "")
    assert [is_old("c", hour, 1) for hour in (8, 9, 10)] == [True, True, False]
    assert not older_than(10 * HOUR, "other")("c", 1, 1)


def test_the_newest_hours_that_fit_are_kept() -> None:
    is_old = beyond(100, "c")
    assert [is_old(*each) for each in (("c", 9, 60), ("d", 9, 60), ("c", 8, 40), ("c", 7, 1))] == [
        False,
        False,
        False,
        True,
    ]
