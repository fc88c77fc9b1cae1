from __future__ import annotations

import yaml

from firedoor.engine.posture import CHECKS
from firedoor.engine.posture.check import SECTIONS
from tests.cli.command import firedoor


def test_every_check_is_listed() -> None:
    rows = [line.split()[:2] for line in firedoor("checks").out.splitlines()]
    assert rows == [["CHECK", "SEVERITY"], *([each.id, str(each.severity)] for each in CHECKS)]


def test_every_check_can_be_explained() -> None:
    for each in CHECKS:
        text = firedoor("checks", each.id).out
        assert text.startswith(f"{each.id}: {each.title} ({each.severity}, since {each.since})\n")
        assert all(f"\n{heading}\n" in text for heading in SECTIONS)


def test_checks_of_a_framework_are_listed_with_what_of_it() -> None:
    rows = [line.split() for line in firedoor("checks", "--framework", "cis").out.splitlines()]
    assert rows[0][:3] == ["CHECK", "SEVERITY", "CIS"]
    expected = [[each.id, *each.mappings.cis] for each in CHECKS if each.mappings.cis]
    assert [[row[0], *row[2 : 2 + len(ids) - 1]] for row, ids in zip(rows[1:], expected, strict=True)] == expected
    document = firedoor("checks", "--framework", "mitre", "-o", "json").document
    assert [each["id"] for each in document["checks"]] == [each.id for each in CHECKS if each.mappings.mitre]


def test_what_a_check_is_about_is_told() -> None:
    text = firedoor("checks", "pod-unprotected").out
    assert "CIS Kubernetes Benchmark v1.12.0: 5.3.2 Network policies in all namespaces\n" in text
    assert "NSA/CISA Kubernetes Hardening Guide 1.2: Network policies\n" in text
    assert firedoor("checks", "bare-pod").out.endswith("No item of a framework is about this.\n")


def test_a_check_has_no_framework_beside_it() -> None:
    assert "leave one of them out" in firedoor("checks", "bare-pod", "--framework", "cis").error


def test_programs_get_the_same() -> None:
    document = firedoor("checks", "-o", "json").document
    assert document["schema"] == "firedoor/checks/v1"
    assert [each["id"] for each in document["checks"]] == [each.id for each in CHECKS]
    assert all(tuple(each["docs"]) == SECTIONS for each in document["checks"])
    assert yaml.safe_load(firedoor("checks", "-o", "yaml").out) == document
    (one,) = firedoor("checks", CHECKS[0].id, "-o", "json").document["checks"]
    assert one == document["checks"][0]
