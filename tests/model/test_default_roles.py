from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firedoor.adapters.manifests.source import load_text
from firedoor.model.default_roles import BOOTSTRAPPING, default_roles
from firedoor.model.default_roles_data import NEWEST, OLDEST
from firedoor.model.rbac import PolicyRule, Role

RECORDED = Path(__file__).parents[1] / "recorded" / "access_reviews.json"


def recorded() -> list[dict[str, Any]]:
    objects = json.loads(RECORDED.read_text(encoding="utf-8"))["objects"]
    return [
        each
        for each in objects
        if each["kind"] in {"Role", "ClusterRole"} and BOOTSTRAPPING in each["metadata"].get("labels", {})
    ]


def named(minor: int | None, name: str) -> Role:
    return next(each for each in default_roles(minor) if each.metadata.name == name)


def permits(role: Role, verb: str, resource: str) -> bool:
    return any(verb in rule.verbs and resource in rule.resources for rule in role.rules)


def test_they_are_those_of_a_real_server() -> None:
    served = {}
    for each in recorded():
        (role,) = load_text(json.dumps(each)).roles
        served[role.kind, role.metadata.namespace, role.metadata.name] = role
    known = {(each.kind, each.metadata.namespace, each.metadata.name): each for each in default_roles(36)}
    assert known.keys() == served.keys()
    for key, role in known.items():
        assert role.metadata.labels == served[key].metadata.labels
        assert role.aggregates == served[key].aggregates
        # What is aggregated was written by a controller.
        assert role.aggregates or role.rules == served[key].rules


def test_releases_differ() -> None:
    assert permits(named(21, "system:aggregate-to-edit"), "update", "endpoints")
    assert not permits(named(22, "system:aggregate-to-edit"), "update", "endpoints")
    assert permits(named(24, "system:aggregate-to-edit"), "create", "serviceaccounts/token")
    assert {each.metadata.name for each in default_roles(37)} > {each.metadata.name for each in default_roles(30)}


@pytest.mark.parametrize(("minor", "same"), [(None, NEWEST), (NEWEST + 3, NEWEST), (OLDEST - 3, OLDEST)])
def test_a_release_that_is_not_known_has_those_of_the_nearest(minor: int | None, same: int) -> None:
    assert default_roles(minor) == default_roles(same)


@pytest.mark.parametrize("minor", range(OLDEST, NEWEST + 1))
def test_every_release_has_the_four_for_users(minor: int) -> None:
    assert named(minor, "cluster-admin").rules == (
        PolicyRule(("*",), ("*",), ("*",)),
        PolicyRule(("*",), non_resource_urls=("*",)),
    )
    assert [len(named(minor, each).aggregates) for each in ("admin", "edit", "view")] == [1, 1, 1]
    assert str(named(minor, "view").place) == f"default roles of Kubernetes 1.{minor}"
