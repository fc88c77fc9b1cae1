"""Records of flows, snapshots and times for the tests."""

from __future__ import annotations

from typing import Any

from firedoor.model.flow_reading import Sighting
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

HOUR = 3_600_000_000_000
T0 = 500_000 * HOUR


def end(address: str = "", port: int = 0, pod: str = "", **more: Any) -> FlowEnd:
    """Return an end; a pod is ``namespace/name``."""
    namespace, _, name = pod.rpartition("/")
    return FlowEnd(address, port, more.pop("namespace", namespace), name, **more)


A = end("10.0.0.1", 40000, "shop/web-1", workload="Deployment/web")
B = end("10.0.0.2", 8080, "shop/api-1", workload="Deployment/api")


def record(source: FlowEnd = A, destination: FlowEnd = B, **more: Any) -> FlowRecord:
    """Return a record of a connection that was let through, at a time after the first hour."""
    at = more.pop("at", 0)
    values: dict[str, Any] = {
        "protocol": "TCP",
        "verdict": FlowVerdict.ALLOWED,
        "direction": "egress",
        "is_reply": False,
    }
    return FlowRecord(T0 + at, T0 + at, source, destination, **(values | more))


def sighting(source: FlowEnd = A, destination: FlowEnd = B, **more: Any) -> Sighting:
    """Return what was seen of a connection."""
    at = T0 + more.pop("at", 0)
    values: dict[str, Any] = {"protocol": "TCP", "verdict": FlowVerdict.ALLOWED, "side": "egress"}
    return Sighting(source, destination, first=at, last=at, **(values | more))
