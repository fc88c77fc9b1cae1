"""
Builds the page of ``firedoor ui`` from ``frontend/`` into the package, where it is committed.

``python -m tools.build_page`` builds it, with Node.js 20.19 or later; ``--check`` fails where what is committed was
not built from these sources, and needs no Node.js.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src" / "firedoor" / "web" / "static"
SUMS = BUILT / "built-from.json"
LICENSES = BUILT / "licenses.txt"
_SOURCES = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "src/**/*")


def sums() -> dict[str, dict[str, str]]:
    """Return the SHA-256 of every source and of every built file."""
    sources = sorted({path for pattern in _SOURCES for path in FRONTEND.glob(pattern) if path.is_file()})
    built = sorted(path for path in BUILT.iterdir() if path.is_file() and path != SUMS)
    return {
        "sources": {path.relative_to(FRONTEND).as_posix(): _sum(path) for path in sources},
        "built": {path.name: _sum(path) for path in built},
    }


def stale() -> list[str]:
    """Return the files that are not as they were at the last build."""
    known = json.loads(SUMS.read_text(encoding="utf-8"))
    now = sums()
    return sorted(
        f"{group}: {name}"
        for group in ("sources", "built")
        for name in known[group].keys() | now[group].keys()
        if known[group].get(name) != now[group].get(name)
    )


def build() -> None:
    """Build the page, and write beside it whose work is in it and what it was built from."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("there is no npm: install Node.js 20.19 or later")
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([npm, *command], cwd=FRONTEND, check=True)  # noqa: S603 - no shell, and nothing from outside
    LICENSES.write_text("\n".join(_licenses()), encoding="utf-8")
    SUMS.write_text(json.dumps(sums(), indent=2) + "\n", encoding="utf-8")


def _licenses() -> list[str]:
    """Return the licences of the packages that the page is made with."""
    lines = ["The page is made with these packages.", ""]
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    for place, package in sorted(lock["packages"].items()):
        if not place or package.get("dev"):
            continue
        folder = FRONTEND / place
        texts = [each for each in sorted(folder.iterdir()) if each.name.lower().startswith(("license", "licence"))]
        lines += [
            f"{place.removeprefix('node_modules/')} {package['version']} ({package.get('license', 'see below')})",
            "",
        ]
        lines += [each.read_text(encoding="utf-8").strip() + "\n" for each in texts]
    return lines


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Build, or check."""
    if "--check" not in sys.argv[1:]:
        build()
        print(f"built into {BUILT.relative_to(ROOT)}")
        return
    found = stale()
    for each in found:
        print(f"{each} is not as it was built: run python -m tools.build_page", file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
