from __future__ import annotations

import pytest

from firedoor.errors import UsageError
from firedoor.usecases.questions import cni_profile, parse_labels, parse_port


@pytest.mark.parametrize(
    ("text", "expected"),
    [("8080", ("TCP", 8080)), ("53/udp", ("UDP", 53)), ("sctp/7", ("SCTP", 7)), ("65535/TCP", ("TCP", 65535))],
)
def test_a_port_is_written_with_or_without_its_protocol(text: str, expected: tuple[str, int]) -> None:
    assert parse_port(text) == expected


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "80/ICMP", "udp/udp", "٨", "80/tcp/80"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no port; write a number from 1 to 65535"):
        parse_port(text)


def test_labels_are_written_as_for_kubectl() -> None:
    found = parse_labels("app=web,env!=dev")
    assert found is not None
    assert (found.matches({"app": "web"}), found.matches({"app": "web", "env": "dev"})) == (True, False)
    assert parse_labels("") is None
    with pytest.raises(UsageError, match="write it as kubectl does"):
        parse_labels("a in")


def test_a_profile_is_named() -> None:
    assert cni_profile("calico").name == "calico"
    with pytest.raises(UsageError, match="there is no CNI profile 'weavenet'; use one of spec, "):
        cni_profile("weavenet")
