"""The programs of the lab, built from the Go modules that pin them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lab.places import KUBERNETES, MODULES, NODE_PROGRAMS, PROGRAMS, binaries, missing, promtool
from lab.troubles import LabError

if TYPE_CHECKING:
    from collections.abc import Callable

_GO = "1.26"
"""An API server built with 1.27 serves a broken OpenAPI document, and older ones refuse the modules."""

_FETCHED = "go1.26.8"
"""What another Go is told to fetch and to build with."""

_VERSION = re.compile(r"go version go(\d+\.\d+)")


def build(tell: Callable[[str], None], *, node: bool = False) -> Path:
    """Build what is missing, and return the folder; raises ``LabError`` where that cannot be done."""
    folder = binaries()
    wanted = missing(node=node)
    if wanted:
        go, toolchain = go_command()
        folder.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(wanted, 1):
            tell(f"building {name} ({number} of {len(wanted)}; the first time takes minutes)")
            _build(go, toolchain, name, folder)
    return folder


def build_promtool(tell: Callable[[str], None]) -> Path:
    """Build the program that judges rules of Prometheus, if it is not there, and return it; raises ``LabError``."""
    path = promtool()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        tell("building promtool (this takes minutes)")
        compile_program(*go_command(), "promtool", "github.com/prometheus/prometheus/cmd/promtool", path, "-s -w")
    return path


def go_command(otherwise: str = "give a folder with the programs in KUBEBUILDER_ASSETS") -> tuple[str, str]:
    """Return the Go command and the toolchain that it is to use; `otherwise` is what to do without Go."""
    found = shutil.which("go")
    if found is None:
        message = f"Go is not installed: install Go {_GO}, or {otherwise}"
        raise LabError(message)
    said = subprocess.run([found, "version"], check=True, capture_output=True, text=True).stdout
    version = _VERSION.match(said)
    return found, "local" if version is not None and version[1] == _GO else _FETCHED


def _build(go: str, toolchain: str, name: str, folder: Path) -> None:
    module, package = {**PROGRAMS, **NODE_PROGRAMS}[name]
    major, minor, _ = KUBERNETES.split(".")
    said = {
        "gitVersion": f"v{KUBERNETES}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitCommit": "go-modules",
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
    }
    flags = " ".join(f"-X k8s.io/component-base/version.{key}={value}" for key, value in said.items())
    compile_program(go, toolchain, module, package, folder / name, f"-s -w {flags}")


def compile_program(go: str, toolchain: str, module: str, package: str, target: Path, flags: str) -> None:
    """Build a package as a module of the lab requires it, as a whole or not at all; raises ``LabError``."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / target.name
        done = subprocess.run(
            [go, "build", "-trimpath", "-ldflags", flags, "-o", str(made), package],
            check=False,
            cwd=MODULES / module,
            env={**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": toolchain, "GOFLAGS": "-mod=readonly"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            message = f"{target.name} could not be built: {done.stdout.strip()[-2000:]}"
            raise LabError(message)
        made.replace(target)
