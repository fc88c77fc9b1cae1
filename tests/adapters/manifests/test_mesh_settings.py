"""The settings of a mesh are read from one ConfigMap, and nothing else of it is kept."""

from __future__ import annotations

import pytest

from firedoor.adapters.manifests.source import load_text
from firedoor.model.mesh_config import MeshConfig
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import GapKind

SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: mesh, labels: {a: b}}
data:
  meshNetworks: 'networks: {}'
  mesh: |-
    rootNamespace: mesh
    trustDomain: td.test
    trustDomainAliases:
    - old.test
    defaultConfig: {proxyMetadata: {KEY: value}}
"""


def test_the_settings_of_a_mesh_are_read() -> None:
    (found,) = load_text(SETTINGS).mesh_configs
    assert (found.metadata, found.root_namespace) == (ObjectMeta("istio", "mesh"), "mesh")
    assert found.trust_domains == ("td.test", "old.test")
    assert found.place.line == 2


def test_settings_without_a_namespace_are_those_of_the_namespace_that_is_given() -> None:
    text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio}, data: {mesh: ''}}"
    (found,) = load_text(text, namespace="istio-system").mesh_configs
    assert found == MeshConfig(place=found.place)


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}, data: {mesh: 'trustDomain: a'}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio}, data: {other: 'trustDomain: a'}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: [], data: {mesh: 'trustDomain: a'}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: istio}, data: {mesh: 'trustDomain: a'}}",
        "{apiVersion: example.com/v1, kind: ConfigMap, metadata: {name: istio}, data: {mesh: 'trustDomain: a'}}",
    ],
)
def test_no_other_object_holds_settings(text: str) -> None:
    assert load_text(text).mesh_configs == ()


@pytest.mark.parametrize(
    ("mesh", "complaint"),
    [("'{'", "not valid YAML"), ("'[]'", "expected a mapping"), ("'trustDomain: [a]'", "trustDomain: expected a name")],
)
def test_settings_that_cannot_be_read_are_a_gap(mesh: str, complaint: str) -> None:
    text = f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: istio, namespace: mesh}}, data: {{mesh: {mesh}}}}}"
    snapshot = load_text(text)
    assert snapshot.mesh_configs == ()
    (gap,) = snapshot.gaps
    assert (gap.kind, gap.scope, str(gap.object)) == (GapKind.UNREADABLE, None, "ConfigMap mesh/istio")
    assert complaint in gap.reason
    assert "taken to be the defaults" in gap.reason
