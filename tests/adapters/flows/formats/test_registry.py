"""Files are recognised by their first bytes, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedoor.adapters.flows.formats import FORMATS, detect, format_named
from tests.adapters.flows.formats.golden import FILES, FIXTURES


@pytest.mark.parametrize("file", FILES)
def test_a_fixture_is_recognised_as_its_format_and_as_no_other(file: str) -> None:
    head = (FIXTURES / file).read_bytes()[: 64 << 10]
    assert [each.name for each in FORMATS if each.sniff(head)] == [FILES[file]]


@pytest.mark.parametrize("file", FILES)
def test_a_line_from_a_container_runtime_is_recognised_as_well(file: str) -> None:
    first = next(line for line in (FIXTURES / file).read_bytes().split(b"\n") if line and line[:1] != b"#")
    found = detect(b"2026-11-20T10:11:12.131415161Z stdout F " + first + b"\n")
    assert found is None or found.name == FILES[file]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\n\n",
        b"{}",
        b"[]",
        b"\x00\xff\xfe",
        b"hello\nworld\n",
        b'{"kind":"Pod","apiVersion":"v1"}',
        b"a,b,c\n1,2,3\n",
    ],
)
def test_what_is_no_flow_is_recognised_as_none(head: bytes) -> None:
    assert detect(head) is None


def test_every_format_has_a_section_in_the_reference() -> None:
    page = (Path(__file__).parents[4] / "docs/reference/flow-formats.md").read_text(encoding="utf-8")
    headings = [line for line in page.split("\n") if line.startswith("## ")]
    assert [each.name for each in FORMATS if not any(f"`{each.name}`" in heading for heading in headings)] == []


def test_a_format_is_found_by_its_name() -> None:
    assert all(format_named(each.name) is each for each in FORMATS)
    assert format_named("netflow") is None
    assert len({each.name for each in FORMATS}) == len(FORMATS)
