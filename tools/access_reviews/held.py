"""What the bindings of a cluster give to whom, one rule at a time: what generated questions and writes start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """One rule of a role, to whom a binding gives it, and in which namespace (empty: everywhere)."""

    rule: Manifest
    role: Manifest
    subject: Manifest
    namespace: str


def held(cluster: Iterable[Manifest]) -> list[Held]:
    """Return every rule that a subject of a binding has."""
    objects = list(cluster)
    roles = {_identity(each["kind"], each): each for each in objects if each["kind"] in {"Role", "ClusterRole"}}
    found = []
    for binding in objects:
        if binding["kind"] not in {"RoleBinding", "ClusterRoleBinding"}:
            continue
        namespace = binding["metadata"].get("namespace", "")
        ref = binding["roleRef"]
        role = roles.get((ref["kind"], namespace if ref["kind"] == "Role" else "", ref["name"]))
        for rule in (role or {}).get("rules") or []:
            found += [Held(rule, ref, subject, namespace) for subject in binding.get("subjects") or []]
    return found


def _identity(kind: str, manifest: Manifest) -> tuple[str, str, str]:
    return kind, manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]
