"""The definition of the kind ConnectivityReport."""

from __future__ import annotations

from firedoor.model.resource_limits import MOST_EXPOSED, MOST_FINDINGS, MOST_PEERS, MOST_PROFILES, MOST_WORKLOADS
from firedoor.model.zero_trust import GROUP, REPORT, VERSION
from firedoor.render.crd_parts import Schema, choice, column, count, definition, flag, instant, listed, record, written

SEVERITIES = ("critical", "high", "medium", "low", "info")


def report_definition() -> Schema:
    """Return the definition, as an object of the cluster."""
    names = {
        "kind": REPORT,
        "listKind": f"{REPORT}List",
        "plural": "connectivityreports",
        "singular": "connectivityreport",
        "shortNames": ["connrep"],
        "categories": ["firedoor"],
    }
    columns = (
        column("Pods", ".status.pods.total", "How many pods there are.", "integer"),
        column("Isolated", ".status.pods.isolated", "How many of them policies isolate both ways.", "integer"),
        column("Open", ".status.pods.open", "How many of them no policy isolates.", "integer"),
        column("Exposed", ".status.exposedPorts", "How many ports the outside gets to, or may.", "integer"),
        column("Critical", ".status.findings.critical", "Findings that are critical.", "integer"),
        column("High", ".status.findings.high", "Findings that are high.", "integer"),
        column("Medium", ".status.findings.medium", "Findings that are medium.", "integer", 1),
        column("Low", ".status.findings.low", "Findings that are low.", "integer", 1),
        column("Evaluated", ".status.lastEvaluated", "When the report was written last.", "date", 1),
        column("Age", ".metadata.creationTimestamp", "How old the report is.", "date"),
    )
    schema = record(
        "Who can reach the workloads of a namespace, whom they can reach, and what is wrong there, as policies have "
        "it. `firedoor watch --resources` writes one into each namespace that has pods; what is changed by hand is "
        "written over.",
        {"status": _status()},
    )
    return definition(GROUP, VERSION, names, schema, columns)


def _status() -> Schema:
    pods = {
        "total": count("All pods; a workload without pods counts as those that it would make."),
        "isolated": count("Those that policies isolate for ingress and egress."),
        "ingressOnly": count("Those that policies isolate for ingress alone."),
        "egressOnly": count("Those that policies isolate for egress alone."),
        "open": count("Those that no policy isolates."),
        "hostNetwork": count("Those on the network of their node, where no policy applies."),
    }
    severities = {each: count(f"Findings that are {each}.") for each in SEVERITIES}
    return record(
        "What was found, by firedoor.",
        {
            "lastEvaluated": instant(
                "When the report was written last. It is written when it changes, and at least every hour."
            ),
            "pods": record("How many pods there are, by how policies isolate them.", pods),
            "policies": count("NetworkPolicies of the namespace."),
            "workloads": listed(
                f"Workloads with their peers, by name. In clusters with more than {MOST_PROFILES} different kinds of "
                "pods there are none.",
                _workload(),
                MOST_WORKLOADS,
            ),
            "moreWorkloads": count("How many workloads there are besides."),
            "exposed": listed("Ports that the outside gets to, or may.", _exposed(), MOST_EXPOSED),
            "exposedPorts": count("How many such ports there are, those that are not listed included."),
            "findings": record(
                "How many findings diagnose has in the namespace.",
                {**severities, "excepted": count("Findings that fall under an exception.")},
            ),
            "worst": listed("The gravest findings.", _finding(), MOST_FINDINGS),
        },
    )


def _workload() -> Schema:
    return record(
        "One workload.",
        {
            "kind": written("Its kind."),
            "name": written("Its name."),
            "pods": count("Its pods that are not on the network of their node."),
            "from": listed("Who can reach it: outside first, then namespaces by name.", _peer(), MOST_PEERS),
            "to": listed("Whom it can reach: outside first, then namespaces by name.", _peer(), MOST_PEERS),
            "more": count("How many peers there are besides."),
        },
        ("kind", "name"),
    )


def _peer() -> Schema:
    return record(
        "The pods of a namespace, or addresses outside of the cluster.",
        {
            "peer": written("The namespace, or outside."),
            "isOutside": flag("Whether addresses outside of the cluster are meant."),
            "traffic": written("What is surely accepted with any of it, as in TCP 80,443; UDP 53."),
            "unknown": written("What may be accepted besides."),
            "inPart": flag("Whether not all addresses outside are treated alike."),
        },
        ("peer",),
    )


def _finding() -> Schema:
    return record(
        "One finding.",
        {
            "severity": choice("How bad it is.", SEVERITIES),
            "check": written("The id of the check, as `firedoor checks` lists it."),
            "object": written("The kind and name of the object."),
            "message": written("What is wrong."),
        },
        ("severity", "check", "object"),
    )


def _exposed() -> Schema:
    return record(
        "One port.",
        {
            "workload": written("The kind and name of the workload."),
            "port": written("The port of its pods, as in TCP 8080."),
            "by": written("The object that opens the way, and how: a Service and its type, a route, a host port."),
            "verdict": choice("Whether policies let the outside through.", ("accepted", "unknown")),
        },
        ("workload", "port"),
    )
