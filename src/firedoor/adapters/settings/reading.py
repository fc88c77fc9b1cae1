"""The configuration into the model, every fault with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from firedoor.adapters.settings.custom_reading import read_custom_checks, read_plugins, refuse_twice
from firedoor.adapters.settings.values import entries
from firedoor.adapters.settings.watch_reading import read_watch_plan
from firedoor.errors import UsageError
from firedoor.model.alerting import WatchPlan
from firedoor.model.custom_checks import CustomCheck
from firedoor.model.exceptions import EVERY_CHECK, Disabled, Pattern, PluginName, Settings, Waiver, parse_day
from firedoor.model.findings import Severity
from firedoor.model.label_text import parse_selector
from firedoor.model.labels import LabelSelector
from firedoor.model.placed import Part, PlacedDocument, described

SEVERITIES = tuple(each.value for each in Severity)
LEVELS = ("none", "gaps", *SEVERITIES[1:])
FLAGS = ("verbose", "show-ignored")
OWN_FIELDS = ("custom-checks", "custom-check-files", "plugins")
FIELDS = ("ignore", "severity", "disable", *OWN_FIELDS, "watch", "fail-on", "cni", "kubernetes-version", *FLAGS)
WHICH = ("namespace", "kind", "name", "labels")
IGNORE_FIELDS = ("check", *WHICH, "reason", "expires")
_MOST_SHOWN = 60
VERSION = r"v?[0-9]+\.[0-9]+(\.[0-9]+)?"


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a configuration may use: ids of checks, and CNI profiles."""

    checks: Collection[str]
    profiles: Collection[str]

    def also(self, checks: Iterable[str]) -> Known:
        """Return the same with other checks besides."""
        return replace(self, checks=frozenset({*self.checks, *checks}))


@dataclass(frozen=True, slots=True)
class Bring:
    """What a configuration names, brought by somebody else: the documents of files, and the checks of plugins."""

    documents: Callable[[str], Iterable[tuple[PlacedDocument, str]]]
    """Returns the documents of a file, each with the name of the file."""
    plugin_checks: Callable[[Sequence[PluginName]], Iterable[str]]
    """Returns the ids of the checks of plugins."""


NOTHING = Bring(lambda _: (), lambda _: ())


def read_settings(document: PlacedDocument | None, source: str, known: Known, bring: Bring = NOTHING) -> Settings:
    """Return what a configuration says, nothing for an empty file; raises ``UsageError`` at the first fault."""
    if document is None or document.value is None:
        return Settings(source)
    for key, line in document.duplicates:
        raise UsageError(f"the key {key!r} stands here twice", place=f"{source}:{line}", remedy="remove one")
    keys = Part(document, source, "", document.value).keys(FIELDS)
    custom = _custom(keys, bring)
    plugins = read_plugins(entries(keys, "plugins"))
    own = (*(each.id for each in custom), *bring.plugin_checks(plugins))
    known = known.also(own)
    options: dict[str, str | bool] = {}
    if "fail-on" in keys:
        options["fail_on"] = _one_of(keys["fail-on"], LEVELS, "level")
    if "cni" in keys:
        options["cni"] = _one_of(keys["cni"], known.profiles, "CNI profile")
    if "kubernetes-version" in keys:
        options["kubernetes_version"] = _version(keys["kubernetes-version"])
    options |= {each.replace("-", "_"): keys[each].flag() for each in FLAGS if each in keys}
    return Settings(
        source,
        tuple(_waiver(each, known) for each in entries(keys, "ignore")),
        _severities(keys["severity"], known) if "severity" in keys else {},
        tuple(_disabled(each, known) for each in entries(keys, "disable")),
        options,
        custom,
        plugins,
        own,
        read_watch_plan(keys["watch"]) if "watch" in keys else WatchPlan(),
    )


def _custom(keys: dict[str, Part], bring: Bring) -> tuple[CustomCheck, ...]:
    """Return the checks that stand in a configuration, and in the files that it names."""
    parts = entries(keys, "custom-checks")
    for named in entries(keys, "custom-check-files"):
        for document, source in bring.documents(named.text("checks/teams.yaml")):
            part = Part(document, source, "", document.value)
            for key, line in document.duplicates:
                raise UsageError(f"the key {key!r} stands here twice", place=f"{source}:{line}", remedy="remove one")
            parts += entries(part.keys(("custom-checks",), ("custom-checks",)), "custom-checks")
    found = read_custom_checks(parts)
    refuse_twice(found)
    return found


def _waiver(part: Part, known: Known) -> Waiver:
    keys = part.keys(IGNORE_FIELDS, ("check", "reason"))
    checks = tuple(_check(each, known, every=True) for each in keys["check"].items())
    if not checks:
        keys["check"].fail("no check is listed", f"name one, or write '{EVERY_CHECK}'")
    texts = {key: keys[key].text(example).strip() for key, example in _EXAMPLES.items() if key in keys}
    labels = _labels(keys["labels"]) if "labels" in keys else None
    if EVERY_CHECK in checks and not (texts.keys() & set(WHICH) or labels):
        part.fail("every finding there is would be ignored", f"name at least one of {', '.join(WHICH)}, or a check")
    reason = texts.pop("reason")
    expires = _day(keys["expires"]) if "expires" in keys else None
    return Waiver(checks, Pattern(**texts, labels=labels), reason, part.place, expires)


_EXAMPLES = {
    "namespace": "shop or 'team-*'",
    "kind": "Deployment",
    "name": "web or 'web-*'",
    "reason": "the proxy in front of it decides, see ADR 12",
}


def _disabled(part: Part, known: Known) -> Disabled:
    keys = part.keys(("check", "reason"), ("check", "reason"))
    return Disabled(_check(keys["check"], known), keys["reason"].text("we have no DNS").strip(), part.place)


def _severities(part: Part, known: Known) -> dict[str, Severity]:
    if not isinstance(part.value, dict):
        part.fail(f"expected a mapping, found {described(part.value)}", "write check-id: severity below it")
    return {
        _known_check(part.at(key), key, known): Severity(_one_of(part.at(key), SEVERITIES, "severity"))
        for key in part.value
    }


def _check(part: Part, known: Known, *, every: bool = False) -> str:
    text = part.text("pod-unprotected").strip()
    return text if every and text == EVERY_CHECK else _known_check(part, text, known)


def _known_check(part: Part, text: str, known: Known) -> str:
    if text not in known.checks:
        part.fail(
            f"there is no check {text[:_MOST_SHOWN]!r}", _near(text, known.checks) or "`firedoor checks` lists them"
        )
    return text


def _labels(part: Part) -> LabelSelector:
    text = part.text("app=web,tier in (front,back)")
    try:
        return parse_selector(text)
    except ValueError as error:
        part.fail(str(error), "write it as kubectl does: app=web,env!=dev,tier in (front,back)")


def _day(part: Part) -> date:
    try:
        return parse_day(part.text("2027-01-31").strip())
    except ValueError as error:
        part.fail(str(error), "write the last day it holds, as in 2027-01-31")


def _version(part: Part) -> str:
    if isinstance(part.value, (int, float)) and not isinstance(part.value, bool):
        part.fail(
            f"expected text, found {described(part.value)}", 'quote it, as in "1.34": YAML drops zeros of numbers'
        )
    text = part.text('"1.34"').strip()
    if not re.fullmatch(VERSION, text):
        part.fail(f"{text[:_MOST_SHOWN]!r} is no version", 'write it as in "1.34"')
    return text


def _one_of(part: Part, allowed: Collection[str], what: str) -> str:
    text = part.text(next(iter(allowed))).strip()
    if text not in allowed:
        part.fail(
            f"there is no {what} {text[:_MOST_SHOWN]!r}", _near(text, allowed) or f"use one of {', '.join(allowed)}"
        )
    return text


def _near(text: str, allowed: Collection[str]) -> str:
    near = difflib.get_close_matches(text, list(allowed), 1)
    return f"did you mean {near[0]}?" if near else ""
