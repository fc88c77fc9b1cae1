"""Times of records as nanoseconds since 1970 in UTC: exact, and cheap where many records share a minute."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import datetime
from functools import lru_cache

from firedoor.adapters.flows.formats.contract import MalformedLine

SECOND = 1_000_000_000
LAST = 2**63 - 1
"""The last nanosecond that fits into 64 bits, in the year 2262."""

_STAMP = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?\s?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)
_NUMBER = re.compile(r"(\d{1,19})(?:\.(\d{1,9})\d*)?", re.ASCII)
_LEAP = 60
_ZONE_HOURS, _ZONE_MINUTES = 23, 59
_DIGITS = 9


@lru_cache(maxsize=4096)
def _minute(year: str, month: str, day: str, minute: str) -> int:
    moment = datetime(int(year), int(month), int(day), int(minute[:2]), int(minute[3:]))  # noqa: DTZ001 - UTC by timegm
    return timegm(moment.timetuple())


def stamp(text: str | None, field: str) -> int:
    """
    Return the moment of a text like ``2026-07-31T10:41:02.202450754Z``; a text without a zone is in UTC.

    Slashes in the date and a space before the time are the form of Go's logger.
    """
    match = _STAMP.fullmatch(text) if text else None
    if match is None:
        raise MalformedLine(f"{field} is no time, such as 2026-07-31T10:41:02.2Z: {short(text)}")
    year, month, day, minute, second, fraction, zone = match.groups()
    try:
        seconds = _minute(year, month, day, minute) + int(second)
    except ValueError:
        raise MalformedLine(f"{field} is no date of the calendar: {short(text)}") from None
    if int(second) > _LEAP:
        raise MalformedLine(f"{field} has more than 60 seconds: {short(text)}")
    if zone and zone not in "Zz":
        seconds -= _offset(zone, field)
    return _bounded(seconds * SECOND + (int(fraction.ljust(_DIGITS, "0")) if fraction else 0), field)


def _offset(zone: str, field: str) -> int:
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > _ZONE_HOURS or minutes > _ZONE_MINUTES:
        raise MalformedLine(f"{field} has a time zone that does not exist: {zone}")
    offset = hours * 3600 + minutes * 60
    return -offset if zone[0] == "-" else offset


def since_epoch(value: object, unit: int, field: str) -> int:
    """
    Return the moment of a number of units since 1970, each of `unit` nanoseconds; digits in a text are a number.

    Decimal texts are exact; a float is as exact as it was decoded.
    """
    if isinstance(value, bool):
        raise MalformedLine(f"{field} is no number: {short(value)}")
    if isinstance(value, int):
        return _bounded(value * unit, field)
    if isinstance(value, float):
        # 2**63 is where floats stop to be times; NaN compares false.
        if not 0 <= value * unit < LAST:
            raise MalformedLine(f"{field} is no time after 1970 and before 2262: {short(value)}")
        return _bounded(round(value * unit), field)
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise MalformedLine(f"{field} is no number of time units since 1970: {short(value)}")
    whole, fraction = match.groups()
    part = int(fraction.ljust(_DIGITS, "0")) * unit // SECOND if fraction else 0
    return _bounded(int(whole) * unit + part, field)


def _bounded(moment: int, field: str) -> int:
    if not 0 <= moment <= LAST:
        raise MalformedLine(f"{field} is no time after 1970 and before 2262")
    return moment


def short(value: object) -> str:
    """Return what was found for a message: quoted, printable, and not longer than a line can bear."""
    most = 40
    text = value if isinstance(value, str) else "nothing" if value is None else str(value)[: most + 1]
    return ascii(text[:most]) + ("..." if len(text) > most else "") if isinstance(value, str) else text[:most]
