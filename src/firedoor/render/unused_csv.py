"""Grants without use as CSV: a row for each part of a rule that was not used, and for what a star was used for."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from firedoor.model.least_access import UnusedAccess, UnusedGrant
from firedoor.model.rbac import PolicyRule
from firedoor.render.rbac_words import rule_place
from firedoor.render.words import visible

_FORMULA = ("=", "+", "-", "@")
_TITLES = (
    *("state", "kind", "subject_namespace", "name", "where", "binding", "role", "rule", "source"),
    *("part", "verbs", "groups", "resources", "names", "urls"),
)


def unused_csv(found: UnusedAccess) -> str:
    """Return the rows with a header; no cell can start a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_TITLES)
    writer.writerows([_inert(visible(cell)) for cell in row] for each in found.grants for row in _rows(each))
    return out.getvalue()


def _rows(found: UnusedGrant) -> Iterator[Sequence[str]]:
    grant, subject = found.grant, found.grant.subject
    head = (
        *(found.state, subject.kind, subject.namespace, subject.name, grant.namespace),
        *(str(grant.binding), str(grant.role), grant.path, rule_place(grant)),
    )
    for word, rules in (("unused", found.unused), ("used", found.used)):
        yield from ((*head, word, *_rule(rule)) for rule in rules)


def _rule(rule: PolicyRule) -> Iterator[str]:
    yield " ".join(rule.verbs)
    yield " ".join(each or "core" for each in rule.api_groups)
    for words in (rule.resources, rule.resource_names, rule.non_resource_urls):
        yield " ".join(words)


def _inert(cell: str) -> str:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
