"""Plugins that a configuration names, into checks; what is wrong with one is told by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from firedoor.engine.posture import Check
from firedoor.engine.posture.check import SECTIONS
from firedoor.errors import UsageError
from firedoor.model.findings import Confidence, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.posture import Context
    from firedoor.model.exceptions import PluginName

GROUP = "firedoor.checks"
_WORDS = r"[a-z0-9]+(-[a-z0-9]+)*"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that was loaded: its name, the distribution that brought it, and its checks."""

    name: str
    distribution: str
    checks: tuple[Check, ...]


def load_plugins(names: Sequence[PluginName]) -> tuple[Plugin, ...]:
    """Return the plugins; raises ``UsageError`` where one is not installed, cannot be loaded, or is no plugin."""
    if not names:
        return ()
    found = entry_points(group=GROUP)
    return tuple(
        _loaded(each, [point for point in found if point.name == each.name], sorted(found.names)) for each in names
    )


def _loaded(name: PluginName, points: list[EntryPoint], installed: list[str]) -> Plugin:
    # One distribution may be on the path twice; two distributions are a contradiction.
    by_origin = {_origin(point): point for point in reversed(points)}
    if not by_origin:
        there = f"installed are {', '.join(installed)}" if installed else "no plugin is installed"
        raise UsageError(
            f"the plugin {name.name} is not installed: {there}",
            place=name.place,
            remedy=f"install the package that has it as an entry point of {GROUP}, beside firedoor",
        )
    if len(by_origin) > 1:
        raise UsageError(
            f"several packages have a plugin {name.name}: {', '.join(sorted(by_origin))}",
            place=name.place,
            remedy="uninstall all but one",
        )
    origin, point = next(iter(by_origin.items()))
    where = f"{name.name} ({origin})"
    try:
        given = point.load()
        listed = (given,) if isinstance(given, Check) else tuple(given)
    except Exception as error:
        raise _broken(where, f"cannot be loaded: {_told(error)}") from error
    seen: set[str] = set()
    for check in listed:
        _validate(check, name.name, where, seen)
    return Plugin(name.name, origin, tuple(_guarded(check, where) for check in listed))


def _origin(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value


def _validate(found: object, name: str, where: str, seen: set[str]) -> None:
    if not isinstance(found, Check):
        raise _broken(where, f"holds {type(found).__name__!r}, expected firedoor.engine.posture.Check")
    check: Any = found  # its fields are whatever the plugin gave them
    if not isinstance(check.id, str) or not re.fullmatch(rf"{re.escape(name)}/{_WORDS}", check.id):
        raise _broken(where, f"has a check with the id {str(check.id)[:60]!r}, expected {name}/ and words")
    if check.id in seen:
        raise _broken(where, f"has two checks with the id {check.id}")
    seen.add(check.id)
    if not isinstance(check.severity, Severity) or not isinstance(check.confidence, Confidence):
        raise _broken(where, f"{check.id}: severity and confidence must be those of firedoor.model.findings")
    if not callable(check.run) or not all(isinstance(each, str) for each in (check.title, check.why, check.docs)):
        raise _broken(where, f"{check.id}: run must be a function, and title, why and docs texts")
    if not check.docs.strip() or tuple(check.sections) != SECTIONS:
        raise _broken(where, f"{check.id}: its docs need the sections {', '.join(SECTIONS)}, each underlined")


def _guarded(check: Check, where: str) -> Check:
    return replace(check, run=_guard(check, where))


def _guard(check: Check, where: str) -> Callable[[Context], Iterator[Finding]]:
    def run(context: Context) -> Iterator[Finding]:
        try:
            found: list[Any] = list(check.run(context))
        except Exception as error:
            raise _broken(where, f"failed in its check {check.id}: {_told(error)}") from error
        for each in found:
            if not isinstance(each, Finding) or each.check != check.id:
                raise _broken(where, f"gave something else than findings of its check {check.id}")
        return iter(found)

    return run


def _told(error: Exception) -> str:
    """Return an exception in one line, with the innermost place in its code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})" if trace is not None else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}{place}"


def _broken(where: str, problem: str) -> UsageError:
    return UsageError(
        f"the plugin {where} {problem}",
        remedy="tell its authors, or take it out of plugins in the configuration",
    )
