"""
Print the software bill of materials of firedoor as CycloneDX JSON: every locked dependency of an installation.

    python tools/build_sbom.py [--extra hubble] > firedoor.cdx.json

uv makes it of ``uv.lock``; what it leaves out is added: which version of firedoor it is of, and its licence. The same
lock gives the same bytes: the time is that of ``SOURCE_DATE_EPOCH``, or none, and the serial number follows
from all else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firedoor import __version__

ROOT = Path(__file__).parents[1]


def bill(uv: str, extras: list[str]) -> dict[str, Any]:
    """Return the bill; raises ``CalledProcessError`` where the lock does not fit the project."""
    chosen = [option for each in extras for option in ("--extra", each)]
    command = [uv, "export", "--locked", "--no-dev", "--format", "cyclonedx1.5", "--quiet", *chosen]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - uv
    found: dict[str, Any] = json.loads(done.stdout)
    product = found["metadata"]["component"]
    product |= {
        "type": "application",
        "version": __version__,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "purl": f"pkg:pypi/firedoor@{__version__}",
    }
    found["metadata"].pop("timestamp", None)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is not None:
        found["metadata"]["timestamp"] = datetime.fromtimestamp(int(epoch), UTC).isoformat().replace("+00:00", "Z")
    found.pop("serialNumber", None)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(found, sort_keys=True))
    return {**found, "serialNumber": f"urn:uuid:{serial}"}


def main() -> int:
    """Print it, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--extra", action="append", default=[], metavar="NAME", help="with an optional part; repeatable"
    )
    parser.add_argument("--uv", default="uv", metavar="PROGRAM", help="the uv to use")
    asked = parser.parse_args()
    try:
        print(json.dumps(bill(asked.uv, asked.extra), indent=2))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"error: {error}; install uv, and run `uv lock` where the lock does not fit", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
