"""
Network plugins that record no connections.

What it finds
-------------
Node agents whose own manifests show that they record neither the connections of pods
nor the verdicts of policies: Cilium as its chart writes it without Hubble (no volume
`hubble-tls`, no Service `hubble-peer`, no Hubble workload), and the policy agent of
the Amazon VPC CNI that enforces with `--enable-policy-event-logs=false`, its default.
Settings in ConfigMaps are not looked at, and other plugins are not judged.

Why it matters
--------------
Without records nobody can say what an intruder reached, or what a new policy would
cut off.

Example
-------
The container `aws-eks-nodeagent` with `--enable-policy-event-logs=false`.

Remedy
------
Turn on Hubble (`hubble.enabled` of the chart), or set `enablePolicyEventLogs` of the
VPC CNI, and keep the records outside the cluster.

References
----------
https://docs.cilium.io/en/stable/observability/hubble/setup/
https://docs.aws.amazon.com/eks/latest/userguide/network-policies-troubleshooting.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.agents import cilium_agents, port_names
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.control_plane import programs
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.model.findings import Finding

_AGENT = "aws-network-policy-agent"


def _run(context: Context) -> Iterator[Finding]:
    # Where something could not be read, it may be what tells of Hubble.
    if not context.is_partial and not _has_hubble(context):
        for crew in cilium_agents(context):
            if not _records(crew):
                yield _cilium(crew)
    for program in programs(context.first_crews, _AGENT):
        is_enforcing = program.is_on("enable-network-policy", default=False)
        if is_enforcing and not program.is_on("enable-policy-event-logs", default=False):
            flags = ("enable-network-policy", "enable-policy-event-logs")
            yield CHECK.finding(
                program.workload,
                program.crew.source,
                f"the policy agent of {program.workload} records no verdicts",
                tuple(program.told(flag) for flag in flags),
                Fix("set --enable-policy-event-logs=true, by enablePolicyEventLogs of the add-on"),
                confidence=Confidence.HIGH,
            )


def _has_hubble(context: Context) -> bool:
    """Return whether anything of Hubble is there, which its own charts may have brought."""
    names = [each.metadata.name for each in context.snapshot.services]
    names += [each.workload.name for each in context.first_crews]
    return any(each.startswith("hubble-") for each in names)


def _records(crew: Crew) -> bool:
    """Return whether an agent serves what it sees to Hubble."""
    marks = {*port_names(crew), *(each.name for each in crew.spec.volumes)}
    return any(each.startswith("hubble-") for each in marks)


def _cilium(crew: Crew) -> Finding:
    return CHECK.finding(
        crew.workload,
        crew.source,
        f"Cilium, which {crew.workload} runs, records no connections: Hubble is off",
        (
            f"{crew.source}: {crew.workload} has neither a volume nor a port of Hubble",
            "there is neither a Service nor a workload of Hubble",
        ),
        Fix("turn on hubble.enabled of the chart, and let hubble.export keep the flows"),
    )


CHECK = Check(
    id="no-flow-log",
    title="Network plugins that record no connections",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="what was reached cannot be told afterwards, nor what a policy would cut off",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("logging",),
        nist_800_207=("7",),
        nist_800_53=("AU-12", "SI-4"),
        pci_dss_4=("10.2.1",),
    ),
    run=_run,
)
