"""The status of custom resources is written where it is another, whatever was in the cluster before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest

from firedoor.adapters.sinks.resource_board import REFRESH, ResourceBoard
from firedoor.errors import SourceError
from firedoor.model.places import ObjectRef
from firedoor.model.resource_status import WantedStatus
from tests.receiving import until

Key = tuple[str, str, str]
START = 1_800_000_000.0
AT = "2027-01-15T08:00:00Z"
REPORT = WantedStatus("ConnectivityReport", "connectivityreports", "shop", "firedoor", {"policies": 1})


def baseline(status: str = "True", uid: str = "u1") -> WantedStatus:
    told = {"conditions": [{"type": "Holds", "status": status, "reason": "R", "message": "m"}]}
    return WantedStatus("ZeroTrustBaseline", "zerotrustbaselines", "shop", "b", told, uid)


class Cluster:
    """Objects as server-side apply leaves them, and the requests that it took."""

    def __init__(self) -> None:
        self.objects: dict[Key, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.reads = 0
        self.fault: Callable[[str], None] = lambda _: None

    def add(self, uid: str = "u1") -> None:
        meta = {"namespace": "shop", "name": "b", "uid": uid}
        self.objects["zerotrustbaselines", "shop", "b"] = {"metadata": meta}

    def apply(self, manifest: Mapping[str, Any], plural: str, part: str = "") -> bool:
        self.fault(f"{plural}/{part}")
        meta = manifest["metadata"]
        key = (plural, meta["namespace"], meta["name"])
        if part and key not in self.objects:
            return False
        self.writes.append(f"{plural} {part}".strip())
        now = self.objects.get(key, {"metadata": {"uid": "made"}})
        merged = {**now, **manifest, "metadata": {**now["metadata"], **meta}}
        self.objects[key] = merged
        return True

    def items(self, api_version: str, plural: str, selector: str) -> Sequence[dict[str, Any]]:
        assert api_version == "firedoor.dev/v1alpha1"
        self.reads += 1
        self.fault(plural)
        label = selector.partition("=")[2]
        found = [each for (kind, _, _), each in self.objects.items() if kind == plural]
        return [each for each in found if not label or label in each["metadata"].get("labels", {}).values()]

    def delete(self, api_version: str, plural: str, namespace: str, name: str) -> None:
        self.writes.append(f"delete {api_version} {plural} {namespace}/{name}")
        del self.objects[plural, namespace, name]

    def identity(self, ref: ObjectRef) -> tuple[str, str]:
        raise NotImplementedError

    def create(self, manifest: Mapping[str, Any], plural: str) -> None:
        raise NotImplementedError

    def listed(self, api_version: str, plural: str, selector: str) -> Sequence[tuple[str, str]]:
        raise NotImplementedError

    def status(self, plural: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.objects[plural, "shop", name]["status"]
        return found


class World:
    """A cluster, a board on it, what it says, and the time."""

    def __init__(self) -> None:
        self.cluster, self.said, self.now = Cluster(), list[str](), START
        self.cluster.add()

    def board(self) -> closing[ResourceBoard]:
        return closing(ResourceBoard("r", self.cluster, self.said.append, now=lambda: self.now, first_pause=0.01))

    def show(self, board: ResourceBoard, *wanted: WantedStatus) -> list[str]:
        """Return what is written for a state."""
        before, delivered = len(self.cluster.writes), board.state().delivered
        board.put(wanted)
        until(lambda: board.state().delivered > delivered)
        return self.cluster.writes[before:]


def test_what_is_the_same_is_not_written_again_also_not_after_a_restart() -> None:
    world = World()
    with world.board() as board:
        assert world.show(board, baseline(), REPORT) == [
            "zerotrustbaselines status", "connectivityreports", "connectivityreports status",
        ]  # fmt: skip
        assert world.show(board, baseline(), REPORT) == []
    world.now += 60
    with world.board() as board:
        assert world.show(board, baseline(), REPORT) == []
        assert board.state().queued == 0
    assert world.cluster.status("zerotrustbaselines", "b")["lastEvaluated"] == AT
    assert world.said == []


def test_a_condition_keeps_the_time_at_which_it_became_what_it_is() -> None:
    world = World()
    with world.board() as board:
        world.show(board, baseline())
        world.now += 60
        told = {**baseline().status, "intents": {"total": 1}}
        world.show(board, WantedStatus("ZeroTrustBaseline", "zerotrustbaselines", "shop", "b", told, "u1"))
        found = world.cluster.status("zerotrustbaselines", "b")
        assert (found["conditions"][0]["lastTransitionTime"], found["lastEvaluated"]) == (AT, "2027-01-15T08:01:00Z")
        world.now += 60
        world.show(board, baseline("False"))
        found = world.cluster.status("zerotrustbaselines", "b")
        assert found["conditions"][0]["lastTransitionTime"] == "2027-01-15T08:02:00Z"


def test_a_status_is_written_again_after_an_hour_and_what_somebody_changed_is_mended() -> None:
    world = World()
    with world.board() as board:
        world.show(board, baseline(), REPORT)
        world.cluster.objects["connectivityreports", "shop", "firedoor"]["status"] = {"lastEvaluated": "never"}
        world.now += REFRESH + 1
        reads = world.cluster.reads
        assert world.show(board, baseline(), REPORT) == ["zerotrustbaselines status", "connectivityreports status"]
        assert world.cluster.reads == reads + 2
        assert world.cluster.status("connectivityreports", "firedoor")["policies"] == 1


def test_one_that_was_deleted_and_made_anew_is_another() -> None:
    world = World()
    with world.board() as board:
        world.show(board, baseline())
        world.cluster.add("u2")
        assert world.show(board, baseline(uid="u2")) == ["zerotrustbaselines status"]
        assert world.show(board, baseline(uid="u2")) == []
        assert world.cluster.objects["zerotrustbaselines", "shop", "b"]["metadata"]["uid"] == "u2"


def test_reports_go_that_are_not_wanted_and_baselines_stay() -> None:
    world = World()
    with world.board() as board:
        world.show(board, baseline(), REPORT)
        assert world.show(board) == ["delete firedoor.dev/v1alpha1 connectivityreports shop/firedoor"]
        assert world.show(board) == []
    assert list(world.cluster.objects) == [("zerotrustbaselines", "shop", "b")]


def test_reports_of_somebody_else_are_left_alone() -> None:
    world = World()
    meta = {"namespace": "shop", "name": "mine", "labels": {}}
    world.cluster.objects["connectivityreports", "shop", "mine"] = {"metadata": meta}
    with world.board() as board:
        assert world.show(board) == []


def test_what_goes_away_meanwhile_is_no_trouble() -> None:
    world = World()
    world.cluster.objects.clear()
    with world.board() as board:
        assert world.show(board, baseline()) == []
    assert world.said == []


def test_a_namespace_that_goes_needs_no_report() -> None:
    world = World()
    with world.board() as board:
        board_apply = world.cluster.apply
        world.cluster.apply = lambda *_: False  # type: ignore[method-assign]
        assert world.show(board, REPORT) == []
        world.cluster.apply = board_apply  # type: ignore[method-assign]
        assert world.show(board, REPORT) == ["connectivityreports", "connectivityreports status"]


@pytest.mark.parametrize(
    ("what", "answer", "told"),
    [
        (
            "connectivityreports",
            "the server answered 404: not found",
            "connectivityreports.firedoor.dev is not installed; install it with `firedoor watch --print",
        ),
        ("connectivityreports", "the server answered 403: forbidden", "the server answered 403: forbidden"),
        ("connectivityreports/status", "the server answered 409: conflict", "the server answered 409: conflict"),
    ],
)
def test_a_trouble_of_one_kind_holds_up_no_other_and_is_over_when_it_is(what: str, answer: str, told: str) -> None:
    world = World()

    def fault(path: str) -> None:
        if path == what:
            raise SourceError(answer)

    world.cluster.fault = fault
    with world.board() as board:
        board.put((baseline(), REPORT))
        until(lambda: board.state().failures > 1)
        assert told in board.state().trouble
        assert world.cluster.status("zerotrustbaselines", "b")["lastEvaluated"] == AT
        assert world.cluster.writes.count("zerotrustbaselines status") == 1
        world.cluster.fault = lambda _: None
        until(lambda: board.state().queued == 0)
    assert world.said[0].startswith(f"sink r: {told}")
    assert world.said[0].endswith("; it is tried again")
    assert world.said[1:] == ["sink r: works again"]


def test_what_is_dropped_is_not_written_any_more() -> None:
    world = World()

    def fault(_path: str) -> None:
        raise SourceError("the server does not answer")

    world.cluster.fault = fault
    with world.board() as board:
        board.put((baseline(),))
        until(lambda: board.state().failures > 0)
        board.drop()
        world.cluster.fault = lambda _: None
    assert (world.cluster.writes, board.state().queued) == ([], 0)
