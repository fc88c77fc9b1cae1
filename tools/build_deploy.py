"""
Write what is deployed and comes from elsewhere: rules of the chart, and the plain manifests that the chart renders.

``python -m tools.build_deploy`` writes them, ``--check`` fails when one is out of date. The rules are those of
``docs/howto/live-cluster.md`` and ``custom-resources.md``, which the tests hold a real API server against, and those of
the webhook's registration. The definitions of firedoor's own kinds are those that ``firedoor watch --print`` prints.
Without helm (``python -m lab.helm`` builds it) the plain manifests are left as they are, which is said.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from lab.helm import helm
from lab.places import KUBERNETES

from firedoor.render.admission_yaml import Registration, admission_yaml
from firedoor.render.custom_resources import custom_resources_yaml, definitions
from firedoor.render.yaml_text import yaml_text

ROOT = Path(__file__).parents[1]
CHART = ROOT / "deploy/helm/firedoor"
PLAIN = ROOT / "deploy/kustomize"
PAGE = ROOT / "docs/howto/live-cluster.md"
RESOURCES_PAGE = ROOT / "docs/howto/custom-resources.md"
NAMESPACE = "firedoor"
HEADER = "# Written by tools/build_deploy.py: do not edit.\n"
_PARTS = ("watch", "admission")
_HELM_ONLY = ("helm.sh/chart", "app.kubernetes.io/managed-by")


def main() -> int:
    """Write the files, or check that they are as they would be written, and return the exit code."""
    expected = dict(chart_files())
    program = helm()
    if program is None:
        print("there is no helm, so the plain manifests are left as they are", file=sys.stderr)
    else:
        if "--check" not in sys.argv[1:]:
            _write(expected)
        expected |= dict(plain_files(program))
    if "--check" in sys.argv[1:]:
        stale = [path for path, text in expected.items() if not path.exists() or path.read_text() != text]
        for path in sorted(stale):
            print(f"{path.relative_to(ROOT)} is out of date: run python -m tools.build_deploy", file=sys.stderr)
        return int(bool(stale))
    _write(expected)
    print(f"{len(expected)} files written")
    return 0


def chart_files() -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of what the templates of the chart take in."""
    fences = [yaml.safe_load(each.split("```")[0]) for each in PAGE.read_text().split("```yaml\n")[1:]]
    roles = {each["kind"]: each for each in fences if isinstance(each, dict)}
    optional = [rule for each in fences if isinstance(each, list) for rule in each]
    yield CHART / "files/reader-rules.yaml", HEADER + yaml_text(_followed(roles["ClusterRole"]["rules"]))
    yield CHART / "files/istio-rules.yaml", HEADER + yaml_text(roles["Role"]["rules"])
    yield CHART / "files/optional-rules.yaml", HEADER + yaml_text(dict(sorted(_by_group(optional))))
    registration = Registration("", NAMESPACE, NAMESPACE, 443, b"", "Ignore", ("kube-system",))
    rules = yaml.safe_load(admission_yaml(registration))["webhooks"][0]["rules"]
    yield CHART / "files/webhook-rules.yaml", HEADER + yaml_text(rules)
    yield CHART / "files/resources-rules.yaml", HEADER + yaml_text(_resource_rules())
    yield CHART / "files/custom-resources.yaml", HEADER + "---\n".join(map(yaml_text, map(_kept, definitions())))
    yield PLAIN / "custom-resources/definitions.yaml", HEADER + custom_resources_yaml()


def _resource_rules() -> list[dict[str, Any]]:
    """Return what a watch that keeps custom resources may do besides, as the page on them says."""
    fences = [yaml.safe_load(each.split("```")[0]) for each in RESOURCES_PAGE.read_text().split("```yaml\n")[1:]]
    rules: list[dict[str, Any]]
    (rules,) = (each["rules"] for each in fences if each["kind"] == "ClusterRole")
    return rules


def _kept(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition that Helm leaves alone when the chart is removed: all objects would go with it."""
    metadata = {**definition["metadata"], "annotations": {"helm.sh/resource-policy": "keep"}}
    return {**definition, "metadata": metadata}


def _followed(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rules with the verb that following takes besides."""
    return [{**each, "verbs": [*each["verbs"], "watch"]} for each in rules]


def _by_group(rules: Sequence[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the rules of each group; Calico's stored objects have those of its API, whose tiers are no resources."""
    for rule in _followed(rules):
        (group,) = rule["apiGroups"]
        yield group, [rule]
        if group == "projectcalico.org":
            stored = [each for each in rule["resources"] if not each.startswith("tier.")]
            yield f"crd.{group}", [{"apiGroups": [f"crd.{group}"], "resources": stored, "verbs": [*rule["verbs"]]}]


def plain_files(program: str) -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of the plain manifests: one file for each part, and one for what both need."""
    objects = rendered(program, "--namespace", NAMESPACE)
    for part in ("", *_PARTS):
        own = [_without_helm(each) for each in objects if _part(each) == part]
        yield PLAIN / f"{part or 'shared'}.yaml", HEADER + "---\n".join(yaml_text(each) for each in own)
    known = {(each["kind"], each["metadata"]["name"]) for each in objects}
    more = rendered(program, "--namespace", NAMESPACE, "--set", "watch.customResources.enabled=true")
    own = [each for each in more if (each["kind"], each["metadata"]["name"]) not in known]
    roles = [_without_helm(each) for each in own if each["kind"] != "CustomResourceDefinition"]
    yield PLAIN / "custom-resources/role.yaml", HEADER + "---\n".join(yaml_text(each) for each in roles)


def rendered(program: str, *options: str) -> list[dict[str, Any]]:
    """Return the objects of the chart."""
    command = [program, "template", NAMESPACE, str(CHART), "--kube-version", f"v{KUBERNETES}", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our helm, our chart
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def _part(manifest: dict[str, Any]) -> str:
    found = manifest["metadata"]["labels"].get("app.kubernetes.io/component", "")
    return found if found in _PARTS else ""


def _without_helm(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the labels that say that Helm looks after it."""
    found = {**manifest, "metadata": _unlabelled(manifest["metadata"])}
    if manifest["kind"] == "Deployment":
        template = manifest["spec"]["template"]
        template = {**template, "metadata": _unlabelled(template["metadata"])}
        found["spec"] = {**manifest["spec"], "template": template}
    return found


def _unlabelled(metadata: dict[str, Any]) -> dict[str, Any]:
    return {**metadata, "labels": {key: each for key, each in metadata["labels"].items() if key not in _HELM_ONLY}}


def _write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
