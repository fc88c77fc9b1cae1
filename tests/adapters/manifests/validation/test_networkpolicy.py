"""A NetworkPolicy is rejected for what the API server rejects, in its words."""

from typing import Any

import pytest

from firedoor.adapters.manifests.validation import ProblemKind, validate

from .samples import ABSENT, assert_rejected, problems_of, spoiled

P = "NetworkPolicy"
CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
PEER = "spec.ingress[0].from[2].ipBlock"
PORT = "spec.ingress[0].ports[0]"
SUBSET = "must be a strict subset of `cidr`"
CASES: list[tuple[str, str, Any, str, str]] = [
    (P, f"{PEER}.cidr", "10.0.0/8", f"{PEER}.cidr", f'{PEER}.cidr: Invalid value: "10.0.0/8": {CIDR}'),
    (P, f"{PEER}.cidr", "10.0.0.0/33", f"{PEER}.cidr", CIDR),
    (P, f"{PEER}.cidr", "10.0.0.0/-1", f"{PEER}.cidr", CIDR),
    (P, f"{PEER}.cidr", "10.0.0.1", f"{PEER}.cidr", CIDR),
    (P, f"{PEER}.cidr", "example.com/8", f"{PEER}.cidr", CIDR),
    (P, f"{PEER}.cidr", " 10.0.0.0/8", f"{PEER}.cidr", CIDR),
    (P, f"{PEER}.cidr", "2001:db8::/129", f"{PEER}.cidr", CIDR),
    (P, f"{PEER}.cidr", "fe80::1%eth0/64", f"{PEER}.cidr", CIDR),
    (P, f"{PEER}.cidr", "10.0.0.1/8", f"{PEER}.cidr", "must not have bits set beyond the prefix length"),
    (P, f"{PEER}.cidr", "010.0.0.0/8", f"{PEER}.cidr", "must not have leading 0s in IP or prefix length"),
    (P, f"{PEER}.cidr", "10.0.0.0/08", f"{PEER}.cidr", "must not have leading 0s in IP or prefix length"),
    (P, f"{PEER}.cidr", "::ffff:10.0.0.0/104", f"{PEER}.cidr", "must not have an IPv4-mapped IPv6 address"),
    (P, f"{PEER}.cidr", ABSENT, f"{PEER}.cidr", f"{PEER}.cidr: Required value"),
    (P, f"{PEER}.cidr", "", f"{PEER}.cidr", "Required value"),
    (P, f"{PEER}.except[0]", "10.0.0.0/8", f"{PEER}.except[0]", f'Invalid value: "10.0.0.0/8": {SUBSET}'),
    (P, f"{PEER}.except[0]", "11.0.0.0/16", f"{PEER}.except[0]", SUBSET),
    (P, f"{PEER}.except[0]", "0.0.0.0/0", f"{PEER}.except[0]", SUBSET),
    (P, f"{PEER}.except[1]", "2001:db8::/48", f"{PEER}.except[1]", SUBSET),
    (P, f"{PEER}.except[1]", "ten", f"{PEER}.except[1]", CIDR),
    (P, f"{PEER}.except[1]", None, f"{PEER}.except[1]", 'Invalid value: "": must be a valid CIDR'),
    (P, "spec.ingress[0].from[0]", {}, "spec.ingress[0].from[0]", "Required value: must specify a peer"),
    (P, "spec.ingress[0].from[0]", None, "spec.ingress[0].from[0]", "Required value: must specify a peer"),
    (P, "spec.egress", [{"to": [{"podSelector": None}]}], "spec.egress[0].to[0]", "must specify a peer"),
    (
        P,
        "spec.ingress[0].from[2].podSelector",
        {},
        "spec.ingress[0].from[2]",
        "spec.ingress[0].from[2]: Forbidden: may not specify both ipBlock and another peer",
    ),
    (P, f"{PORT}.port", 0, f"{PORT}.port", "Invalid value: 0: must be between 1 and 65535, inclusive"),
    (
        P,
        f"{PORT}.port",
        65536,
        f"{PORT}.port",
        "Invalid value: 65536: must be between 1 and 65535, inclusive",
    ),
    (P, f"{PORT}.port", -1, f"{PORT}.port", "must be between 1 and 65535"),
    (P, f"{PORT}.port", "80", f"{PORT}.port", "must contain at least one letter (a-z)"),
    (P, f"{PORT}.port", "HTTP", f"{PORT}.port", "must contain only alpha-numeric characters (a-z, 0-9)"),
    (P, f"{PORT}.port", "a--b", f"{PORT}.port", "must not contain consecutive hyphens"),
    (P, f"{PORT}.port", "-a", f"{PORT}.port", "must not begin or end with a hyphen"),
    (P, f"{PORT}.port", "a-very-long-name", f"{PORT}.port", "must be no more than 15 bytes"),
    (P, f"{PORT}.port", "", f"{PORT}.port", "must contain at least one letter"),
    (
        P,
        f"{PORT}.protocol",
        "tcp",
        f"{PORT}.protocol",
        'Unsupported value: "tcp": supported values: "TCP", "UDP"',
    ),
    (P, f"{PORT}.protocol", "ICMP", f"{PORT}.protocol", 'supported values: "TCP", "UDP", "SCTP"'),
    (P, f"{PORT}.protocol", "", f"{PORT}.protocol", 'Unsupported value: ""'),
    (
        P,
        f"{PORT}.endPort",
        5431,
        f"{PORT}.endPort",
        "Invalid value: 5431: must be greater than or equal to `port`",
    ),
    (P, f"{PORT}.endPort", 70000, f"{PORT}.endPort", "must be between 1 and 65535, inclusive"),
    (
        P,
        "spec.ingress[0].ports[1].endPort",
        90,
        "spec.ingress[0].ports[1].endPort",
        "may not be specified when `port` is non-numeric",
    ),
    (
        P,
        "spec.ingress[0].ports[2].endPort",
        90,
        "spec.ingress[0].ports[2].endPort",
        "may not be specified when `port` is not specified",
    ),
    (P, "spec.policyTypes[0]", "ingress", "spec.policyTypes[0]", 'Unsupported value: "ingress"'),
    (P, "spec.policyTypes[1]", "Both", "spec.policyTypes[1]", 'supported values: "Ingress", "Egress"'),
    (
        P,
        "spec.policyTypes[2]",
        "Ingress",
        "spec.policyTypes",
        'Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
    ),
    (
        P,
        "spec.podSelector.matchExpressions[0].values",
        [],
        "spec.podSelector.matchExpressions[0].values",
        "Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ),
    (
        P,
        "spec.podSelector.matchExpressions[1].values",
        ["x"],
        "spec.podSelector.matchExpressions[1].values",
        "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    ),
    (
        P,
        "spec.podSelector.matchExpressions[0].operator",
        "in",
        "spec.podSelector.matchExpressions[0].operator",
        'Invalid value: "in": not a valid selector operator',
    ),
    (
        P,
        "spec.podSelector.matchExpressions[0].operator",
        ABSENT,
        "spec.podSelector.matchExpressions[0].operator",
        'Invalid value: "": not a valid selector operator',
    ),
    (
        P,
        "spec.podSelector.matchExpressions[0].key",
        "no space",
        "spec.podSelector.matchExpressions[0].key",
        'Invalid value: "no space": name part must consist of alphanumeric characters',
    ),
    (
        P,
        "spec.podSelector.matchExpressions[0].values[1]",
        "b/c",
        "spec.podSelector.matchExpressions[0].values[1]",
        "a valid label must be an empty string or consist of alphanumeric characters",
    ),
    (
        P,
        "spec.podSelector.matchLabels.app",
        "no space",
        "spec.podSelector.matchLabels",
        'spec.podSelector.matchLabels: Invalid value: "no space": a valid label must be',
    ),
    (
        P,
        "spec.ingress[0].from[1].namespaceSelector.matchLabels",
        {"/x": "y"},
        "spec.ingress[0].from[1].namespaceSelector.matchLabels",
        'Invalid value: "/x": prefix part must be non-empty',
    ),
    (
        P,
        "spec.ingress[0].from[0].podSelector.matchLabels",
        {"a/b/c": "y"},
        "spec.ingress[0].from[0].podSelector.matchLabels",
        "a valid label key must consist of",
    ),
    (P, "metadata.name", ABSENT, "metadata.name", "Required value: name or generateName is required"),
    (
        P,
        "metadata.name",
        "Web",
        "metadata.name",
        'Invalid value: "Web": a lowercase RFC 1123 subdomain must consist',
    ),
    (P, "metadata.name", "x" * 254, "metadata.name", "must be no more than 253 bytes"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]}={str(case[2])[:24]}")
def test_a_spoiled_policy_is_rejected(case: tuple[str, str, Any, str, str]) -> None:
    assert_rejected(case)


@pytest.mark.parametrize("cidr", ["10.0.0.1/8", "010.0.0.0/8", "10.0.0.0/08", "::ffff:10.0.0.0/104"])
def test_the_lenient_addresses_are_accepted_before_1_36(cidr: str) -> None:
    document = spoiled(P, "spec.ingress[0].from", [{"ipBlock": {"cidr": cidr}}])
    assert validate(document, "1.35") == []
    assert [problem.path for problem in validate(document, "1.36")] == ["spec.ingress[0].from[0].ipBlock.cidr"]


def test_an_exception_is_measured_by_the_lenient_reading_of_its_block() -> None:
    block = {"cidr": "010.0.0.1/8", "except": ["10.001.0.0/16"]}
    assert validate(spoiled(P, "spec.ingress[0].from", [{"ipBlock": block}]), "1.35") == []


@pytest.mark.parametrize(
    ("place", "value", "advice"),
    [
        (f"{PEER}.cidr", "10.0.0.1", "10.0.0.1/32"),
        (f"{PEER}.cidr", "10.0.0/8", "10.0.0.0/8"),
        (f"{PEER}.cidr", "10.0.0.1/8", "10.0.0.0/8 for the network, or 10.0.0.1/32"),
        (f"{PORT}.protocol", "tcp", "write TCP: the value is case-sensitive"),
        (f"{PORT}.port", "8080", "remove the quotes to mean the port number: 8080"),
        (f"{PORT}.port", "80-90", "port: 80 and endPort: 90"),
        ("spec.ingress[0].from[0]", {}, "namespaceSelector: {}"),
        ("spec.policyTypes[0]", "INGRESS", "write Ingress"),
        ("spec.podSelector.matchLabels.app", "a b", "change the value of app"),
    ],
)
def test_the_remedy_names_what_to_write(place: str, value: Any, advice: str) -> None:
    remedies = [problem.remedy for found in problems_of(P, place, value).values() for problem in found]
    assert any(advice in remedy for remedy in remedies), remedies


def test_every_problem_is_reported_and_none_twice() -> None:
    rule = {"from": [{}, {"ipBlock": {"cidr": "x"}}], "ports": [{"protocol": "tcp"}, {"port": 0}]}
    problems = validate(spoiled(P, "spec.ingress", [rule, rule]))
    assert len(problems) == len(set(problems)) == 8
    assert {problem.kind for problem in problems} == {
        ProblemKind.MISSING,
        ProblemKind.INVALID_VALUE,
        ProblemKind.UNSUPPORTED_VALUE,
    }
