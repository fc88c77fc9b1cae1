from __future__ import annotations

from pathlib import Path

import pytest

from firedoor.bootstrap import open_intents
from firedoor.errors import FiredoorError, SourceError, UsageError
from firedoor.model.icmp import IcmpMessage
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator

HEAD = "apiVersion: firedoor.dev/v1alpha1\nkind: Intents\n"


def read(text: str) -> tuple[Intent, ...]:
    return open_intents("-", read_stdin=text.encode)


def one(body: str) -> Intent:
    (found,) = read(f"{HEAD}intents:\n  - name: one\n    {body}\n")
    return found


def ends(text: str) -> tuple[EndTerm, ...]:
    return one(f"must-deny: {{from: {text}, to: pods}}").sources


def test_an_intent_has_name_kind_ends_ports_and_place() -> None:
    found = one("must-allow: {from: shop/web, to: shop/deployment/api, ports: [8080, 53/udp, 9000-9100/TCP]}")
    assert found == Intent(
        "one",
        IntentKind.MUST_ALLOW,
        (EndTerm("shop/web", namespace="shop", workload="web"),),
        (EndTerm("shop/deployment/api", namespace="shop", workload="deployment/api"),),
        (("TCP", 8080, 8080), ("TCP", 9000, 9100), ("UDP", 53, 53)),
        place="<stdin>:4",
    )
    assert one("must-deny: {from: outside, to: pods}\n    allow-empty: true").allow_empty


def test_several_documents_are_one_list() -> None:
    text = f"---\n{HEAD}intents:\n  - {{name: %s, must-deny: {{from: outside, to: pods}}}}\n"
    assert [(each.name, each.place) for each in read(text % "a" + text % "b")] == [
        ("a", "<stdin>:5"),
        ("b", "<stdin>:10"),
    ]


def test_ends_are_words_addresses_workloads_and_selections() -> None:
    assert ends("[any, nodes]") == (EndTerm("any", Word.ANY), EndTerm("nodes", Word.NODES))
    assert ends("10.0.0.0/8") == (EndTerm("10.0.0.0/8", addresses="10.0.0.0/8"),)
    assert ends("'2001:db8::1'") == (EndTerm("2001:db8::1", addresses="2001:db8::1"),)
    (found,) = ends("{namespace-labels: 'team in (a,b)', labels: {app: web}, workload: api}")
    assert found.namespace_labels == LabelSelector(
        match_expressions=(LabelSelectorRequirement("team", Operator.IN, ("a", "b")),)
    )
    assert (found.labels, found.workload) == (LabelSelector({"app": "web"}), "api")
    assert found.text == "namespace-labels team in (a,b), labels app=web, workload api"
    (found,) = ends("{namespace: shop, workload: shop/api}")
    assert (found.namespace, found.workload) == ("shop", "api")


def test_messages_of_icmp_stand_among_ports() -> None:
    found = one("must-deny: {from: any, to: pods, ports: [80, icmp, ICMPv6, icmp/3, icmp/3/4, icmp/8/0]}")
    assert found.ports == (("TCP", 80, 80),)
    assert found.icmp == (IcmpMessage(4, 8), IcmpMessage(6, 128), IcmpMessage(4, 3), IcmpMessage(4, 3, 4))
    assert one("must-deny: {from: any, to: pods, ports: [icmp]}").ports == ()
    assert one("must-deny: {from: any, to: pods}").icmp == ()


def test_a_domain_name_is_a_destination() -> None:
    found = one("must-deny: {from: pods, to: [{domain: Api.Example.COM.}, outside]}")
    assert found.destinations == (
        EndTerm("domain Api.Example.COM.", domain="api.example.com"),
        EndTerm("outside", Word.OUTSIDE),
    )


def test_nobody_may_be_the_only_one() -> None:
    assert one("only-these: {from: [], to: pods}").sources == ()


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("must-alow: {from: any, to: pods}", 5, "did you mean must-allow"),
        ("must-deny: {form: any, to: pods}", 5, "did you mean from"),
        ("must-deny: {from: outsid, to: pods}", 5, "did you mean outside"),
        ("must-deny: {from: xyzzy, to: pods}", 5, "write any, pods, nodes, outside"),
        ("must-deny:\n      from: {namespace: shop, lables: app=web}\n      to: pods", 6, "did you mean labels"),
        ("must-deny: {from: any}", 5, "to is missing"),
        ("must-deny: {from: any, to: pods}\n    must-allow: {from: any, to: pods}", 4, "must-deny and must-allow"),
        ("allow-empty: true", 4, "this one none"),
        ("must-deny: {from: any, to: pods}\n    allow-empty: maybe", 6, "true or false"),
        ("must-deny: []", 5, "expected a mapping, found a list"),
        ("must-deny: {from: [], to: pods}", 5, "empty list"),
        ("must-deny: {from: outside, to: 10.0.0.0/8}", 5, "both ends are outside"),
        ("must-deny: {from: outside, to: {domain: a.test}}", 5, "both ends are outside"),
        ("must-deny: {from: {domain: a.test}, to: pods}", 5, "a domain name is a source"),
        ("must-deny: {from: pods, to: {domain: '*.a.test'}}", 5, "is a pattern"),
        ("must-deny: {from: pods, to: {domain: a}}", 5, "'a' is no domain name"),
        ("must-deny: {from: pods, to: {domain: 10.0.0.7}}", 5, "'10.0.0.7' is no domain name"),
        ("must-deny: {from: pods, to: {domain: a..test}}", 5, "is no domain name"),
        (f"must-deny: {{from: pods, to: {{domain: {'a.' * 130}test}}}}", 5, "is no domain name"),
        ("must-deny: {from: pods, to: {domain: a.test, namespace: b}}", 5, "beside keys for pods"),
        ("must-deny: {from: any, to: pods, ports: [icmp/256]}", 5, "icmp/256 is no message"),
        ("must-deny: {from: any, to: pods, ports: [icmp/3/999]}", 5, "numbers from 0 to 255"),
        ("must-deny: {from: any, to: pods, ports: [icmp/echo]}", 5, "expected a port"),
        ("must-deny: {from: any, to: pods, ports: 70000}", 5, "70000 is no port"),
        ("must-deny: {from: any, to: pods, ports: [80/ICMP]}", 5, "ICMP is no protocol"),
        ("must-deny: {from: any, to: pods, ports: [http]}", 5, "the text 'http'"),
        ("must-deny: {from: any, to: pods, ports: [90-80]}", 5, "lowest first"),
        ("must-deny: {from: any, to: pods, ports: []}", 5, "no port is listed"),
        ("must-deny: {from: any, to: pods, ports: true}", 5, "the boolean true"),
        ("must-deny: {from: {}, to: pods}", 5, "the mapping is empty"),
        ("must-deny: {from: {namespace: 'a=b'}, to: pods}", 5, "namespace-labels"),
        ("must-deny: {from: {namespace: a, workload: b/c}, to: pods}", 5, "not the namespace a"),
        ("must-deny: {from: {labels: {}}, to: pods}", 5, "no label is named"),
        ("must-deny: {from: {labels: {app: 1}}, to: pods}", 5, "quote it"),
        ("must-deny: {from: {labels: {a.b/c: yes}}, to: pods}", 5, "quote it"),
        ("must-deny: {from: {labels: 'app=='}, to: pods}\n    name: x", 6, "stands here twice"),
        ("must-deny: {from: {labels: 'app=(x'}, to: pods}", 5, "cannot read"),
        ("must-deny: {from: 7, to: pods}", 5, "the number 7"),
        ("must-deny: {from: , to: pods}", 5, "found nothing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_do(body: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        one(body)
    assert raised.value.place == f"<stdin>:{line}"
    assert words in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no intent"),
        (f"{HEAD}intents: []\n", "holds no intent"),
        (f"{HEAD}intents: {{}}\n", "expected a list, found a mapping"),
        ("kind: Intents\nintents: []\n", "apiVersion is missing"),
        ("apiVersion: v1\nkind: Intents\nintents: []\n", "expected firedoor.dev/v1alpha1, found the text 'v1'"),
        ("apiVersion: firedoor.dev/v1alpha1\nkind: Intent\nintents: []\n", "expected Intents"),
        (f"{HEAD}intents:\n  - {{must-deny: {{from: any, to: pods}}}}\n", "name is missing"),
        (
            f"{HEAD}intents:\n" + "  - {name: a, must-deny: {from: any, to: pods}}\n" * 2,
            "used twice, first at <stdin>:4",
        ),
        ("- a\n", "expected a mapping, found a list"),
        ("a: [\n", "not valid YAML"),
        ("a: *nobody\n", "has no anchor"),
        ("\x00", "binary file"),
    ],
)
def test_a_file_that_is_no_list_of_intents_is_refused(text: str, words: str) -> None:
    with pytest.raises(FiredoorError) as raised:
        read(text)
    assert words in str(raised.value)
    assert raised.value.place.startswith("<stdin>")
    assert raised.value.remedy


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        open_intents(str(tmp_path / "none.yaml"), read_stdin=bytes)
    assert raised.value.place.endswith("none.yaml")
