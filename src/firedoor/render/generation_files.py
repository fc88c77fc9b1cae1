"""Generated policies as files: plain, for kustomize, or as a Helm chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.commented_yaml import commented_yaml
from firedoor.render.generation_yaml import MARK, policy_yaml

if TYPE_CHECKING:
    from firedoor.model.generation import GeneratedPolicy, Generation

LAYOUTS = ("plain", "kustomize", "helm")


def generation_files(found: Generation, layout: str) -> dict[str, str]:
    """Return the text of each file by its path; names sort in the order in which the policies are to be applied."""
    files = {_path(each): f"{MARK}\n{policy_yaml(each)}" for each in found.policies}
    match layout:
        case "kustomize":
            document = {
                "apiVersion": "kustomize.config.k8s.io/v1beta1",
                "kind": "Kustomization",
                "sortOptions": {"order": "fifo"},
                "resources": sorted(files, key=_order),
            }
            return {**files, "kustomization.yaml": f"{MARK}\n{commented_yaml(document, {})}"}
        case "helm":
            chart = {
                "apiVersion": "v2",
                "name": "network-policies",
                "description": "Least-privilege network policies",
                "version": "0.1.0",
            }
            # Two braces would begin an expression.
            templates = {f"templates/{path}": text.replace("{{", "{ {") for path, text in files.items()}
            return {**templates, "Chart.yaml": f"{MARK}\n{commented_yaml(chart, {})}"}
        case _:
            return files


def _path(policy: GeneratedPolicy) -> str:
    return f"{policy.namespace}/{policy.order}-{policy.name}.yaml"


def _order(path: str) -> tuple[str, str]:
    """Whatever denies comes after everything that allows."""
    folder, _, name = path.partition("/")
    return (name.partition("-")[0], f"{folder}/{name}")
