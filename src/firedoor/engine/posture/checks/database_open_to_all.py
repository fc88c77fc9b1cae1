"""
Isolated databases that every namespace may connect to.

What it finds
-------------
Pods on the usual port of a database with policies for ingress that still accept that
port from pods of every other namespace, of which there are at least two. Pods without
any policy for ingress are told of elsewhere.

Why it matters
--------------
One compromised pod of any team reaches the data, and its flaws and weak passwords.

Example
-------
`from: [{namespaceSelector: {}}]` for port 5432.

Remedy
------
Admit the applications that use it.

References
----------
https://attack.mitre.org/techniques/T1210/
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.engine.reach.network import Network
    from firedoor.model.findings import Finding

_PORTS = frozenset({1433, 1521, 3306, 5432, 5984, 6379, 7687, 8086, 9042, 9200, 11211, 26257, 27017})
FEWEST = 2
"""Other namespaces that there must be."""


def _run(context: Context) -> Iterator[Finding]:
    network = context.written
    homes: dict[str, list[int]] = defaultdict(list)
    for number, profile in enumerate(network.profiles):
        if not profile.host_network:
            homes[profile.namespace].append(number)
    for crew in context.first_crews:
        ports = [number for protocol, number in crew.member.listening if protocol == "TCP" and number in _PORTS]
        if ports and not crew.spec.host_network and len(homes) > FEWEST:
            found = [each for each in ports if _is_open(network, crew, each, homes)]
            if found:
                yield _finding(context, crew, found, len(homes) - 1)


def _is_open(network: Network, crew: Crew, port: int, homes: dict[str, list[int]]) -> bool:
    matrix = network.matrix[Direction.INGRESS]
    profile = network.profile_of[crew.position]
    if not any(True for _ in matrix.layering.policies(profile)):
        return False
    bit = 1 << network.axis.atom("TCP", port)
    row = matrix.row(int(matrix.program_of[profile]))
    accepted = np.asarray([bool(value[0] & bit) for value in matrix.table.values])[row]
    others = (numbers for namespace, numbers in homes.items() if namespace != crew.workload.namespace)
    return all(accepted[numbers].any() for numbers in others)


def _finding(context: Context, crew: Crew, ports: list[int], others: int) -> Finding:
    network = context.written
    policies = network.matrix[Direction.INGRESS].layering.policies(network.profile_of[crew.position])
    return CHECK.finding(
        crew.workload,
        crew.source,
        f"{crew.workload} accepts pods of every namespace on {listed(f'TCP/{each}' for each in ports)}",
        (
            f"pods of all {others} other namespaces are accepted",
            *dict.fromkeys(f"{each.policy.place}: {each.policy.ref} applies to it" for each in policies),
        ),
        Fix("admit the pods that use it, each by its namespace and its labels"),
    )


CHECK = Check(
    id="database-open-to-all",
    title="Databases that pods of every namespace may reach",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="one compromised pod of any team reaches the data",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2", "3"),
        nist_800_53=("AC-4", "SC-7(21)"),
        mitre=("T1046",),
        pci_dss_4=("1.3.1", "7.2.6"),
    ),
    run=_run,
)
