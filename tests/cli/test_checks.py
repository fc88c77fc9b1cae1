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


def test_programs_get_the_same() -> None:
    document = firedoor("checks", "-o", "json").document
    assert document["schema"] == "firedoor/checks/v1"
    assert [each["id"] for each in document["checks"]] == [each.id for each in CHECKS]
    assert all(tuple(each["docs"]) == SECTIONS for each in document["checks"])
    assert yaml.safe_load(firedoor("checks", "-o", "yaml").out) == document
    (one,) = firedoor("checks", CHECKS[0].id, "-o", "json").document["checks"]
    assert one == document["checks"][0]
