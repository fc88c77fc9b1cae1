"""The plain manifests: what the chart renders, as kustomize takes it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools.build_deploy import COMPONENTS
from tools.kustomize_components import component

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


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_is_what_the_chart_does_with_its_values(name: str) -> None:
    folder = PLAIN / name
    wanted = yaml.safe_load((folder / "kustomization.yaml").read_text())
    generated = wanted.get("configMapGenerator", [])
    named = {*wanted.get("resources", []), *(file for each in generated for file in each["files"])}
    assert {*named, "kustomization.yaml"} == {path.name for path in folder.iterdir()}
    by_name = {key(each): each for each in plain()}
    changed = {}
    for each in wanted["patches"]:
        target = each["target"]["kind"], each["target"]["name"]
        changed[target] = patched(by_name[target], yaml.safe_load(each["patch"]))
    chart = {key(each): without_checksums(without_helm(each)) for each in render(COMPONENTS[name].values)}
    assert {name: unordered(each) for name, each in changed.items()} == {
        name: unordered(chart[name]) for name in chart if name in by_name and chart[name] != by_name[name]
    }
    roles = folder / "role.yaml"
    added = [*yaml.safe_load_all(roles.read_text())] if roles.exists() else []
    files = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": each["name"], "namespace": each["namespace"]},
            "data": {file: yaml.safe_load((folder / file).read_text()) for file in each["files"]},
        }
        for each in generated
    ]
    expected = {name: each for name, each in chart.items() if name not in by_name}
    assert {key(each): each for each in [*added, *files]} == {
        name: plain_map(each) if name[0] == "ConfigMap" else each
        for name, each in expected.items()
        if name[0] != "CustomResourceDefinition"
    }
    if "definitions.yaml" in named:
        kinds = [each["metadata"]["name"] for each in yaml.safe_load_all((folder / "definitions.yaml").read_text())]
        assert kinds == ["zerotrustbaselines.firedoor.dev", "connectivityreports.firedoor.dev"]


def test_kustomize_puts_the_components_on_one_another(tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl")
    shutil.copytree(PLAIN, tmp_path / "kustomize")
    # Flows come from one of both.
    together = sorted(set(COMPONENTS) - {"goldmane"})
    path = tmp_path / "kustomize/kustomization.yaml"
    path.write_text(path.read_text() + yaml.safe_dump({"components": together}))
    done = subprocess.run([kubectl, "kustomize", str(path.parent)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    built = [*yaml.safe_load_all(done.stdout)]
    (rules,) = (each["metadata"]["name"] for each in built if each["kind"] == "ConfigMap")
    assert rules.startswith("firedoor-watch-")
    watch = next(each for each in built if key(each) == ("Deployment", "firedoor-watch"))["spec"]["template"]["spec"]
    assert [each["configMap"]["name"] for each in watch["volumes"] if "configMap" in each] == [rules]
    arguments = set(watch["containers"][0]["args"])
    assert {"--resources", "--rules=/etc/firedoor/rules.yaml", "--flows-otlp=0.0.0.0:4318"} < arguments
    (tmp_path / "built.yaml").write_text(done.stdout)
    found = firedoor("diagnose", "-o", "json", str(tmp_path / "built.yaml")).document
    assert (found["findings"], found["gaps"]) == ([], [])
    assert firedoor("rbac", "risks", "-o", "json", str(tmp_path / "built.yaml")).document["findings"] == []


def test_a_component_takes_nothing_away() -> None:
    one = {"kind": "A", "metadata": {"name": "a"}, "spec": {"list": [1, 2], "text": "x"}}
    for spec in ({"list": [1, 3], "text": "x"}, {"list": [1, 2], "text": "y"}, {"list": [1, 2]}, {"list": [2, 3, 4]}):
        with pytest.raises(ValueError, match="only add to what is there"):
            component([one], [{**one, "spec": {"text": "x", **spec} if "text" in spec else spec}])
    more = {**one, "spec": {"list": [3, 1, 2], "text": "x", "a/b~c": {}}}
    assert component([one], [more]) == (
        {
            ("A", "a"): [
                {"op": "add", "path": "/spec/list/-", "value": 3},
                {"op": "add", "path": "/spec/a~1b~0c", "value": {}},
            ]
        },
        [],
    )


def plain_map(manifest: Manifest) -> Manifest:
    """Return a ConfigMap without its labels, and with what its files mean."""
    metadata = {key: each for key, each in manifest["metadata"].items() if key != "labels"}
    data = {name: yaml.safe_load(text) for name, text in manifest["data"].items()}
    return {**manifest, "metadata": metadata, "data": data}


def without_checksums(manifest: Manifest) -> Manifest:
    """Return a Deployment whose pods do not change with the files that are mounted: kustomize sees to that itself."""
    if manifest["kind"] == "Deployment":
        metadata = manifest["spec"]["template"]["metadata"]
        left = {key: each for key, each in metadata.get("annotations", {}).items() if "checksum/" not in key}
        metadata.pop("annotations", None)
        metadata |= {"annotations": left} if left else {}
    return manifest


def unordered(manifest: Manifest) -> Manifest:
    """Return a Deployment whose arguments have no order."""
    if manifest["kind"] != "Deployment":
        return manifest
    template = manifest["spec"]["template"]
    (container,) = template["spec"]["containers"]
    spec = {**template["spec"], "containers": [{**container, "args": sorted(container["args"])}]}
    return {**manifest, "spec": {**manifest["spec"], "template": {**template, "spec": spec}}}


def patched(manifest: Manifest, operations: list[Manifest]) -> Manifest:
    """Return an object with things added to it (JSON patch)."""
    found: Manifest = yaml.safe_load(yaml.safe_dump(manifest))
    for each in operations:
        *steps, last = [part.replace("~1", "/").replace("~0", "~") for part in each["path"].strip("/").split("/")]
        inner: Any = found
        for step in steps:
            inner = inner[int(step) if isinstance(inner, list) else step]
        assert each["op"] == "add"
        if last == "-":
            inner.append(each["value"])
        else:
            assert last not in inner
            inner[last] = each["value"]
    return found
