"""One parsed document into the snapshot: checked as the API server would, decoded, or reported as a gap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.adapters.manifests.mesh_settings import read_mesh_settings
from firedoor.adapters.manifests.nulls import without_nulls
from firedoor.adapters.manifests.part_lines import part_lines
from firedoor.adapters.manifests.pod_lines import pod_lines
from firedoor.adapters.manifests.policy_text import scope_of, template_in
from firedoor.adapters.manifests.validation import Problem, ProblemKind, validate
from firedoor.model.decoding import api_group, decode
from firedoor.model.exceptions import ANNOTATION, OWN_PATH, TEMPLATE_PATH
from firedoor.model.places import Gap, GapKind, ObjectRef, Place, Scope
from firedoor.model.policies import DECIDING_KINDS, is_policy_kind, sounds_like_policy
from firedoor.model.zero_trust import BASELINE, GROUP

if TYPE_CHECKING:
    from firedoor.adapters.manifests.yaml_reader import Document
    from firedoor.model.assembly import SnapshotBuilder
    from firedoor.model.raw_objects import RawObjects

_RBAC = "rbac.authorization.k8s.io"
_TOOL_KINDS = {
    "Kustomization": "run `kustomize build` (or `kubectl kustomize`) and give its output",
    "Component": "run `kustomize build` (or `kubectl kustomize`) and give its output",
    "HelmRelease": "run `helm template` and give its output",
}
_is_key = re.compile(r"[-._a-zA-Z0-9]+").fullmatch
_ANNOTATED = (
    (OWN_PATH, ("metadata", "annotations")),
    (TEMPLATE_PATH, ("spec", "template", "metadata", "annotations")),
    (TEMPLATE_PATH, ("spec", "jobTemplate", "spec", "template", "metadata", "annotations")),
)


class DocumentReader:
    """Takes documents in, one after the other, for one file."""

    def __init__(
        self, builder: SnapshotBuilder, source: str, namespace: str, version: str, raw: RawObjects | None = None
    ) -> None:
        """Put what is found into `builder`, and as it is into `raw`; `namespace` is that of objects that name none."""
        self._builder = builder
        self._source = source
        self._namespace = namespace
        self.version = version
        self.raw = raw

    def take(self, document: Document, number: int, text: str) -> None:
        """Take a document in; `text` is what it was parsed from."""
        for key, line in document.duplicates:
            self._gap(
                GapKind.INCOMPLETE,
                line,
                f"duplicate key {key!r}: only the last one counts",
                "remove one of them",
            )
        self._take(document.value, document, number, text, "")

    def _take(self, value: Any, document: Document, number: int, text: str, prefix: str) -> None:
        line = document.line_of(prefix)
        if not isinstance(value, dict):
            self._gap(
                GapKind.FOREIGN,
                line,
                f"expected a mapping (a Kubernetes object), found {_name_type(value)}",
                "remove it, or indent it under the object it belongs to",
            )
            return
        kind, api_version = value.get("kind"), value.get("apiVersion")
        missing = [
            name
            for name, each in (("apiVersion", api_version), ("kind", kind))
            if not isinstance(each, str) or not each
        ]
        if missing or not isinstance(kind, str) or not isinstance(api_version, str):
            self._not_an_object(value, missing, line, text)
            return
        items = value.get("items")
        if kind.endswith("List") and (isinstance(items, list) or (items is None and kind == "List")):
            for index, item in enumerate(items or ()):
                if isinstance(item, dict) and kind != "List":
                    # The server leaves kind and version out of the elements of a typed list.
                    item.setdefault("kind", kind.removesuffix("List"))
                    item.setdefault("apiVersion", api_version)
                self._take(item, document, number, text, f"{prefix}.items[{index}]".lstrip("."))
            return
        self._object(value, document, number, text, prefix)

    def _object(self, value: dict[str, Any], document: Document, number: int, text: str, prefix: str) -> None:
        kind, api_version = str(value["kind"]), str(value["apiVersion"])
        group = api_group(api_version)
        policy = kind == "NetworkPolicy" and group in {"networking.k8s.io", "extensions"}
        place = Place(self._source, document.line_of(prefix), number, pod_lines(value, document))
        ref = _reference(value, self._namespace)
        served = isinstance(value.get("metadata"), dict) and bool(value["metadata"].get("uid"))
        found = validate(value, self.version)
        problems = [each for each in found if not _is_pruned(each, served=served)]
        # What a server has served, it has; a right or a policy that it would refuse is nobody's.
        rejected = bool(problems) and (policy or (group == _RBAC and not served))
        template = template_in(text) if problems else ""
        for each in problems:
            self._problem(
                each,
                document,
                prefix,
                ref,
                template,
                Scope(ref.namespace) if rejected and policy and (template or served) else None,
            )
        if rejected:
            return
        if policy:
            self._null_rules(value, document, prefix, ref)
        decoded = without_nulls(value)
        if self.raw is not None:
            self.raw.take(decoded, place, self._namespace)
        if document.lines and (is_policy_kind(group, kind) or group in {"networking.k8s.io", _RBAC}):
            place = Place(place.source, place.line, place.document, _rule_lines(value, document, prefix))
        fault = self._decode(decoded, document, place, prefix, ref)
        if fault is not None and not problems:
            self._builder.add_gap(fault)

    def _null_rules(self, value: dict[str, Any], document: Document, prefix: str, ref: ObjectRef) -> None:
        spec: dict[str, Any] = value.get("spec") or {}
        for name in ("ingress", "egress"):
            for index, rule in enumerate(spec.get(name) or ()):
                if rule is None:
                    path = f"spec.{name}[{index}]"
                    line = document.line_of(f"{prefix}.{path}".lstrip("."))
                    reason = (
                        f"{ref}: {path} is null, which the API server reads as an empty rule that allows everything"
                    )
                    remedy = f"write {{}} if that is meant, or remove the dash; `{name}: []` allows nothing"
                    self._builder.add_gap(
                        Gap(GapKind.INCOMPLETE, f"{self._source}:{line}", reason, remedy, ref, path=path)
                    )

    def _decode(
        self, value: dict[str, Any], document: Document, place: Place, prefix: str, ref: ObjectRef
    ) -> Gap | None:
        """Add what the document says to the snapshot; return the gap when its types are not those of the API."""
        kind, group = ref.kind, api_group(str(value["apiVersion"]))
        noted = _exception_lines(value, document, prefix) if document.lines else {}
        if (group, kind) == (GROUP, BASELINE) and document.lines:
            noted.update(part_lines("spec", value.get("spec"), document, prefix))
        if (group, kind) == ("", "ConfigMap") and document.lines:
            noted.update(_key_lines(value, document, prefix))
        if noted:
            place = Place(place.source, place.line, place.document, {**place.lines, **noted})
        settings = read_mesh_settings(value, place, self._namespace)
        if isinstance(settings, Gap):
            self._builder.add_gap(settings)
        elif settings is not None:
            self._builder.add(settings)
        try:
            found = decode(value, place, self._namespace)
        except msgspec.ValidationError as error:
            scope = Scope(ref.namespace) if (group, kind) in DECIDING_KINDS else None
            return Gap(
                GapKind.REJECTED,
                str(place),
                f"{ref}: {error}",
                "give the field the type that the API has",
                ref,
                scope,
            )
        if found is not None:
            self._builder.add(found)
        elif kind in _TOOL_KINDS and not group.endswith("k8s.io/v1"):
            self._builder.add_gap(
                Gap(
                    GapKind.FOREIGN,
                    str(place),
                    f"{kind} is the input of a tool, not an object of the cluster",
                    _TOOL_KINDS[kind],
                    ref,
                )
            )
        elif sounds_like_policy(kind) and group not in {"extensions", "networking.k8s.io"}:
            self._builder.add_gap(
                Gap(
                    GapKind.UNSUPPORTED,
                    str(place),
                    f"{kind} of {value['apiVersion']} sounds like a network policy, and is not evaluated",
                    "judge those connections with the tool that enforces this policy",
                    ref,
                    Scope(),
                )
            )
        else:
            self._builder.count_other(kind)
        return None

    def _problem(
        self,
        each: Problem,
        document: Document,
        prefix: str,
        ref: ObjectRef,
        template: str,
        scope: Scope | None,
    ) -> None:
        line = document.line_of(f"{prefix}.{each.path}".lstrip("."))
        kind, reason, remedy = GapKind.REJECTED, f"{ref}: {each.message}", each.remedy
        if template:
            kind, reason = (
                GapKind.TEMPLATE,
                f"{ref}: template syntax is left over ({template}): {each.message}",
            )
            remedy = "render the template (helm template, kustomize build, envsubst) and give the output"
        elif each.kind is ProblemKind.NOT_SERVED:
            kind = GapKind.REJECTED
        self._builder.add_gap(Gap(kind, f"{self._source}:{line}", reason, remedy, ref, scope, each.path))

    def _not_an_object(self, value: dict[str, Any], missing: list[str], line: int, text: str) -> None:
        template = template_in(text)
        if template:
            self._gap(
                GapKind.TEMPLATE,
                line,
                f"template syntax is left over ({template})",
                "render the template (helm template, kustomize build, envsubst) and give the output",
                scope_of(text, self._namespace),
            )
            return
        looks = "kind" in value or "apiVersion" in value or "metadata" in value or "spec" in value
        self._gap(
            GapKind.REJECTED if looks else GapKind.FOREIGN,
            line,
            f"no Kubernetes object: {' and '.join(missing)} missing",
            "add apiVersion and kind" if looks else "leave this file out: it is not a manifest",
        )

    def _gap(self, kind: GapKind, line: int, reason: str, remedy: str, scope: Scope | None = None) -> None:
        self._builder.add_gap(Gap(kind, f"{self._source}:{line}", reason, remedy, scope=scope))


def _reference(value: dict[str, Any], namespace: str) -> ObjectRef:
    metadata = value.get("metadata")
    fields = metadata if isinstance(metadata, dict) else {}
    own = fields.get("namespace")
    kind = str(value["kind"])
    cluster_scoped = kind in {"Namespace", "Node", "PersistentVolume"} or kind.startswith("Cluster")
    return ObjectRef(
        kind,
        "" if cluster_scoped else str(own or namespace),
        str(fields.get("name") or fields.get("generateName") or ""),
    )


def _is_pruned(problem: Problem, *, served: bool) -> bool:
    """
    Return whether a problem only shows that the object was served by an API server of another version.

    A server has validated what it serves. A status is written by servers alone, so
    that one of an older version (NetworkPolicy had one up to 1.27) harms nothing.
    """
    if problem.kind is ProblemKind.UNKNOWN_FIELD:
        return served or problem.path == "status"
    return served and problem.kind is ProblemKind.NOT_SERVED


def _rule_lines(value: dict[str, Any], document: Document, prefix: str) -> dict[str, int]:
    """Return the lines of the parts that answers name: rules, their peers and ports, subjects."""
    lines: dict[str, int] = {}
    own, at = document.line_of(prefix), document.line_in
    spec = value.get("spec")
    if isinstance(spec, dict):
        of_spec = lines["spec"] = at(value, "spec", own)
        for name, part in spec.items():
            if part is None:
                continue
            of_part = lines[f"spec.{name}"] = at(spec, name, of_spec)
            for index, rule in enumerate(part) if isinstance(part, list) else ():
                of_rule = lines[f"spec.{name}[{index}]"] = at(part, index, of_part)
                for field in ("from", "to", "ports") if isinstance(rule, dict) else ():
                    peers = rule.get(field) or ()
                    of_field = at(rule, field, of_rule)
                    for number in range(len(peers)):
                        lines[f"spec.{name}[{index}].{field}[{number}]"] = at(peers, number, of_field)
    for name in ("rules", "subjects"):
        found = value.get(name) or ()
        of_list = at(value, name, own)
        for index in range(len(found)):
            lines[f"{name}[{index}]"] = at(found, index, of_list)
    return lines


def _exception_lines(value: dict[str, Any], document: Document, prefix: str) -> dict[str, int]:
    """Return the lines of the exceptions that an object and its pod template carry."""
    lines: dict[str, int] = {}
    for name, steps in _ANNOTATED:
        inner: Any = value
        for step in (*steps, ANNOTATION):
            inner = inner.get(step) if isinstance(inner, dict) else None
        if inner is not None:
            path = f'{".".join(steps)}["{ANNOTATION}"]'
            lines.setdefault(name, document.line_of(f"{prefix}.{path}".lstrip(".")))
    return lines


def _key_lines(value: dict[str, Any], document: Document, prefix: str) -> dict[str, int]:
    """Return the lines of the keys of a ConfigMap."""
    data = value.get("data")
    keys = (str(each) for each in (data if isinstance(data, dict) else ()))
    paths = [f'data["{key}"]' for key in keys if _is_key(key)]
    return {path: document.line_of(f"{prefix}.{path}".lstrip(".")) for path in paths}


def _name_type(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"the text {str(value)[:40]!r}" if isinstance(value, str) else f"{value!r}"
