"""The manual pages: one for each command, with all of its options, which the formatter takes without a warning."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tools.build_man import pages

from firedoor.cli.main import cli
from tests.cli.test_plugin import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = dict(pages())
HYPHEN = "\\-"
"""How a hyphen is written that can be typed again."""


def rendered(page: Path) -> str:
    """Return what a reader sees of a page, on lines that are never broken; a warning of the formatter is an error."""
    man = shutil.which("man")
    if man is None or shutil.which("groff") is None:
        pytest.skip("no man, or no groff")
    environment = {**os.environ, "MANWIDTH": "1000", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""}
    done = subprocess.run(
        [man, "--warnings", "-E", "ascii", "-P", "cat", "-l", page],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(done.stdout.split())


def test_each_command_has_a_page() -> None:
    assert {f"firedoor-{name}" for name in COMMANDS} | {"firedoor"} <= set(PAGES)
    assert "firedoor-rbac-who-can" in PAGES
    assert f".BR firedoor{HYPHEN}reach (1)" in PAGES["firedoor"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_has_all_options(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    text = PAGES[f"firedoor-{name}"]
    assert [each for option in options for each in option.opts if each.replace("-", HYPHEN) not in text] == []


def test_a_page_is_read_as_it_was_written(tmp_path: Path) -> None:
    script = [sys.executable, "tools/build_man.py", str(tmp_path)]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    written = {path.stem: path.read_text() for path in (tmp_path / "man1").iterdir()}
    assert written == PAGES
    page = rendered(tmp_path / "man1" / "firedoor-rbac-can.1")
    assert "NAME firedoor-rbac-can - Say whether a user may do something, and why" in page
    assert "SYNOPSIS firedoor rbac can [OPTIONS] VERB RESOURCE [NAME] [PATH]..." in page
    assert "-f, --filename PATH File or folder of manifests, a saved snapshot, or - for stdin. Repeatable." in page
    whole = rendered(tmp_path / "man1" / "firedoor.1")
    assert "EXIT STATUS 0 the command did its work" in whole
    assert "SEE ALSO firedoor-diagnose(1), firedoor-fix(1)," in whole


@pytest.mark.slow
def test_the_formatter_warns_of_no_page(tmp_path: Path) -> None:
    every = tmp_path / "all.1"
    every.write_text("".join(PAGES.values()))
    assert "firedoor-watch" in rendered(every)


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="no mandoc")
def test_another_formatter_warns_of_nothing_but_the_missing_day(tmp_path: Path) -> None:
    every = [tmp_path / f"{name}.1" for name in PAGES]
    for page in every:
        page.write_text(PAGES[page.stem])
    command = [str(shutil.which("mandoc")), "-T", "lint", "-W", "warning", *map(str, every)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


def test_the_day_is_that_of_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert dict(pages())["firedoor"].startswith('.TH "FIREDOOR" 1 "1970-01-02"')
