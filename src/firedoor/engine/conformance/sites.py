"""The namespaces and pods that all cases are about."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Site, Space

SPACES = (Space("x", {"team": "red"}), Space("y", {"team": "blue"}), Space("z", {}))

HOST_PORT = 28733
"""A port of the node that is neither of those for NodePorts nor of those that clients get."""

_LISTENING = (*(("TCP", number) for number in range(8080, 8085)), ("UDP", 8080), ("UDP", 8081))
_NAMED = (("web", "TCP", 8080), ("name", "UDP", 8080))
_SCTP = (("SCTP", 8080), ("SCTP", 8081), ("TCP", 8080))

SITES = (
    Site(
        "x/a",
        {"app": "a", "tier": "front"},
        _LISTENING,
        _NAMED,
    ),
    Site("x/b", {"app": "b", "tier": "back"}, (("TCP", 8080), ("TCP", 8081), ("UDP", 8080)), (("web", "TCP", 8081),)),
    Site("x/c", {"app": "c"}, place=1),
    # By itself, because a pod cannot listen where the kernel has no SCTP.
    Site("x/s", {"app": "s"}, _SCTP),
    Site("y/a", {"app": "a", "tier": "front"}, (("TCP", 8080), ("TCP", 8081), ("UDP", 8080)), place=1),
    Site("y/b", {"app": "b"}),
    Site("z/a", {"app": "a"}, place=1),
    Site("x/host", {"app": "host"}, (("TCP", HOST_PORT),), host_network=True),
    Site("x/far", {"app": "far"}, (), place=1, host_network=True),
    Site("x/late-a", {"app": "a", "tier": "front"}, (("TCP", 8080), ("TCP", 8081)), is_late=True),
    Site("x/late-b", {"app": "late"}, place=1, is_late=True),
)
