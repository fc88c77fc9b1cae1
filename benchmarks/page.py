"""
How soon the page of ``firedoor ui`` can be used: ``python -m benchmarks.page --workloads 2000``.

Needs Chromium and Playwright. Ends with code 1 where the map is not there within `--most` seconds after the link was
opened, or where it does not answer a key within a second then.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.scale.document import write_cluster
from benchmarks.scale.size import Size, Variant

_MOST_ANSWER = 1.0


def main() -> None:
    """Measure once, as a first visitor has it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--workloads", type=int, default=2000)
    parser.add_argument("--most", type=float, default=3.0, help="seconds from the link to a map that can be used")
    chosen = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit(f"{parser.prog}: needs Chromium or Chrome on the PATH")
    with tempfile.TemporaryDirectory() as folder:
        cluster = Path(folder) / "cluster.json"
        # About an eighth of the pods are of DaemonSets.
        plan = write_cluster(cluster, Size.of(chosen.workloads * 8 // 7, Variant.ONES), 1, with_owners=True)
        print(f"{len(plan.workloads)} workloads in {len(plan.namespaces)} namespaces")
        is_late = _measured(str(cluster), browser, chosen.most)
    sys.exit(is_late)


def _measured(cluster: str, browser: str, most: float) -> bool:
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "firedoor", "ui", cluster, "-o", "json"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None  # noqa: S101 - it is a pipe
    try:
        url = json.loads(server.stdout.readline())["url"]
        print(f"until the link is printed: {time.perf_counter() - started:.2f} s")
        ready, answered = _visited(url, browser)
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
    print(f"from the link to the map: {ready:.2f} s (at most {most:g})")
    print(f"from a key to a map that has moved: {answered:.2f} s (at most {_MOST_ANSWER:g})")
    return ready > most or answered > _MOST_ANSWER


def _visited(url: str, browser: str) -> tuple[float, float]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this benchmark needs it

    with sync_playwright() as driver:
        flags = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        program = driver.chromium.launch(executable_path=browser, args=flags)
        page = program.new_page(viewport={"width": 1400, "height": 900})
        # The first page of a browser pays for its start.
        page.goto("about:blank")
        started = time.perf_counter()
        page.goto(url)
        page.wait_for_selector(".canvas[data-ready]")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        ready = time.perf_counter() - started
        page.locator(".canvas").focus()
        started = time.perf_counter()
        page.keyboard.press("ArrowRight")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        answered = time.perf_counter() - started
        program.close()
    return ready, answered


if __name__ == "__main__":
    main()
