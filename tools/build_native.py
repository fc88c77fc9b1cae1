"""
Build the compiled part of firedoor for this checkout: ``python tools/build_native.py``.

Needs a Rust compiler (https://rustup.rs). Installing firedoor does the same by itself
where there is one; an editable installation has to be told.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from hatch_build import build  # noqa: E402 - it lies at the root, where the build backend looks for it


def main() -> None:
    """Build it, or say why not."""
    built, reason = build(ROOT)
    if built is None:
        sys.exit(f"not built: {reason}")
    print(f"built {built.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
