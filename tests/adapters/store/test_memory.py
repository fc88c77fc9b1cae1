from __future__ import annotations

import stat
from pathlib import Path

import pytest

from firedoor.adapters.store.memory import SavedStates, default_folder
from firedoor.errors import SourceError
from firedoor.model.snapshot import Origin, Snapshot
from tests.adapters.store.samples import snapshot_of


@pytest.fixture
def snapshot() -> Snapshot:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "uid": "1"}, "spec": {}}
    return snapshot_of([pod], Origin("cluster", ("https://one",), "2026-01-02T03:04:05Z", "v1.36.3"))


def test_each_server_is_remembered_by_itself(tmp_path: Path, snapshot: Snapshot) -> None:
    states = SavedStates(tmp_path / "new/folder")
    assert states.load("https://one") is None
    states.save("https://one", snapshot)
    states.save("https://two", Snapshot())
    assert states.load("https://one") == snapshot
    states.save("https://one", Snapshot())
    assert states.load("https://one") == Snapshot()
    files = list((tmp_path / "new/folder").iterdir())
    assert [stat.S_IMODE(each.stat().st_mode) for each in files] == [0o600, 0o600]


def test_who_is_forgetful_takes_nothing_and_keeps_all_the_same(tmp_path: Path, snapshot: Snapshot) -> None:
    SavedStates(tmp_path).save("https://one", snapshot)
    forgetful = SavedStates(tmp_path, is_forgetful=True)
    assert forgetful.load("https://one") is None
    forgetful.save("https://one", Snapshot())
    assert SavedStates(tmp_path).load("https://one") == Snapshot()


def test_what_cannot_be_read_says_how_to_go_on(tmp_path: Path, snapshot: Snapshot) -> None:
    SavedStates(tmp_path).save("https://one", snapshot)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SourceError, match="--forget"):
        SavedStates(tmp_path).load("https://one")


def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="--state"):
        SavedStates(tmp_path / "file/folder").save("https://one", Snapshot())


def test_it_is_where_states_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/elsewhere")
    assert default_folder() == Path("/elsewhere/firedoor/watch")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert default_folder() == Path.home() / ".local/state/firedoor/watch"
