from __future__ import annotations

import pytest

from firedoor.errors import UsageError
from firedoor.model.port_text import parse_port


@pytest.mark.parametrize(
    ("text", "port"),
    [("8080", ("TCP", 8080)), ("53/UDP", ("UDP", 53)), ("udp/53", ("UDP", 53)), ("1/sctp", ("SCTP", 1))],
)
def test_a_port_is_read_in_either_order(text: str, port: tuple[str, int]) -> None:
    assert parse_port(text) == port


@pytest.mark.parametrize("text", ["", "0", "65536", "http", "53/ICMP", "TCP", "\u0663", "-1", "80/x"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no port; write a number"):
        parse_port(text)
