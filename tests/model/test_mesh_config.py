from __future__ import annotations

import pytest

from firedoor.model.mesh_config import MeshConfig, mesh_config, settings_of
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE

WHERE = ObjectMeta("istio", "istio-system", {"a": "b"})
MESH = MeshConfig(trust_domain="new.test", trust_domain_aliases=("old.test", "*.alias"))


def test_what_the_settings_do_not_say_is_the_default() -> None:
    for empty in (None, {}, {"rootNamespace": "", "trustDomain": None, "trustDomainAliases": None, "other": 1}):
        found = mesh_config(empty, WHERE, NOWHERE)
        assert found == MeshConfig(ObjectMeta("istio", "istio-system"))
        assert found.trust_domains == ("cluster.local",)
    assert found.root_namespace == "istio-system"


def test_what_the_settings_say_counts() -> None:
    settings = {"rootNamespace": "mesh", "trustDomain": "new.test", "trustDomainAliases": ["old.test"]}
    found = mesh_config(settings, WHERE, NOWHERE)
    assert (found.root_namespace, found.trust_domains) == ("mesh", ("new.test", "old.test"))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ([], "expected a mapping"),
        ({"rootNamespace": 1}, "rootNamespace: expected a name"),
        ({"trustDomain": ["a"]}, "trustDomain: expected a name"),
        ({"trustDomainAliases": "a"}, "trustDomainAliases: expected a list of names"),
        ({"trustDomainAliases": [1]}, "trustDomainAliases: expected a list of names"),
    ],
)
def test_what_is_no_setting_is_said(settings: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        mesh_config(settings, WHERE, NOWHERE)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("*", {"*"}),
        ("new.test/ns/a/*", {"new.test/ns/a/*"}),
        ("*/ns/a/sa/b", {"*/ns/a/sa/b"}),
        ("other.test/ns/a/sa/b", {"other.test/ns/a/sa/b"}),
        ("new.test/ns/a/sa/b", {"new.test/ns/a/sa/b", "old.test/ns/a/sa/b", "*.alias/ns/a/sa/b"}),
        ("cluster.local/ns/a/sa/b", {"new.test/ns/a/sa/b", "old.test/ns/a/sa/b", "*.alias/ns/a/sa/b"}),
        ("x.alias/ns/a/sa/b", {"new.test/ns/a/sa/b", "old.test/ns/a/sa/b", "*.alias/ns/a/sa/b"}),
        ("*.test/ns/a/sa/b", {"*.test/ns/a/sa/b", "*.alias/ns/a/sa/b"}),
        ("new*/ns/a/sa/b", {"new.test/ns/a/sa/b", "old.test/ns/a/sa/b", "*.alias/ns/a/sa/b"}),
    ],
)
def test_a_principal_of_the_mesh_is_for_all_its_trust_domains(written: str, meant: set[str]) -> None:
    assert set(MESH.principals(written)) == meant


def test_a_trust_domain_of_the_mesh_is_for_all_of_them() -> None:
    assert MESH.domains("old.test") == MESH.trust_domains
    assert MESH.domains("cluster.local") == ("cluster.local",)


def test_settings_in_the_default_root_namespace_go_before_others() -> None:
    own, other = MeshConfig(), MeshConfig(ObjectMeta("istio", "mesh"), "mesh")
    assert settings_of(()) == MeshConfig()
    assert settings_of((other,)) is other
    assert settings_of((other, own)) is own
