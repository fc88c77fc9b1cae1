"""Objects of which one part is replaced by something else, and JSON of any shape."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def steps_to_parts(value: Any) -> list[tuple[Any, ...]]:
    """Return the keys and indices that lead to every part of an object, the object itself included."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [(), *((step, *rest) for step, part in inner for rest in steps_to_parts(part))]


def with_part(value: Any, steps: tuple[Any, ...], part: Any) -> Any:
    """Return a copy of an object in which `part` stands where `steps` lead to."""
    if not steps:
        return part
    changed = copy.copy(value)
    changed[steps[0]] = with_part(value[steps[0]], steps[1:], part)
    return changed


def mangled(sample: Any) -> st.SearchStrategy[Any]:
    """Return copies of `sample` in which up to two parts are something else."""
    once = st.builds(with_part, st.just(sample), st.sampled_from(steps_to_parts(sample)), JSON)
    return once | once.flatmap(
        lambda changed: st.builds(with_part, st.just(changed), st.sampled_from(steps_to_parts(changed)), JSON)
    )
