"""Policies that somebody writes into the page: read, judged and compared, and never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from firedoor.bootstrap import open_source, policy_changes
from firedoor.errors import SourceError, UsageError
from firedoor.interfaces import Silent
from firedoor.model.places import ObjectRef
from firedoor.render.diff_json import diff_document
from firedoor.render.findings_json import gap_document
from firedoor.render.preview_json import preview_document
from firedoor.usecases.what_if import Proposal, policy_refs, what_if

if TYPE_CHECKING:
    from firedoor.model.snapshot import Snapshot
    from firedoor.web.subject import Subject

SCHEMA = "firedoor/what-if/v1"


class _Named(Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    name: str
    namespace: str = ""


class _Asked(Struct, frozen=True, forbid_unknown_fields=True):
    yaml: str = ""
    removed: tuple[_Named, ...] = ()


def judged(subject: Subject, body: bytes) -> dict[str, Any]:
    """
    Answer what policies would change, given as ``{"yaml": ..., "removed": [...]}``.

    ``problems`` tell what an API server would reject or could not be read, with its line; ``others`` are the objects
    that are no policies, and are left aside; ``diff`` and ``preview`` are None where there is nothing to compare.
    """
    try:
        asked = msgspec.json.decode(body, type=_Asked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"this is no proposal: {error}", remedy="send an object with yaml and removed") from error
    removed = frozenset(ObjectRef(each.kind, each.namespace, each.name) for each in asked.removed)
    document: dict[str, Any] = {"schema": SCHEMA, "problems": [], "policies": [], "others": 0}
    nothing = {**document, "diff": None, "preview": None}
    if not asked.yaml.strip() and not removed:
        return nothing
    means = subject.means
    try:
        read = _read(asked.yaml, means.namespace, means.kubernetes_version)
    except SourceError as error:
        problem = {"source": error.place, "reason": error.problem, "object": None, "kind": "unreadable"}
        return {**nothing, "problems": [{**problem, "remedy": error.remedy}]}
    document["problems"] = [gap_document(gap) for gap in read.gaps]
    policies = sorted(policy_refs(read))
    document["policies"] = [msgspec.to_builtins(each) for each in policies]
    document["others"] = _others(read)
    if not policies and not removed:
        return {**document, "diff": None, "preview": None}
    found = what_if(
        subject.snapshot, Proposal(read, removed), means.cni, policy_changes, subject.edges, means.namespace
    )
    preview = None if found.preview is None else preview_document(found.preview)
    return {**document, "diff": diff_document(found.difference), "preview": preview}


def _read(text: str, namespace: str, version: str) -> Snapshot:
    data = text.encode("utf-8", "surrogatepass")
    if not text.strip():
        data = b"---\n"
    source = open_source(("-",), read_stdin=lambda: data, namespace=namespace, kubernetes_version=version)
    return source.load(Silent())


def _others(read: Snapshot) -> int:
    return sum(map(len, (read.pods, read.workloads, read.services, read.roles, read.role_bindings, read.namespaces)))
