"""The plain manifests: what the chart renders, as kustomize takes it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.cli.command import firedoor
from tests.deploy.charting import PLAIN, ROOT, Manifest, program, render

HELM_ONLY = {"helm.sh/chart", "app.kubernetes.io/managed-by"}


def plain() -> list[Manifest]:
    """Return the objects of the folder, without that of kustomize itself."""
    found = [each for path in sorted(PLAIN.glob("*.yaml")) for each in yaml.safe_load_all(path.read_text())]
    return [each for each in found if each["kind"] != "Kustomization"]


def key(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def without_helm(part: Any) -> Any:
    """Return the same without the labels that say that Helm looks after it."""
    if isinstance(part, dict):
        return {name: without_helm(each) for name, each in part.items() if name not in HELM_ONLY}
    return [without_helm(each) for each in part] if isinstance(part, list) else part


def test_files_are_what_the_tool_would_write() -> None:
    program()
    command = [sys.executable, "-m", "tools.build_deploy", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_rules_in_the_chart_are_what_the_tool_would_write_where_there_is_no_helm_too() -> None:
    command = [
        sys.executable,
        "-c",
        "from tools.build_deploy import chart_files as f; print(*(p for p, t in f() if p.read_text() != t))",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "\n")


def test_they_are_the_objects_of_the_chart_and_a_namespace() -> None:
    expected = {key(each): without_helm(each) for each in render({})}
    found = {key(each): each for each in plain()}
    assert found.pop(("Namespace", "firedoor"))["metadata"]["name"] == "firedoor"
    assert found == expected
    assert len(found) == 13


def test_kustomize_takes_them_as_they_are() -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl")
    done = subprocess.run([kubectl, "kustomize", str(PLAIN)], capture_output=True, text=True, check=True)
    built = {key(each): each for each in yaml.safe_load_all(done.stdout)}
    assert built == {key(each): each for each in plain()}


def test_kustomize_names_every_file_and_the_image() -> None:
    wanted = yaml.safe_load((PLAIN / "kustomization.yaml").read_text())
    assert {*wanted["resources"], "kustomization.yaml"} == {path.name for path in PLAIN.iterdir() if path.is_file()}
    images = {each["newName"] + ":" + each["newTag"] for each in wanted["images"]}
    deployments = [each for each in plain() if each["kind"] == "Deployment"]
    assert {each["spec"]["template"]["spec"]["containers"][0]["image"] for each in deployments} == images


def test_they_are_free_of_findings_and_fit_the_level_of_their_namespace() -> None:
    files = [str(path) for path in sorted(PLAIN.glob("*.yaml")) if path.stem != "kustomization"]
    found = firedoor("diagnose", "-o", "json", *files).document
    assert (found["findings"], found["gaps"]) == ([], [])
    levels = firedoor("diagnose", "--pss-dry-run", "-o", "json", *files).document["namespaces"]
    assert [(each["enforce"], each["meets"]) for each in levels] == [("restricted", "restricted")]
    assert firedoor("rbac", "risks", "-o", "json", *files).document["findings"] == []


def test_the_component_turns_custom_resources_on() -> None:
    folder = PLAIN / "custom-resources"
    wanted = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert {*wanted["resources"], "kustomization.yaml"} == {path.name for path in folder.iterdir()}
    by_name = {key(each): each for each in plain()}
    changed = {}
    for each in wanted["patches"]:
        target = each["target"]["kind"], each["target"]["name"]
        (operation,) = yaml.safe_load(each["patch"])
        changed[target] = patched(by_name[target], operation)
    chart = {key(each): without_helm(each) for each in render({"watch": {"customResources": {"enabled": True}}})}
    added = [*yaml.safe_load_all((folder / "role.yaml").read_text())]
    assert {key(each): each for each in added} == {
        name: each for name, each in chart.items() if name not in by_name and name[0] != "CustomResourceDefinition"
    }
    assert {name: unordered(each) for name, each in changed.items()} == {
        name: unordered(chart[name]) for name in chart if name in by_name and chart[name] != by_name[name]
    }
    kinds = [each["metadata"]["name"] for each in yaml.safe_load_all((folder / "definitions.yaml").read_text())]
    assert kinds == ["zerotrustbaselines.firedoor.dev", "connectivityreports.firedoor.dev"]


def unordered(manifest: Manifest) -> Manifest:
    """Return a Deployment whose arguments have no order."""
    if manifest["kind"] != "Deployment":
        return manifest
    template = manifest["spec"]["template"]
    (container,) = template["spec"]["containers"]
    spec = {**template["spec"], "containers": [{**container, "args": sorted(container["args"])}]}
    return {**manifest, "spec": {**manifest["spec"], "template": {**template, "spec": spec}}}


def patched(manifest: Manifest, operation: Manifest) -> Manifest:
    """Return an object with something added to a list of it (JSON patch)."""
    found: Manifest = yaml.safe_load(yaml.safe_dump(manifest))
    *steps, last = operation["path"].strip("/").split("/")
    inner: Any = found
    for step in steps:
        inner = inner[int(step) if isinstance(inner, list) else step]
    assert (operation["op"], last) == ("add", "-")
    inner.append(operation["value"])
    return found
