"""The command that opens the full screen, in a real terminal and without one."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

import pytest

from tests.cli.command import SETS, process

PLAIN = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR", "COLORTERM"}}


def on_terminal(*arguments: str, keys: bytes, after: str, **environment: str) -> tuple[int, str]:
    """Run the command in a terminal of 80 by 24, press keys when it has shown a text, and return how it ended."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "firedoor", "tui", *arguments]
    env = {**PLAIN, "TERM": "xterm-256color", **environment}
    shown = b""
    end = time.monotonic() + 60
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=SETS, env=env, start_new_session=True
    ) as running:
        os.close(theirs)
        pressed = False
        while time.monotonic() < end:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                part = os.read(ours, 65536)
            except OSError:  # how Linux says that the other side is closed
                break
            if not part:
                break
            shown += part
            if not pressed and after in shown.decode(errors="replace"):
                os.write(ours, keys)
                pressed = True
        else:
            running.kill()
        os.close(ours)
        code = running.wait(timeout=25)
    return code, shown.decode(errors="replace")


@pytest.fixture
def textual() -> None:
    pytest.importorskip("textual", reason="the extra tui is not installed")


@pytest.mark.usefixtures("textual")
def test_it_runs_in_a_terminal_until_somebody_leaves() -> None:
    code, shown = on_terminal("shop", keys=b"q", after="namespaces")
    assert code == 0
    assert "books" in shown
    assert "Traceback" not in shown
    # The screen that was there before is shown again, with its cursor.
    assert "\x1b[?1049l" in shown
    assert "\x1b[?25h" in shown


@pytest.mark.usefixtures("textual")
def test_no_colour_is_sent_where_none_is_wanted() -> None:
    code, shown = on_terminal("shop", keys=b"q", after="namespaces", NO_COLOR="1")
    assert code == 0
    assert not [each for each in ("\x1b[38;", "\x1b[48;", ";38;5;", ";48;5;", "\x1b[31m") if each in shown]


@pytest.mark.usefixtures("textual")
def test_what_cannot_be_read_is_one_line_after_it_ended() -> None:
    code, shown = on_terminal("nothing", keys=b"", after="never")
    assert code == 2
    assert shown.rstrip().endswith("error: nothing: no such file or folder; check the path")


def test_without_a_terminal_it_says_what_to_use_instead() -> None:
    ran = process("tui", "shop")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: the full screen needs a terminal; use `firedoor diagnose`, `reach` and `explain`\n"


def test_a_terminal_that_can_do_nothing_is_none() -> None:
    code, shown = on_terminal("shop", keys=b"", after="never", TERM="dumb")
    assert (code, "needs a terminal" in shown) == (2, True)


def test_standard_input_is_for_the_keys() -> None:
    ran = process("tui", "-", stdin=b"")
    assert (ran.code, "standard input is for the keys" in ran.err) == (2, True)


def test_what_is_not_installed_is_said_in_one_line() -> None:
    program = (
        "import sys; sys.modules['textual'] = None; sys.modules['textual.app'] = None\n"
        "from firedoor.cli.main import main; sys.argv = ['firedoor', 'tui', 'shop']; main()"
    )
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", program]
    env = {**PLAIN, "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=SETS, env=env) as running:
        os.close(theirs)
        assert running.wait(timeout=60) == 2
        shown = os.read(ours, 65536).decode()
        os.close(ours)
    assert shown.splitlines() == ["error: the full screen needs the extra tui; pip install 'firedoor[tui]'"]
