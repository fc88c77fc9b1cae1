from __future__ import annotations

import json

import pytest
import yaml

from tests.cli.command import SETS, assert_golden, firedoor, process

RENDERED = "helm-output/rendered.yaml"


def test_a_denial_is_explained_as_stored() -> None:
    ends = ("--from", "prod-atlas-tiles", "--to", "prod-atlas-postgresql", "--port", "5432")
    ran = firedoor("explain", RENDERED, *ends)
    assert (ran.code, ran.err) == (0, "")
    assert_golden("explain-denied.txt", ran.out)


def test_an_acceptance_is_explained_as_stored() -> None:
    ran = firedoor(
        "explain", RENDERED, "--from", "default/prod-atlas-web", "--to", "prod-atlas-postgresql", "--port", "5432"
    )
    assert (ran.code, ran.err) == (0, "")
    assert_golden("explain-accepted.txt", ran.out)


def test_a_process_prints_the_same_as_a_call() -> None:
    arguments = ("explain", "shop", "--from", "books/stock", "--to", "books-data/stock-db", "--port", "3306")
    assert process(*arguments) == firedoor(*arguments)


@pytest.mark.parametrize("given", ["shop", "monitoring", "tenants", "helm-output"])
def test_verdicts_are_those_reasoned_by_hand(given: str) -> None:
    truths = json.loads((SETS / given / "truth.json").read_text())
    assert truths
    for each in truths[:: max(1, len(truths) // 6)]:
        document = firedoor(
            "explain", given, "-o", "json", "--port", str(each["port"]), "--protocol", each["protocol"],
            "--from", each["src"].removeprefix("ip:"), "--to", each["dst"].removeprefix("ip:"),
        ).document  # fmt: skip
        assert document["verdict"] == each["verdict"], each


def test_the_proposed_change_does_turn_the_verdict() -> None:
    question = ("--from", "books/accounts", "--to", "books-data/queue", "--port", "4222")
    before = firedoor("explain", "shop", *question, "-o", "json").document
    assert before["verdict"] == "denied"
    added = "---\n".join(yaml.safe_dump(each) for each in before["flip"]["manifests"])
    after = firedoor("explain", "shop", "-", *question, "-o", "json", stdin=added.encode()).document
    assert before["flip"]["removes"] == []
    assert after["verdict"] == "accepted"


@pytest.mark.parametrize(("port", "option"), [("53/UDP", ()), ("53", ("--protocol", "udp")), ("udp/53", ())])
def test_the_protocol_may_stand_at_the_port_or_by_itself(port: str, option: tuple[str, ...]) -> None:
    ends = ("--from", "books/basket", "--to", "192.0.2.53")
    document = firedoor("explain", "shop", *ends, "--port", port, *option, "-o", "json").document
    assert (document["protocol"], document["port"], document["verdict"]) == ("UDP", 53, "accepted")


def test_yaml_and_json_are_the_same_document() -> None:
    arguments = ("explain", "shop", "--from", "books/stock", "--to", "books-data/stock-db", "--port", "3306")
    assert yaml.safe_load(firedoor(*arguments, "-o", "yaml").out) == firedoor(*arguments, "-o", "json").document


def test_a_name_without_a_namespace_is_looked_for_in_the_one_given() -> None:
    ends = ("--from", "stock", "--to", "books-data/stock-db", "--port", "3306")
    assert firedoor("explain", "shop", *ends, "-n", "books", "-o", "json").document["verdict"] == "accepted"
    assert "default" in firedoor("explain", "shop", *ends).error


PINGED = b"""
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop, labels: {app: b}}}
---
{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: p, namespace: shop},
 spec: {selector: app == "b", types: [Ingress], ingress: [{action: Allow, protocol: ICMP, icmp: {type: 8}}]}}
"""


@pytest.mark.parametrize(
    ("options", "message", "verdict"),
    [
        ((), {"version": 4, "type": 8, "code": 0}, "accepted"),
        (("--icmp-type", "3", "--icmp-code", "4"), {"version": 4, "type": 3, "code": 4}, "denied"),
    ],
)
def test_a_message_of_icmp_is_asked_about_by_type_and_code(
    options: tuple[str, ...], message: dict[str, int], verdict: str
) -> None:
    ends = ("--from", "shop/a", "--to", "shop/b", "--protocol", "icmp", *options)
    ran = firedoor("explain", "-", *ends, "-o", "json", stdin=PINGED)
    assert (ran.document["protocol"], ran.document["port"], ran.document["icmp"]) == ("ICMP", 0, message)
    assert (ran.code, ran.document["verdict"]) == (0, verdict)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--protocol", "icmp", "--port", "80"), "has no ports"),
        (("--protocol", "tcp", "--port", "80", "--icmp-type", "8"), "types and codes are of ICMP"),
        (("--port", "80", "--icmp-code", "0"), "types and codes are of ICMP"),
        ((), "no port is given"),
        (("--protocol", "icmpv6"), "shop/a -> shop/b is IPv4, and ICMPv6 is not"),
        (("--protocol", "icmp", "--icmp-type", "256"), "256"),
    ],
)
def test_what_does_not_go_with_icmp_is_said(options: tuple[str, ...], complaint: str) -> None:
    ran = firedoor("explain", "-", "--from", "shop/a", "--to", "shop/b", *options, stdin=PINGED)
    assert ran.code == 2
    assert complaint in ran.err
