"""
Builds the compiled part (``native/``, Rust) into the wheel, where there is a Rust compiler.

Without one, or where its crates cannot be fetched, the wheel has no compiled part, and
firedoor reads everything in Python.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # the tool that builds it for a checkout needs no backend
    BuildHookInterface = object

LIBRARIES = {"Linux": "lib_native.so", "Darwin": "lib_native.dylib"}
TARGET = "src/firedoor/_native.abi3.so"
SWITCH = "FIREDOOR_BUILD_NATIVE"
"""The variable that forbids the compiled part (``0``), or demands it (``1``)."""
LONGEST_SECONDS = 300


class NativeBuildHook(BuildHookInterface):
    """Adds the compiled part to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build it, and tell what kind of wheel this is."""
        root = Path(self.root)
        if self.target_name != "wheel":
            return
        built, reason = build(root)
        if built is None:
            if os.environ.get(SWITCH) == "1":
                raise RuntimeError(f"the compiled part was demanded ({SWITCH}=1), and not built: {reason}")
            self.app.display_warning(f"firedoor without its compiled part: {reason}")
            return
        build_data["artifacts"].append(TARGET)
        build_data["pure_python"] = False
        build_data["tag"] = f"cp311-abi3-{_platform_tag()}"


def build(root: Path) -> tuple[Path | None, str]:
    """Return the library that was built, or None and the reason why it was not."""
    if os.environ.get(SWITCH) == "0":
        return None, f"{SWITCH}=0 forbids it"
    library, cargo = LIBRARIES.get(platform.system()), shutil.which("cargo")
    if library is None:
        return None, f"it is not known how to build it on {platform.system()}"
    if cargo is None:
        return None, "there is no Rust compiler (cargo); see https://rustup.rs"
    environment = {**os.environ, "PYO3_PYTHON": sys.executable}
    if library.endswith(".dylib"):
        # The interpreter is found when it loads the library.
        environment["RUSTFLAGS"] = "-C link-arg=-undefined -C link-arg=dynamic_lookup"
    command = [cargo, "build", "--release", "--locked", "--manifest-path", str(root / "native" / "Cargo.toml")]
    target = Path(environment.get("CARGO_TARGET_DIR", root / "native" / "target"))
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing from outside
            command, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"cargo: {error}"
    if done.returncode:
        return None, f"cargo: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}"
    destination = root / TARGET
    # Another process may have the library open: it keeps the one that it has.
    fresh = destination.with_suffix(".new")
    shutil.copyfile(target / "release" / library, fresh)
    fresh.replace(destination)
    return destination, ""


def _platform_tag() -> str:
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
