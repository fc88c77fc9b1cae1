from __future__ import annotations

import gzip
import json
import os
from io import BytesIO
from pathlib import Path

import pytest

from firedoor.adapters.audit import AuditFiles, texts
from firedoor.errors import SourceError
from firedoor.model.audit import AuditEvent, AuditSkip, SkipKind
from tests.adapters.audit.samples import event, line, read, read_files


def verbs(found: list[AuditEvent | AuditSkip]) -> list[str]:
    return [each.request.verb if isinstance(each, AuditEvent) else each.place for each in found]


def test_files_of_a_folder_are_read_in_order_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "audit-2026-03-01.log.gz").write_bytes(gzip.compress(line(verb="get")))
    (tmp_path / "audit.log").write_bytes(line(verb="watch") + b"\n\n" + line(verb="list"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "more").write_bytes(gzip.compress(line(verb="patch")) + gzip.compress(line(verb="update")))
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x").write_bytes(b"x")
    assert verbs(read_files(tmp_path)) == ["get", "watch", "list", "patch", "update"]
    assert verbs(read_files(tmp_path / "audit.log", tmp_path / "deep")) == ["watch", "list", "patch", "update"]


def test_standard_input_may_be_packed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(line()))
    with path.open("rb") as stream:
        found = list(AuditFiles(("-",), lambda: stream).events(Steps()))
    assert len(found) == 1


class Steps:
    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int | None]] = []

    def step(self, what: str, done: int, total: int | None) -> None:
        self.seen.append((what, done, total))


def test_progress_goes_by_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(line() * 3)
    steps = Steps()
    list(AuditFiles((str(tmp_path),), BytesIO).events(steps))
    total = 6 * len(line())
    assert steps.seen[-1] == ("audit logs", total, total)
    assert [done for _, done, _ in steps.seen] == sorted(done for _, done, _ in steps.seen)


def test_a_pipe_is_read_as_a_file_is() -> None:
    for data in (line(), gzip.compress(line())):
        out, into = os.pipe()
        os.write(into, data)
        os.close(into)
        assert verbs(read_files(Path(f"/dev/fd/{out}"))) == ["list"]
        os.close(out)


def test_a_damaged_archive_gives_what_was_whole(tmp_path: Path) -> None:
    packed = gzip.compress(line() * 3)
    (tmp_path / "cut.gz").write_bytes(packed[:-9])
    (tmp_path / "wrong.gz").write_bytes(packed[:10] + b"\xff" * 40)
    (tmp_path / "z.log").write_bytes(line())
    found = read_files(tmp_path)
    faults = [each for each in found if isinstance(each, AuditSkip)]
    assert {Path(each.place).name for each in faults} == {"cut.gz", "wrong.gz"}
    assert all("damaged" in each.reason for each in faults)
    assert isinstance(found[-1], AuditEvent)


def test_paths_that_cannot_be_read_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_files(tmp_path / "none")
    with pytest.raises(SourceError, match="holds no file"):
        read_files(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError, match=r"cannot be read|no such file"):
        read_files(tmp_path / "loop")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(line())
    path.chmod(0)
    with pytest.raises(SourceError, match="permission denied"):
        read_files(path)


def test_the_elements_of_an_array_may_stand_on_lines() -> None:
    assert verbs(read(b"[\n" + line().rstrip() + b",\n" + line(verb="get") + b"]\n")) == ["list", "get"]


def test_a_document_may_stand_on_many_lines_and_begin_anywhere() -> None:
    text = json.dumps({"kind": "EventList", "items": [event(), event(verb="get")]}, indent=1).encode()
    assert verbs(read(b"\n\n" + text)) == ["list", "get"]


def test_a_broken_first_line_does_not_hide_the_others() -> None:
    assert verbs(read(b'{"kind":"Ev\n' + line())) == ["<stdin>:1", "list"]
    assert verbs(read(b'{"kind":"Ev\n{"kind":\n' + line())) == ["<stdin>:1", "<stdin>:2", "list"]


def test_lines_and_documents_that_are_too_large_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "LONGEST_LINE", 2000)
    long = line(verb="x" * 5000)
    assert verbs(read(line() + long + line())) == ["list", "<stdin>:2", "list"]
    assert verbs(read(long + line())) == ["<stdin>:1", "list"]
    assert verbs(read(b"{\n" + long + line())) == ["<stdin>:1", "<stdin>:2", "list"]
    monkeypatch.setattr(texts, "LARGEST_DOCUMENT", 500)
    document = json.dumps([event()], indent=1).encode()
    assert all(isinstance(each, AuditSkip) and each.kind is SkipKind.UNREADABLE for each in read(document))


def test_an_empty_log_holds_nothing() -> None:
    assert read(b"") == []
