"""What parsers have around them: documents over several lines, prefixes of container runtimes, and faults."""

from __future__ import annotations

import json
import re
from time import process_time

import pytest

from firedoor.adapters.flows.formats import Ignored, MalformedLine
from firedoor.adapters.flows.formats.documents import JsonLines
from firedoor.adapters.flows.formats.guarding import LONGEST_LINE
from firedoor.model.flows import FlowRecord
from tests.adapters.flows.formats.golden import FILES, lines_of, parser_of, told_by


def _values(text: str) -> list[str]:
    """Return the values that a text of lines has, and the reasons of what is broken."""

    def read(value: bytes) -> list[Ignored]:
        return [Ignored(json.dumps(json.loads(value)))]

    told = told_by(JsonLines(read), text.encode().split(b"\n"))
    return [each.reason if isinstance(each, Ignored) else str(each) for _, each in told]


def test_each_line_is_a_value() -> None:
    assert _values('{"a": 1}\n\n  {"b": 2}\n') == ['{"a": 1}', '{"b": 2}']


def test_a_list_in_a_line_is_its_elements() -> None:
    assert _values('[{"a": 1}, {"b": 2}]\n[]') == ['{"a": 1}', '{"b": 2}']


@pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
def test_an_indented_list_is_read_element_by_element(indent: int | str) -> None:
    values = [{"a": {"b": [1, {"c": {}}]}}, {"d": []}, {"e": {"f": 1}}]
    assert _values(json.dumps(values, indent=indent)) == [json.dumps(each) for each in values]


def test_indented_documents_one_after_another_are_values() -> None:
    values = [{"a": {"b": [1, {"c": {}}]}}, {"d": {"e": 1}}]
    assert _values("\n".join(json.dumps(each, indent=2) for each in values)) == [json.dumps(each) for each in values]


def test_a_list_with_a_value_on_each_line_is_its_elements() -> None:
    assert _values('[\n{"a": 1},\n{"b": 2}\n]\n{"c": 3}') == ['{"a": 1}', '{"b": 2}', '{"c": 3}']


def test_a_document_that_is_not_closed_takes_no_other_line_with_it() -> None:
    found = _values('{\n  "a": 1\n{"b": 2}\n{"c": 3}')
    assert found == ['{"b": 2}', "a JSON document that began in a line before is not closed", '{"c": 3}']


def test_a_document_that_the_file_ends_in_is_malformed() -> None:
    assert _values('{\n  "a": 1\n') == ["the file ends inside of a JSON document"]
    assert _values('[\n{"a": 1},\n') == ['{"a": 1}', "the file ends inside of a JSON document"]


def _first_line() -> bytes:
    return lines_of("hubble.jsonl")[0]


def _records(lines: list[bytes]) -> int:
    return sum(isinstance(each, FlowRecord) for _, each in told_by(parser_of("hubble"), lines))


def test_a_byte_order_mark_and_line_ends_of_windows_are_taken_off() -> None:
    assert _records([b"\xef\xbb\xbf" + _first_line() + b"\r\n"]) == 1


def test_parts_of_a_line_that_a_container_runtime_wrote_are_put_together() -> None:
    line, time = _first_line(), b"2026-11-20T10:11:12.131415161Z stdout "
    assert _records([time + b"P " + line[:100], time + b"P " + line[100:200], time + b"F " + line[200:]]) == 1
    told = told_by(parser_of("hubble"), [time + b"P " + line[:100]])
    assert told == [(0, "the file ends in a line of which the container runtime wrote a part")]


_REPEATED = [b"a", b"ns[", b'" ', b" ", b"a=", b"{", b"src=1 ", b"1,", b"|"]


@pytest.mark.parametrize("file", FILES)
def test_long_lines_take_time_that_grows_as_they_do(file: str) -> None:
    line = next(line for line in lines_of(file) if line.count(b" ") + line.count(b",") > 5)
    ends = [match.end() for match in re.finditer(rb"[ ,]", line)]
    begin = process_time()
    for repeated in _REPEATED:
        for cut in (*ends[:: max(1, len(ends) // 4)], ends[-1], len(line)):
            told_by(parser_of(FILES[file]), [line[:cut] + repeated * 30_000 + b" " + line[cut:]])
    assert process_time() - begin < 8


def test_a_line_of_too_many_parts_is_malformed() -> None:
    part = b"2026-11-20T10:11:12Z stdout P " + b" " * (4 << 20)
    told = told_by(parser_of("hubble"), [part] * 5)
    assert told == [
        (5, "the line is longer than 16 MiB"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\x00", "NUL bytes"),
        (b"x" * (LONGEST_LINE + 1), "longer than 16 MiB"),
        (b'{"flow":{"IP":' + b'{"source":' * 100_000, "another type|nested"),
        (b'{"a":' * 100_000, "nested too deeply|truncated"),
        (b'"\xff"', "UTF-8|another type"),
        (b"9" * 10_000, "another type|no JSON"),
    ],
)
def test_hostile_lines_are_malformed(line: bytes, reason: str) -> None:
    with pytest.raises(MalformedLine, match=reason):
        list(parser_of("hubble").parse(line, 1))
