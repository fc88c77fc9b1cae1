"""Packages of Debian's archive as files in a folder, by an apt that knows nothing of this machine's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.places import cache
from lab.troubles import LabError

SUITE = "trixie"
_MIRROR = "http://deb.debian.org/debian"
_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def lacking() -> list[str]:
    """Return what this machine lacks for that."""
    found = [each for each in ("apt-get", "dpkg-deb") if shutil.which(each) is None]
    return found if _KEYS.exists() else [*found, "debian-archive-keyring"]


def unpacked(packages: Sequence[str], target: Path) -> None:
    """Unpack these packages, and no others that they depend on, into a folder; raises ``LabError``."""
    folder = cache() / f"debian-{SUITE}"
    settings = _settings(folder)
    _run(["apt-get", "update", "-q"], folder, settings)
    debs = folder / "debs"
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir()
    _run(["apt-get", "download", "-q", *packages], debs, settings)
    for each in sorted(debs.iterdir()):
        _run(["dpkg-deb", "--extract", str(each), str(target)], debs, settings)


def _settings(folder: Path) -> Path:
    """Write the settings of an apt whose every file is in a folder, and return the file of them."""
    for each in ("state/lists/partial", "cache/archives/partial", "etc/sources.list.d", "etc/preferences.d"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    (folder / "state/status").touch()
    (folder / "etc/sources.list").write_text(f"deb [signed-by={_KEYS}] {_MIRROR} {SUITE} main\n")
    path = folder / "apt.conf"
    places = {"State": "state", "State::status": "state/status", "Cache": "cache", "Etc": "etc"}
    lines = [f'Dir::{name} "{folder / place}";' for name, place in places.items()]
    # Whoever apt would become may not write here.
    path.write_text("\n".join([*lines, 'APT::Sandbox::User "root";', ""]))
    return path


def _run(command: list[str], folder: Path, settings: Path) -> None:
    environment = {**os.environ, "APT_CONFIG": str(settings), "LC_ALL": "C"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise LabError(
            f"{command[0]} {command[1]} did not work: {' '.join(said)}; see whether {_MIRROR} can be reached"
        )
