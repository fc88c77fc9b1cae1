"""
Rules of Istio that ask for methods or paths where there are none.

What it finds
-------------
Rules of AuthorizationPolicies that list ports and ask something of HTTP requests
(methods, paths, hosts, headers, tokens), where a Service says by the name of its port
that the port of the workload is TCP, TLS or the protocol of a database.

Why it matters
--------------
On such a port the proxy sees no requests. A rule that allows then matches nothing, and
all is denied; a rule that denies matches as if it asked for nothing, and all is denied
too.

Example
-------
`ports: ["5432"], methods: [GET]` for a Service with a port named `tcp-pg`.

Remedy
------
Leave the HTTP fields out, or name the port `http` if it speaks HTTP.

References
----------
https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.exposure import target_port
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.doors import selected
from firedoor.engine.posture.words import listed
from firedoor.engine.reach.dialects.istio.vocabulary import deciding
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.istio import Action as IstioAction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.model.findings import Finding
    from firedoor.model.istio import AuthorizationPolicy, AuthorizationRule

_OPAQUE = frozenset({"mongo", "mysql", "postgres", "redis", "tcp", "tls", "https", "udp"})
"""How names of ports begin on which the proxy sees no requests."""


def _run(context: Context) -> Iterator[Finding]:
    policies = [each for each in deciding(context.written.typed.authorizations) if not each.target_refs]
    if not policies:
        return
    opaque = _opaque(context)
    for policy in policies:
        for rule in policy.rules or ():
            ports = {port for each in rule.operations for port in each.ports}
            if not rule.requests or not ports or not all(each.ports for each in rule.operations):
                continue
            found = [each for each in opaque.get(policy.metadata.namespace, ()) if each[0] in ports]
            found = [each for each in found if (policy.selector or {}).items() <= each[1].member.labels.items()]
            if found:
                yield _finding(policy, rule, found)


def _opaque(context: Context) -> dict[str, list[tuple[int, Crew, str]]]:
    """Return the ports of pods, by namespace, on which the proxy sees no requests, with what says so."""
    found: dict[str, list[tuple[int, Crew, str]]] = defaultdict(list)
    for service in context.snapshot.services:
        for crew in selected(service, context.homes):
            for port in service.spec.ports:
                number = target_port(port, crew.member)
                if number is not None and port.name.partition("-")[0] in _OPAQUE:
                    told = f"{service.place}: Service {service.metadata.name} names the port {port.name}"
                    found[service.metadata.namespace].append((number, crew, told))
    return found


def _finding(policy: AuthorizationPolicy, rule: AuthorizationRule, found: list[tuple[int, Crew, str]]) -> Finding:
    effect = "matches nothing" if policy.action is IstioAction.ALLOW else "matches every connection"
    ports = sorted({number for number, _, _ in found})
    return CHECK.finding(
        policy.ref,
        policy.place.at(rule.path),
        f"{rule.path} of {policy.ref} asks for {rule.requests} on port {listed(ports)}, which is not HTTP: it {effect}",
        tuple(dict.fromkeys(told for _, _, told in found)),
        Fix("leave the fields about HTTP out, or name the port of the Service http if it speaks HTTP"),
    )


CHECK = Check(
    id="istio-http-on-tcp",
    title="Authorization rules about HTTP for ports that are not HTTP",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="the proxy sees no requests there, and denies what was to be allowed",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("service-meshes",),
        nist_800_207=("6",),
        nist_800_53=("AC-3", "CM-6"),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
