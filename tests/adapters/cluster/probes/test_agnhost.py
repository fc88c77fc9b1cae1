"""What agnhost says, as its source has it, and what that means."""

from __future__ import annotations

import pytest

from firedoor.adapters.cluster.probes.agnhost import connecting, porter, seen
from firedoor.adapters.cluster.probes.channel import Ran
from firedoor.model.probing import Outcome

V4, V6 = "10.0.0.7", "fd00::7"


def failed(text: str, code: int = 1) -> Ran:
    return Ran(code, err=text)


@pytest.mark.parametrize(
    ("ran", "protocol", "host", "outcome"),
    [
        (Ran(0), "TCP", V4, Outcome.CONNECTED),
        (failed("TIMEOUT\n"), "TCP", V4, Outcome.TIMED_OUT),
        (failed("REFUSED\n"), "TCP", V4, Outcome.REFUSED),
        (failed("DNS: lookup nowhere: no such host\n"), "TCP", "nowhere", Outcome.UNRESOLVED),
        (failed("OTHER: dial tcp 10.0.0.7:80: connect: no route to host\n"), "TCP", V4, Outcome.UNREACHABLE),
        (failed("OTHER: dial tcp 10.0.0.7:80: connect: network is unreachable"), "TCP", V4, Outcome.UNREACHABLE),
        (failed("OTHER: dial tcp 10.0.0.7:80: connect: connection reset by peer"), "TCP", V4, Outcome.RESET),
        (failed("OTHER: dial tcp [fd00::7]:80: connect: permission denied"), "TCP", V6, Outcome.UNREACHABLE),
        (failed("OTHER: dial tcp 10.0.0.7:80: connect: permission denied"), "TCP", V4, Outcome.CHECK_FAILED),
        (failed("TIMEOUT: read udp 10.0.0.2:3->10.0.0.7:53: i/o timeout"), "UDP", V4, Outcome.TIMED_OUT),
        (failed("REFUSED: read udp 10.0.0.2:3->10.0.0.7:53: read: connection refused"), "UDP", V4, Outcome.REFUSED),
        (failed("UNKNOWN: read udp 10.0.0.2:3->10.0.0.7:53: no route to host"), "UDP", V4, Outcome.UNREACHABLE),
        (failed("UNKNOWN: write udp 10.0.0.2:3->10.0.0.7:53: operation not permitted"), "UDP", V4,
         Outcome.CHECK_FAILED),
        (failed("OTHER: No data received from the server. Cannot guarantee ..."), "UDP", V4, Outcome.CONNECTED),
        (failed("OTHER: protocol not supported"), "SCTP", V4, Outcome.CHECK_FAILED),
        (failed("OTHER: connection refused"), "SCTP", V4, Outcome.REFUSED),
        (failed("OTHER: connection timed out"), "SCTP", V4, Outcome.TIMED_OUT),
        (failed("OTHER: EOF"), "SCTP", V4, Outcome.CONNECTED),
        (failed("OTHER: EOF"), "TCP", V4, Outcome.CHECK_FAILED),
        (failed("panic: runtime error", 2), "TCP", V4, Outcome.CHECK_FAILED),
        (failed("REFUSED", 2), "TCP", V4, Outcome.CHECK_FAILED),
        (failed(""), "TCP", V4, Outcome.CHECK_FAILED),
        (Ran(None, trouble="it did not end within 23 s"), "TCP", V4, Outcome.CHECK_FAILED),
    ],
)  # fmt: skip
def test_each_word_has_its_outcome(ran: Ran, protocol: str, host: str, outcome: Outcome) -> None:
    assert seen(ran, protocol, host)[0] is outcome


def test_the_reason_of_a_failed_check_is_told() -> None:
    assert seen(Ran(None, trouble="it did not end"), "TCP", V4)[1] == "it did not end"
    assert seen(failed("panic: oh\nno", 2), "TCP", V4)[1] == "agnhost ended with 2: panic: oh no"


def test_addresses_of_ipv6_are_in_brackets_and_the_time_is_a_duration_of_go() -> None:
    assert connecting("SCTP", V6, 7, 1.5) == (
        "/agnhost", "connect", "[fd00::7]:7", "--protocol", "sctp", "--timeout", "1500ms",
    )  # fmt: skip


def test_what_listens_on_nothing_waits() -> None:
    assert porter(()) == {"command": ["/agnhost", "pause"]}
    assert porter([("UDP", 53)])["env"] == [{"name": "SERVE_UDP_PORT_53", "value": "firedoor"}]
