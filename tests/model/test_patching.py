from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.edits import Change, ChangeKind
from firedoor.model.patching import body, changes, collision, is_same, leaves, merged, rebased, unmatched

SET, ADD, REMOVE = ChangeKind.SET, ChangeKind.ADD, ChangeKind.REMOVE
POD: dict[str, Any] = {
    "hostPID": True,
    "containers": [
        {"name": "web", "image": "web:1", "ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 53}]},
        {"name": "log", "image": "log:1"},
    ],
}


def test_the_body_is_what_does_not_say_which_object_it_is() -> None:
    whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"}, "spec": {"x": 1}}
    assert body(whole) == {"spec": {"x": 1}}
    assert body({**whole, "metadata": {"name": "a", "labels": {"c": "d"}}}) == {
        "metadata": {"labels": {"c": "d"}},
        "spec": {"x": 1},
    }
    assert body({"kind": "X"}) == {}


def test_null_removes_a_field_and_objects_are_merged() -> None:
    assert merged({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": None, "e": 4}}) == {"b": {"d": 3, "e": 4}}
    assert merged(None, {"a": {"b": None, "c": 1}}) == {"a": {"c": 1}}
    assert merged({"a": 1}, {"a": [1, 2]}) == {"a": [1, 2]}


def test_containers_are_found_by_name_and_ports_by_number_and_protocol() -> None:
    patch = {
        "hostPID": None,
        "containers": [
            {"name": "log", "securityContext": {"privileged": False}},
            {"name": "web", "ports": [{"containerPort": 80, "protocol": "TCP", "hostPort": None}]},
        ],
    }
    found = merged(POD, patch)
    assert found == {
        "containers": [
            {"name": "web", "image": "web:1", "ports": [{"containerPort": 80}, {"containerPort": 53}]},
            {"name": "log", "image": "log:1", "securityContext": {"privileged": False}},
        ]
    }
    assert POD["hostPID"] is True


def test_elements_that_are_not_there_are_added() -> None:
    patch = {"env": [{"name": "A", "value": "1"}], "volumes": [{"name": "v", "emptyDir": None}]}
    assert merged({"env": [{"name": "B"}, "odd"]}, patch) == {
        "env": [{"name": "B"}, "odd", {"name": "A", "value": "1"}],
        "volumes": [{"name": "v"}],
    }


def test_ports_of_services_have_another_key_and_other_lists_are_replaced() -> None:
    service = {"ports": [{"port": 80, "targetPort": 1}]}
    assert merged(service, {"ports": [{"port": 80, "targetPort": 2}]}) == {"ports": [{"port": 80, "targetPort": 2}]}
    assert merged({"ports": [{"end": 1}]}, {"ports": [{"end": 2}]}) == {"ports": [{"end": 2}]}
    assert merged({"drop": ["A"]}, {"drop": ["ALL"]}) == {"drop": ["ALL"]}
    assert merged({"ports": [{"port": 53}]}, {"ports": [{"port": 53, "protocol": "UDP"}]}) == {
        "ports": [{"port": 53}, {"port": 53, "protocol": "UDP"}]
    }


@pytest.mark.parametrize(
    ("patch", "missing"),
    [
        ({"containers": [{"name": "web", "x": 1}]}, ""),
        ({"containers": [{"name": "other", "x": 1}]}, "containers other"),
        ({"containers": [{"name": "web", "ports": [{"containerPort": 81, "protocol": "TCP"}]}]}, "ports 81 TCP"),
        ({"spec": {"containers": [{"name": "web"}]}}, "containers web"),
        ({"hostPID": None}, ""),
    ],
)
def test_elements_that_only_the_patch_has_are_told(patch: dict[str, Any], missing: str) -> None:
    assert unmatched(POD, patch) == missing


def test_the_fields_of_a_patch_go_by_what_names_their_elements() -> None:
    patch: dict[str, Any] = {
        "a": None,
        "b": {},
        "containers": [{"name": "web", "x": {"y": 1}}],
        "ports": [{"containerPort": 1, "h": 2}],
    }
    assert leaves(patch) == {
        ("a",): None,
        ("b",): {},
        ("containers", "name=web", "x", "y"): 1,
        ("ports", "containerPort=1", "protocol=TCP", "h"): 2,
    }


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        ({"a": {"b": 1}}, {"a": {"c": 1}}, ""),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, ""),
        ({"a": {"b": 1}}, {"a": {"b": True}}, "a.b"),
        ({"a": None}, {"a": {"b": 1}}, "a"),
        ({}, {"a": 1}, "everything"),
    ],
)
def test_fixes_collide_where_they_want_one_field_to_be_different(one: Any, other: Any, field: str) -> None:
    assert collision(leaves(one), leaves(other)) == field
    assert collision(leaves(other), leaves(one)) == field


@pytest.mark.parametrize(
    ("value", "old", "new", "found"),
    [
        ({"x": 1}, {"a": 1}, {"a": 1}, {"x": 1}),
        ({"a": 1, "x": 2}, {"a": 1}, {"a": 3, "b": 4}, {"a": 3, "x": 2, "b": 4}),
        ({"a": 1, "x": 2}, {"a": 1}, {}, {"x": 2}),
        (
            [{"port": 1}, {"port": 2}],
            [{"port": 1, "protocol": "TCP"}, {"port": 2, "protocol": "TCP"}],
            [{"port": 1, "protocol": "TCP"}, {"port": 3, "protocol": "TCP"}],
            [{"port": 1}, {"port": 3}],
        ),
        ([{"port": 1}, {"port": 2}], [{"p": 1}, {"p": 2}], [{"p": 2}], [{"port": 2}]),
        ([{"port": 1}], [{"p": 1}], [{"p": 1}, {"p": 2}], [{"port": 1}, {"p": 2}]),
        ([1], [1, 2], [1, 3], [1, 3]),
        (None, ["Ingress"], ["Ingress", "Egress"], ["Ingress", "Egress"]),
        ({"a": "0x1", "b": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": "0x1", "b": 2}),
    ],
)
def test_what_both_ways_to_write_agree_on_stays_as_it_is(value: Any, old: Any, new: Any, found: Any) -> None:
    assert rebased(value, old, new) == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "d": 4}, [
            Change(SET, ("a", "b"), 3), Change(REMOVE, ("c",)), Change(ADD, ("d",), 4),
        ]),
        ({"a": {"b": 1}}, {"a": {}}, [Change(SET, ("a",), {})]),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, [Change(SET, ("a",), {"c": 1})]),
        ({"a": None}, {"a": {"b": 1}}, [Change(SET, ("a",), {"b": 1})]),
        ([1, 2, 3], [1, 3], [Change(REMOVE, (1,))]),
        ([1, 3], [1, 2, 4, 3], [Change(ADD, (1,), 2), Change(ADD, (1,), 4)]),
        ([1, {"a": 1, "b": 2}], [1, {"a": 1, "b": 3}], [Change(SET, (1, "b"), 3)]),
        ([1], [True], [Change(SET, (0,), True)]),
        ([1], [], [Change(SET, (), [])]),
    ],
)  # fmt: skip
def test_changes_are_as_small_as_can_be(old: Any, new: Any, found: list[Change]) -> None:
    assert [*changes(old, new)] == found


def test_one_and_true_are_different() -> None:
    assert not is_same(1, True)
    assert not is_same({"a": [1]}, {"a": [1.0]})
    assert not is_same({"a": 1}, {"b": 1})
    assert not is_same([1], [1, 2])
    assert is_same({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]})
