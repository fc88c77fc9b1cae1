"""Colour on a terminal and only there, and quiet when nobody reads on."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from tests.cli.command import SETS, firedoor, process

COMMANDS = {
    "diagnose": ("diagnose", "shop"),
    "reach": ("reach", "shop"),
    "explain": ("explain", "shop", "--from", "books/stock", "--to", "books-data/stock-db", "--port", "3306"),
    "checks": ("checks",),
}
PLAIN = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR", "COLORTERM"}}


def on_terminal(*arguments: str, **environment: str) -> str:
    """Run the command with a terminal as its standard output, and return what the terminal got."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "firedoor", *arguments]
    env = {**PLAIN, "TERM": "xterm-256color", "COLUMNS": "200", **environment}
    with subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL, cwd=SETS, env=env) as running:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # how Linux says that the other side is closed
                break
            if not part:
                break
            parts.append(part)
        os.close(ours)
        assert running.wait(timeout=120) == 0
    return b"".join(parts).decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_pipe_gets_no_escape(name: str) -> None:
    ran = process(*COMMANDS[name])
    assert ran.code == 0
    assert "\x1b" not in ran.out + ran.err


def test_a_terminal_gets_colour() -> None:
    assert "\x1b[31m" in on_terminal("diagnose", "shop")


def test_a_terminal_gets_no_colour_if_that_is_asked() -> None:
    shown = on_terminal("diagnose", "shop", NO_COLOR="1")
    assert "shop/front.yaml" in shown
    # Bold is no colour; the standard asks for no colour only.
    assert not any(f"\x1b[{code}m" in shown for code in (31, 32, 33, "1;31", "1;32", "1;33"))


def test_a_terminal_may_be_narrow() -> None:
    assert "critical" in on_terminal("diagnose", "shop", COLUMNS="40").lower()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_goes_away_is_no_failure(name: str) -> None:
    command = " ".join((sys.executable, "-m", "firedoor", *COMMANDS[name]))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -1"],  # noqa: S607 - whatever bash is there
        capture_output=True,
        text=True,
        cwd=SETS,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1


def test_names_cannot_drive_the_terminal() -> None:
    pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: "a\\u001b[31mb"}\nspec: {containers: [{name: c, image: c}]}\n'
    for command in ("diagnose", "reach"):
        assert "\x1b" not in (ran := firedoor(command, "-", stdin=pod.encode())).out + ran.err
