"""When a CronJob runs: its schedule as cron reads it, and its time zone."""

import re

from firedoor.adapters.manifests.validation.problems import Problem, invalid, missing
from firedoor.adapters.manifests.validation.releases import ZONES_IN_SCHEDULES_UNTIL

FIELDS = 5
MACROS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
EVERY = "@every "
DURATION = re.compile(r"[+-]?((([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+|0)")
NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
BOUNDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: number for number, name in enumerate(MONTHS, 1)}),
    (0, 6, {name: number for number, name in enumerate(DAYS)}),
)
"""The least and the largest value of minute, hour, day of the month, month and weekday, and names for them."""

AREAS = frozenset(
    (
        *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada", "Chile"),
        *("Etc", "Europe", "Indian", "Mexico", "Pacific", "US", "posix", "right"),
    )
)
ZONES_WITHOUT_AREA = frozenset(
    (
        *("CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "Factory", "GB", "GB-Eire", "GMT"),
        *("GMT+0", "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan"),
        *("Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland"),
        *("Portugal", "ROC", "ROK", "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu"),
        *("localtime", "posixrules"),
    )
)
"""The names of time zones that stand alone; new ones are always within an area."""

ZONE_PART = re.compile(r"[A-Za-z._0-9+-]{1,14}")
REMEDY = 'write minute, hour, day, month and weekday, such as "0 3 * * *"'
ZONE_REMEDY = "write a name such as Europe/Berlin or Etc/UTC"


def validate_schedule(schedule: str, path: str, minor: int) -> list[Problem]:
    """Return the problems of a schedule: five fields, or one of the names for a common one."""
    if not schedule:
        return [missing(path, remedy='say when to run, such as "0 3 * * *"')]
    has_zone = schedule.startswith(("TZ=", "CRON_TZ="))
    rest = schedule.partition(" ")[2].strip() if has_zone else schedule
    error = _error(rest)
    problems = [invalid(path, schedule, error, remedy=REMEDY)] if error else []
    if "TZ" in schedule and minor > ZONES_IN_SCHEDULES_UNTIL:
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        problems.append(invalid(path, schedule, detail, remedy="move the zone to the field timeZone"))
    return problems


def _error(schedule: str) -> str:
    """Return what is wrong with a schedule without a zone; empty for a valid one."""
    if schedule.startswith("@"):
        if schedule in MACROS:
            return ""
        if not schedule.startswith(EVERY):
            return f"unrecognized descriptor: {schedule}"
        duration = schedule.removeprefix(EVERY)
        return "" if DURATION.fullmatch(duration) else f"failed to parse duration {schedule}: invalid duration"
    fields = schedule.split()
    if len(fields) != FIELDS:
        return f"expected exactly {FIELDS} fields, found {len(fields)}: [{' '.join(fields)}]"
    errors = (
        _range_error(part, *bounds) for field, bounds in zip(fields, BOUNDS, strict=True) for part in field.split(",")
    )
    return next(filter(None, errors), "")


def _range_error(expression: str, least: int, most: int, names: dict[str, int]) -> str:
    """Return what is wrong with one range of a field, such as ``1-5/2``; empty parts are passed over."""
    if not expression:
        return ""
    span, *steps = expression.split("/")
    low, *high = span.split("-")
    if low in {"*", "?"}:
        start, end = least, most
    else:
        if len(high) > 1:
            return f"too many hyphens: {expression}"
        numbers = [names.get(value.lower(), value) for value in (low, *high)]
        for value in numbers:
            if isinstance(value, str) and not NUMBER.fullmatch(value):
                return f'failed to parse int from {value}: strconv.Atoi: parsing "{value}": invalid syntax'
        start, end = int(numbers[0]), int(numbers[-1])
    if len(steps) > 1:
        return f"too many slashes: {expression}"
    step = steps[0] if steps else "1"
    if not NUMBER.fullmatch(step):
        return f'failed to parse int from {step}: strconv.Atoi: parsing "{step}": invalid syntax'
    end = most if steps and not high else end
    return _bounds_error(start, end, int(step), (least, most), expression)


def _bounds_error(start: int, end: int, step: int, bounds: tuple[int, int], expression: str) -> str:
    """Return in which way a range is out of its bounds; empty when it is within."""
    least, most = bounds
    for value in (start, end, step):
        if value < 0:
            return f"negative number ({value}) not allowed: {expression}"
    if start < least:
        return f"beginning of range ({start}) below minimum ({least}): {expression}"
    if end > most:
        return f"end of range ({end}) above maximum ({most}): {expression}"
    if start > end:
        return f"beginning of range ({start}) beyond end of range ({end}): {expression}"
    return "" if step else f"step of range should be a positive number: {expression}"


def validate_time_zone(zone: str, path: str) -> list[Problem]:
    """
    Return the problems of a time zone: its syntax, and the area that it is in.

    Which places an area has is not ours to say: it is the data of the server that decides.
    """
    if not zone:
        return [invalid(path, zone, "timeZone must be nil or non-empty string", remedy=ZONE_REMEDY)]
    parts = zone.split("/")
    if any(part in {".", ".."} or part.startswith("-") or not ZONE_PART.fullmatch(part) for part in parts):
        return [invalid(path, zone, f"unknown time zone {zone}", remedy=ZONE_REMEDY)]
    if zone.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        return [invalid(path, zone, detail, remedy=ZONE_REMEDY)]
    known = parts[0] in (AREAS if len(parts) > 1 else ZONES_WITHOUT_AREA)
    return [] if known else [invalid(path, zone, f"unknown time zone {zone}", remedy=ZONE_REMEDY)]
