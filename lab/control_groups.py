"""The control groups below which a kubelet makes those of its pods."""

from __future__ import annotations

import os
import time
from pathlib import Path

from lab.troubles import LabError

_ROOT = Path("/sys/fs/cgroup")
_PATIENCE = 30.0


def may_be_made() -> bool:
    """Return whether this machine has control groups, and lets groups be made."""
    found = _hierarchies() if _ROOT.is_dir() else []
    return bool(found) and all(os.access(each, os.W_OK) for each in found)


def make(name: str) -> None:
    """Make a group in each hierarchy; in version 2 it has the controllers that a kubelet asks for."""
    for hierarchy in _hierarchies():
        (hierarchy / name).mkdir(exist_ok=True)
    offered = _ROOT / "cgroup.controllers"
    if offered.is_file():
        for each in {"cpu", "cpuset", "memory", "pids", "hugetlb"} & set(offered.read_text(encoding="ascii").split()):
            (_ROOT / "cgroup.subtree_control").write_text(f"+{each}", encoding="ascii")


def remove(name: str) -> None:
    """Remove the group and all below it; processes that are about to end are waited for."""
    end = time.monotonic() + _PATIENCE
    while left := [each for hierarchy in _hierarchies() for each in _below(hierarchy / name)]:
        for each in left:
            try:
                each.rmdir()
            except OSError:
                if time.monotonic() > end:
                    message = f"the control group {each} is still in use, and stays"
                    raise LabError(message) from None
        time.sleep(0.02)


def _hierarchies() -> list[Path]:
    """Return where groups are made: version 1 has a tree for each controller, version 2 has one."""
    if (_ROOT / "cgroup.controllers").is_file():
        return [_ROOT]
    return sorted(each for each in _ROOT.iterdir() if not each.is_symlink() and (each / "cgroup.procs").is_file())


def _below(group: Path) -> list[Path]:
    """Return a group and all below it, the deepest first."""
    found = [group, *(each for each in group.rglob("*") if each.is_dir())] if group.is_dir() else []
    return sorted(found, key=lambda each: len(each.parts), reverse=True)
