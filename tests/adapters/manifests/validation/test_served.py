"""An API version that a release does not serve is named, with the one to write."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from firedoor.adapters.manifests.validation import LATEST, ProblemKind, validate
from firedoor.adapters.manifests.validation.releases import NEWEST_MINOR, OLDEST_WITH_SCHEMA
from firedoor.adapters.manifests.validation.schemas import load


@pytest.mark.parametrize(
    ("api_version", "kind", "version", "advice"),
    [
        (
            "extensions/v1beta1",
            "NetworkPolicy",
            "1.20",
            "networking.k8s.io/v1 (extensions/v1beta1 was served until 1.15)",
        ),
        ("extensions/v1beta1", "Deployment", LATEST, "apiVersion: apps/v1"),
        ("networking.k8s.io/v1beta1", "Ingress", "1.22", "apiVersion: networking.k8s.io/v1"),
        ("policy/v1beta1", "PodSecurityPolicy", "1.25", "Pod Security Admission"),
        ("policy/v1beta1", "PodDisruptionBudget", "1.25", "apiVersion: policy/v1"),
        ("policy/v1", "PodDisruptionBudget", "1.20", "apiVersion: policy/v1beta1"),
        ("batch/v1", "CronJob", "1.20", "apiVersion: batch/v1beta1"),
        ("batch/v1beta1", "CronJob", "1.25", "apiVersion: batch/v1"),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "apiVersion: autoscaling/v2"),
        ("networking.k8s.io/v1", "ServiceCIDR", "1.30", "from Kubernetes 1.33 on"),
        ("networking.k8s.io/v2", "NetworkPolicy", LATEST, "apiVersion: networking.k8s.io/v1"),
        ("networking/v1", "NetworkPolicy", LATEST, "apiVersion: networking.k8s.io/v1"),
        ("v1", "NetworkPolicy", LATEST, "apiVersion: networking.k8s.io/v1"),
        ("v1", "Deployment", LATEST, "apiVersion: apps/v1"),
        ("v1", "Pods", LATEST, "did you mean kind: Pod?"),
        ("networking.k8s.io/v1", "networkpolicy", LATEST, "did you mean kind: NetworkPolicy?"),
    ],
)
def test_what_is_not_served_is_named_with_what_is(api_version: str, kind: str, version: str, advice: str) -> None:
    (problem,) = validate({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}, version)
    assert problem.message == f'no matches for kind "{kind}" in version "{api_version}"'
    assert problem.kind is ProblemKind.NOT_SERVED
    assert advice in problem.remedy


@pytest.mark.parametrize(
    ("api_version", "kind", "version"),
    [
        ("networking.k8s.io/v1beta1", "Ingress", "1.21"),
        ("policy/v1beta1", "PodSecurityPolicy", "1.24"),
        ("batch/v1beta1", "CronJob", "1.24"),
        ("cilium.io/v2", "CiliumNetworkPolicy", LATEST),
        ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", LATEST),
        ("projectcalico.org/v3", "NetworkPolicy", LATEST),
        ("v1", "Config", LATEST),
        ("kustomize.config.k8s.io/v1beta1", "Kustomization", LATEST),
    ],
)
def test_what_is_served_or_may_be_a_custom_resource_is_left_alone(api_version: str, kind: str, version: str) -> None:
    assert validate({"apiVersion": api_version, "kind": kind, "spec": 3}, version) == []


def test_the_named_releases_are_those_of_the_shipped_schemas() -> None:
    assert load().releases == tuple(range(OLDEST_WITH_SCHEMA, NEWEST_MINOR + 1))
    assert f"1.{NEWEST_MINOR}" == LATEST


def test_every_reference_of_every_kind_resolves_in_every_release_that_serves_it() -> None:
    schemas = load()
    for served in schemas.kinds.values():
        for minor in range(served.first, served.last + 1):
            assert schemas.definition(served.definition, minor)["properties"].keys() >= {"apiVersion", "kind"}
            assert schemas.closed(served.definition, minor)["$defs"].keys() <= schemas.definitions.keys()


@pytest.mark.skipif(
    importlib.util.find_spec("kubernetes_validate") is None,
    reason="the source of the schemas is in the dependency group `schemas`",
)
def test_the_shipped_schemas_are_those_that_the_generator_derives() -> None:
    tool = Path(__file__).parents[4] / "tools" / "build_schemas.py"
    subprocess.run([sys.executable, str(tool), "--check"], check=True)
