"""The frameworks, and what firedoor has to say about their items, as pages of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture import CHECKS
from firedoor.engine.rbac_risks import CATALOGUE
from firedoor.model.frameworks import FRAMEWORKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.frameworks import Framework, Item, Mappings

_INTRODUCTION = """# Frameworks

What every check of `firedoor diagnose` and every risk of `firedoor rbac risks` has to do with six frameworks. A mapping
says that a finding is in the way of an item. It never says that an item is met where nothing is found: most items ask
for more than a cluster shows.

`firedoor checks --framework cis` lists the checks of one framework, `firedoor diagnose --framework cis` and
`firedoor rbac risks --framework cis` look for nothing else. Reports of findings carry the items: `mappings` in JSON,
YAML and CSV, taxonomies in SARIF, a filter in HTML.

| word | framework | version | items listed | with a check |
|---|---|---|---|---|"""


def frameworks_markdown() -> str:
    """Return the page of all frameworks: for each item the checks that are about it, and the items that none is for."""
    lines = [_INTRODUCTION]
    for each in FRAMEWORKS.values():
        covered = sum(bool(_checks(each, item)) for item in each.items)
        name = f"[{each.name}](#{each.id.value})"
        lines.append(f"| `{each.id.value}` | {name} | {each.version} | {len(each.items)} | {covered} |")
    for each in FRAMEWORKS.values():
        lines += ["", f"## {each.name} {{#{each.id.value}}}", "", *_section(each)]
    return "\n".join(lines) + "\n"


def mappings_markdown(mappings: Mappings) -> Iterator[str]:
    """Yield the lines of a table that tells what a check is about; a sentence where that is nothing."""
    if not any(mappings.by_framework.values()):
        yield "No item of a [framework](../reference/frameworks.md) is about this."
        return
    yield "| framework | items |"
    yield "|---|---|"
    for framework in FRAMEWORKS.values():
        ids = mappings.of(framework.id)
        if ids:
            told = "; ".join(map(framework.told, ids))
            link = f"[{framework.name} {framework.version}](../reference/frameworks.md#{framework.id.value})"
            yield f"| {link} | {told} |"


def _section(framework: Framework) -> Iterator[str]:
    own = " The numbers are those of the framework; the titles are short forms of ours." if framework.own_words else ""
    yield f"[{framework.name} {framework.version}]({framework.page}), {framework.organization}.{own}"
    yield f"{framework.unlisted}"
    part = ""
    for item in framework.items:
        checks = _checks(framework, item)
        if not checks:
            continue
        if item.part != part:
            part = item.part
            yield from ("", f"### {framework.id.value}: {part}", "", "| item | title | checks |", "|---|---|---|")
        yield f"| {item.id} | {item.title} | {', '.join(checks)} |"
    missing = [framework.told(item.id) for item in framework.items if not _checks(framework, item)]
    yield ""
    yield f"### {framework.id.value}: not covered"
    yield ""
    yield f"No check is about {'; '.join(missing)}."


def _checks(framework: Framework, item: Item) -> list[str]:
    """Return links to what is about an item."""
    checks = [f"[{each.id}](../checks/{each.id}.md)" for each in CHECKS if item.id in each.mappings.of(framework.id)]
    risks = [f"[{each.id}](rbac-risks.md#{each.id})" for each in CATALOGUE if item.id in each.mappings.of(framework.id)]
    return checks + risks
