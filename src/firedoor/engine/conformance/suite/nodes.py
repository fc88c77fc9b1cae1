"""Cases: nodes, and the pods on their network."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Case, Feature, Stage
from firedoor.engine.conformance.sites import HOST_PORT
from firedoor.engine.conformance.writing import block, from_, labelled, pods, policy, to, tries

_A, _C = labelled(app="a"), labelled(app="c")
_HOST = f"TCP/{HOST_PORT}"
_NODES = "Whether ipBlock holds the addresses of nodes is up to the plugin."
_HOSTS = "What policies mean for pods on the network of their node is undefined."

CASES = (
    Case(
        "own-node-gets-in",
        Feature.OWN_NODE,
        "The node that a pod runs on reaches it, whatever isolates it: health checks come from there.",
        (Stage((policy("deny", types="Ingress Egress"),), (*tries("x/host", "x/a"), *tries("y/b", "x/a"))),),
    ),
    Case(
        "own-node-is-reached",
        Feature.OWN_NODE,
        "Whether a pod that may connect to nobody reaches the node that it runs on.",
        (Stage((policy("deny", _A, types="Ingress Egress"),), tries("x/a", "x/host", _HOST)),),
        "Some plugins let a pod reach its own node, whatever isolates it.",
        is_undefined=True,
    ),
    Case(
        "another-node-is-kept-out",
        Feature.HOST_NETWORK,
        "A node that a pod does not run on is kept out as others are.",
        (Stage((policy("deny", types="Ingress Egress"),), (*tries("x/far", "x/a"), *tries("y/b", "x/a"))),),
        places=2,
    ),
    Case(
        "block-of-another-node",
        Feature.IP_BLOCKS,
        "Whether a block with the address of a node lets in what comes from there.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(block("{x/far}"))], types="Ingress"),),
                tries("x/far x/b", "x/a"),
            ),
        ),
        _NODES,
        places=2,
    ),
    Case(
        "egress-block-of-a-node",
        Feature.IP_BLOCKS,
        "Whether a block with the address of a node lets pods out to there.",
        (
            Stage(
                (policy("out", _C, egress=[to(block("{x/host}"))], types="Egress"),),
                (*tries("x/c", "x/host", _HOST), *tries("x/c", "x/a")),
            ),
        ),
        _NODES,
    ),
    Case(
        "host-network-subject",
        Feature.HOST_NETWORK,
        "Whether a policy that selects a pod on the network of its node isolates that.",
        (
            Stage(
                (policy("deny", labelled(app="host"), types="Ingress Egress"),),
                (*tries("x/b y/a", "x/host", _HOST), *tries("x/host", "x/a")),
            ),
        ),
        _HOSTS,
        is_undefined=True,
    ),
    Case(
        "host-network-source",
        Feature.HOST_NETWORK,
        "Whether a pod selector finds a pod on the network of another node that connects.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(pods(app="far"))], types="Ingress"),),
                tries("x/far", "x/a"),
            ),
        ),
        _HOSTS,
        is_undefined=True,
        places=2,
    ),
    Case(
        "host-network-destination",
        Feature.HOST_NETWORK,
        "Whether a pod selector finds a pod on the network of its node that is connected to.",
        (
            Stage(
                (policy("out", _C, egress=[to(pods(app="host"))], types="Egress"),),
                tries("x/c", "x/host", _HOST),
            ),
        ),
        _HOSTS,
        is_undefined=True,
    ),
)
