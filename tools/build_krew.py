"""
Write what krew installs: an archive of a wheel with its launcher, and the manifest that names both.

    python tools/build_krew.py dist/firedoor-1.2.3-py3-none-any.whl \
        --uri https://.../kubectl-firedoor-1.2.3.tar.gz --homepage https://... --out dist

The archive is the same, byte for byte, for the same wheel. It goes to the address that is given, and the manifest
(`firedoor.yaml`) to an index of krew. `kubectl krew install --manifest=firedoor.yaml --archive=...` tries both before.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import re
import sys
import tarfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
LAUNCHER = "kubectl-firedoor"
WHEEL = re.compile(r"firedoor-(\d+\.\d+\.\d+)(?:(a|b|rc|\.dev)(\d+))?-py3-none-any\.whl")
PRERELEASES = {"a": "alpha", "b": "beta", "rc": "rc", ".dev": "dev"}
DESCRIPTION = """\
Tells who can reach whom in a cluster, which line of which policy decides it, what is wrong, and what to change: network
policies of every common API, RBAC, and Pod Security. It reads the cluster that kubectl points to, manifests, or a saved
snapshot, and changes nothing unless told to.
"""
CAVEATS = """\
Needs Python 3.11 or later with venv. The first run makes an environment in ~/.local/share/firedoor-krew, for which pip
fetches what firedoor needs; FIREDOOR_KREW_HOME names another folder. Remove the folder when you uninstall the plugin.
"""


def archive(wheel: Path) -> bytes:
    """Return the archive."""
    files = [(LAUNCHER, (ROOT / "deploy/krew" / LAUNCHER).read_bytes(), 0o755)]
    files += [(wheel.name, wheel.read_bytes(), 0o644), ("LICENSE", (ROOT / "LICENSE").read_bytes(), 0o644)]
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for name, data, mode in files:
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(data), mode
            tar.addfile(about, io.BytesIO(data))
    return out.getvalue()


def version_of(wheel: str) -> str:
    """Return the version of a wheel as krew writes it; ends the program where it is none of ours for every platform."""
    match = WHEEL.fullmatch(wheel)
    if match is None:
        sys.exit(f"error: {wheel}: expected a wheel named like firedoor-1.2.3-py3-none-any.whl; build it without cargo")
    release, mark, number = match.groups()
    return f"v{release}-{PRERELEASES[mark]}.{number}" if mark else f"v{release}"


def manifest(version: str, uri: str, homepage: str, packed: bytes) -> dict[str, object]:
    """Return the manifest of the plugin."""
    return {
        "apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
        "kind": "Plugin",
        "metadata": {"name": "firedoor"},
        "spec": {
            "version": version,
            "homepage": homepage,
            "shortDescription": "Who can reach whom, why, and what to change",
            "description": DESCRIPTION,
            "caveats": CAVEATS,
            "platforms": [
                {
                    "selector": {
                        "matchExpressions": [{"key": "os", "operator": "In", "values": ["linux", "darwin"]}],
                    },
                    "uri": uri,
                    "sha256": hashlib.sha256(packed).hexdigest(),
                    "files": [{"from": "*", "to": "."}],
                    "bin": LAUNCHER,
                }
            ],
        },
    }


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--uri", required=True, help="where the archive will be found")
    parser.add_argument("--homepage", required=True)
    parser.add_argument("--out", type=Path, default=Path("dist"))
    given = parser.parse_args()
    if not given.uri.startswith("https://"):
        sys.exit(f"error: {given.uri}: give an address that begins with https://")
    version = version_of(given.wheel.name)
    packed = archive(given.wheel)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / f"{LAUNCHER}-{version.removeprefix('v')}.tar.gz").write_bytes(packed)
    text = yaml.safe_dump(manifest(version, given.uri, given.homepage, packed), sort_keys=False, width=120)
    (given.out / "firedoor.yaml").write_text(text, encoding="utf-8")
    print(f"firedoor.yaml: {version}, {len(packed)} bytes at {given.uri}")


if __name__ == "__main__":
    main()
