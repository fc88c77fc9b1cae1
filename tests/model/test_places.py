from __future__ import annotations

from firedoor.model.places import ObjectRef, Place


def test_a_part_has_its_line_or_that_of_the_nearest_part_around_it() -> None:
    place = Place("a.yaml", 3, 1, {"spec": 7, "spec.ingress[0]": 9})
    wanted = {"spec.ingress[0].from[1]": 9, "spec.egress[0]": 7, "metadata": 3, "": 3}
    assert {path: place.at(path) for path in wanted} == {path: f"a.yaml:{line}" for path, line in wanted.items()}


def test_a_place_without_a_line_is_its_source() -> None:
    assert str(Place("/api/v1/pods")) == "/api/v1/pods"


def test_references_are_written_as_people_write_them() -> None:
    assert str(ObjectRef("Pod", "shop", "web")) == "Pod shop/web"
    assert str(ObjectRef("Node", "", "n1")) == "Node n1"
