"""The parts of a ZeroTrustBaseline that need no more than the model: its exceptions, and how grave findings may be."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from firedoor.model.exceptions import EVERY_CHECK, Pattern, Waiver, parse_day
from firedoor.model.findings import Severity
from firedoor.model.label_text import parse_selector
from firedoor.model.labels import LabelSelector
from firedoor.model.placed import Part, described
from firedoor.model.places import Place
from firedoor.model.zero_trust import IntentWaiver, ZeroTrustBaseline

SPEC_KEYS = ("intents", "exceptions", "fail-on")
EXCEPTION_KEYS = ("check", "intent", "kind", "name", "labels", "reason", "expires")
LEVELS = tuple(str(each) for each in Severity if each is not Severity.INFO)


@dataclass(slots=True)
class _Written:
    """An object that was read, as a document that knows the lines of its parts."""

    value: Any
    own: Place
    duplicates: list[tuple[str, int]] = field(default_factory=list)

    def line_of(self, path: str) -> int:
        """Return the line of a path, 0 where the source has none."""
        line = self.own.at(path).rpartition(":")[2]
        return int(line) if self.own.line and line.isdecimal() else 0


def spec_of(baseline: ZeroTrustBaseline) -> dict[str, Part]:
    """Return the parts of a specification by key; raises ``UsageError``."""
    place = baseline.place
    document = _Written({"spec": baseline.spec}, place)
    part = Part(document, place.source or str(baseline.ref), "spec", baseline.spec)
    return part.keys(SPEC_KEYS)


def read_fail_on(part: Part) -> Severity:
    """Return the severity from which on findings are too grave; raises ``UsageError``."""
    if part.value not in LEVELS:
        part.fail(f"expected a severity, found {described(part.value)}", f"write one of {', '.join(LEVELS)}")
    return Severity(part.value)


def read_exceptions(
    part: Part, namespace: str, known: Collection[str]
) -> tuple[tuple[Waiver, ...], tuple[IntentWaiver, ...]]:
    """
    Return the exceptions from checks, which hold in one namespace, and those from intents.

    `known` are the ids of all checks. Raises ``UsageError``.
    """
    if not isinstance(part.value, list):
        part.fail(f"expected a list, found {described(part.value)}", "begin each with a dash")
    waivers: list[Waiver] = []
    excepted: list[IntentWaiver] = []
    for each in part.items():
        keys = each.keys(EXCEPTION_KEYS, ("reason",))
        if ("check" in keys) is ("intent" in keys):
            each.fail("an exception is from a check or from an intent", "write one of check and intent")
        reason = keys["reason"].text("why it is so").strip()
        expires = _day(keys["expires"]) if "expires" in keys else None
        if "intent" in keys:
            for key in ("kind", "name", "labels"):
                if key in keys:
                    keys[key].fail("an intent is excepted as a whole", f"leave {key} out")
            excepted.append(IntentWaiver(keys["intent"].text("web reaches the api"), reason, expires))
            continue
        scope = Pattern(
            namespace,
            keys["kind"].text("Deployment") if "kind" in keys else "",
            keys["name"].text("web-*") if "name" in keys else "",
            _labels(keys["labels"]) if "labels" in keys else None,
        )
        waivers.append(Waiver((_check(keys["check"], known),), scope, reason, each.place, expires))
    return tuple(waivers), tuple(excepted)


def _check(part: Part, known: Collection[str]) -> str:
    check = part.text("pod-unprotected").strip()
    # Those of configurations and plugins have a slash: who reads a baseline need not know them.
    if check != EVERY_CHECK and "/" not in check and check not in known:
        near = difflib.get_close_matches(check, sorted(known), 1)
        hint = f"did you mean {near[0]}?" if near else "`firedoor checks` lists the checks"
        part.fail(f"there is no check {check!r}", hint)
    return check


def _day(part: Part) -> date:
    try:
        return parse_day(part.text("2027-01-31").strip())
    except ValueError as error:
        return part.fail(str(error), "write it as in 2027-01-31, the last day that it holds")


def _labels(part: Part) -> LabelSelector:
    try:
        return parse_selector(part.text("app=web,tier in (front,back)"))
    except ValueError as error:
        return part.fail(str(error), "write it as kubectl does: app=web,env!=dev,tier in (front,back)")
