"""Amounts are read, compared and printed as the API server does."""

from fractions import Fraction
from typing import Any

import pytest

from firedoor.adapters.manifests.validation.quantities import printed, read_quantity

from .samples import assert_rejected, problems_of

R = "spec.containers[0].resources"
CASES: list[tuple[str, str, Any, str, str]] = [
    ("Pod", f"{R}.limits", {"cpu": "0.4"}, f"{R}.requests", 'Invalid value: "500m": must be less than or equal to cpu'),
    ("Pod", f"{R}.limits", {"cpu": None}, f"{R}.requests", "cpu limit of 0"),
    ("Pod", f"{R}.limits", {"memory": "32Mi"}, f"{R}.requests", 'Invalid value: "64Mi"'),
    ("Pod", f"{R}.requests", {"cpu": "-1"}, f"{R}.requests[cpu]", "must be greater than or equal to 0"),
    ("Pod", f"{R}.requests", {"cpu": ""}, f"{R}.requests.cpu", "quantities must match the regular expression"),
    ("Pod", f"{R}.requests", {"cpu": "1e"}, f"{R}.requests.cpu", "unable to parse quantity's suffix"),
    ("Pod", f"{R}.requests", {"gpu": 1}, f"{R}.requests[gpu]", "must be a standard resource type or fully qualified"),
    ("Pod", f"{R}.requests", {"pods": 1}, f"{R}.requests[pods]", "must be a standard resource for containers"),
    ("Pod", f"{R}.requests", {"a b/c": 1}, f"{R}.requests[a b/c]", "prefix part a lowercase RFC 1123 subdomain"),
    (
        "Pod",
        f"{R}.limits",
        {"requests.a.b/c": 1},
        f"{R}.limits[requests.a.b/c]",
        "doesn't follow extended resource name standard",
    ),
    ("Pod", f"{R}.limits", {"a.b/gpu": "500m"}, f"{R}.limits[a.b/gpu]", "must be an integer"),
    ("Pod", f"{R}.requests", {"a.b/gpu": 1}, f"{R}.limits", "Limit must be set for non overcommitable resources"),
    (
        "Pod",
        R,
        {"requests": {"a.b/gpu": 1}, "limits": {"a.b/gpu": 2}},
        f"{R}.requests",
        "must be equal to a.b/gpu limit of 2",
    ),
    ("Pod", R, {"limits": {"hugepages-2Mi": "4Mi"}}, R, "HugePages require cpu or memory"),
    (
        "Pod",
        R,
        {"limits": {"hugepages-2Mi": "3Mi", "cpu": 1}},
        f"{R}.limits[hugepages-2Mi]",
        "3Mi is not positive integer multiple of hugepages-2Mi",
    ),
    ("Pod", f"{R}.claims", [{"name": "gpu"}], f"{R}.claims[0]", 'Not found: "gpu"'),
    ("Pod", f"{R}.claims", [{"name": ""}], f"{R}.claims[0]", "Required value"),
    ("Pod", f"{R}.claims", [{"name": "a"}, {"name": "a", "request": "b"}], f"{R}.claims[1]", "Duplicate value"),
    ("Pod", f"{R}.claims", [{"name": "a", "request": "B"}], f"{R}.claims[0].request", "RFC 1123 label"),
    ("Pod", "spec.overhead", {"cpu": "x"}, "spec.overhead.cpu", "quantities must match"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]}={case[2]}")
def test_spoiled_resources_are_rejected(case: tuple[str, str, Any, str, str]) -> None:
    assert_rejected(case)


def test_valid_resources_are_taken() -> None:
    for resources in (
        {"requests": {"cpu": "100m"}, "limits": {"cpu": 0.1}},
        {"requests": {"memory": "1024Mi"}, "limits": {"memory": "1Gi"}},
        {"requests": {"cpu": "100.0001m"}, "limits": {"cpu": "100.0002m"}},
        {"requests": {"example.com/gpu": 1}, "limits": {"example.com/gpu": "1"}},
        {"requests": {"cpu": "."}, "limits": {"cpu": " 1e3 "}},
        {"limits": {"hugepages-2Mi": "4Mi", "memory": "1Gi"}, "requests": {"hugepages-2Mi": "4Mi"}},
        {"requests": {"pods.kubernetes.io/x": 1}},
    ):
        assert problems_of("Pod", R, resources) == {}, resources


@pytest.mark.parametrize(
    ("text", "amount", "shown"),
    [
        ("0.5", Fraction(1, 2), "500m"),
        (0.5, Fraction(1, 2), "500m"),
        ("1024Mi", Fraction(2**30), "1Gi"),
        ("512Ki", Fraction(2**19), "512Ki"),
        ("100Ki", Fraction(102400), "100Ki"),
        ("0.5Ki", Fraction(512), "512"),
        ("1000", Fraction(1000), "1k"),
        ("1e3", Fraction(1000), "1e3"),
        ("2E", Fraction(2 * 10**18), "2E"),
        ("100n", Fraction(1, 1000), "1m"),
        ("-1", Fraction(-1), "-1"),
        ("+", Fraction(0), "0"),
        ("", None, "0"),
        ("1 Gi", None, "0"),
        ("1m5", None, "0"),
        (True, None, "0"),
        (None, None, "0"),
        ("99E", Fraction(2**63 - 1), str(2**63 - 1)),
        ("1e999999999", Fraction(2**63 - 1), str(2**63 - 1)),
    ],
)
def test_an_amount_is_read_and_printed(text: Any, amount: Fraction | None, shown: str) -> None:
    assert read_quantity(text) == amount
    if text != "1e999999999":
        assert printed(text) == shown
