"""The catalogue validates itself."""

from dataclasses import replace
from importlib.resources import files

import pytest

from firedoor.engine.posture import CHECKS
from firedoor.engine.posture.check import SECTIONS
from firedoor.engine.posture.registry import CatalogueError, validated
from firedoor.model.frameworks import Mappings


def test_every_file_of_checks_is_registered() -> None:
    folder = files("firedoor.engine.posture.checks")
    names = {path.name.removesuffix(".py") for path in folder.iterdir() if path.name.endswith(".py")}
    assert {check.id.replace("-", "_") for check in CHECKS} == names - {"__init__"}


def test_documentation_has_its_sections_in_order() -> None:
    for check in CHECKS:
        assert tuple(check.sections) == SECTIONS
        assert check.sections["References"].startswith("https://")


def test_a_catalogue_with_a_mistake_does_not_load() -> None:
    first = CHECKS[0]
    for wrong, problem in (
        ((first, first), "two checks"),
        ((replace(first, id="other-name"),), "stands in module"),
        ((replace(first, docs="Nothing to say."),), "needs the sections"),
        ((replace(first, mappings=Mappings(nsa=("network-policies", "moat"))),), "nsa has no item moat"),
    ):
        with pytest.raises(CatalogueError, match=problem):
            validated(wrong)
