"""
Build all that a release has, into a folder.

    uv run --group release python tools/build_release.py dist

That is the source, a wheel for every platform without the compiled part, one with it for
this platform where there is a Rust compiler, one file that runs where Python alone is
(``firedoor.pyz``, for this platform and this minor version of Python), the bill of materials, and the SHA-256
sums of all of it. The same commit gives the same bytes: times are those of the commit, or of
``SOURCE_DATE_EPOCH``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
SWITCH = "FIREDOOR_BUILD_NATIVE"
SUMS = "SHA256SUMS"


def build(folder: Path) -> list[Path]:
    """Return what was built; raises ``CalledProcessError`` where a step fails, which has said why."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or _committed()}
    _run("uv", "build", "--quiet", "--out-dir", str(folder), environment={**environment, SWITCH: "0"})
    plain = next(folder.glob("*-py3-none-any.whl"))
    with TemporaryDirectory() as name:
        work = Path(name)
        best = plain
        if shutil.which("cargo"):
            command = ("uv", "build", "--quiet", "--wheel", "--out-dir", name)
            _run(*command, environment={**environment, SWITCH: "1"})
            best = _named_for_all(next(work.glob("*.whl")), folder, environment)
        _pack(best, folder / "firedoor.pyz", work, environment)
    bill = _told(sys.executable, str(ROOT / "tools/build_sbom.py"), environment=environment)
    (folder / "firedoor.cdx.json").write_text(bill, encoding="utf-8")
    made = sorted(each for each in folder.iterdir() if each.name not in {SUMS, ".gitignore"})
    sums = (f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in made)
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")
    return [*made, folder / SUMS]


def _named_for_all(wheel: Path, folder: Path, environment: dict[str, str]) -> Path:
    """Return a wheel under the name of the oldest C library that it runs with, as package indexes want it."""
    if not sys.platform.startswith("linux"):
        return Path(shutil.copy(wheel, folder))
    _run("auditwheel", "repair", "--plat", "auto", "--wheel-dir", str(folder), str(wheel), environment=environment)
    return next(folder.glob("*-abi3-*.whl"))


def _pack(wheel: Path, target: Path, work: Path, environment: dict[str, str]) -> None:
    """Pack a wheel, and what it needs as it is locked, into one file."""
    needed = work / "requirements.txt"
    _run("uv", "export", "--quiet", "--locked", "--no-dev", "--no-emit-project", "--output-file", str(needed))
    # Each wheel is the one that the lock names; ours is none of the lock.
    site = work / "site"
    _run("uv", "pip", "install", "--quiet", "--require-hashes", "--target", str(site), "-r", str(needed))
    _run("uv", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel))
    for each in [*site.rglob("__pycache__"), site / "bin"]:
        shutil.rmtree(each, ignore_errors=True)
    for each in site.glob("*.dist-info"):
        # They name the folder and the moment of this installation.
        for part in ("RECORD", "direct_url.json", "uv_cache.json", "REQUESTED"):
            (each / part).unlink(missing_ok=True)
    _run(
        "shiv",
        "--reproducible",
        "--python=/usr/bin/env python3",
        "--console-script=firedoor",
        f"--site-packages={site}",
        f"--output-file={target}",
        environment=environment,
    )


def _committed() -> str:
    return _told("git", "log", "-1", "--format=%ct").strip()


def _told(*command: str, environment: dict[str, str] | None = None) -> str:
    return subprocess.run(  # noqa: S603 - no shell, and nothing from outside
        command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ).stdout


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env=environment)  # noqa: S603 - no shell, and nothing from outside


if __name__ == "__main__":
    try:
        for each in build(Path(sys.argv[1]).resolve()):
            print(each)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.cmd[0]} failed with {error.returncode}")
