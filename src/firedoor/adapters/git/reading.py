"""The files of a revision, one after the other."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.adapters.git.running import git, start
from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from firedoor.adapters.git.specs import GitSpec
    from firedoor.interfaces import Progress

_LINK, _SUBMODULE = "120000", "160000"
_FETCH = "fetch it first (`git fetch`), or check the spelling; `git rev-parse` must know it"


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    kind: str
    name: str
    object: str
    size: int


@dataclass(frozen=True, slots=True)
class GitFiles:
    """
    The files below a path of a revision.

    `is_wanted` says by the name below the path which are read, `most_bytes` how large one
    may be. `folder` is where git runs, by default the current one. A path is meant from
    the root of the repository; one that begins with ``./`` from the folder.
    """

    spec: GitSpec
    is_wanted: Callable[[str], bool]
    most_bytes: int
    folder: Path | None = None

    def read(self, progress: Progress) -> Iterator[tuple[str, bytes | SourceError]]:
        """
        Yield the name and contents of each file, or why it cannot be read.

        Raises ``SourceError`` where the revision or the path is not there, or git is not.
        """
        found = self._find()
        if found.kind == "blob":
            entries = [found]
        else:
            entries = [each for each in self._list(found.object) if self.is_wanted(each.name)]
            if not entries:
                raise SourceError(
                    "no .yaml, .yml or .json file in this folder of the revision",
                    place=str(self.spec),
                    remedy="give the folder that holds the manifests",
                )
        yield from self._contents(entries, progress)

    def _find(self) -> _Entry:
        """Return the file or folder that is meant."""
        revision, path = self.spec
        code, _, complaint = git(["rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}"], self.folder)
        if code:
            raise SourceError(
                f"git knows no revision {revision!r}" + (f" ({complaint})" if complaint else ""),
                place=str(self.spec),
                remedy=_FETCH,
            )
        code, out, _ = git(["rev-parse", "--verify", "--quiet", f"{revision}:{path}"], self.folder)
        if code:
            raise SourceError(
                f"there is no file or folder {path!r} in revision {revision!r}",
                place=str(self.spec),
                remedy="write the path from the root of the repository, or beginning with ./ from the current folder",
            )
        name = out.decode().strip()
        kind = self._ask(["cat-file", "-t", name]).strip()
        size = int(self._ask(["cat-file", "-s", name])) if kind == "blob" else 0
        return _Entry("100644", kind, "", name, size)

    def _ask(self, arguments: list[str]) -> str:
        code, out, complaint = git(arguments, self.folder)
        if code:
            raise SourceError(
                f"git cannot read it: {complaint}", place=str(self.spec), remedy="check the repository with `git fsck`"
            )
        return out.decode(errors="surrogateescape")

    def _list(self, tree: str) -> Iterator[_Entry]:
        """Yield the files of a tree, all levels deep, in order of their names."""
        for line in filter(None, self._ask(["ls-tree", "-r", "-z", "-l", "--full-tree", tree]).split("\0")):
            described, _, name = line.partition("\t")
            mode, kind, hash_, size = described.split()
            yield _Entry(mode, kind, name, hash_, int(size) if size.isdigit() else 0)

    def _contents(self, entries: list[_Entry], progress: Progress) -> Iterator[tuple[str, bytes | SourceError]]:
        with start(["cat-file", "--batch"], self.folder) as process:
            try:
                for done, entry in enumerate(entries, 1):
                    place = self._place(entry.name)
                    yield place, self._one(process, entry, place)
                    progress.step("files", done, len(entries))
            finally:
                process.kill()

    def _place(self, name: str) -> str:
        if not name:
            return str(self.spec)
        return f"{self.spec}/{name}" if self.spec.path else f"{self.spec}{name}"

    def _one(self, process: subprocess.Popen[bytes], entry: _Entry, place: str) -> bytes | SourceError:
        if entry.mode == _LINK:
            return SourceError("symbolic links of a revision are not followed", place=place, remedy="name its target")
        if entry.mode == _SUBMODULE:
            return SourceError("a submodule is another repository", place=place, remedy="run firedoor in the submodule")
        if entry.size > self.most_bytes:
            return SourceError(f"{entry.size:,} bytes are too many", place=place, remedy="split the file")
        assert process.stdin is not None  # noqa: S101 - started with pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(f"{entry.object}\n".encode())
            process.stdin.flush()
        except OSError:
            return SourceError("git ended before it was read", place=place, remedy="check it with `git fsck`")
        head = process.stdout.readline().split()
        if len(head) != 3:  # noqa: PLR2004 - name, type and size, or what is wrong
            return SourceError(
                "the contents are not in this repository",
                place=place,
                remedy="it is a partial clone: fetch all objects, or damaged: check it with `git fsck`",
            )
        data = process.stdout.read(int(head[2]))
        process.stdout.read(1)
        return data
