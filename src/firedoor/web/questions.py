"""The questions of the page: parameters into the arguments of use cases, and answers into their JSON documents."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor import __version__
from firedoor.algebra.ports import LAST_PORT, PROTOCOLS
from firedoor.engine.posture.fingerprints import fingerprint
from firedoor.errors import NothingInScopeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firedoor.web.subject import Subject

    Parameters = Mapping[str, str]
    Document = dict[str, Any]

_NOISE = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_REVIEWED_DAYS = 30
_MOST_DAYS = 3650


def about(subject: Subject, _: Parameters) -> Document:
    """Tell what the page is about."""
    snapshot, means, diagnosis = subject.snapshot, subject.means, subject.diagnosis
    return {
        "schema": "firedoor/about/v1",
        "name": means.name,
        "version": __version__,
        "namespace": means.namespace,
        "capturedAt": snapshot.origin.captured_at,
        "flows": subject.edges is not None,
        "editable": means.editor is not None,
        "summary": diagnosis.summary(),
        "checks": {each.id: each.title for each in diagnosis.checks},
        "policies": [
            {"kind": each.ref.kind, "namespace": each.ref.namespace, "name": each.ref.name, "place": str(each.place)}
            for each in subject.policies
        ],
    }


def connection_map(subject: Subject, given: Parameters) -> Document:
    """Answer with the map, the namespaces in `expand` (by commas) as their workloads."""
    from firedoor.render.connection_map_json import connection_map_document  # noqa: PLC0415

    expanded = tuple(sorted({each for each in given.get("expand", "").split(",") if each}))
    return subject.kept(("map", expanded), lambda: connection_map_document(subject.atlas.map(expanded)))


def pairs(subject: Subject, given: Parameters) -> Document:
    """Answer with what is behind the link of the map from `from` to `to`."""
    from firedoor.render.connection_map_json import map_pairs_document  # noqa: PLC0415

    ends = _required(given, "from"), _required(given, "to")
    return subject.kept(("pairs", ends), lambda: map_pairs_document(subject.atlas.between(*ends)))


def explanation(subject: Subject, given: Parameters) -> Document:
    """Answer as ``firedoor explain`` does: `from`, `to`, `port` and `protocol`."""
    from firedoor.render.explain_json import explain_document  # noqa: PLC0415
    from firedoor.render.yaml_text import yaml_text  # noqa: PLC0415
    from firedoor.usecases.explain import explain  # noqa: PLC0415

    protocol = (given.get("protocol") or "TCP").upper()
    if protocol not in PROTOCOLS:
        raise UsageError(f"{protocol!r} is no protocol", remedy=f"use one of {', '.join(PROTOCOLS)}")
    port = _number(_required(given, "port"), "port", 1, LAST_PORT)
    ends = _required(given, "from"), _required(given, "to")
    namespace = subject.means.namespace or "default"

    def work() -> Document:
        found = explain(subject.snapshot, subject.means.cni, *ends, protocol, port, namespace)
        document = explain_document(found)
        change = found.flip
        text = "" if change is None else "---\n".join(map(yaml_text, change.manifests))
        return {**document, "flipYaml": text}

    return subject.kept(("explain", ends, protocol, port), work)


def findings(subject: Subject, _: Parameters) -> Document:
    """Answer as ``firedoor diagnose -o json`` does."""
    from firedoor.render.exceptions_json import reviewed  # noqa: PLC0415
    from firedoor.render.findings_json import findings_document  # noqa: PLC0415

    def work() -> Document:
        found = subject.diagnosis
        document = findings_document(found.findings, found.gaps, found.summary())
        return reviewed(document, found.known, found.review)

    return subject.kept("findings", work)


def fix(subject: Subject, given: Parameters) -> Document:
    """Answer with what the fix of the finding of that `fingerprint` would change in the manifests."""
    from firedoor.render.fix_diff import fix_diff  # noqa: PLC0415
    from firedoor.usecases.fix import proposed  # noqa: PLC0415

    wanted = _required(given, "fingerprint")
    found = next((each for each in subject.diagnosis.findings if fingerprint(each) == wanted), None)
    if found is None:
        raise NothingInScopeError("there is no such finding any more", remedy="read the cluster anew")
    open_editor = subject.means.editor
    if open_editor is None:
        return {"schema": "firedoor/fix-preview/v1", "diff": ""}

    def work() -> Document:
        (edits,) = proposed(open_editor(), subject.snapshot, [found])
        return {"schema": "firedoor/fix-preview/v1", "diff": fix_diff(edits)}

    return subject.kept(("fix", wanted), work)


def policy(subject: Subject, given: Parameters) -> Document:
    """Answer with the text of a policy: `kind`, `namespace` and `name`."""
    from firedoor.render.yaml_text import yaml_text  # noqa: PLC0415

    wanted = _required(given, "kind"), given.get("namespace", ""), _required(given, "name")
    for each in subject.policies:
        if (each.ref.kind, each.ref.namespace, each.ref.name) == wanted:
            document = msgspec.json.decode(each.data)
            document.pop("status", None)
            metadata = document["metadata"]
            for key in _NOISE:
                metadata.pop(key, None)
            annotations = metadata.get("annotations")
            if isinstance(annotations, dict):
                annotations.pop(_APPLIED, None)
            return {"schema": "firedoor/policy/v1", "yaml": yaml_text(document), "place": str(each.place)}
    raise NothingInScopeError(f"there is no policy {'/'.join(filter(None, wanted))}", remedy="choose one of the list")


def who_can(subject: Subject, given: Parameters) -> Document:
    """Answer as ``firedoor rbac who-can`` does: `verb`, `resource`, `name`, `namespace` and `indirect`."""
    from firedoor.render.rbac_json import who_can_document  # noqa: PLC0415
    from firedoor.usecases import rbac  # noqa: PLC0415

    namespace = given.get("namespace", "") or subject.means.namespace
    asked = rbac.AskedPermission(
        _required(given, "verb"), _required(given, "resource"), given.get("name", ""), namespace
    )
    indirect = given.get("indirect") == "true"
    return subject.kept(
        (who_can, asked, indirect), lambda: who_can_document(rbac.who_can(subject.snapshot, asked, indirect=indirect))
    )


def risks(subject: Subject, given: Parameters) -> Document:
    """Answer as ``firedoor rbac risks -o json`` does; `all` shows what Kubernetes itself sets up too."""
    from firedoor.render.rbac_risks_json import rbac_risks_document  # noqa: PLC0415
    from firedoor.usecases.rbac_risks import rbac_risks  # noqa: PLC0415

    means, usual = subject.means, given.get("all") == "true"

    def work() -> Document:
        found = rbac_risks(
            subject.snapshot,
            namespace=means.namespace,
            usual=usual,
            version=means.kubernetes_version,
            rules=means.rules(),
        )
        return rbac_risks_document(found)

    return subject.kept(("risks", usual), work)


def paths(subject: Subject, given: Parameters) -> Document:
    """Answer as ``firedoor paths`` does: `from`, `to`, `possible` and `any-port`; without ends with the ranking."""
    from firedoor.render.attack_json import attack_paths_document, attack_ranking_document  # noqa: PLC0415
    from firedoor.usecases.attack_paths import AttackQuestion, attack_paths, rank  # noqa: PLC0415

    means = subject.means
    asked = AttackQuestion(means.namespace, given.get("possible") == "true", given.get("any-port") == "true")
    source, target = given.get("from", ""), given.get("to", "")
    if not source and not target:
        return subject.kept(
            ("ranking", asked), lambda: attack_ranking_document(rank(subject.snapshot, means.cni, asked))
        )
    ends = _required(given, "from"), _required(given, "to")
    return subject.kept(
        ("paths", ends, asked), lambda: attack_paths_document(attack_paths(subject.snapshot, means.cni, asked, *ends))
    )


def score(subject: Subject, _: Parameters) -> Document:
    """Answer as ``firedoor score -o json`` does."""
    from firedoor.render.score_json import score_document  # noqa: PLC0415
    from firedoor.usecases import score as scoring  # noqa: PLC0415

    means = subject.means
    return subject.kept(
        "score",
        lambda: score_document(
            scoring.score(subject.snapshot, means.cni, means.namespace, None, subject.edges),
        ),
    )


def review(subject: Subject, given: Parameters) -> Document:
    """Answer as ``firedoor review -o json`` does, by the last `days`."""
    from firedoor.render.review_json import review_document  # noqa: PLC0415
    from firedoor.usecases.regular_review import regular_review  # noqa: PLC0415

    means, edges = subject.means, subject.edges
    if edges is None:
        raise NothingInScopeError(
            "it is not known which connections were seen", remedy="start `firedoor ui` with --flows or --from-edges"
        )
    days = _number(given.get("days") or str(_REVIEWED_DAYS), "days", 1, _MOST_DAYS)
    # By the end of what was seen, which for a live store is about now.
    seen = max((each.last for each in edges), default=time.time_ns())
    day = datetime.fromtimestamp(seen / 10**9, UTC).date().isoformat()
    return subject.kept(
        ("review", days, day),
        lambda: review_document(regular_review(subject.snapshot, means.cni, edges, (seen, days), means.namespace)),
    )


def _required(given: Parameters, name: str) -> str:
    value = given.get(name, "").strip()
    if not value:
        raise UsageError(f"{name} is missing", remedy="fill it in")
    return value


def _number(text: str, name: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text[:6]) <= most and len(text) <= 6):  # noqa: PLR2004
        raise UsageError(f"{text!r} is no {name}", remedy=f"write a number from {least} to {most}")
    return int(text)
