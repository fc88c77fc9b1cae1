"""Programs that are really run, against sockets of this machine; and what they say where that cannot be had."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from firedoor.adapters.cluster.probes import tools
from firedoor.adapters.cluster.probes.channel import Ran
from firedoor.adapters.cluster.probes.detection import found, known
from firedoor.adapters.cluster.probes.tools import Tool
from firedoor.model.probing import Outcome

HERE = "127.0.0.1"
SECONDS = 0.5
AVAILABLE = [
    each
    for each in (tools.BASH, tools.PYTHON3, tools.CURL, tools.GNU_WGET)
    if shutil.which(each.name.partition(" ")[0])
]
"""As on most machines; the kinds of netcat are not."""


def run(command: Sequence[str]) -> Ran:
    program = sys.executable if command[0] == "python3" else shutil.which(command[0])
    if program is None:
        return Ran(None, trouble="not there")
    ended = subprocess.run(
        [program, *command[1:]], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)


def tried(tool: Tool, protocol: str, port: int, host: str = HERE) -> Outcome:
    return tool.seen(run(tool.command(protocol, host, port, SECONDS)), protocol, host)[0]


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server((HERE, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def deaf() -> Iterator[int]:
    """Return a port that drops what comes: its queue is full, and nobody takes anything from it."""
    with ExitStack() as held:
        server = held.enter_context(socket.create_server((HERE, 0), backlog=0))
        port = server.getsockname()[1]
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((HERE, port))
        yield port


@pytest.fixture
def closed() -> int:
    with socket.create_server((HERE, 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("tool", AVAILABLE, ids=lambda each: each.name)
def test_a_connection_is_seen_as_it_is(tool: Tool, listener: int, deaf: int, closed: int) -> None:
    assert tried(tool, "TCP", listener) is Outcome.CONNECTED
    assert tried(tool, "TCP", closed) is Outcome.REFUSED
    assert tried(tool, "TCP", deaf) is Outcome.TIMED_OUT


@pytest.mark.parametrize("tool", [each for each in AVAILABLE if "UDP" in each.protocols], ids=lambda each: each.name)
def test_over_udp_an_answer_is_awaited(tool: Tool) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind((HERE, 0))
        port = silent.getsockname()[1]
        assert tried(tool, "UDP", port) is Outcome.TIMED_OUT
        silent.settimeout(60)
        answering = threading.Thread(target=lambda: [silent.sendto(b"x", silent.recvfrom(99)[1]) for _ in range(2)])
        answering.start()
        assert tried(tool, "UDP", port) is Outcome.CONNECTED
        answering.join()
    assert tried(tool, "UDP", port) is Outcome.REFUSED


def test_a_value_is_never_part_of_a_script(tmp_path: Path) -> None:
    target = tmp_path / "made"
    for tool in (tools.BASH, tools.PYTHON3):
        run(tool.command("TCP", f"$(touch {target})", 1, SECONDS))
        run(tool.command("TCP", f'"; touch {target}; "', 1, SECONDS))
    assert not target.exists()


def test_the_programs_of_this_machine_are_found() -> None:
    names = [each.name for each in found(run)[0]]
    assert names[0] == "bash"
    assert "python3" in names


def test_without_a_shell_each_program_is_asked_alone() -> None:
    def shell_less(command: Sequence[str]) -> Ran:
        return run(command) if command[0] == "python3" else Ran(127, err="not found")

    assert found(shell_less) == ([tools.PYTHON3], "")
    assert found(lambda _command: Ran(None, trouble="pods is forbidden")) == ([], "pods is forbidden")


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        ("nc\nOpenBSD netcat (Debian patchlevel 1.219-1)\nusage: nc [-46CDdFhklNnrStUuvZz] [-I length]", "OPENBSD_NC"),
        ("nc\n[v1.10-47]\nconnect to somewhere:\tnc [-options] hostname port[s] [ports] ...", "TRADITIONAL_NC"),
        ("nc\nNcat 7.93 ( https://nmap.org/ncat )\nUsage: ncat [options] [hostname] [port]", "NMAP_NC"),
        ("nc\nBusyBox v1.36.1 multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT\n\t-z\tZero-I/O mode", "BUSYBOX_NC"),
        ("nc\nBusyBox v1.35.0 multi-call binary.\n\nUsage: nc [-iN] [-wN] [-l] [-p PORT] [-e PROG]", "SMALL_NC"),
        ("nc\nBusyBox v1.35.0 multi-call binary.\n\nUsage: nc [-iN] [-wN] [-l] [-p PORT]", ""),
        ("nc\nGNU netcat 0.7.1, a rewrite of the famous networking tool.", ""),
        ("ncat\nNcat 7.93 ( https://nmap.org/ncat )", "NCAT"),
        ("curl\ncurl 8.5.0\nProtocols: dict file ftp http https telnet tftp\nFeatures: IPv6", "CURL"),
        ("curl\ncurl 8.5.0\nProtocols: file http https\nFeatures: IPv6", "CURL_HTTP"),
        ("wget\nGNU Wget 1.21.3 built on linux-gnu.", "GNU_WGET"),
        ("wget\nwget: unrecognized option: version\nBusyBox v1.36.1 multi-call binary.", "SMALL_WGET"),
        ("bash\nbash: connect: Connection refused", "BASH"),
        ("bash\nbash: line 1: /dev/tcp/127.0.0.1/1: No such file or directory", ""),
        ("python\nPython 2.7.18", "PYTHON"),
    ],
)
def test_a_program_is_known_by_what_it_says_of_itself(said: str, tool: str) -> None:
    assert known(f"firedoor-tool {said}\n") == ([getattr(tools, tool)] if tool else [])


@pytest.mark.parametrize(
    ("tool", "code", "out", "err", "outcome"),
    [
        ("OPENBSD_NC", 0, "", "Connection to 10.0.0.7 80 port [tcp/*] succeeded!", Outcome.CONNECTED),
        ("OPENBSD_NC", 1, "", "nc: connect to 10.0.0.7 port 80 (tcp) failed: Connection refused", Outcome.REFUSED),
        ("OPENBSD_NC", 1, "", "nc: connect to 10.0.0.7 port 80 (tcp) timed out: Operation now in progress",
         Outcome.TIMED_OUT),
        ("TRADITIONAL_NC", 1, "", "(UNKNOWN) [10.0.0.7] 80 (http) : No route to host", Outcome.UNREACHABLE),
        ("NCAT", 1, "", "Ncat: Version 7.93 ( https://nmap.org/ncat )\nNcat: TIMEOUT.", Outcome.TIMED_OUT),
        ("NCAT", 1, "", "Ncat: Connection refused.", Outcome.REFUSED),
        ("SMALL_NC", 1, "", "nc: can't connect to remote host (10.0.0.7): Connection refused", Outcome.REFUSED),
        ("SMALL_NC", 1, "", "nc: timed out", Outcome.TIMED_OUT),
        ("SMALL_NC", 127, "", "nc: can't execute 'true': No such file or directory", Outcome.CONNECTED),
        ("BUSYBOX_NC", 1, "", "nc: 10.0.0.7 (10.0.0.7:80): Host is unreachable", Outcome.UNREACHABLE),
        ("CURL", 28, "firedoor-connected 0.000000", "curl: (28) Connection timed out after 3001 ms", Outcome.TIMED_OUT),
        ("CURL", 28, "firedoor-connected 0.000412", "curl: (28) Time-out", Outcome.CONNECTED),
        ("CURL", 7, "firedoor-connected 0.000000", "* connect to 10.0.0.7 port 80 failed: Connection refused",
         Outcome.REFUSED),
        ("CURL", 7, "firedoor-connected 0.000000", "curl: (7) Could not connect to server", Outcome.CHECK_FAILED),
        ("GNU_WGET", 4, "", "Connecting to 10.0.0.7:80... failed: Connection timed out.", Outcome.TIMED_OUT),
        ("GNU_WGET", 8, "", "Connecting to 10.0.0.7:80... connected.\nERROR 404", Outcome.CONNECTED),
        ("SMALL_WGET", 1, "", "wget: can't connect to remote host (10.0.0.7): No route to host", Outcome.UNREACHABLE),
        ("SMALL_WGET", 1, "", "wget: server returned error: HTTP/1.1 404", Outcome.CONNECTED),
        ("SMALL_WGET", 1, "", "wget: download timed out", Outcome.CHECK_FAILED),
        ("PYTHON3", 1, "", "Traceback (most recent call last):", Outcome.CHECK_FAILED),
        ("CURL", None, "", "", Outcome.CHECK_FAILED),
        ("GNU_WGET", None, "", "", Outcome.CHECK_FAILED),
        ("SMALL_WGET", None, "", "", Outcome.CHECK_FAILED),
        ("SMALL_NC", None, "", "", Outcome.CHECK_FAILED),
        ("BASH", None, "", "", Outcome.CHECK_FAILED),
    ],
)  # fmt: skip
def test_words_that_this_machine_does_not_say(
    tool: str, code: int | None, out: str, err: str, outcome: Outcome
) -> None:
    chosen: Tool = getattr(tools, tool)
    assert chosen.seen(Ran(code, out, err, "" if code is not None else "late"), "TCP", "10.0.0.7")[0] is outcome
