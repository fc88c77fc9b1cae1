"""
Programs in the containers of others that can try a connection: how each is asked, and what it says.

Every value is an argument of its own: no text is put together that a shell would take apart.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.adapters.cluster.probes import agnhost
from firedoor.adapters.cluster.probes.outcomes import named_in, one_line, with_port
from firedoor.model.probing import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.cluster.probes.channel import Ran

    Command = Callable[[str, str, int, float], tuple[str, ...]]
    Reading = Callable[[Ran, str, str], tuple[Outcome, str]]

_BASH = """\
export LC_ALL=C
if [ "$1" = udp ]; then
  { exec 3<>"/dev/udp/$2/$3" && echo hostname >&3 && IFS= read -r -n 1 -t "$4" -u 3 _; code=$?; } 2>&1
  if [ $code -eq 0 ]; then echo CONNECTED; elif [ $code -gt 128 ]; then echo TIMEOUT; fi
  exit
fi
IFS= read -r -t "$4" said < <(exec 2>&1; exec 3<>"/dev/tcp/$2/$3" && echo CONNECTED)
code=$?
kill $! 2>/dev/null
if [ $code -gt 128 ]; then echo TIMEOUT; else echo "$said"; fi
"""
_PYTHON = """\
import os, socket, sys
protocol, host, port, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
kind = socket.SOCK_DGRAM if protocol == "UDP" else socket.SOCK_STREAM
try:
    end = socket.socket(family, kind, 132 if protocol == "SCTP" else 0)
    end.settimeout(seconds)
    end.connect((host, port))
    if protocol == "UDP":
        end.send(b"hostname\\n")
        end.recv(1)
    print("CONNECTED")
except socket.timeout:
    print("TIMEOUT")
except (OSError, IOError) as error:
    print(os.strerror(error.errno) if error.errno else str(error))
"""
_CURL_MARK = "firedoor-connected"
_CURL_TIME = re.compile(rf"{_CURL_MARK} ([0-9.,]+)")
_CURL_LATE = 28


@dataclass(frozen=True, slots=True)
class Tool:
    """A program: its `name`, the `protocols` it can try, the command for it, and how its answer is read."""

    name: str
    protocols: frozenset[str]
    command: Command
    seen: Reading


_TCP = frozenset({"TCP"})
_ALL = frozenset({"TCP", "UDP", "SCTP"})


def _bash(protocol: str, host: str, port: int, seconds: float) -> tuple[str, ...]:
    return ("bash", "-c", _BASH, "bash", protocol.lower(), host, str(port), f"{seconds:g}")


def _python(program: str) -> Command:
    def command(protocol: str, host: str, port: int, seconds: float) -> tuple[str, ...]:
        return (program, "-c", _PYTHON, protocol, host, str(port), f"{seconds:g}")

    return command


def _scanning(program: str, unit: str = "") -> Command:
    """Return how a netcat is asked that connects, sends nothing (``-z``) and tells what came of it (``-v``)."""

    def command(_protocol: str, host: str, port: int, seconds: float) -> tuple[str, ...]:
        return (program, "-z", "-v", "-n", "-w", f"{math.ceil(seconds)}{unit}", host, str(port))

    return command


def _small_nc(_protocol: str, host: str, port: int, seconds: float) -> tuple[str, ...]:
    return ("nc", "-w", str(math.ceil(seconds)), host, str(port), "-e", "true")


def _curl(scheme: str) -> Command:
    def command(_protocol: str, host: str, port: int, seconds: float) -> tuple[str, ...]:
        limits = ("--connect-timeout", f"{seconds:g}", "--max-time", f"{seconds + 1:g}")
        told = ("-v", "-o", "/dev/null", "-w", f"{_CURL_MARK} %{{time_connect}}")
        return ("curl", "-q", "-sS", "--noproxy", "*", *limits, *told, f"{scheme}://{with_port(host, port)}")

    return command


def _gnu_wget(_protocol: str, host: str, port: int, seconds: float) -> tuple[str, ...]:
    limits = ("--no-proxy", "--tries=1", f"--timeout={seconds:g}", "--max-redirect=0")
    return ("wget", "--no-config", *limits, "-O", "/dev/null", f"http://{with_port(host, port)}/")


def _small_wget(_protocol: str, host: str, port: int, seconds: float) -> tuple[str, ...]:
    return ("wget", "-Y", "off", "-T", str(math.ceil(seconds)), "-O", "/dev/null", f"http://{with_port(host, port)}/")


def _by_word(ran: Ran, _protocol: str, host: str) -> tuple[Outcome, str]:
    """Read our own scripts, which say ``CONNECTED``, ``TIMEOUT`` or the text of an error."""
    said = one_line(ran.out or ran.err)
    if ran.code is None:
        return Outcome.CHECK_FAILED, ran.trouble
    words = {"CONNECTED": Outcome.CONNECTED, "TIMEOUT": Outcome.TIMED_OUT}
    return words.get(said) or named_in(said, host), said


def _by_code(ran: Ran, _protocol: str, host: str) -> tuple[Outcome, str]:
    """Read a netcat, which ends with 0 when it was connected."""
    said = one_line(f"{ran.err} {ran.out}")
    if ran.code is None:
        return Outcome.CHECK_FAILED, ran.trouble
    if ran.code == 0:
        return Outcome.CONNECTED, said
    if "TIMEOUT" in said:  # as Ncat says it
        return Outcome.TIMED_OUT, said
    return named_in(said, host), said


def _by_small_nc(ran: Ran, protocol: str, host: str) -> tuple[Outcome, str]:
    """Read a netcat that runs ``true`` once it is connected, which may not be there."""
    if ran.code is not None and "can't execute" in ran.err:
        return Outcome.CONNECTED, one_line(ran.err)
    return _by_code(ran, protocol, host)


def _by_time(ran: Ran, _protocol: str, host: str) -> tuple[Outcome, str]:
    """Read curl, which measures when it was connected, whatever came after."""
    said = one_line(ran.err)
    if ran.code is None:
        return Outcome.CHECK_FAILED, ran.trouble
    measured = _CURL_TIME.search(ran.out)
    if measured and measured[1].strip("0.,"):
        return Outcome.CONNECTED, said
    if ran.code == _CURL_LATE:
        return Outcome.TIMED_OUT, said
    return named_in(said, host), said


def _by_gnu_wget(ran: Ran, _protocol: str, host: str) -> tuple[Outcome, str]:
    said = one_line(ran.err)
    if ran.code is None:
        return Outcome.CHECK_FAILED, ran.trouble
    _, _, rest = said.partition("Connecting to ")
    if "... connected." in rest:
        return Outcome.CONNECTED, said
    return named_in(rest, host), said


def _by_small_wget(ran: Ran, _protocol: str, host: str) -> tuple[Outcome, str]:
    """Read the wget of BusyBox, which does not tell a connection that is late from an answer that is."""
    said = one_line(ran.err)
    if ran.code is None:
        return Outcome.CHECK_FAILED, ran.trouble
    if ran.code == 0 or "server returned error" in said or "error getting response" in said:
        return Outcome.CONNECTED, said
    if "download timed out" in said:
        return Outcome.CHECK_FAILED, f"{said}; BusyBox does not say whether it was connected"
    return named_in(said, host), said


AGNHOST = Tool("agnhost", _ALL, agnhost.connecting, agnhost.seen)
BASH = Tool("bash", frozenset({"TCP", "UDP"}), _bash, _by_word)
PYTHON3 = Tool("python3", _ALL, _python("python3"), _by_word)
PYTHON = Tool("python", _ALL, _python("python"), _by_word)
OPENBSD_NC = Tool("nc (OpenBSD)", _TCP, _scanning("nc"), _by_code)
TRADITIONAL_NC = Tool("nc (traditional)", _TCP, _scanning("nc"), _by_code)
BUSYBOX_NC = Tool("nc (BusyBox)", _TCP, _scanning("nc"), _by_code)
SMALL_NC = Tool("nc (BusyBox)", _TCP, _small_nc, _by_small_nc)
NMAP_NC = Tool("nc (Ncat)", _TCP, _scanning("nc", "s"), _by_code)
NCAT = Tool("ncat", _TCP, _scanning("ncat", "s"), _by_code)
CURL = Tool("curl", _TCP, _curl("telnet"), _by_time)
CURL_HTTP = Tool("curl (HTTP)", _TCP, _curl("http"), _by_time)
GNU_WGET = Tool("wget", _TCP, _gnu_wget, _by_gnu_wget)
SMALL_WGET = Tool("wget (BusyBox)", _TCP, _small_wget, _by_small_wget)
