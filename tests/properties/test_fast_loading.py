"""Large lists through a small buffer give what the same lists give item by item, whatever is in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firedoor.adapters.manifests.documents import DocumentReader
from firedoor.adapters.manifests.json_lists import read_large_list, read_list_stream
from firedoor.adapters.manifests.validation import LATEST
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.snapshot import Origin, Snapshot
from tests.examples import some
from tests.model.mangling import JSON, mangled
from tests.reference.manifests import Manifest
from tests.strategies.clusters import clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

SOURCE = "list.json"
SMALLEST_BUFFER = 256
"""Holds the beginning of a list; everything else may go on behind its end."""

OTHERS: list[Manifest] = [
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "x},\n{y", "items": "[{"}},
    {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": "a"},
        "spec": {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}}, "ingress": []},
    },
    {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": "ä",
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a", "uid": "u", "controller": True},
                {"apiVersion": "v1", "kind": "Node", "name": "b", "uid": "v"},
            ],
        },
        "spec": {"replicas": 2, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": []}}},
    },
]
LAYOUTS: dict[str, Callable[[list[Any], Callable[[Any], str]], str]] = {
    "one line": lambda items, encode: "[" + ",".join(map(encode, items)) + "]",
    "spaced": lambda items, encode: "[" + ", ".join(map(encode, items)) + " ]",
    "a line each": lambda items, encode: "[\n" + ",\n".join(map(encode, items)) + "\n]",
    "comma first": lambda items, encode: "[\n" + "\n, ".join(map(encode, items)) + "\n]",
    "carriage returns": lambda items, encode: "[\r\n" + ",\r\n".join(map(encode, items)) + "\r\n]",
    "some lines": lambda items, encode: (
        "[" + "".join(f"{encode(each)},{chr(10) * (number % 3)}" for number, each in enumerate(items))[:-1] + "]"
    ),
}


@st.composite
def listed(draw: st.DrawFn) -> list[Any]:
    """Generate the elements of a list: served objects for the most part, some of them not as the API has them."""
    found: list[Any] = []
    for each in [*draw(clusters()), *OTHERS]:
        served = {"uid": "u", "resourceVersion": "1", "creationTimestamp": "2026-01-01T00:00:00Z"}
        manifest = each if draw(st.integers(0, 9)) == 0 else {**each, "metadata": {**each["metadata"], **served}}
        found += [manifest] * draw(st.sampled_from((1, 1, 1, 2, 0)))
        if draw(st.integers(0, 5)) == 0:
            found.append(draw(mangled(manifest)))
    if draw(st.integers(0, 9)) == 0:
        found.insert(draw(st.integers(1, len(found))) if found else 0, draw(JSON))
    return found


@st.composite
def lists(draw: st.DrawFn) -> str:
    """Generate a list as something prints it."""
    items = draw(listed())
    kind, version = draw(st.sampled_from((("List", "v1"), ("PodList", "v1"), ("NetworkPolicyList", "x/v1"))))
    if kind != "List" and draw(st.booleans()):
        items = [
            {key: value for key, value in each.items() if key not in {"kind", "apiVersion"}}
            if isinstance(each, dict) and each.get("kind") == kind.removesuffix("List")
            else each
            for each in items
        ]
    ascii_only = draw(st.booleans())
    if draw(st.booleans()):
        whole = {"apiVersion": version, "items": items, "kind": kind}
        return json.dumps(whole, indent=draw(st.sampled_from((1, 4, None))), ensure_ascii=ascii_only)
    layout = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
    spaced = draw(st.sampled_from(((",", ":"), (", ", ": "))))
    text = layout(items, lambda each: json.dumps(each, separators=spaced, ensure_ascii=ascii_only))
    front, back = draw(st.sampled_from((("kind", "metadata"), ("metadata", "kind"))))
    values = {"kind": json.dumps(kind), "metadata": '{"resourceVersion": ""}'}
    return (
        f'{{"apiVersion": "{version}", "{front}": {values[front]},\n  "items": {text}, "{back}": {values[back]}\n}}\n'
    )


def by_items(text: str) -> Snapshot | None:
    builder = SnapshotBuilder()
    reader = DocumentReader(builder, SOURCE, "default", LATEST)
    if not read_large_list(text.encode(), SOURCE, "default", builder, reader):
        return None
    return builder.build(Origin("manifests", (SOURCE,)))


def by_stream(text: str, buffer_bytes: int) -> Snapshot | None:
    builder = SnapshotBuilder()
    reader = DocumentReader(builder, SOURCE, "default", LATEST)
    stream = BytesIO(text.encode())
    was_list = read_list_stream(stream, SOURCE, "default", builder, reader, buffer_bytes=buffer_bytes)
    snapshot = builder.build(Origin("manifests", (SOURCE,)))
    if was_list:
        return snapshot
    assert snapshot == Snapshot(Origin("manifests", (SOURCE,)))
    return None


@some
@given(lists(), st.integers(SMALLEST_BUFFER, 8 * SMALLEST_BUFFER))
@example('{"apiVersion": "v1", "kind": "List", "items": [{"kind": "a},{"}, {"kind":\n"b"}]}', SMALLEST_BUFFER)
@example('{"apiVersion": "v1", "kind": "List", "items": [{"a": 1},\n{"b": {"a": [{"a": 1},\n{}]}},\n7]}', 256)
@example('{"apiVersion": "v1", "kind": "List", "items": [\n{"a": 1},\n[Infinity]\n]}', 256)
@example('{"apiVersion": "v1", "kind": "List", "items": [\n{"a": 1},\n' + "[" * 9000 + "]" * 9000 + "\n]}", 256)
def test_a_list_read_through_a_buffer_is_the_list_read_item_by_item(text: str, buffer_bytes: int) -> None:
    found = by_stream(text, buffer_bytes)
    if found is not None:
        assert found == by_items(text)


@some
@given(clusters(), st.sampled_from((None, 1, 4)), st.integers(SMALLEST_BUFFER, 8 * SMALLEST_BUFFER))
def test_a_list_of_objects_as_programs_print_it_is_read_through_the_buffer(
    cluster: list[Manifest], indent: int | None, buffer_bytes: int
) -> None:
    items = [{**each, "metadata": {**each["metadata"], "uid": "u"}} for each in [*cluster, *OTHERS]]
    text = json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=indent)
    found = by_stream(text, buffer_bytes)
    assert found is not None
    assert found == by_items(text)


@some
@given(lists(), st.integers(0, 10_000), st.integers(SMALLEST_BUFFER, 8 * SMALLEST_BUFFER))
def test_a_list_that_ends_too_early_is_no_list(text: str, cut: int, buffer_bytes: int) -> None:
    assert by_stream(text.rstrip()[: cut % (len(text.rstrip()) - 1)], buffer_bytes) is None
