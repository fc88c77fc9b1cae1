from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.command import Ran, assert_golden, firedoor, process

HEAD = "apiVersion: firedoor.dev/v1alpha1\nkind: Intents\nintents:\n"


@pytest.fixture
def lantern(tmp_path: Path) -> Path:
    """The demo shop with its intents."""
    assert firedoor("demo", "--write", str(tmp_path / "lantern")).code == 0
    return tmp_path / "lantern"


def check(lantern: Path, *arguments: str, stdin: bytes = b"") -> Ran:
    return firedoor("assert", *arguments, cwd=lantern, stdin=stdin)


def test_the_intents_of_the_demo_are_judged_as_stored(lantern: Path) -> None:
    ran = check(lantern, "intents.yaml", ".")
    assert (ran.code, ran.err) == (10, "")
    assert_golden("assert-demo.txt", ran.out)
    assert_golden("assert-demo.md", check(lantern, "intents.yaml", ".", "-o", "markdown").out)
    assert_golden("assert-demo.xml", check(lantern, "intents.yaml", ".", "-o", "junit").out)


def test_a_process_prints_the_same_as_a_call(lantern: Path) -> None:
    assert process("assert", "intents.yaml", ".", cwd=lantern) == check(lantern, "intents.yaml", ".")


def test_json_tells_each_intent_with_examples(lantern: Path) -> None:
    ran = check(lantern, "intents.yaml", ".", "-o", "json")
    found = json.loads(ran.out)
    assert (ran.code, found["schema"], found["holds"]) == (10, "firedoor/assert/v1", False)
    assert found["summary"] == {"intents": 6, "hold": 3, "fail": 3, "excepted": 0}
    redis = next(each for each in found["intents"] if each["name"] == "only the carts use redis")
    assert {each["src"] for each in redis["violations"]} == {
        "ingress-nginx/ingress-nginx-controller", "monitoring/grafana", "monitoring/prometheus", "shop/frontend",
        "shop/payment",
    }  # fmt: skip
    example = redis["violations"][0]["example"]
    assert (example["protocol"], example["port"], example["verdict"]) == ("TCP", 6379, "accepted")
    assert example["ingress"]["because"][0]["policy"] == "shop-data/redis-ingress"


def test_each_example_is_what_explain_says_of_it(lantern: Path) -> None:
    found = json.loads(check(lantern, "intents.yaml", ".", "-o", "json").out)
    examples = [each for intent in found["intents"] for each in intent["violations"]]
    assert examples
    for each in examples:
        source = each["src"].partition("-")[0] if each["src"][0].isdigit() else each["src"]
        port = f"{each['example']['port']}/{each['example']['protocol']}"
        said = firedoor(
            "explain", ".", "--from", source, "--to", each["dst"], "--port", port, "-o", "json", cwd=lantern
        ).document
        assert said["verdict"] == each["example"]["verdict"]


def test_intents_that_hold_end_with_zero(lantern: Path) -> None:
    text = HEAD + "  - {name: quiet, must-deny: {from: outside, to: shop-data/orders-db}}\n"
    ran = check(lantern, "-", ".", stdin=text.encode())
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "1 intent: all hold")


def test_only_as_many_failures_as_asked_for_are_explained(lantern: Path) -> None:
    out = check(lantern, "intents.yaml", ".", "--most", "1").out
    assert "and 4 more" in out
    assert out.count("-> shop-data/redis") == 1


def test_names_cannot_break_out_of_any_format(lantern: Path) -> None:
    name = 'x"]]><b>&|`\\u001b[31m'
    intent = {"name": name, "must-deny": {"from": "outside", "to": "shop/payment"}}
    document = {"apiVersion": "firedoor.dev/v1alpha1", "kind": "Intents", "intents": [intent]}
    text = json.dumps(document).replace("\\\\u", "\\u").encode()
    outputs = {
        output: check(lantern, "-", ".", "-o", output, stdin=text).out
        for output in ("table", "json", "junit", "markdown")
    }
    assert not any("\x1b" in out for out in outputs.values())
    (case,) = ET.fromstring(outputs["junit"]).iter("testcase")  # noqa: S314 - our own output
    assert case.get("name") == 'x"]]><b>&|`\\x1b[31m'
    assert case.find("failure") is not None
    assert "<b>" not in outputs["markdown"].replace("`x", "").replace("<summary><b>", "").partition("<details>")[2]
    assert json.loads(outputs["json"])["intents"][0]["name"] == 'x"]]><b>&|`\x1b[31m'


def test_a_selector_of_nothing_fails_unless_allowed(lantern: Path) -> None:
    line = "  - {name: gone, must-deny: {from: outside, to: {namespace: shop, labels: app=gone}}%s}\n"
    ran = check(lantern, "-", ".", stdin=(HEAD + line % "").encode())
    assert ran.code == 10
    assert "namespace shop, labels app=gone: matches no pod" in ran.out
    assert check(lantern, "-", ".", stdin=(HEAD + line % ", allow-empty: true").encode()).code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.yaml", "."), "none.yaml: "),
        (("-", "-"), "both standard input"),
        ((), "missing argument 'FILE'"),
        (("namespaces.yaml", "."), "namespaces.yaml:"),
        ((".", "."), "is a folder"),
        (("intents.yaml", "nowhere"), "nowhere: no such file"),
        (("intents.yaml", ".", "--most", "0"), "0 is not in the range"),
    ],
)
def test_bad_input_is_one_line(lantern: Path, arguments: tuple[str, ...], words: str) -> None:
    ran = check(lantern, *arguments)
    assert ran.code == 2
    assert words in ran.error


BASELINE = """
apiVersion: firedoor.dev/v1alpha1
kind: ZeroTrustBaseline
metadata: {name: b, namespace: shop-data}
spec:
  intents:
    - {name: quiet, must-deny: {from: outside, to: {workload: orders-db}}}
    - {name: redis, must-deny: {from: shop/frontend, to: {workload: redis}}}
  exceptions:
    - {intent: redis, reason: it moves%s}
    - {check: "*", reason: a demo}
"""


def test_intents_are_those_of_the_baselines_that_are_read(lantern: Path) -> None:
    (lantern / "baseline.yaml").write_text(BASELINE % "")
    ran = check(lantern, "--baselines", ".")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "2 intents: all others hold, 1 excepted")
    assert "redis (baseline.yaml:8)" in ran.out
    (lantern / "baseline.yaml").write_text(BASELINE % ", expires: 2026-01-01")
    ran = check(lantern, ".", "--baselines", "-o", "json")
    assert (ran.code, json.loads(ran.out)["summary"]["fail"]) == (10, 1)


def test_exceptions_of_baselines_hold_in_a_diagnosis(lantern: Path) -> None:
    before = firedoor("diagnose", ".", "-n", "shop-data", "-o", "json", cwd=lantern).document
    (lantern / "baseline.yaml").write_text(BASELINE % "")
    after = firedoor("diagnose", ".", "-n", "shop-data", "-o", "json", cwd=lantern).document
    assert (len(after["findings"]), len(after["suppressed"])) == (0, len(before["findings"]))
    (use,) = [each for each in after["exceptions"] if each["reason"] == "a demo"]
    assert (use["state"], use["source"]) == ("used", "baseline.yaml:11")


@pytest.mark.parametrize(("level", "excused", "code"), [("high", "", 13), ("critical", "", 0), ("high", "*", 0)])
def test_baselines_say_which_findings_fail(lantern: Path, level: str, excused: str, code: int) -> None:
    assert firedoor("diagnose", ".", "--fail-on", "baselines", cwd=lantern).code == 3
    exceptions = [{"check": excused, "reason": "a demo"}] if excused else []
    spec = {"fail-on": level, "exceptions": exceptions}
    head = {"apiVersion": "firedoor.dev/v1alpha1", "kind": "ZeroTrustBaseline"}
    (lantern / "baseline.json").write_text(
        json.dumps({**head, "metadata": {"name": "b", "namespace": "monitoring"}, "spec": spec})
    )
    found = firedoor("diagnose", ".", "-n", "monitoring", "-o", "json", cwd=lantern).document["summary"]["severities"]
    assert (found["critical"], found["high"] > 0) == (0, not excused)
    assert firedoor("diagnose", ".", "--fail-on", "baselines", cwd=lantern).code == code


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", 3, "there is no ZeroTrustBaseline in what was read"),
        (
            BASELINE.replace("{workload: redis}", "other/redis") % "",
            2,
            "spec.intents[1]: neither end is in the namespace",
        ),
    ],
)
def test_baselines_that_are_not_there_or_not_well_are_told(lantern: Path, text: str, code: int, words: str) -> None:
    (lantern / "baseline.yaml").write_text(text)
    ran = check(lantern, "--baselines", ".")
    assert (ran.code, words in ran.error) == (code, True)


def test_manifests_without_pods_are_out_of_scope(lantern: Path) -> None:
    assert check(lantern, "intents.yaml", "namespaces.yaml").code == 3


def test_domain_names_and_messages_of_icmp_are_judged(tmp_path: Path) -> None:
    cluster = b"""
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: out, namespace: shop},
 spec: {endpointSelector: {matchLabels: {app: web}}, egress: [{toFQDNs: [{matchName: api.example.com}]}]}}
"""
    intents = tmp_path / "intents.yaml"
    intents.write_text(
        """
apiVersion: firedoor.dev/v1alpha1
kind: Intents
intents:
  - {name: api, must-allow: {from: shop/web, to: {domain: api.example.com}}}
  - {name: other, must-deny: {from: shop/web, to: {domain: example.org}}}
  - {name: ping, must-deny: {from: shop/web, to: shop/db, ports: [icmp]}}
  - {name: pong, must-allow: {from: shop/db, to: shop/web, ports: [icmp/8/0, 80]}}
"""
    )
    ran = firedoor("assert", str(intents), "-", "-o", "json", stdin=cluster)
    assert {each["name"]: each["holds"] for each in ran.document["intents"]} == {
        "api": True,
        "other": True,
        "ping": True,
        "pong": True,
    }
    assert ran.code == 0
