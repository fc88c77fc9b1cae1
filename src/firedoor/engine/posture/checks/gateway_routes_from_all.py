"""
Gateways that take routes from every namespace, for any host.

What it finds
-------------
Listeners of Gateways with `allowedRoutes.namespaces.from: All` (or a selector that
every namespace meets) and no `hostname`.

Why it matters
--------------
Whoever may create a route in any namespace gets traffic of any host that the gateway
serves, with its certificate.

Example
-------
One Gateway in `infra` for the whole cluster, without host names.

Remedy
------
Give each listener a `hostname`, or admit namespaces by a selector.

References
----------
https://gateway-api.sigs.k8s.io/guides/multiple-ns/
https://gateway-api.sigs.k8s.io/concepts/security-model/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.gateways import GATEWAY_API
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.gateways import Listener


def _run(context: Context) -> Iterator[Finding]:
    for gateway in context.snapshot.gateways:
        if gateway.group != GATEWAY_API:
            continue
        for number, listener in enumerate(gateway.listeners):
            if listener.hosts or not _admits_all(listener):
                continue
            ref = ObjectRef("Gateway", gateway.metadata.namespace, gateway.metadata.name)
            path = f"spec.listeners[{number}]"
            yield CHECK.finding(
                ref,
                gateway.place.at(path),
                f"listener {listener.name} of {ref} takes routes of every namespace for any host",
                (f"{path}: allowedRoutes.namespaces.from is {listener.namespaces}, and there is no hostname",),
                Fix(f"set {path}.hostname, or allowedRoutes.namespaces with a selector"),
            )


def _admits_all(listener: Listener) -> bool:
    return listener.namespaces == "All" or (listener.namespaces == "Selector" and listener.selector.is_empty)


CHECK = Check(
    id="gateway-routes-from-all",
    title="Gateways that any namespace attaches routes to",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever may create routes anywhere may take traffic of any of its hosts",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("namespaces",),
        nist_800_207=("3",),
        nist_800_53=("AC-3", "AC-4"),
        mitre=("T1557",),
        pci_dss_4=("A1.1.2",),
    ),
    run=_run,
)
