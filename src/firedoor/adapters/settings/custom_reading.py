"""Custom checks of a configuration, every fault with its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firedoor.model.custom_checks import PREFIX, CustomCheck, KindPattern
from firedoor.model.exceptions import PluginName
from firedoor.model.findings import Severity
from firedoor.model.placed import Part, described

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELDS = (
    "id",
    "severity",
    "title",
    "why",
    "fix",
    "match",
    "params",
    "expression",
    "message",
    "messageExpression",
)
REQUIRED = ("id", "severity", "title", "why", "fix", "match", "expression")
MATCH_FIELDS = ("kinds", "namespaces")
KIND_FIELDS = ("apiVersion", "kind")
MOST_CHARACTERS = 10_000
"""How long an expression may be."""
ID = rf"{PREFIX}[a-z0-9]+(-[a-z0-9]+)*"
PLUGIN = r"[a-z0-9]+([-_.][a-z0-9]+)*"
_SEVERITIES = tuple(each.value for each in Severity)


def read_custom_checks(parts: Iterable[Part]) -> tuple[CustomCheck, ...]:
    """Return the checks that are written in parts of a document; raises ``UsageError`` at the first fault."""
    return tuple(map(_check, parts))


def refuse_twice(checks: Iterable[CustomCheck]) -> None:
    """Raise ``UsageError`` where two checks have one id."""
    from firedoor.errors import UsageError  # noqa: PLC0415

    seen: dict[str, str] = {}
    for each in checks:
        if each.id in seen:
            raise UsageError(
                f"there is a check {each.id} already, at {seen[each.id]}",
                place=each.place,
                remedy="give one of them another id",
            )
        seen[each.id] = each.place


def read_plugins(parts: Iterable[Part]) -> tuple[PluginName, ...]:
    """Return the names of plugins in a list."""
    found: dict[str, PluginName] = {}
    for part in parts:
        name = part.text("acme").strip()
        if not re.fullmatch(PLUGIN, name):
            part.fail(f"{name[:60]!r} is no name of a plugin", "write the name of its entry point, as in acme")
        if f"{name}/" == PREFIX:
            part.fail(f"no plugin can be called {name}", "these ids are kept for the checks of a configuration")
        found.setdefault(name, PluginName(name, part.place))
    return tuple(found.values())


def _check(part: Part) -> CustomCheck:
    keys = part.keys(FIELDS, REQUIRED)
    own = keys["id"].text(f"{PREFIX}team-label").strip()
    if not re.fullmatch(ID, own):
        keys["id"].fail(
            f"{own[:60]!r} is no id of a custom check", f"write {PREFIX} and words, as in {PREFIX}team-label"
        )
    severity = keys["severity"].text("medium").strip()
    if severity not in _SEVERITIES:
        keys["severity"].fail(f"there is no severity {severity[:60]!r}", f"use one of {', '.join(_SEVERITIES)}")
    kinds, namespaces = _match(keys["match"])
    examples = {"title": "Workloads without a team", "why": "nobody is told", "fix": "add the label", "message": "no"}
    texts = {name: keys[name].text(example).strip() for name, example in examples.items() if name in keys}
    return CustomCheck(
        own,
        texts["title"],
        Severity(severity),
        texts["why"],
        texts["fix"],
        kinds,
        _expression(keys["expression"]),
        namespaces,
        texts.get("message", ""),
        _expression(keys["messageExpression"]) if "messageExpression" in keys else "",
        keys["params"].value if "params" in keys else None,
        part.place,
        keys["expression"].place,
        keys["messageExpression"].place if "messageExpression" in keys else "",
    )


def _expression(part: Part) -> str:
    text = part.text("has(object.metadata.labels)")
    if len(text) > MOST_CHARACTERS:
        part.fail(f"more than {MOST_CHARACTERS:,} characters are too long", "split it among several checks")
    return text


def _match(part: Part) -> tuple[tuple[KindPattern, ...], tuple[str, ...]]:
    keys = part.keys(MATCH_FIELDS, ("kinds",))
    kinds = tuple(map(_kind, keys["kinds"].items()))
    if not kinds:
        keys["kinds"].fail("no kind is listed", "name one, as in {apiVersion: apps/v1, kind: Deployment}")
    found = keys["namespaces"].items() if "namespaces" in keys else []
    if "namespaces" in keys and not found:
        keys["namespaces"].fail("no namespace is listed", "name one, or leave namespaces out")
    return kinds, tuple(each.text("team-*").strip() for each in found)


def _kind(part: Part) -> KindPattern:
    keys = part.keys(KIND_FIELDS, KIND_FIELDS)
    api_version, kind = keys["apiVersion"].text("apps/v1").strip(), keys["kind"].text("Deployment").strip()
    if not kind.isalnum():
        keys["kind"].fail(f"found {described(kind)}, expected the name of one kind", "write it as in Deployment")
    return KindPattern(api_version, kind)
