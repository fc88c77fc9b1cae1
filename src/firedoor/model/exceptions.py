"""
What somebody decided to live with: exceptions from checks, settings and baselines.

An exception is a `Waiver` here, because Python has a meaning for the other word.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import Struct

from firedoor.model.alerting import WatchPlan
from firedoor.model.custom_checks import CustomCheck
from firedoor.model.findings import Finding, Severity
from firedoor.model.labels import LabelSelector
from firedoor.model.places import ObjectRef

ANNOTATION = "firedoor.dev/ignore"
"""The annotation that holds exceptions for the object that carries it."""
OWN_PATH = "metadata.annotations"
TEMPLATE_PATH = "spec.template.metadata.annotations"
"""What a `Place` calls the lines of the annotation on an object, and of that on the template of its pods."""
EVERY_CHECK = "*"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_day(text: str) -> date:
    """Return the day that a text such as ``2027-01-31`` names; raises ``ValueError``."""
    if not _DAY.fullmatch(text):
        message = f"{text[:40]!r} is no day as in 2027-01-31"
        raise ValueError(message)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"there is no day {text}: {error}"
        raise ValueError(message) from error


def home_of(about: ObjectRef) -> str:
    """Return the namespace that an object is in; a Namespace is in itself, and what has none in the empty one."""
    return about.name if about.kind == "Namespace" and not about.namespace else about.namespace


class Carrier(Struct, frozen=True, gc=False):
    """The object that an exception is written on; a Namespace speaks for all objects in it."""

    object: ObjectRef

    def holds(self, about: ObjectRef, labels: tuple[dict[str, str], ...]) -> bool:  # noqa: ARG002 - as of a pattern
        """Return whether an object is meant."""
        return about == self.object or (self.object.kind == "Namespace" and home_of(about) == self.object.name)

    def __str__(self) -> str:
        """Return the object in words."""
        return f"of {self.object}"


class Pattern(Struct, frozen=True, gc=False):
    """
    The objects that an exception in a configuration is about.

    `namespace` and `name` are patterns with ``*``, ``?`` and ``[...]``. What is empty, and None, holds for every
    object; an object outside namespaces is in none.
    """

    namespace: str = ""
    kind: str = ""
    name: str = ""
    labels: LabelSelector | None = None

    def holds(self, about: ObjectRef, labels: tuple[dict[str, str], ...]) -> bool:
        """Return whether an object is meant that has these sets of labels: its own and, of a workload, its pods'."""
        home = home_of(about)
        if self.namespace and not (home and fnmatchcase(home, self.namespace)):
            return False
        if self.kind and self.kind.lower() != about.kind.lower():
            return False
        if self.name and not fnmatchcase(about.name, self.name):
            return False
        return self.labels is None or any(self.labels.matches(each) for each in labels)

    def __str__(self) -> str:
        """Return the pattern in words."""
        parts = (("namespace", self.namespace), ("kind", self.kind), ("name", self.name), ("labels", self.labels))
        return ", ".join(f"{key} {value}" for key, value in parts if value) or "everywhere"


class Waiver(Struct, frozen=True, gc=False):
    """An exception: which checks, about which objects, why, where that is written, and the last day it holds."""

    checks: tuple[str, ...]
    scope: Carrier | Pattern
    reason: str
    place: str
    expires: date | None = None

    def is_for(self, check: str) -> bool:
        """Return whether it is an exception from a check."""
        return check in self.checks or EVERY_CHECK in self.checks


class WaiverState(StrEnum):
    """What has become of an exception."""

    USED = "used"
    UNUSED = "unused"
    """No finding is as it says: it can be deleted, or was never right."""
    EXPIRED = "expired"
    SKIPPED = "skipped"
    """Not all of its checks ran, and no finding of the others is as it says."""


class WaiverUse(Struct, frozen=True, gc=False):
    """An exception, its state, and how many findings are as it says; of an expired one they are reported again."""

    waiver: Waiver
    state: WaiverState
    findings: int


class Disabled(Struct, frozen=True, gc=False):
    """A check that does not run, why, and where that is written."""

    check: str
    reason: str
    place: str


class PluginName(Struct, frozen=True, gc=False):
    """A plugin whose checks are made, and where that is written."""

    name: str
    place: str


class Settings(Struct, frozen=True, gc=False):
    """
    What a configuration says; `source` is its file, empty where there is none.

    `options` are defaults for options of commands, by their names; `custom` are checks that it
    holds itself, `plugins` those whose checks are made too.
    """

    source: str = ""
    waivers: tuple[Waiver, ...] = ()
    severities: dict[str, Severity] = {}
    disabled: tuple[Disabled, ...] = ()
    options: dict[str, str | bool] = {}
    custom: tuple[CustomCheck, ...] = ()
    plugins: tuple[PluginName, ...] = ()
    own: tuple[str, ...] = ()
    """The ids of custom checks and of those of plugins."""
    watch: WatchPlan = WatchPlan()


class BaselineEntry(Struct, frozen=True, gc=False):
    """A finding that was known when a baseline was written."""

    check: str
    object: ObjectRef
    message: str


class Baseline(Struct, frozen=True, gc=False):
    """The findings that were known at some time, and the file that says so."""

    source: str
    entries: tuple[BaselineEntry, ...]


class Rules(Struct, frozen=True, gc=False):
    """How findings are sifted: by which settings and baseline, on which day, and whether known ones are left out."""

    today: date
    settings: Settings = Settings()
    baseline: Baseline | None = None
    new_only: bool = False


class Suppressed(Struct, frozen=True, gc=False):
    """A finding that is not reported, and the exception that it falls under."""

    finding: Finding
    waiver: Waiver


class Review(Struct, frozen=True, gc=False):
    """
    What was left out of the findings, and what became of exceptions and baseline.

    `known` counts the findings that the baseline has, `fixed` are those it has and that are gone; `baseline` and
    `config` are the files, empty where there is none.
    """

    suppressed: tuple[Suppressed, ...] = ()
    exceptions: tuple[WaiverUse, ...] = ()
    disabled: tuple[Disabled, ...] = ()
    known: int = 0
    fixed: tuple[BaselineEntry, ...] = ()
    baseline: str = ""
    config: str = ""
