"""
Ports for the administration of machines, containers and clusters, reachable from outside.

What it finds
-------------
Pods that a Service or a route opens to the outside on the usual port of SSH, Telnet,
RDP, VNC, WinRM, Docker, the kubelet, etcd, the API server, or of a debugger.

Why it matters
--------------
These protocols give control of what is behind them. They are searched for on the whole
internet all the time.

Example
-------
A LoadBalancer for port 22 of a pod.

Remedy
------
Reach it by kubectl port-forward or a VPN, and take the port out of the Service.

References
----------
https://attack.mitre.org/techniques/T1133/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.exposed import on_known_ports
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_PORTS = {
    22: "SSH",
    23: "Telnet",
    2375: "the Docker API without TLS",
    2376: "the Docker API",
    2379: "etcd",
    2380: "etcd between its members",
    3389: "RDP",
    5900: "VNC",
    5985: "WinRM",
    5986: "WinRM",
    6443: "an API server of Kubernetes",
    9229: "the debugger of Node.js",
    10250: "a kubelet",
    10255: "a kubelet without authentication",
    10257: "a controller manager",
    10259: "a scheduler",
}

_FIX = "reach it by kubectl port-forward or a VPN, and take the port out of the Service"


def _run(context: Context) -> Iterator[Finding]:
    return on_known_ports(CHECK, context, _PORTS, _FIX)


CHECK = Check(
    id="exposed-admin-port",
    title="Ports of administration that the outside reaches",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever is let in by this protocol controls what is behind it",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2",),
        nist_800_53=("AC-4", "AC-17", "SC-7"),
        mitre=("T1133",),
        pci_dss_4=("1.4.2", "2.2.4"),
    ),
    run=_run,
)
