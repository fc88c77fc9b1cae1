"""What the outside can reach, as the JSON contract ``firedoor/exposure/v1``."""

from __future__ import annotations

from firedoor.model.exposure import Exposure, ExposureReport, Opening
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import gap_documents, object_document, traffic_document

SCHEMA = "firedoor/exposure/v1"


def exposure_document(report: ExposureReport) -> dict[str, object]:
    """Return the document."""
    return {
        "schema": SCHEMA,
        "exposures": [_exposure(each) for each in report.exposures],
        "openings": [_opening(each) for each in report.openings],
        "notes": list(report.notes),
        "gaps": gap_documents(report.gaps),
        "cni": report.cni,
    }


def exposure_json(report: ExposureReport) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(exposure_document(report))


def _exposure(each: Exposure) -> dict[str, object]:
    workload = each.backend.workload
    backend: dict[str, object] = {"address": each.backend.ips.partition("-")[0]}
    if workload is not None:
        backend = {"workload": f"{workload.namespace}/{workload.name}", "kind": workload.kind, "pods": list(each.pods)}
    return {
        "way": object_document(each.way),
        "door": each.door,
        "service": each.service,
        "backend": backend,
        "protocol": each.protocol,
        "port": each.port,
        "verdict": str(each.verdict),
        "accepted_from": list(each.arrival.accepted),
        "unknown_from": list(each.arrival.unknown),
        "because": list(each.arrival.because),
        "hosts": list(each.hosts),
        "tls_hosts": list(each.tls_hosts),
        "chain": [{"src": hop.src, "dst": hop.dst, "verdict": str(hop.verdict)} for hop in each.hops],
    }


def _opening(each: Opening) -> dict[str, object]:
    return {
        "workload": f"{each.workload.namespace}/{each.workload.name}",
        "kind": each.workload.kind,
        "namespaces": each.namespaces,
        "pods": each.pods,
        "matching": each.matching,
        "traffic": traffic_document(each.traffic),
        "unknown": traffic_document(each.unknown),
        "rules": list(each.rules),
    }
