"""All cases, simple ones first: what comes later builds on what came before."""

from __future__ import annotations

from firedoor.engine.conformance.suite import addresses, changes, expressions, isolation, nodes, peers, ports, protocols

SUITE = (
    *isolation.CASES,
    *peers.CASES,
    *expressions.CASES,
    *ports.CASES,
    *protocols.CASES,
    *addresses.CASES,
    *nodes.CASES,
    *changes.CASES,
)
