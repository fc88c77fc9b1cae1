"""``agnhost``, the program in the image of probe pods: how it connects and listens, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.adapters.cluster.probes.outcomes import named_in, one_line, with_port
from firedoor.model.probing import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.adapters.cluster.probes.channel import Ran

PROGRAM = "/agnhost"
WAITING = (PROGRAM, "pause")
_FAILED = 1


def waiting(seconds: int) -> tuple[str, ...]:
    """Return the command that does nothing for some seconds, and ends."""
    return (PROGRAM, "logs-generator", "--log-lines-total=1", f"--run-duration={seconds}s")


def connecting(protocol: str, host: str, port: int, seconds: float) -> tuple[str, ...]:
    """
    Return the command that tries a connection.

    TCP is a handshake alone. Over UDP and SCTP the line ``hostname`` is sent and an answer awaited.
    """
    where = with_port(host, port)
    return (PROGRAM, "connect", where, "--protocol", protocol.lower(), "--timeout", f"{round(seconds * 1000)}ms")


def seen(ran: Ran, protocol: str, host: str) -> tuple[Outcome, str]:
    """Return what a `connecting` command saw, and its words."""
    said = one_line(ran.err or ran.out)
    if ran.code == 0:
        return Outcome.CONNECTED, said
    if ran.code is None:
        return Outcome.CHECK_FAILED, ran.trouble
    word, _, rest = said.partition(":")
    if ran.code != _FAILED or word not in {"TIMEOUT", "REFUSED", "DNS", "OTHER", "UNKNOWN"}:
        return Outcome.CHECK_FAILED, f"agnhost ended with {ran.code}: {said}"
    known = {"TIMEOUT": Outcome.TIMED_OUT, "REFUSED": Outcome.REFUSED, "DNS": Outcome.UNRESOLVED}
    if word in known:
        return known[word], said
    # A datagram without content is an answer; over SCTP all fails before the association but the end of file.
    if (protocol == "UDP" and "No data received" in rest) or (protocol == "SCTP" and rest.strip() == "EOF"):
        return Outcome.CONNECTED, said
    return named_in(rest, host), said


def porter(listening: Iterable[tuple[str, int]]) -> dict[str, Any]:
    """Return the parts of a container that listens on several ports at the same time, over IPv4 only."""
    variables = [{"name": f"SERVE_{protocol}_PORT_{port}", "value": "firedoor"} for protocol, port in listening]
    if not variables:
        return {"command": list(WAITING)}
    return {"command": [PROGRAM, "porter"], "env": variables}


def serving(protocol: str, port: int) -> Sequence[str]:
    """Return the command that listens on one TCP or UDP port, over IPv4 and IPv6."""
    return (PROGRAM, "serve-hostname", "--http=false", f"--{protocol.lower()}", "--port", str(port))
