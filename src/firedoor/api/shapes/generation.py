"""Generated policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.api.results import Shape
from firedoor.api.tables import Table, table
from firedoor.render.generation_json import generation_document
from firedoor.render.generation_words import left_text, proof_text, surplus_text
from firedoor.render.generation_yaml import policy_yaml
from firedoor.render.words import count_text

if TYPE_CHECKING:
    from firedoor.model.generation import Generation


def _table(found: Generation) -> Table:
    return table(
        "namespace name workloads:texts yaml",
        [(each.namespace, each.name, tuple(map(str, each.workloads)), policy_yaml(each)) for each in found.policies],
    )


def _headline(found: Generation) -> str:
    return f"{count_text(len(found.policies), 'policy', 'policies')}; {proof_text(found.proof)}"


def _notes(found: Generation) -> tuple[str, ...]:
    return (surplus_text(found), *found.notes, *map(left_text, found.left_out))


GENERATION: Shape[Generation] = Shape(
    "Generated policies", generation_document, _table, _headline, lambda found: found.gaps, _notes
)
