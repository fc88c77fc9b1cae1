"""Files of flows as streams of bytes: plain, gzip, Zstandard, or standard input, by what their first bytes are."""

from __future__ import annotations

import gzip
import io
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from firedoor.errors import SourceError

if TYPE_CHECKING:
    import zstandard

_GZIP = b"\x1f\x8b"
# Few bytes may stand for very many.
_PACKED = 1 << 12
_ZSTANDARD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Stream:
    """
    Bytes to be read; `path` is set where they stand in a plain file that may still grow.

    `done` says how far the compressed data were read, of `size` bytes; 0 where it is not known.
    """

    data: IO[bytes]
    path: Path | None
    size: int
    done: Callable[[], int]


@contextmanager
def stream_of(name: str, open_stdin: Callable[[], IO[bytes]]) -> Iterator[Stream]:
    """Return the bytes of a file, or of standard input for ``-``; raises ``SourceError`` where there are none."""
    if name == "-":
        stdin = open_stdin()
        yield Stream(_plain(_peekable(stdin)), None, 0, lambda: 0)
        return
    try:
        found = Path(name).stat()
        if stat.S_ISDIR(found.st_mode):
            raise SourceError("is a folder", place=name, remedy="give the files in it, as in FOLDER/*")
        raw = Path(name).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise failure(name, error) from error
    with raw:
        data = _plain(raw)
        is_plain = data is raw and stat.S_ISREG(found.st_mode)
        tell = raw.tell if raw.seekable() else lambda: 0
        yield Stream(data, Path(name) if is_plain else None, found.st_size, tell)


def digest(data: bytes) -> str:
    """Return what stands for some bytes."""
    return blake2b(data, digest_size=16).hexdigest()


def failure(name: str, error: OSError) -> SourceError:
    """Return what a person can do about a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return SourceError("no such file", place=name, remedy="check the path")
    if isinstance(error, PermissionError):
        return SourceError("permission denied", place=name, remedy="make it readable, or run as its owner")
    return SourceError(f"cannot be read: {error.strerror or error}", place=name, remedy="check the path")


class _Frames(io.RawIOBase):
    """Frames of Zstandard, one after the other; raises ``EOFError`` where the last one is cut short."""

    def __init__(self, stream: IO[bytes], decompressor: zstandard.ZstdDecompressor) -> None:
        self._stream = stream
        self._decompressor = decompressor
        self._frame = decompressor.decompressobj()
        self._is_within = False
        self._found = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        while not self._found:
            block = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame = self._decompressor.decompressobj()
                self._is_within = False
            block = block or self._stream.read(_PACKED)
            if not block:
                if self._is_within:
                    raise EOFError("it ended before the end of a frame")
                return 0
            self._found = self._frame.decompress(block)
            self._is_within = not self._frame.eof
        count = min(len(view), len(self._found))
        view[:count] = self._found[:count]
        self._found = self._found[count:]
        return count


def _peekable(stream: IO[bytes]) -> IO[bytes]:
    return stream if hasattr(stream, "peek") else cast("IO[bytes]", io.BufferedReader(cast("io.RawIOBase", stream)))


def _plain(stream: IO[bytes]) -> IO[bytes]:
    """Return the stream, uncompressed where its first bytes say that it is compressed."""
    first = cast("io.BufferedReader", stream).peek(4)[:4]
    if first[:2] == _GZIP:
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if first == _ZSTANDARD:
        import zstandard  # noqa: PLC0415 - few files need it

        return cast(
            "IO[bytes]", io.BufferedReader(_Frames(stream, zstandard.ZstdDecompressor(max_window_size=1 << 31)))
        )
    return stream
