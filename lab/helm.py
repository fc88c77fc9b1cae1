"""
Helm, which renders the chart for the tests and for ``tools/build_deploy.py``.

    python -m lab.helm    builds it if it is not there, outside of the repository, and prints where it is
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from lab.building import compile_program, go_command
from lab.places import KUBERNETES, cache
from lab.troubles import LabError

HELM = "3.22.0"
"""The version that ``modules/helm/go.mod`` requires."""


def built() -> Path:
    """Return where ``python -m lab.helm`` puts it."""
    return cache() / f"helm-{HELM}" / "helm"


def helm() -> str | None:
    """Return the program to use: the one that was built here, or the machine's own of the same major version."""
    if os.access(built(), os.X_OK):
        return str(built())
    found = shutil.which("helm")
    if found is None:
        return None
    said = subprocess.run([found, "version", "--short"], check=False, capture_output=True, text=True).stdout
    return found if said.startswith(f"v{HELM.partition('.')[0]}.") else None


def build() -> Path:
    """Build it if it is not there, and return it; raises ``LabError`` where that cannot be done."""
    target = built()
    if target.exists():
        return target
    go, toolchain = go_command("put helm 3 on the PATH")
    target.parent.mkdir(parents=True, exist_ok=True)
    # What charts are rendered for where no cluster is asked: otherwise it is one of years ago.
    said = {"internal/version.version": f"v{HELM}"}
    for package in ("pkg/chartutil", "pkg/lint/rules"):
        said |= {f"{package}.k8sVersionMajor": "1", f"{package}.k8sVersionMinor": KUBERNETES.split(".")[1]}
    flags = " ".join(["-s", "-w", *(f"-X helm.sh/helm/v3/{key}={value}" for key, value in said.items())])
    compile_program(go, toolchain, "helm", "helm.sh/helm/v3/cmd/helm", target, flags)
    return target


def main() -> int:
    """Build it, and return the exit code."""
    try:
        print(build())
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
