"""
Pods that may reach the API server and have no token for it.

What it finds
-------------
Workloads with policies for egress that surely accept the address and port of the API
server, whose pods hold no token of their service account. The address is that of the
EndpointSlice of `default/kubernetes`.

Why it matters
--------------
Without a token a program has nothing to say to the API server. The way there is of use
to stolen tokens and to flaws of the API server only.

Example
-------
`automountServiceAccountToken: false` and an egress rule for 0.0.0.0/0.

Remedy
------
Leave the addresses of the API server out of what egress accepts.

References
----------
https://kubernetes.io/docs/concepts/security/api-server-bypass-risks/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction
from firedoor.model.tokens import mounted_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.engine.reach.network import Network
    from firedoor.model.findings import Finding
    from firedoor.model.rbac import ServiceAccount


def _run(context: Context) -> Iterator[Finding]:
    ends = [
        (address, port.port or 0)
        for each in context.snapshot.endpoint_slices
        if (each.metadata.namespace, each.service) == ("default", "kubernetes")
        for endpoint in each.endpoints
        for address in filter(is_address, endpoint.addresses)
        for port in each.ports
    ]
    accounts = {(each.metadata.namespace, each.metadata.name): each for each in context.snapshot.service_accounts}
    found: dict[int, str] = {}
    network = context.written
    for crew in context.first_crews if ends and context.snapshot.has_pod_details else ():
        profile = network.profile_of[crew.position]
        if profile not in found:
            found[profile] = _reached(network, profile, ends)
        account = accounts.get((crew.workload.namespace, crew.spec.account))
        if found[profile] and not crew.spec.host_network and not _token(crew, account):
            yield _finding(context, crew, found[profile])


def _token(crew: Crew, account: ServiceAccount | None) -> bool:
    is_template = crew.member.is_template or not crew.member.pod.metadata.uid
    return mounted_token(crew.spec, account, is_template=is_template).is_mounted


def _reached(network: Network, profile: int, ends: list[tuple[str, int]]) -> str:
    """Return an end that the policies on a profile accept; nothing where none restricts it."""
    if not any(True for _ in network.matrix[Direction.EGRESS].layering.policies(profile)):
        return ""
    for address, port in ends:
        bit = 1 << network.axis.atom("TCP", port)
        if network.decided(Direction.EGRESS, profile, network.column(address))[0] & bit:
            return f"{address} port {port}"
    return ""


def _finding(context: Context, crew: Crew, end: str) -> Finding:
    return CHECK.finding(
        crew.workload,
        crew.source,
        f"{crew.workload} holds no token and may reach the API server at {end}",
        ("its policies for egress accept that address; its pods hold no token of their service account",),
        Fix("leave the addresses of the API server out of what its policies for egress accept"),
        confidence=Confidence.LOW if context.is_uncertain(crew.position) else None,
    )


CHECK = Check(
    id="egress-api-server-open",
    title="Pods without a token that may reach the API server",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it has no use for the API server; stolen tokens and flaws do",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies", "service-account-tokens"),
        nist_800_207=("3",),
        nist_800_53=("AC-4", "SC-7"),
        mitre=("T1613",),
        pci_dss_4=("1.3.2",),
    ),
    run=_run,
)
