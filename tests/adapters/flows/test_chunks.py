from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path
from typing import IO, cast

import pytest
import zstandard

from firedoor.adapters.flows import chunks as module
from firedoor.adapters.flows.chunks import Chunk, Chunks
from firedoor.adapters.flows.opening import digest, stream_of
from firedoor.errors import SourceError

TEXT = b"".join(b"%d %s\n" % (number, b"x" * (number % 7)) for number in range(200)) + b"\n\n"


def cut(path: Path, head: int = 10, size: int = 64, position: int = 0, data: bytes = b"") -> tuple[list[Chunk], Chunks]:
    tail = data[max(0, position - module.TAIL) : position]
    with stream_of(str(path), lambda: cast("IO[bytes]", BytesIO())) as stream:
        found = Chunks(stream, stream.data.read(head), size)
        return list(found.after(position, digest(tail), len(tail), str(path))), found


def files(folder: Path, data: bytes) -> list[Path]:
    plain, packed, zipped = folder / "a", folder / "a.gz", folder / "a.zst"
    plain.write_bytes(data)
    packed.write_bytes(gzip.compress(data[:50]) + gzip.compress(data[50:]))
    zipped.write_bytes(zstandard.compress(data[:70]) + zstandard.compress(data[70:]))
    return [plain, packed, zipped]


def test_all_kinds_of_files_are_cut_in_the_same_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LINES", 40)
    for size in (1, 64, 500, 10_000):
        cuts = [cut(path, size=size)[0] for path in files(tmp_path, TEXT)]
        assert len({tuple((each.start, each.end) for each in found) for found in cuts}) == 1
        for found in cuts:
            assert b"".join(each.read() for each in found) == TEXT
            blocks = [some for each in found for some in each.blocks()]
            assert b"".join(blocks) == TEXT
            assert all(each.endswith(b"\n") for each in blocks)
            assert len(blocks) >= len(TEXT) // 100
            assert all(each.read().endswith(b"\n") for each in found)


def test_what_has_no_end_of_line_is_the_rest(tmp_path: Path) -> None:
    for path in files(tmp_path, TEXT + b"the rest"):
        found, whole = cut(path)
        assert (whole.rest, whole.position) == (b"the rest", len(TEXT))
        assert b"".join(each.read() for each in found) == TEXT
    for path in files(tmp_path, b"only"):
        assert cut(path)[1].rest == b"only"


def test_reading_goes_on_after_a_position(tmp_path: Path) -> None:
    first = cut(files(tmp_path, TEXT)[0])[0][3]
    for path in files(tmp_path, TEXT):
        found, _ = cut(path, position=first.end, data=TEXT)
        assert b"".join(each.read() for each in found) == TEXT[first.end :]
        assert found[0].start == first.end


def test_the_end_of_a_line_that_was_missing_is_passed_over(tmp_path: Path) -> None:
    for path in files(tmp_path, b"one\ntwo\nthree\n"):
        found, _ = cut(path, head=2, position=7, data=b"one\ntwo\nthree\n")
        assert [each.read() for each in found] == [b"three\n"]


def test_another_stream_is_not_taken_for_the_same(tmp_path: Path) -> None:
    for path in files(tmp_path, TEXT)[1:]:
        with pytest.raises(SourceError, match="begins as a source that was imported"):
            cut(path, position=50, data=TEXT.upper())
        with pytest.raises(SourceError, match="fewer bytes"):
            cut(path, position=len(TEXT) + 5, data=TEXT)


def test_lines_that_are_too_long_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", 1000)
    monkeypatch.setattr(module, "_BLOCK", 100)
    data = b"short\n" * 30 + b"y" * 5000 + b"\nnext\n"
    for path in files(tmp_path, data):
        found, whole = cut(path)
        (long,) = [each for each in found if each.is_too_long]
        assert (long.start, long.end) == (180, 5181)
        assert b"".join(each.read() for each in found if not each.is_too_long) == b"short\n" * 30 + b"next\n"
        assert whole.rest == b""


def test_damaged_files_are_read_up_to_the_damage(tmp_path: Path) -> None:
    for path in files(tmp_path, TEXT * 50)[1:]:
        path.write_bytes(path.read_bytes()[:-30])
        found, whole = cut(path, size=1 << 20)
        assert whole.damage
        assert (TEXT * 50).startswith(b"".join(each.read() for each in found))
