"""
Write what is deployed and comes from elsewhere: rules of the chart, and the plain manifests that the chart renders.

``python -m tools.build_deploy`` writes them, ``--check`` fails when one is out of date. The rules are those of
``docs/howto/live-cluster.md``, ``custom-resources.md`` and ``watch-sinks.md``, which the tests hold a real API server
against, and those of the webhook's registration. The definitions of firedoor's own kinds are those that
``firedoor watch --print`` prints, and what the values may say of sinks is what a configuration may.
Without helm (``python -m lab.helm`` builds it) the plain manifests are left as they are, which is said.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from lab.helm import helm
from lab.places import KUBERNETES
from tools.kustomize_components import component, patches_text

from firedoor.adapters.settings.watch_schema import watch_schema
from firedoor.model.alerting import SinkKind
from firedoor.render.admission_yaml import Registration, admission_yaml
from firedoor.render.custom_resources import custom_resources_yaml, definitions
from firedoor.render.yaml_text import yaml_text

ROOT = Path(__file__).parents[1]
CHART = ROOT / "deploy/helm/firedoor"
SCHEMA = CHART / "values.schema.json"
PLAIN = ROOT / "deploy/kustomize"
PAGE = ROOT / "docs/howto/live-cluster.md"
RESOURCES_PAGE = ROOT / "docs/howto/custom-resources.md"
SINKS_PAGE = ROOT / "docs/howto/watch-sinks.md"
NAMESPACE = "firedoor"
HEADER = "# Written by tools/build_deploy.py: do not edit.\n"
_PARTS = ("watch", "admission")
_WRITERS = {
    "events.k8s.io": SinkKind.KUBERNETES_EVENTS,
    "wgpolicyk8s.io": SinkKind.POLICY_REPORT,
    "openreports.io": SinkKind.OPENREPORTS,
}
"""The sinks that write into the cluster, by the API that they write."""
_HELM_ONLY = ("helm.sh/chart", "app.kubernetes.io/managed-by")


@dataclass(frozen=True, slots=True)
class Component:
    """A component of kustomize: what it is for, and the chart's values that it stands for."""

    meaning: str
    values: dict[str, Any]
    comment: str = ""
    """The head of the file in it that people edit."""


COMPONENTS = {
    "custom-resources": Component(
        "Baselines and reports as objects of the cluster.", {"watch": {"customResources": {"enabled": True}}}
    ),
    "sinks": Component(
        "Events go to the sinks in rules.yaml: at first, as events into the cluster.",
        {"watch": {"rules": {"sinks": [{"name": "cluster", "type": "kubernetes-events"}]}}},
        "# Yours to edit, as docs/howto/watch-sinks.md says. Secrets are files or variables that the pod has.\n",
    ),
    "hubble-relay": Component(
        "Flows come from Cilium's Hubble Relay, without TLS.", {"flows": {"hubbleRelay": {"enabled": True}}}
    ),
    "goldmane": Component(
        "Flows come from Calico's Goldmane, with ca.crt, tls.crt and tls.key of the Secret goldmane-client.",
        {"flows": {"goldmane": {"enabled": True, "tls": {"secretName": "goldmane-client"}}}},
    ),
    "otlp": Component(
        "Flows are sent to port 4318 of the Service. Add who may to the ingress of the NetworkPolicy firedoor-watch.",
        {"watch": {"flows": {"otlp": {"enabled": True}}}},
    ),
}
"""By the names of their folders."""


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
    yield CHART / "files/resources-rules.yaml", HEADER + yaml_text(_role_of(RESOURCES_PAGE))
    yield CHART / "files/sink-rules.yaml", HEADER + yaml_text(_sink_rules())
    yield SCHEMA, _values_schema()
    yield CHART / "files/custom-resources.yaml", HEADER + "---\n".join(map(yaml_text, map(_kept, definitions())))
    yield PLAIN / "custom-resources/definitions.yaml", HEADER + custom_resources_yaml()


def _role_of(page: Path) -> list[dict[str, Any]]:
    """Return what a page says that a watch needs besides: the rules of the only ClusterRole on it."""
    fences = [yaml.safe_load(each.split("```")[0]) for each in page.read_text().split("```yaml\n")[1:]]
    rules: list[dict[str, Any]]
    (rules,) = (each["rules"] for each in fences if each.get("kind") == "ClusterRole")
    return rules


def _sink_rules() -> dict[str, list[dict[str, Any]]]:
    """Return what each sink needs that writes into the cluster."""
    return {str(_WRITERS[rule["apiGroups"][0]]): [rule] for rule in _role_of(SINKS_PAGE)}


def _values_schema() -> str:
    """Return the schema of the values with what sinks, rules and silences may be."""
    schema = json.loads(SCHEMA.read_text())
    schema["$defs"]["rules"] = watch_schema()
    return json.dumps(schema, indent=2) + "\n"


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
    plain = [_without_helm(each) for each in objects]
    for name, wanted in COMPONENTS.items():
        more = rendered(program, "--namespace", NAMESPACE, values=wanted.values)
        yield from _component(PLAIN / name, wanted, plain, [_without_helm(each) for each in more])


def _component(
    folder: Path, wanted: Component, before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> Iterator[tuple[Path, str]]:
    """Yield the files of a component: its patches, what it adds, and the file that people edit, if it has one."""
    patches, added = component(before, after)
    kinds = {"CustomResourceDefinition": "definitions", "ConfigMap": ""}
    files: dict[str, list[dict[str, Any]]] = {}
    for each in added:
        if name := kinds.get(each["kind"], "role"):
            files.setdefault(f"{name}.yaml", []).append(each)
    # Those of the chart are left alone when it is removed.
    for name in files.keys() - {"definitions.yaml"}:
        yield folder / name, HEADER + "---\n".join(map(yaml_text, files[name]))
    document: dict[str, Any] = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
    if files:
        document["resources"] = sorted(files)
    for each in added:
        if each["kind"] == "ConfigMap":
            # Its name changes with what is in it, and with its name the pod.
            names = sorted(each["data"])
            document["configMapGenerator"] = [{**_place(each), "files": names}]
            for name in names:
                yield folder / name, wanted.comment + each["data"][name]
    yield folder / "kustomization.yaml", f"{HEADER}# {wanted.meaning}\n{yaml_text(document)}{patches_text(patches)}"


def _place(manifest: dict[str, Any]) -> dict[str, str]:
    return {key: manifest["metadata"][key] for key in ("name", "namespace")}


def rendered(program: str, *options: str, values: object = None) -> list[dict[str, Any]]:
    """Return the objects of the chart."""
    command = [
        program,
        "template",
        NAMESPACE,
        str(CHART),
        "--kube-version",
        f"v{KUBERNETES}",
        "--values",
        "-",
        *options,
    ]
    given = json.dumps(values or {})
    done = subprocess.run(command, check=True, input=given, capture_output=True, text=True)  # noqa: S603 - our helm, our chart
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def _part(manifest: dict[str, Any]) -> str:
    found = manifest["metadata"]["labels"].get("app.kubernetes.io/component", "")
    return found if found in _PARTS else ""


def _without_helm(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the labels that say that Helm looks after it."""
    found = {**manifest, "metadata": _unlabelled(manifest["metadata"])}
    if manifest["kind"] == "Deployment":
        template = manifest["spec"]["template"]
        template = {**template, "metadata": _unlabelled(_without_checksums(template["metadata"]))}
        found["spec"] = {**manifest["spec"], "template": template}
    return found


def _without_checksums(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return metadata without the hashes of what is mounted: kustomize puts them into names."""
    left = {key: each for key, each in metadata.get("annotations", {}).items() if not key.startswith("checksum/")}
    others = {key: each for key, each in metadata.items() if key != "annotations"}
    return {**others, "annotations": left} if left else others


def _unlabelled(metadata: dict[str, Any]) -> dict[str, Any]:
    return {**metadata, "labels": {key: each for key, each in metadata["labels"].items() if key not in _HELM_ONLY}}


def _write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
