"""``firedoor ui``: what it says before there is a page."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import SETS, firedoor, process
from tests.web.running import Page

pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")


def test_a_port_that_is_taken_is_told_in_a_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = firedoor("ui", "shop", "--port", str(port)).error
    assert error == f"port {port} of 127.0.0.1 is taken; name another with --port, or leave it out"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("shop", "--address", "somewhere"), "'somewhere' is no address; write one of this machine, as in 127.0.0.1"),
        (("shop", "--address", "203.0.113.1"), "cannot listen on 203.0.113.1: "),
        (("nowhere",), "nowhere: no such file or folder; check the path"),
        (("--demo", "shop"), "--demo has a source and flows of its own; "),
        (("-", "--from-edges", "-"), "standard input is given twice; give one of them as a file"),
        (("shop", "--cni", "none-such"), "there is no CNI profile 'none-such'; "),
    ],
)
def test_a_mistake_is_told_in_a_line(arguments: tuple[str, ...], told: str) -> None:
    assert firedoor("ui", *arguments).error.startswith(told)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ImportError('No module named uvicorn')\n")
    path = f"{tmp_path}:{':'.join(filter(None, sys.path))}"
    error = process("ui", "shop", PYTHONPATH=path).error
    assert error == "the page needs the extra ui: No module named uvicorn; install firedoor[ui]"


def test_it_is_ended_as_one_ends_a_program() -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "firedoor", "ui", "shop"],
        cwd=SETS,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    lines = [running.stdout.readline() for _ in range(5)]
    assert (lines[0], lines[4]) == ("shop is shown at\n", "The link works once. Ctrl-C ends the page.\n")
    # It is asked once, so that it is known to be at work.
    assert Page(lines[2].strip()).enter().status == 200
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (0, "", "")


def test_other_commands_do_not_import_the_server() -> None:
    program = (
        "import sys; from firedoor.cli.main import cli\n"
        "cli.main(['ui', '--help'], standalone_mode=False)\n"
        "cli.main(['reach', 'shop'], standalone_mode=False)\n"
        "print('LOADED', *sorted({'starlette', 'uvicorn', 'anyio', 'h11'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=SETS)
    assert done.stdout.splitlines()[-1] == "LOADED"
