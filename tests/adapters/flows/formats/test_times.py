"""Times are exact to the nanosecond, and nothing else is a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.flows.formats import MalformedLine
from firedoor.adapters.flows.formats.times import LAST, SECOND, short, since_epoch, stamp

_YEAR_2026 = 1_767_225_600


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-01-01T00:00:00.000000001Z", _YEAR_2026 * SECOND + 1),
        ("2026-01-01T00:00:00.1Z", _YEAR_2026 * SECOND + 100_000_000),
        ("2026-01-01T00:00:00.1234567899999Z", _YEAR_2026 * SECOND + 123_456_789),
        ("2026-01-01t00:00:00,5z", _YEAR_2026 * SECOND + 500_000_000),
        ("2026-01-01 02:00:00+02:00", _YEAR_2026 * SECOND),
        ("2025-12-31T18:30:00-0530", _YEAR_2026 * SECOND),
        ("2026/01/01 00:00:00.000001", _YEAR_2026 * SECOND + 1000),
        ("2025-12-31T23:59:60Z", _YEAR_2026 * SECOND),
    ],
)
def test_a_stamp_is_exact(text: str, expected: int) -> None:
    assert stamp(text, "time") == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.9Z",
        "2263-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00+25:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Z ",
        "\u0662\u0660\u0662\u0666-01-01T00:00:00Z",
        "2026-01-01T00:00",
    ],
)
def test_what_is_no_time_is_malformed(text: str | None) -> None:
    with pytest.raises(MalformedLine, match="time"):
        stamp(text, "time")


@given(st.datetimes(datetime(1970, 1, 2), datetime(2262, 1, 1)), st.integers(-23 * 60, 23 * 60))  # noqa: DTZ001 - of any zone
def test_a_stamp_agrees_with_the_standard_library(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    since = zoned - datetime(1970, 1, 1, tzinfo=UTC)
    assert stamp(zoned.isoformat(), "time") == (since // timedelta(microseconds=1)) * 1000


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1763900000, SECOND, 1763900000 * SECOND),
        ("1763900000.123456789", SECOND, 1763900000_123456789),
        ("1763900000123", 1_000_000, 1763900000_123000000),
        (1763900000.5, SECOND, 1763900000_500000000),
        (LAST, 1, LAST),
    ],
)
def test_a_number_of_units_is_a_moment(value: object, unit: int, expected: int) -> None:
    assert since_epoch(value, unit, "time") == expected


@pytest.mark.parametrize(
    "value", [None, True, -1, 2**63, 1e300, float("nan"), float("inf"), -0.5, "1e9", "", [], "9" * 20]
)
def test_no_other_number_is_a_moment(value: object) -> None:
    with pytest.raises(MalformedLine, match="time"):
        since_epoch(value, 1, "time")


def test_what_is_quoted_is_short_and_printable() -> None:
    assert short("\x1b[31m" + "x" * 100) == ascii("\x1b[31m" + "x" * 35) + "..."
    assert len(short(10**1000)) < 60
