"""
Print the software bill of materials of firedoor as CycloneDX JSON: every locked dependency of an installation.

    python tools/build_sbom.py [--extra hubble] > firedoor.cdx.json
    python tools/build_sbom.py --extra hubble --without-native    # of the image, which has no compiled part

uv makes it of ``uv.lock``; what it leaves out is added: which version of firedoor it is of, its licence, and the crates
of the compiled part by ``native/Cargo.lock``. The same locks give the same bytes: the time is that of
``SOURCE_DATE_EPOCH``, or none, and the serial number follows from all else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firedoor import __version__

ROOT = Path(__file__).parents[1]
CRATES = ROOT / "native/Cargo.lock"
_OWN = "firedoor-native"
_LICENCE = [{"license": {"id": "Apache-2.0"}}]


def bill(uv: str, extras: list[str], *, has_native: bool = True) -> dict[str, Any]:
    """Return the bill; raises ``CalledProcessError`` where the lock does not fit the project."""
    chosen = [option for each in extras for option in ("--extra", each)]
    command = [uv, "export", "--locked", "--no-dev", "--format", "cyclonedx1.5", "--quiet", *chosen]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - uv
    found: dict[str, Any] = json.loads(done.stdout)
    product = found["metadata"]["component"]
    product |= {
        "type": "application",
        "version": __version__,
        "licenses": _LICENCE,
        "purl": f"pkg:pypi/firedoor@{__version__}",
    }
    if has_native:
        _add_crates(found, product["bom-ref"])
    found["metadata"].pop("timestamp", None)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is not None:
        found["metadata"]["timestamp"] = datetime.fromtimestamp(int(epoch), UTC).isoformat().replace("+00:00", "Z")
    found.pop("serialNumber", None)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(found, sort_keys=True))
    return {**found, "serialNumber": f"urn:uuid:{serial}"}


def _add_crates(found: dict[str, Any], product: str) -> None:
    """Add the compiled part, its crates, and who needs which."""
    crates = tomllib.loads(CRATES.read_text())["package"]
    found["components"] += map(_crate, crates)
    for each in crates:
        needs = sorted(_ref(_meant(name, crates)) for name in each.get("dependencies", ()))
        found["dependencies"].append({"ref": _ref(each), **({"dependsOn": needs} if needs else {})})
    (own,) = (each for each in crates if each["name"] == _OWN)
    entry = next(each for each in found["dependencies"] if each["ref"] == product)
    entry["dependsOn"] = [*entry.get("dependsOn", ()), _ref(own)]


def _crate(package: dict[str, Any]) -> dict[str, Any]:
    """Return a package of the lock as a component; those of this project alone have no checksum."""
    name, version = package["name"], package["version"]
    found = {"type": "library", "bom-ref": _ref(package), "name": name, "version": version}
    if "checksum" not in package:
        return {**found, "licenses": _LICENCE}
    archive = {
        "type": "distribution",
        "url": f"https://static.crates.io/crates/{name}/{name}-{version}.crate",
        "hashes": [{"alg": "SHA-256", "content": package["checksum"]}],
    }
    return {**found, "purl": f"pkg:cargo/{name}@{version}", "externalReferences": [archive]}


def _meant(text: str, crates: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the package that a lock means by ``NAME``, or by ``NAME VERSION`` where there are several."""
    name, _, version = text.partition(" ")
    return next(each for each in crates if each["name"] == name and version in {"", each["version"]})


def _ref(package: dict[str, Any]) -> str:
    return f"crate:{package['name']}@{package['version']}"


def main() -> int:
    """Print it, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--extra", action="append", default=[], metavar="NAME", help="with an optional part; repeatable"
    )
    parser.add_argument("--without-native", action="store_true", help="without the compiled part, which is optional")
    parser.add_argument("--uv", default="uv", metavar="PROGRAM", help="the uv to use")
    asked = parser.parse_args()
    try:
        print(json.dumps(bill(asked.uv, asked.extra, has_native=not asked.without_native), indent=2))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"error: {error}; install uv, and run `uv lock` where the lock does not fit", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
