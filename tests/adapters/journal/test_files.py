from __future__ import annotations

import os
from pathlib import Path

import pytest

from firedoor.adapters.journal import JournalFolder, default_folder
from firedoor.errors import SourceError, UsageError
from firedoor.model.journal import Begin, End, Writing, Written
from firedoor.model.rollout import Action, Outcome, PolicyRef, Step, Wave

REF = PolicyRef("networking.k8s.io/v1", "NetworkPolicy", "shop", "a")


def begin(name: str, server: str = "here") -> Begin:
    return Begin(name, "time", server, ("p",), (REF,), (Wave("shop", (Step(REF, Action.CREATE, after={"a": 1}),)),))


def test_what_was_appended_is_read_again(tmp_path: Path) -> None:
    folder = JournalFolder(tmp_path / "applies")
    assert folder.records() == []
    journal = folder.begin(begin("1"))
    journal.append(Writing(0, {"spec": {"a": [1]}}))
    folder.begin(begin("2", "there"))
    assert [each.begin for each in folder.records()] == [begin("1"), begin("2", "there")]
    assert [each.begin.id for each in folder.records("there")] == ["2"]
    record, again = folder.open("1")
    assert record.befores == {0: {"spec": {"a": [1]}}}
    again.append(End(Outcome.APPLIED))
    assert folder.records("here")[0].outcome is Outcome.APPLIED
    assert (tmp_path / "applies" / "1").stat().st_mode & 0o77 == 0


def test_a_line_that_was_cut_off_never_was(tmp_path: Path) -> None:
    folder = JournalFolder(tmp_path)
    journal = folder.begin(begin("1"))
    journal.append(Writing(0))
    whole = journal.path.read_bytes()
    for length in range(1, 20):
        journal.path.write_bytes(whole + b'{"entry":"written","step":0,"after":null}'[:length])
        assert folder.records()[0].afters == {}
        _, again = folder.open("1")
        assert journal.path.read_bytes() == whole
        again.append(Written(0))
        assert folder.records()[0].afters == {0: None}
    # Nothing is written to a cluster before the first entry is on the disk.
    journal.path.write_bytes(whole[:30])
    assert folder.records() == []
    with pytest.raises(UsageError, match="there is no apply '1'"):
        folder.open("1")


@pytest.mark.parametrize("text", [b"nonsense\n", b'{"entry":"end","outcome":"applied"}\n', b'{"entry":"x"}\n'])
def test_a_broken_journal_is_told_with_its_line(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "journal.jsonl").write_bytes(text)
    with pytest.raises(SourceError, match=r"journal\.jsonl:1: this is no"):
        JournalFolder(tmp_path).records()


def test_one_lock_for_each_server(tmp_path: Path) -> None:
    folder = JournalFolder(tmp_path / "applies")
    with folder.lock("here"):
        with folder.lock("there"):
            pass
        with pytest.raises(UsageError, match="another apply or rollback is at work on here"), folder.lock("here"):
            pass
    with folder.lock("here"):
        pass


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="the journal cannot be kept or read"):
        JournalFolder(tmp_path / "file").begin(begin("1"))


def test_the_folder_is_in_the_state_folder_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere")
    assert default_folder() == Path("/somewhere/firedoor/applies")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert default_folder() == Path(os.path.expanduser("~/.local/state/firedoor/applies"))  # noqa: PTH111
