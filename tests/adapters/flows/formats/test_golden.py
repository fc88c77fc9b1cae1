"""Every line of the fixtures tells what its golden file says."""

from __future__ import annotations

import pytest

from firedoor.adapters.flows.formats import FORMATS, BinaryFormat, Ignored
from firedoor.model.flows import FlowRecord
from tests.adapters.flows.formats.golden import FILES, FIXTURES, lines_of, parser_of, told_by, written


@pytest.mark.parametrize("file", FILES)
def test_a_fixture_tells_what_its_golden_file_says(file: str) -> None:
    told = told_by(parser_of(FILES[file]), lines_of(file))
    assert written(told) == (FIXTURES / f"{file}.golden").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES)
def test_a_fixture_has_records_and_broken_lines(file: str) -> None:
    told = [each for _, each in told_by(parser_of(FILES[file]), lines_of(file))]
    assert any(isinstance(each, FlowRecord) for each in told)
    assert any(isinstance(each, str) and each for each in told)


def test_every_format_of_lines_has_a_fixture() -> None:
    assert {each.name for each in FORMATS if not isinstance(each, BinaryFormat)} == set(FILES.values())


def test_reasons_for_ignoring_are_few() -> None:
    told = [each for file in FILES for _, each in told_by(parser_of(FILES[file]), lines_of(file))]
    reasons = {each.reason for each in told if isinstance(each, Ignored)}
    assert not any(character.isdigit() for reason in reasons for character in reason)
