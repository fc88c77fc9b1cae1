"""Audit events as an API server writes them, and reading them back."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

from firedoor.adapters.audit import AuditFiles
from firedoor.interfaces import Silent
from firedoor.model.audit import AuditEvent, AuditSkip

WEB = "system:serviceaccount:shop:web"
WEB_GROUPS = ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"]


def event(**changes: Any) -> dict[str, Any]:
    """Return the event of a list of pods, other where it is said; None leaves a field out."""
    usual: dict[str, Any] = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": "5f1c",
        "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/pods?limit=500",
        "verb": "list",
        "user": {"username": WEB, "uid": "9", "groups": WEB_GROUPS},
        "sourceIPs": ["10.0.0.7"],
        "objectRef": {"resource": "pods", "namespace": "shop", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": "2026-03-01T08:00:00.000001Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }
    return {key: value for key, value in {**usual, **changes}.items() if value is not None}


def line(**changes: Any) -> bytes:
    return json.dumps(event(**changes)).encode() + b"\n"


def read(data: bytes) -> list[AuditEvent | AuditSkip]:
    """Return what a log on standard input holds."""
    return list(AuditFiles(("-",), lambda: BytesIO(data)).events(Silent()))


def read_files(*paths: Path) -> list[AuditEvent | AuditSkip]:
    return list(AuditFiles(tuple(map(str, paths)), BytesIO).events(Silent()))
