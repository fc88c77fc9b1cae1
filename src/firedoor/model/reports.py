"""Findings as a report that every output format is made of, whichever command found them."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from firedoor.model.edits import FileEdit
from firedoor.model.exceptions import Suppressed
from firedoor.model.findings import Finding, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.inventory import CoverageRow
from firedoor.model.namespace_map import NamespaceMap
from firedoor.model.places import Gap


class Rule(Struct, frozen=True, gc=False):
    """
    What a finding is found by: a check, or a risk of the RBAC catalogue.

    `sections` is its documentation by heading. `tags` are words by which tools group rules,
    `mappings` the items of frameworks that it is about.
    """

    id: str
    title: str
    severity: Severity
    sections: dict[str, str]
    tags: tuple[str, ...] = ()
    mappings: Mappings = Mappings()


class Told(Struct, frozen=True, gc=False):
    """
    A finding, and by name what is known of it beyond what all findings have.

    `edits` are the changes of files that fix it, where they are known.
    """

    finding: Finding
    details: dict[str, str] = {}
    edits: tuple[FileEdit, ...] = ()


class FindingsReport(Struct, frozen=True, gc=False):
    """
    Everything that a report of findings tells, worst first.

    `name` is that of the command in one word, `category` what its rules are about.
    `coverage` has the namespaces that were judged, empty where a command does not count
    pods. `suppressed` are the findings that fall under exceptions, where they are to be
    told. `captured_at` is RFC 3339, empty where it is not known when the cluster was like
    that. `exit_code` is how the process ends, `folder` where relative places start. `map`
    has what connects the namespaces, None where nobody draws it.
    """

    name: str
    title: str
    category: str
    rules: tuple[Rule, ...]
    told: tuple[Told, ...]
    gaps: tuple[Gap, ...] = ()
    coverage: tuple[CoverageRow, ...] = ()
    captured_at: str = ""
    exit_code: int = 0
    folder: str = ""
    suppressed: tuple[Suppressed, ...] = ()
    map: NamespaceMap | None = None

    @property
    def severities(self) -> dict[Severity, int]:
        """How many findings there are of each severity, worst first."""
        counts = Counter(each.finding.severity for each in self.told)
        return {each: counts[each] for each in reversed(Severity)}
