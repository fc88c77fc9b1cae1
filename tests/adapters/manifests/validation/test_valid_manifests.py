"""Valid manifests pass without a word, alone and in lists; nothing makes the check raise."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firedoor.adapters.manifests.validation import validate
from firedoor.adapters.manifests.validation.schemas import load
from firedoor.adapters.manifests.validation.values import RULES

from .rich_samples import RICH
from .samples import VALID

RELEASES = [f"1.{minor}" for minor in load().releases]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("document", VALID, ids=lambda document: document["kind"])
@pytest.mark.parametrize("version", [RELEASES[0], "1.31", RELEASES[-1]])
def test_a_valid_manifest_has_no_problems(document: dict[str, Any], version: str) -> None:
    assert validate(document, version) == []


@pytest.mark.parametrize("document", RICH, ids=lambda document: f"{document['kind']}-{document['metadata']['name']}")
@pytest.mark.parametrize("version", ["1.36", RELEASES[-1]])
def test_a_manifest_that_uses_much_has_no_problems(document: dict[str, Any], version: str) -> None:
    assert validate(document, version) == []


def test_every_kind_with_rules_has_a_valid_sample() -> None:
    sampled = {(document["apiVersion"], document["kind"]) for document in VALID}
    assert RULES.keys() <= sampled


def test_a_manifest_is_not_changed_by_its_check() -> None:
    before = copy.deepcopy(VALID)
    for document in VALID:
        validate(document)
    assert before == VALID


def test_the_elements_of_a_list_are_judged_in_their_places() -> None:
    bad = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "x"},
        "spec": {"container": [], "containers": []},
    }
    problems = validate({"apiVersion": "v1", "kind": "List", "items": [*VALID, bad]})
    place = f"items[{len(VALID)}].spec"
    assert [(problem.path, problem.message) for problem in problems] == [
        (f"{place}.container", f'items[{len(VALID)}]: strict decoding error: unknown field "spec.container"'),
        (f"{place}.containers", f"{place}.containers: Required value"),
    ]


def test_the_elements_of_a_list_of_one_kind_need_not_say_what_they_are() -> None:
    items = [{"metadata": {"name": "a"}, "spec": {"podSelector": {}}}, {"metadata": {}}]
    document = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": items}
    assert [problem.path for problem in validate(document)] == ["items[1].metadata.name"]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the steps to every part of a document."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, entry in entries for place in places(entry, (*path, step)))][bool(not path) :]


DOCUMENTS = (*VALID, *RICH)
PLACES = [(index, place) for index, document in enumerate(DOCUMENTS) for place in places(document)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), JSON)
def test_no_shape_makes_the_check_raise(place: tuple[int, tuple[Any, ...]], value: Any) -> None:
    index, (*steps, last) = place
    document = copy.deepcopy(DOCUMENTS[index])
    target: Any = document
    for step in steps:
        target = target[step]
    target[last] = value
    problems = validate(document)
    assert all(problem.message and problem.remedy for problem in problems)
    assert problems == validate(document)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4), st.sampled_from(VALID))
def test_no_object_of_a_known_kind_makes_the_check_raise(rest: dict[str, Any], like: dict[str, Any]) -> None:
    assert isinstance(validate(rest | {"apiVersion": like["apiVersion"], "kind": like["kind"]}), list)
