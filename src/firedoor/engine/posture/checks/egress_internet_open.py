"""
Pods that are isolated for egress and may send anything anywhere.

What it finds
-------------
Workloads with policies for egress that, all APIs together, surely accept every TCP port
to every public address. Pods without any policy for egress, and rules without peers and
ports, are told of elsewhere.

Why it matters
--------------
Isolation that leaves the internet open stops neither the theft of data nor remote
control: both only need some way out.

Example
-------
A Calico rule `action: Allow` without a destination at the end of a policy.

Remedy
------
Accept the networks and ports that are needed; keep to names with a proxy or with
policies that know DNS.

References
----------
https://attack.mitre.org/tactics/TA0010/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.outside import public_atoms, values
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.addresses import Atom
    from firedoor.engine.reach.network import Network
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    network = context.written
    atoms = public_atoms(network, Family.V4)
    tcp = network.axis.mask("TCP")
    is_open: dict[int, bool] = {}
    for workload, positions in sorted(context.workloads.items()):
        for position in positions:
            profile = network.profile_of[position]
            if profile not in is_open:
                is_open[profile] = _is_open(network, profile, atoms, tcp)
            if is_open[profile] and not context.is_uncertain(position) and not _is_told(context, profile):
                yield _finding(network, workload, position)
                break


def _is_told(context: Context, profile: int) -> bool:
    """Return whether one rule allows everything by having no peers and no ports, which another check tells of."""
    policies = (each.policy for each in context.selecting[Direction.EGRESS][profile])
    return any(not rule.peers and not rule.ports for each in policies for rule in each.rules(Direction.EGRESS))


def _is_open(network: Network, profile: int, atoms: list[Atom], tcp: int) -> bool:
    if not any(True for _ in network.matrix[Direction.EGRESS].layering.policies(profile)):
        return False
    return all(value[0] & tcp == tcp for value in values(network, Direction.EGRESS, profile, atoms))


def _finding(network: Network, workload: ObjectRef, position: int) -> Finding:
    policies = network.matrix[Direction.EGRESS].layering.policies(network.profile_of[position])
    return CHECK.finding(
        workload,
        str(network.members[position].place),
        f"{workload} is isolated for egress, and may send anything to every public address",
        tuple(dict.fromkeys(f"{each.policy.place}: {each.policy.ref} applies to it" for each in policies)),
        Fix("accept the networks and the ports that it needs in place of all"),
    )


CHECK = Check(
    id="egress-internet-open",
    title="Isolated pods that may send anything to the whole internet",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="data and remote control leave the cluster unhindered",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("3",),
        nist_800_53=("AC-4", "SC-7", "SC-7(5)"),
        mitre=("T1041",),
        pci_dss_4=("1.3.2",),
    ),
    run=_run,
)
