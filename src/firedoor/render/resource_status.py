"""What was found of namespaces as the status of custom resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.places import ObjectRef
from firedoor.model.resource_limits import MOST_FAILING, MOST_PEERS, MOST_TEXT
from firedoor.model.resource_status import BaselineResult, NamespaceReport, WantedStatus
from firedoor.model.zero_trust import BASELINE, REPORT, REPORT_NAME
from firedoor.render.assert_words import end_text, reason_lines, violation_text
from firedoor.render.crd_report import SEVERITIES
from firedoor.render.words import traffic_text, visible

if TYPE_CHECKING:
    from firedoor.model.exposure import Exposure
    from firedoor.model.intents import IntentResult
    from firedoor.model.namespace_peers import NamespacePeer, WorkloadPeers

_MOST_REASONS = 20


def baseline_status(found: BaselineResult) -> WantedStatus:
    """Return the status of a baseline."""
    generation = {"observedGeneration": found.baseline.generation} if found.baseline.generation else {}
    status: dict[str, Any] = {
        **generation,
        "conditions": [{**each, **generation} for each in (_ready(found), _holds(found))],
    }
    if not (found.fault or found.undecided):
        failing = [each for each in found.results if each.is_failure]
        unknown = sum(each.is_unknown for each in failing)
        status["intents"] = {
            "total": len(found.results),
            "hold": sum(each.holds for each in found.results),
            "fail": len(failing) - unknown,
            "unknown": unknown,
            "excepted": sum(bool(each.excepted) and not each.holds for each in found.results),
        }
        failing.sort(key=lambda each: each.is_unknown)
        status["failing"] = [_failing(each) for each in failing[:MOST_FAILING]]
        status["findings"] = {"left": len(found.left), "excepted": found.excepted}
        status["exceptions"] = {"active": found.active, "expired": found.expired}
    meta = found.baseline.metadata
    return WantedStatus(BASELINE, "zerotrustbaselines", meta.namespace, meta.name, status, meta.uid)


def report_status(found: NamespaceReport) -> WantedStatus:
    """Return the status of the report of a namespace."""
    row = found.coverage
    status = {
        "pods": {
            "total": row.pods,
            "isolated": row.both,
            "ingressOnly": row.ingress_only,
            "egressOnly": row.egress_only,
            "open": row.none,
            "hostNetwork": row.host,
        },
        "policies": row.policies,
        "workloads": [_workload(each) for each in found.workloads],
        "moreWorkloads": found.more,
        "exposed": [_exposed(each) for each in found.exposed],
        "exposedPorts": found.ports,
        "findings": {
            **dict.fromkeys(SEVERITIES, 0),
            **{str(key): number for key, number in found.severities.items()},
            "excepted": found.excepted,
        },
        "worst": [
            {
                "severity": str(each.severity),
                "check": each.check,
                "object": visible(str(each.object)),
                "message": _cut(each.message),
            }
            for each in found.worst
        ],
    }
    return WantedStatus(REPORT, "connectivityreports", row.namespace, REPORT_NAME, status)


def _ready(found: BaselineResult) -> dict[str, str]:
    if found.fault:
        return _condition("Ready", "False", "Malformed", "; ".join(filter(None, (found.fault, found.remedy))))
    if found.undecided:
        return _condition("Ready", "False", "NothingToJudge", found.undecided)
    return _condition("Ready", "True", "Evaluated", "the baseline was read and judged")


def _holds(found: BaselineResult) -> dict[str, str]:
    if found.fault or found.undecided:
        return _condition("Holds", "Unknown", "NotEvaluated", "see the condition Ready")
    failing = [each for each in found.results if each.is_failure]
    names = ", ".join(each.intent.name for each in failing if not each.is_unknown)
    told = [f"intents fail: {names}"] if names else []
    if found.left:
        worst = max(found.left, key=lambda each: each.severity.rank)
        told.append(f"findings that are too grave: {len(found.left)}, such as {worst.check} of {worst.object}")
    if told:
        return _condition("Holds", "False", "IntentsFail" if names else "FindingsLeft", "; ".join(told))
    if failing:
        names = ", ".join(each.intent.name for each in failing)
        return _condition("Holds", "Unknown", "IntentsUnknown", f"intents cannot be decided: {names}")
    return _condition("Holds", "True", "AsWanted", "the namespace is as the baseline says")


def _condition(kind: str, status: str, reason: str, message: str) -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": _cut(message)}


def _failing(result: IntentResult) -> dict[str, Any]:
    decided: list[str] = []
    message = "; ".join(result.problems)
    if result.violations:
        first = result.violations[0]
        message = "; ".join(filter(None, (message, violation_text(result, first))))
        decided = [_cut(each) for each in reason_lines(first)[:_MOST_REASONS]]
    return {
        "name": result.intent.name,
        "result": "unknown" if result.is_unknown else "fail",
        "message": _cut(message),
        "decidedBy": decided,
        "more": result.more + max(len(result.violations) - 1, 0),
    }


def _workload(found: WorkloadPeers) -> dict[str, Any]:
    sides = {"from": found.sources, "to": found.destinations}
    return {
        "kind": found.workload.kind,
        "name": found.workload.name,
        "pods": found.pods,
        **{name: [_peer(each) for each in peers[:MOST_PEERS]] for name, peers in sides.items()},
        "more": sum(max(len(peers) - MOST_PEERS, 0) for peers in sides.values()),
    }


def _peer(found: NamespacePeer) -> dict[str, Any]:
    told: dict[str, Any] = {"peer": found.namespace or "outside", "traffic": traffic_text(found.traffic)}
    if not found.namespace:
        told["isOutside"] = True
    if found.unknown:
        told["unknown"] = traffic_text(found.unknown)
    if found.is_part:
        told["inPart"] = True
    return told


def _exposed(found: Exposure) -> dict[str, Any]:
    backend = found.backend
    ref = backend.workload
    named = str(ObjectRef(ref.kind, "", ref.name)) if ref is not None else end_text(backend.ips)
    return {
        "workload": named,
        "port": f"{found.protocol} {found.port}",
        "by": _cut(f"{found.way} ({found.door})"),
        "verdict": str(found.verdict),
    }


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= MOST_TEXT else f"{shown[: MOST_TEXT - 3]}..."
