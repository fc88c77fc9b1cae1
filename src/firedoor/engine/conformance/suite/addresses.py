"""Cases: blocks of addresses on the addresses of pods, which the API leaves open."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Case, Feature, Stage
from firedoor.engine.conformance.writing import block, from_, labelled, pods, policy, to, tries

_A = labelled(app="a")
_OPEN = "ipBlock is meant for addresses outside the cluster; whether it holds those of pods is up to the plugin."

CASES = (
    Case(
        "block-of-one-pod",
        Feature.IP_BLOCKS,
        "Whether a block with the address of a pod lets that pod in; other pods it does not.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(block("{x/b}"))], types="Ingress"),),
                tries("x/b x/c y/a", "x/a"),
            ),
        ),
        _OPEN,
    ),
    Case(
        "block-of-everything",
        Feature.IP_BLOCKS,
        "Whether a block of all addresses lets pods in.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(block("{all}"))], types="Ingress"),),
                (*tries("x/b y/a z/a", "x/a"), *tries("y/b", "x/b")),
            ),
        ),
        _OPEN,
    ),
    Case(
        "egress-block-of-one-pod",
        Feature.IP_BLOCKS,
        "Whether a block with the address of a pod lets others out to that pod.",
        (
            Stage(
                (policy("out", _A, egress=[to(block("{y/a}"))], types="Egress"),),
                tries("x/a", "y/a y/b x/b"),
            ),
        ),
        _OPEN,
    ),
    Case(
        "block-with-exception",
        Feature.EXCEPT,
        "An exception takes an address out of a block.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(block("{all}", "{x/b}"))], types="Ingress"),),
                tries("x/b x/c y/a", "x/a"),
            ),
        ),
        _OPEN,
    ),
    Case(
        "egress-block-with-exception",
        Feature.EXCEPT,
        "An exception takes an address out of a block in egress rules.",
        (
            Stage(
                (policy("out", _A, egress=[to(block("{all}", "{y/a}"))], types="Egress"),),
                tries("x/a", "y/a y/b x/c"),
            ),
        ),
        _OPEN,
    ),
    Case(
        "exception-and-another-rule",
        Feature.EXCEPT,
        "An exception takes nothing away from what another rule lets in.",
        (
            Stage(
                (
                    policy(
                        "in",
                        _A,
                        ingress=[from_(block("{all}", "{x/b}")), from_(pods(app="b"))],
                        types="Ingress",
                    ),
                ),
                tries("x/b x/c", "x/a"),
            ),
        ),
        _OPEN,
    ),
    Case(
        "exception-and-another-block",
        Feature.EXCEPT,
        "An exception of one block takes nothing away from another block of the same rule.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(block("{all}", "{x/b}"), block("{x/b}"))], types="Ingress"),),
                tries("x/b x/c", "x/a"),
            ),
        ),
        _OPEN,
    ),
)
