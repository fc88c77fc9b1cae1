from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from firedoor.adapters.sinks.queue import DiskQueue
from firedoor.errors import SourceError

WRITER = """
import sys
from pathlib import Path
from firedoor.adapters.sinks.queue import DiskQueue
queue = DiskQueue(Path(sys.argv[1]), 10**6)
number = 0
while True:
    queue.put([b"%d" % number])
    print(number, flush=True)
    number += 1
"""


LIMITED = """
import resource, signal, sys
from pathlib import Path
from firedoor.adapters.sinks.queue import DiskQueue
queue = DiskQueue(Path(sys.argv[1]), 10**6)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, most))
number = 0
try:
    while True:
        queue.put([b"%d" % number + b" " * 10_000])
        number += 1
except OSError as error:
    print(number, len(queue.head(10**6)), type(error).__name__)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
queue.put([b"%d" % number])
"""
"""Writes until the system lets no file grow, and again when it does."""


def bodies(queue: DiskQueue, most: int = 100) -> list[bytes]:
    return [each.body for each in queue.head(most)]


def test_first_in_first_out_and_still_there_when_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "one.queue"
    queue = DiskQueue(path, 10)
    assert queue.put([b"a", b"b"]) == 0
    assert queue.put([b"c"]) == 0
    queue.remove(queue.head(1))
    queue.close()
    again = DiskQueue(path, 10)
    assert bodies(again) == [b"b", b"c"]
    assert bodies(again, 1) == [b"b"]
    count, waiting = again.size()
    assert (count, waiting >= 0) == (2, True)
    again.remove(again.head(5))
    assert again.size() == (0, 0.0)
    again.close()


def test_others_may_not_read_it(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path / "deep" / "one.queue", 10)
    queue.put([b"a"])
    assert all(each.stat().st_mode & 0o077 == 0 for each in (tmp_path / "deep").iterdir())
    assert (tmp_path / "deep").stat().st_mode & 0o077 == 0
    queue.close()


def test_of_too_many_the_oldest_go_and_are_counted(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path / "one.queue", 3)
    assert queue.put([b"%d" % each for each in range(5)]) == 2
    assert queue.put([b"5"]) == 1
    assert bodies(queue) == [b"3", b"4", b"5"]
    queue.close()


def test_one_process_takes_out_and_another_when_it_has_ended(tmp_path: Path) -> None:
    first, second = (DiskQueue(tmp_path / "one.queue", 10) for _ in range(2))
    assert first.hold()
    assert first.hold()
    assert not second.hold()
    second.put([b"from the second"])
    assert bodies(first) == [b"from the second"]
    first.close()
    assert second.hold()
    second.close()


def test_what_was_put_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "one.queue"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 50:
                break
        process.kill()
        told = [int(each) for each in process.stdout.read().split()]
    last = max(told, default=50)
    queue = DiskQueue(path, 10**6)
    found = [int(each) for each in bodies(queue, 10**6)]
    assert found == list(range(len(found)))
    assert found[-1] >= last
    queue.close()


def test_a_full_disk_loses_nothing_that_was_there(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path / "one.queue", 10**6)
    queue.put([b"a"])
    # SQLite says of its own bound what it says of the disk's.
    queue._base.execute("PRAGMA max_page_count=8")
    with pytest.raises(OSError, match="full"):
        queue.put([b"x" * 100_000])
    assert bodies(queue) == [b"a"]
    queue._base.execute("PRAGMA max_page_count=1000000")
    queue.put([b"b"])
    assert bodies(queue) == [b"a", b"b"]
    queue.close()


def test_a_disk_that_takes_no_more_is_an_error_and_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "one.queue"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    written, there, kind = done.stdout.split()
    assert (int(there), kind) == (int(written), "OSError")
    assert int(written) > 1
    queue = DiskQueue(path, 10**6)
    assert [int(each) for each in bodies(queue, 10**6)] == list(range(int(written) + 1))
    queue.close()


def test_a_folder_that_cannot_be_made_and_a_file_that_is_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="cannot be kept"):
        DiskQueue(tmp_path / "file" / "one.queue", 10)
    (tmp_path / "one.queue").write_bytes(b"no database" * 1000)
    with pytest.raises(SourceError, match="not a database"):
        DiskQueue(tmp_path / "one.queue", 10)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SourceError, match="cannot be kept"):
        DiskQueue(tmp_path / "one.queue", 10)


def test_a_lock_of_another_process_that_lasts_is_trouble_and_not_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firedoor.adapters.sinks.queue._PATIENCE", 0.05)
    queue = DiskQueue(tmp_path / "one.queue", 10)
    other = sqlite3.connect(tmp_path / "one.queue", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OSError, match="locked"):
        queue.put([b"a"])
    other.execute("ROLLBACK")
    other.close()
    assert queue.put([b"a"]) == 0
    queue.close()
