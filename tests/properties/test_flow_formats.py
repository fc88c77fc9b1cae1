"""Whatever the bytes are, parsers of flow records tell records or that a line is malformed, and nothing else."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.flows.formats import (
    FORMATS,
    BinaryFormat,
    Format,
    MalformedLine,
    Told,
    csv_format,
    detect,
    format_named,
    read_mapping,
)
from firedoor.model.flows import FlowEnd, FlowRecord, LostFlows
from tests.adapters.flows.formats.capture_files import (
    ETHERNET,
    enhanced,
    ethernet,
    interface,
    pcap,
    section,
    tcp,
    udp,
    vxlan,
)
from tests.adapters.flows.formats.golden import FILES, lines_of, parser_of, told_by
from tests.examples import many, some

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

_NAMES = sorted(set(FILES.values()))
_LINES = [(FILES[file], line) for file in FILES for line in lines_of(file) if line]
_PIECES = [
    b"", b"-1", b"99999999999999999999999", b"1e400", b"null", b"true", b"[]", b"{}", b'""', b"\xff", b"\x00", b"[[[[",
    b'"',     b"0.5", b"-", b",", b"|", b"=", b" ", b"\t", b"1970-01-01T00:00:00Z", b"\xe2\x80\xa8", b"NaN",
    b"\\u0000", b"::ffff:1.2.3.4",
]  # fmt: skip
_LAST = 2**63


def _checked(told: Told | str) -> None:
    if isinstance(told, LostFlows):
        assert 0 <= told.time < _LAST
        assert 0 <= told.count < _LAST
    if isinstance(told, str):
        assert 0 < len(told) <= 400
    if isinstance(told, FlowRecord):
        assert 0 <= told.start < _LAST
        assert 0 <= told.end < _LAST
        assert told.connections >= 1
        assert told.sampling >= 1
        for end in (told.source, told.destination, told.translated or FlowEnd()):
            assert 0 <= end.port <= 65535
            assert "%" not in end.address


@st.composite
def _mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a line of a fixture with parts taken out, put in, or cut off."""
    name, line = draw(st.sampled_from(_LINES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(line)))
        until = min(len(line), at + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(_PIECES) | st.binary(max_size=4))
        line = line[:at] + piece + line[until:]
    return name, line.replace(b"\n", b" ")


@given(_mutated())
def test_a_mutated_line_gives_records_or_is_malformed(case: tuple[str, bytes]) -> None:
    name, line = case
    for _, told in told_by(parser_of(name), [line]):
        _checked(told)


@given(
    st.sampled_from(_NAMES),
    st.lists(st.binary(max_size=60) | st.sampled_from([line for _, line in _LINES]), max_size=5),
)
def test_any_lines_give_records_or_are_malformed(name: str, lines: list[bytes]) -> None:
    for _, told in told_by(parser_of(name), lines):
        _checked(told)


@many
@given(st.sampled_from(sorted(FILES)), st.integers(0, 10_000))
def test_a_file_that_is_cut_anywhere_gives_no_other_fault(file: str, at: int) -> None:
    whole = b"\n".join(lines_of(file))
    for _, told in told_by(parser_of(FILES[file]), whole[: at * len(whole) // 10_000].split(b"\n")):
        _checked(told)


_MAPPING = read_mapping(
    "{fields: {start: {column: a, unit: s}, source.address: b, destination.address: c, destination.port: d,"
    " protocol: e, is_reply: f, policies: g}, header: [a, b, c, d, e, f, g]}",
    "mapping",
)


@many
@given(st.lists(st.sampled_from([b"10.0.0.1", b"5", b"tcp", b"true", *_PIECES]), min_size=7, max_size=7))
def test_any_row_gives_a_record_or_is_malformed(cells: list[bytes]) -> None:
    for _, told in told_by(csv_format(_MAPPING).parser(), [b",".join(cells)]):
        _checked(told)


_FRAMES = [
    ethernet(tcp("10.0.0.1", 1, "10.0.0.2", 2, 2)),
    ethernet(udp("fd00::1", 1, "fd00::2", 53), 7),
    ethernet(vxlan(ethernet(tcp("10.0.0.1", 1, "10.0.0.2", 2, 0x12)))),
]
_CAPTURES = [
    pcap([(1763900000 + index, frame) for index, frame in enumerate(_FRAMES)]),
    section("<")
    + interface("<", ETHERNET)
    + b"".join(enhanced("<", 0, index, frame) for index, frame in enumerate(_FRAMES)),
]


@given(
    st.sampled_from(_CAPTURES),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=6)), max_size=5),
    st.integers(0, 20),
)
def test_a_damaged_capture_gives_connections_or_is_malformed(
    whole: bytes, damage: list[tuple[int, bytes]], cut: int
) -> None:
    for at, piece in damage:
        whole = whole[:at] + piece + whole[at + len(piece) :]
    found = format_named("pcap")
    assert isinstance(found, BinaryFormat)
    try:
        for told in found.records(io.BytesIO(whole[: len(whole) - cut])):
            _checked(told)
    except MalformedLine as error:
        _checked(error.reason)


@some
@given(st.binary(max_size=300) | _mutated().map(lambda case: case[1]))
def test_recognising_never_fails(head: bytes) -> None:
    found = detect(head)
    assert found is None or found in FORMATS
    assert isinstance(found, Format | BinaryFormat | None)
