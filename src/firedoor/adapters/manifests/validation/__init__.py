"""
What a real API server would reject of a manifest, said as the server says it.

Structure first, against the strict schema of the kind; then the values, by the rules that the
server applies after decoding. Nothing here reads a file or asks a cluster, and no manifest, however
it is shaped, makes it raise.
"""

from typing import Any

from firedoor.adapters.manifests.validation.problems import Problem, ProblemKind, item
from firedoor.adapters.manifests.validation.releases import LATEST, minor_of
from firedoor.adapters.manifests.validation.schemas import load
from firedoor.adapters.manifests.validation.shapes import elements, mapping, text
from firedoor.adapters.manifests.validation.structure import check_structure, examine
from firedoor.adapters.manifests.validation.values import check_values

__all__ = ["LATEST", "Problem", "ProblemKind", "check_structure", "validate"]

LIST_KIND = "List"


def validate(document: dict[str, Any], version: str = LATEST) -> list[Problem]:
    """
    Return every reason for which the API server of a release would reject a manifest, in order of paths.

    A list is judged element by element. A kind that is not built in has no problems here.
    """
    minor = minor_of(version)
    items = _items(document)
    if items is not None:
        return [found for place, element in items for found in _within(place, element, version)]
    examined = examine(document, minor)
    problems = examined.problems
    if examined.readable is None:
        return problems
    api_version, kind = text(document.get("apiVersion")), text(document.get("kind"))
    said = {problem.message for problem in problems}
    values = [
        problem
        for problem in check_values(examined.readable, api_version, kind, minor)
        if problem.message not in said and not _follows(problem, problems)
    ]
    if not values:
        return problems
    return sorted(dict.fromkeys([*problems, *values]), key=lambda problem: (problem.path, problem.message))


def _within(place: str, element: dict[str, Any], version: str) -> list[Problem]:
    """Return the problems of an element of a list, with their paths in the list."""
    return [problem.within(place) for problem in validate(element, version)]


def _items(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]] | None:
    """
    Return the objects of a list with their paths; None for an object that is no list.

    Elements of a list of one kind, such as a PodList, need not repeat what they are.
    """
    api_version, kind = text(document.get("apiVersion")), text(document.get("kind"))
    member = kind.removesuffix(LIST_KIND)
    is_list = kind.endswith(LIST_KIND) and (not member or (api_version, member) in load().kinds)
    if not is_list or not isinstance(document.get("items"), list):
        return None
    implied = {"apiVersion": api_version, "kind": member} if member else {}
    return [
        (item("items", index), implied | mapping(element)) for index, element in enumerate(elements(document["items"]))
    ]


def _follows(problem: Problem, structural: list[Problem]) -> bool:
    """Return whether a problem only follows from a part of the wrong type, at, below or above its place."""
    return any(
        _covers(wrong.path, problem.path) or _covers(problem.path, wrong.path)
        for wrong in structural
        if wrong.kind is ProblemKind.WRONG_TYPE
    )


def _covers(outer: str, inner: str) -> bool:
    """Return whether a path is another one or lies within it."""
    return inner == outer or (inner.startswith(outer) and inner[len(outer) : len(outer) + 1] in {".", "["})
