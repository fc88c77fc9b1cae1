"""Frameworks as taxonomies of SARIF, and what rules have to do with them as relationships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.frameworks import FRAMEWORKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.frameworks import Framework, FrameworkId, Mappings

Taxa = dict["FrameworkId", dict[str, int]]
"""The position of each item among those that are told of its framework."""


def taxa_of(mappings: Iterable[Mappings]) -> Taxa:
    """Return those items of frameworks that something is about, in the order of the frameworks."""
    used = {(framework, name) for each in mappings for framework, ids in each.by_framework.items() for name in ids}
    found: Taxa = {}
    for framework in FRAMEWORKS.values():
        ids = [item.id for item in framework.items if (framework.id, item.id) in used]
        if ids:
            found[framework.id] = {name: number for number, name in enumerate(ids)}
    return found


def taxonomies(taxa: Taxa) -> list[dict[str, object]]:
    """Return the `run.taxonomies`: a tool component for each framework, with the items that rules are about."""
    return [_component(FRAMEWORKS[framework], items) for framework, items in taxa.items()]


def supported(taxa: Taxa) -> list[dict[str, object]]:
    """Return the `supportedTaxonomies` of the tool: references to all of them."""
    return [{"name": framework.value, "index": number} for number, framework in enumerate(taxa)]


def relationships(mappings: Mappings, taxa: Taxa) -> list[dict[str, object]]:
    """Return the `relationships` of a rule: it is relevant for each of its items."""
    return [
        {
            "target": {
                "id": name,
                "index": items[name],
                "toolComponent": {"name": framework.value, "index": number},
            },
            "kinds": ["relevant"],
        }
        for number, (framework, items) in enumerate(taxa.items())
        for name in mappings.of(framework)
    ]


def _component(framework: Framework, items: dict[str, int]) -> dict[str, object]:
    titles = framework.titles
    return {
        "name": framework.id.value,
        "fullName": f"{framework.name} {framework.version}",
        "version": framework.version,
        "organization": framework.organization,
        "informationUri": framework.page,
        "shortDescription": {"text": framework.name},
        "isComprehensive": False,
        "taxa": [{"id": name, "shortDescription": {"text": titles[name]}} for name in items],
    }
