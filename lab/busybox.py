"""The program with a shell and tools, for an image of a container that has them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lab.places import binaries

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = "busybox"
_INTERPRETER = 3
"""The kind of segment of a program (``PT_INTERP``) that names who links it when it starts."""


def busybox() -> Path | None:
    """Return a BusyBox that needs no other file: the one fetched, or this machine's."""
    installed = shutil.which(_NAME)
    candidates = [binaries() / _NAME, *([Path(installed)] if installed else [])]
    return next((each for each in candidates if each.is_file() and is_static(each)), None)


def fetch(tell: Callable[[str], None]) -> None:
    """Take it from Debian's package where there is none; says so where that cannot be done."""
    if busybox() is not None:
        return
    get, unpack = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if get and unpack and os.access(binaries(), os.W_OK):
        tell("fetching busybox-static")
        with tempfile.TemporaryDirectory(dir=binaries()) as scratch:
            subprocess.run([get, "download", "busybox-static"], check=False, cwd=scratch, capture_output=True)
            for package in Path(scratch).glob("*.deb"):
                subprocess.run([unpack, "-x", package, scratch], check=False, capture_output=True)
            for program in sorted(Path(scratch).glob("**/bin/busybox")):
                program.replace(binaries() / _NAME)
    if busybox() is None:
        tell("no static busybox (package busybox-static): nodes are without the image of tools")


def applets(program: Path) -> list[str]:
    """Return the commands that a BusyBox is, by its own account."""
    told = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout.split()
    return sorted(each for each in told if each != _NAME)


def is_static(program: Path) -> bool:
    """Return whether a program of this machine starts without a linker."""
    content = program.read_bytes()
    if content[:5] != b"\x7fELF\x02":
        return False
    table = int.from_bytes(content[32:40], "little")
    size, count = (int.from_bytes(content[at : at + 2], "little") for at in (54, 56))
    kinds = (content[table + number * size :][:4] for number in range(count))
    return all(int.from_bytes(kind, "little") != _INTERPRETER for kind in kinds)
