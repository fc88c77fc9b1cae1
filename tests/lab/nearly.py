"""Objects of which one part is a little different: left out, doubled, emptied, or something that is often written."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from tests.model.mangling import steps_to_parts, with_part

TEXTS = (
    *("", "a", "A", "-a", "a_b", "a.b", "x" * 64, "*", "None", "v1", "metadata.name", "default"),
    *("TCP", "UDP", "tcp", "http", "80", "10.0.0.0/8", "10.0.0.1", "2001:db8::1", "300.1.1.1"),
    *("In", "Exists", "Equal", "Always", "Never", "OnFailure", "Local", "Localhost", "RuntimeDefault", "Indexed"),
    *(
        "ClusterIP",
        "NodePort",
        "ExternalName",
        "RollingUpdate",
        "Recreate",
        "OnDelete",
        "NoExecute",
        "ReadWriteOncePod",
    ),
    *(
        "100m",
        "1Gi",
        "0",
        "0.5",
        "-1",
        "1.2.3",
        "25%",
        "120%",
        "../a",
        "/a",
        "* * * * *",
        "61 * * * *",
        "TZ=UTC 0 0 * * *",
    ),
)
NUMBERS = (0, -1, 1, 2, 77, 65535, 65536, 2**31 - 1)
IDENTITY = ("kind", "apiVersion")


def part_of(value: Any, steps: tuple[Any, ...]) -> Any:
    """Return the part of an object to which steps lead."""
    for step in steps:
        value = value[step]
    return value


def without(value: Any, steps: tuple[Any, ...]) -> Any:
    """Return a copy of an object without the part to which steps lead."""
    changed = copy.copy(value)
    if len(steps) == 1:
        del changed[steps[0]]
    else:
        changed[steps[0]] = without(value[steps[0]], steps[1:])
    return changed


def others(value: Any) -> tuple[Any, ...]:
    """Return what can stand in place of a part of an object: mostly of the same type, and rarely right."""
    match value:
        case bool():
            return (not value, None)
        case str():
            return (*TEXTS, None, 1)
        case int() | float():
            return (*NUMBERS, None, "a")
        case list():
            return (value + value, value[1:], [], None)
        case dict():
            return ({}, {**value, "extra": "a"}, None, *({**value, key: text} for key in value for text in ("", "A")))
        case _:
            return ("a",)


@st.composite
def nearly(draw: st.DrawFn, sample: dict[str, Any]) -> dict[str, Any]:
    """Return copies of an object in which one part is left out or is something else."""
    places = [steps for steps in steps_to_parts(sample) if len(steps) > 1 and steps[0] not in IDENTITY]
    steps = draw(st.sampled_from(places))
    changed: dict[str, Any] = without(sample, steps)
    if draw(st.integers(0, 2)):
        changed = with_part(sample, steps, draw(st.sampled_from(others(part_of(sample, steps)))))
    return changed
