"""The built documentation: whole, of one host, and searched from disk."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.render.browser import Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("material") is None, reason="needs the group docs: MkDocs and its theme"
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_nothing_is_loaded_from_other_hosts(site: Path) -> None:
    page = Page((site / "howto" / "install.html").read_text(encoding="utf-8"))
    loaded = [
        of.get("src") or of.get("href") or "" for tag, of in page.tags if tag in {"script", "link", "img", "iframe"}
    ]
    assert loaded
    assert [each for each in loaded if re.match(r"(https?:)?//", each)] == []


def test_search_works_from_disk(site: Path, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium or Chrome on the PATH: the page is driven in a real browser")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=20000",
    ]
    page = f"{(site / 'index.html').as_uri()}?q=kube-router"
    done = subprocess.run(
        [browser, *options, "--dump-dom", page], capture_output=True, text=True, timeout=120, check=True
    )
    found = re.search(r'md-search-result__meta">(\d+) matching documents', done.stdout)
    assert found is not None
    assert int(found[1]) > 3
    assert "Network plugins and clouds" in done.stdout[done.stdout.index("md-search-result__list") :]
