"""ZeroTrustBaselines as people write them, and what is told of those that are not well."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.intents import read_baseline
from firedoor.errors import UsageError
from firedoor.model.exceptions import Pattern, Waiver
from firedoor.model.findings import Severity
from firedoor.model.intents import EndTerm, IntentKind, Word
from firedoor.model.label_text import parse_selector
from firedoor.model.labels import LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.zero_trust import BaselineSpec, IntentWaiver, ZeroTrustBaseline
from tests.loading import snapshot_of

CHECKS = {"dns-blocked", "pod-unprotected"}
HEAD = """\
apiVersion: firedoor.dev/v1alpha1
kind: ZeroTrustBaseline
metadata: {name: b, namespace: shop}
spec:
"""


def read(spec: Any) -> BaselineSpec:
    return read_baseline(ZeroTrustBaseline(ObjectMeta("b", "shop"), spec), CHECKS)


def one(demand: str, **ends: Any) -> dict[str, Any]:
    return {"intents": [{"name": "a", demand: {key.rstrip("_"): each for key, each in ends.items()}}]}


def test_pods_of_no_namespace_are_those_of_its_own() -> None:
    spec = one("only-these", from_=[{"workload": "api"}, "nodes", {"namespace": "x"}], to={"labels": {"app": "db"}})
    (found,) = read(spec).intents
    assert (found.name, found.kind) == ("a", IntentKind.ONLY_THESE)
    assert found.sources == (
        EndTerm("workload api", namespace="shop", workload="api"),
        EndTerm("nodes", Word.NODES),
        EndTerm("namespace x", namespace="x"),
    )
    assert found.destinations == (EndTerm("labels app=db", namespace="shop", labels=LabelSelector({"app": "db"})),)


@pytest.mark.parametrize(
    "spec",
    [
        one("must-allow", from_={"workload": "api"}, to={"domain": "api.example.com"}),
        one("must-deny", from_="10.0.0.0/8", to="shop/db"),
        one("must-deny", from_={"namespace-labels": "a=b"}, to={"namespace": "shop"}),
        one("only-these", from_=[], to=["shop/db", {"labels": "a=b"}]),
    ],
)
def test_one_end_of_each_connection_is_at_home(spec: dict[str, Any]) -> None:
    assert len(read(spec).intents) == 1


@pytest.mark.parametrize(
    "spec",
    [
        one("must-deny", from_="outside", to="other/db"),
        one("must-deny", from_="pods", to="any"),
        one("must-deny", from_="pods", to={"namespace-labels": "a=b"}),
        one("must-deny", from_="pods", to=["shop/db", "other/db"]),
        one("only-these", from_="shop/db", to="other/db"),
        one("only-these", from_="shop/db", to="outside"),
    ],
)
def test_what_is_about_other_namespaces_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"spec\.intents\[0\]: .* not? in the namespace shop|neither end is in"):
        read(spec)


def test_exceptions_are_from_checks_in_the_namespace_or_from_intents() -> None:
    found = read(
        {
            **one("must-deny", from_="outside", to="shop/db"),
            "fail-on": "high",
            "exceptions": [
                {"check": "dns-blocked", "kind": "Deployment", "name": "w-*", "labels": "a=b", "reason": "so"},
                {"check": "*", "reason": " all ", "expires": "2027-01-31"},
                {"check": "custom/own", "reason": "ours"},
                {"intent": "a", "reason": "later", "expires": "2027-01-31"},
            ],
        }
    )
    labels = parse_selector("a=b")
    source = "ZeroTrustBaseline shop/b"
    assert found.waivers == (
        Waiver(("dns-blocked",), Pattern("shop", "Deployment", "w-*", labels), "so", source),
        Waiver(("*",), Pattern("shop"), "all", source, date(2027, 1, 31)),
        Waiver(("custom/own",), Pattern("shop"), "ours", source),
    )
    assert found.excepted == (IntentWaiver("a", "later", date(2027, 1, 31)),)
    assert found.fail_on is Severity.HIGH
    assert found.excepted[0].holds_on(date(2027, 1, 31))
    assert not found.excepted[0].holds_on(date(2027, 2, 1))
    assert IntentWaiver("a", "b").holds_on(date(2100, 1, 1))


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (None, "spec: expected a mapping, found nothing"),
        ({"intent": []}, "spec.intent: unknown key 'intent'"),
        ({"intents": {}}, "spec.intents: expected a list, found a mapping"),
        ({"intents": [{"name": "a"}]}, "spec.intents[0]: an intent demands one thing"),
        (
            {"intents": 2 * one("must-deny", from_="pods", to="shop/db")["intents"]},
            "spec.intents[1].name: the name 'a' is used twice",
        ),
        (one("must-deny", from_="podz", to="shop/db"), "spec.intents[0].must-deny.from: 'podz' is no end"),
        ({"fail-on": "info"}, "spec.fail-on: expected a severity, found the text 'info'"),
        ({"exceptions": "none"}, "spec.exceptions: expected a list, found the text 'none'"),
        ({"exceptions": [{"check": "*"}]}, "spec.exceptions[0]: reason is missing"),
        ({"exceptions": [{"reason": "a"}]}, "spec.exceptions[0]: an exception is from a check or from an intent"),
        ({"exceptions": [{"check": "*", "intent": "a", "reason": "b"}]}, "an exception is from a check or"),
        ({"exceptions": [{"intent": "a", "name": "b", "reason": "c"}]}, "spec.exceptions[0].name: an intent is"),
        ({"exceptions": [{"intent": "a", "reason": "c"}]}, "exception 1 is from the intent 'a', which is not there"),
        ({"exceptions": [{"check": "dns-bloked", "reason": "c"}]}, "there is no check 'dns-bloked'"),
        ({"exceptions": [{"check": "zzz", "reason": "c"}]}, "there is no check 'zzz'"),
        (
            {"exceptions": [{"check": "*", "reason": "c", "expires": "soon"}]},
            "spec.exceptions[0].expires: 'soon' is no",
        ),
        ({"exceptions": [{"check": "*", "reason": "c", "labels": "a in b"}]}, "spec.exceptions[0].labels: "),
    ],
)
def test_what_is_wrong_is_told_with_the_path_of_the_field(spec: Any, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(spec)
    assert told in caught.value.problem
    assert caught.value.remedy
    assert caught.value.place == "ZeroTrustBaseline shop/b"


def test_in_a_file_it_is_told_with_the_line() -> None:
    text = f"{HEAD}  intents:\n  - name: a\n    must-deny:\n      from: outside\n      to: [shop/db, 'podz']\n"
    (found,) = snapshot_of(text).baselines
    with pytest.raises(UsageError, match="'podz' is no end") as caught:
        read_baseline(found, CHECKS)
    assert caught.value.place.endswith(":9")


def test_the_status_and_a_generation_that_is_none_are_left_out() -> None:
    spec = "{apiVersion: firedoor.dev/v1alpha1, kind: ZeroTrustBaseline, metadata: {name: b, generation: %s}, %s: {}}"
    first, second = (snapshot_of(spec % each).baselines[0] for each in (("7", "spec"), ("x", "status")))
    assert (first.generation, first.spec, first.ref.namespace) == (7, {}, "default")
    assert (second.generation, second.spec) == (0, None)
    assert (
        first
        == snapshot_of(spec.replace("%s: {}", "%s: {}, status: {intents: {total: 1}}") % ("7", "spec")).baselines[0]
    )


_KEYS = st.sampled_from(
    [
        *("intents", "exceptions", "fail-on", "name", "must-allow", "must-deny", "only-these", "from", "to", "ports"),
        *("labels", "namespace", "workload", "domain", "check", "intent", "reason", "expires", "allow-empty", "x"),
    ]
)
_TEXTS = st.sampled_from(
    ["", "a", "a/b", "pods", "outside", "10.0.0.0/8", "high", "2027-01-31", "53/UDP", "*", "a in (b)"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 70_000) | st.floats(allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_whatever_stands_there_is_read_or_refused_in_words(spec: Any) -> None:
    told = "spec"
    try:
        read(spec)
    except UsageError as error:
        told = error.problem
    assert told.startswith("spec")
