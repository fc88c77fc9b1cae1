"""
Make the pictures of the documentation: pages that firedoor makes of the demo shop, as a headless Chromium shows them.

    python tools/build_pictures.py

needs Chromium or Chrome on the PATH. Fonts differ between machines, so the pictures are made by hand when a page
changes, and no test compares them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SHOWN = {
    "reach.png": (("reach", "lantern", "--to", "shop-data/redis", "-o", "html"), (1280, 530)),
    "findings.png": (("diagnose", "lantern", "-o", "html"), (1000, 960)),
}
"""Of each picture: the command that prints the page, and how much of it is shown, in pixels."""


def picture(browser: str, folder: Path, name: str) -> None:
    """Make one picture of what a command prints in a folder where the demo is."""
    arguments, (width, height) = SHOWN[name]
    page = folder / f"{name}.html"
    with page.open("wb") as out:
        command = [sys.executable, "-m", "firedoor", *arguments]
        subprocess.run(command, cwd=folder, check=True, stdout=out)  # noqa: S603 - our own command
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}",
    ]
    shown = [f"--window-size={width},{height}", f"--screenshot={PICTURES / name}", page.as_uri()]
    subprocess.run([browser, *options, *shown], check=True, stderr=subprocess.DEVNULL, timeout=120)  # noqa: S603


def main() -> None:
    """Make all pictures."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("error: no Chromium and no Chrome on the PATH; install one")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        demo = [sys.executable, "-m", "firedoor", "demo", "--write", "lantern"]
        subprocess.run(demo, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        for name in SHOWN:
            picture(browser, folder, name)
            print(f"{PICTURES / name}: {(PICTURES / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
