"""Rules and silences of a configuration, every fault with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from firedoor.adapters.settings.values import one_of, seconds, whole_number
from firedoor.model.alerting import Match, Rule, Silence, Threshold
from firedoor.model.events import EventKind
from firedoor.model.exceptions import parse_day
from firedoor.model.findings import Severity
from firedoor.model.placed import Part

RULE_FIELDS = ("name", "match", "sinks", "severity", "threshold", "group-by", "dedupe")
MATCH_FIELDS = ("kind", "namespace", "severity", "check")
THRESHOLD_FIELDS = ("count", "within")
SILENCE_FIELDS = ("match", "until", "reason")
GROUP_FIELDS = ("kind", "namespace", "object", "check", "severity")
MOST_COUNT = 10_000
RULE_NAME = r"[A-Za-z0-9]+([-_. ][A-Za-z0-9]+)*"

Item = TypeVar("Item")


def read_rule(part: Part, sinks: Sequence[str]) -> Rule:
    """Return a rule that sends events to some of these sinks; raises ``UsageError``."""
    keys = part.keys(RULE_FIELDS, ("name",))
    name = keys["name"].text("opened to data").strip()
    if not re.fullmatch(RULE_NAME, name):
        keys["name"].fail(f"{name[:60]!r} is no name of a rule", "write letters, digits, dashes and single spaces")
    return Rule(
        name,
        part.place,
        _match(keys["match"]) if "match" in keys else Match(),
        _some(keys["sinks"], lambda each: _known(each, sinks, "sink that takes events")) if "sinks" in keys else (),
        one_of(keys["severity"], Severity, "severity") if "severity" in keys else None,
        _threshold(keys["threshold"]) if "threshold" in keys else None,
        _some(keys["group-by"], lambda each: _known(each, GROUP_FIELDS, "field")) if "group-by" in keys else (),
        seconds(keys["dedupe"]) if "dedupe" in keys else 0.0,
    )


def read_silence(part: Part) -> Silence:
    """Return a silence; raises ``UsageError``, also for one that has no end or is of everything."""
    keys = part.keys(SILENCE_FIELDS, SILENCE_FIELDS)
    match = _match(keys["match"])
    if match == Match():
        keys["match"].fail("everything would be silenced", f"name at least one of {', '.join(MATCH_FIELDS)}")
    return Silence(match, _until(keys["until"]), keys["reason"].text("we move on Monday").strip(), part.place)


def _match(part: Part) -> Match:
    keys = part.keys(MATCH_FIELDS)
    return Match(
        _some(keys["kind"], lambda each: one_of(each, EventKind, "kind of event")) if "kind" in keys else (),
        _some(keys["namespace"], lambda each: each.text("shop or 'team-*'").strip()) if "namespace" in keys else (),
        one_of(keys["severity"], Severity, "severity") if "severity" in keys else None,
        _some(keys["check"], lambda each: each.text("pod-unprotected").strip()) if "check" in keys else (),
    )


def _threshold(part: Part) -> Threshold:
    keys = part.keys(THRESHOLD_FIELDS, THRESHOLD_FIELDS)
    return Threshold(whole_number(keys["count"], range(2, MOST_COUNT + 1)), seconds(keys["within"]))


def _some(part: Part, read: Callable[[Part], Item]) -> tuple[Item, ...]:
    found = tuple(map(read, part.items()))
    if not found:
        part.fail("nothing is listed", "name at least one, or leave it out")
    return found


def _known(part: Part, names: Sequence[str], what: str) -> str:
    text = part.text(names[0] if names else "the name of one").strip()
    if text not in names:
        near = difflib.get_close_matches(text, names, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names) or 'none'}"
        part.fail(f"there is no {what} {text[:60]!r}", hint)
    return text


def _until(part: Part) -> str:
    """Return the end of a silence in UTC: the end of a day of here, or an instant with its offset."""
    text = part.text("2027-01-31").strip()
    try:
        day = None if "T" in text else parse_day(text) + timedelta(days=1)
        when = datetime.fromisoformat(text) if day is None else datetime.combine(day, time()).astimezone()
        ends = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when.tzinfo is not None else ""
    except (ValueError, OverflowError):
        ends = ""
    if not ends:
        part.fail(
            f"{text[:60]!r} is no end of a silence",
            "write the last day, as in 2027-01-31, or an instant, as in 2027-01-31T18:00:00Z",
        )
    return ends
