"""Cases: who is isolated, in which direction, and what always passes."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Case, Feature, Stage
from firedoor.engine.conformance.writing import from_, labelled, pods, policy, port, to, tries

_A = labelled(app="a")

CASES = (
    Case(
        "ingress-default-deny",
        Feature.INGRESS,
        "A policy for all pods of a namespace without ingress rules lets nobody in, and changes nothing else.",
        (
            Stage(
                (policy("deny", types="Ingress"),),
                (*tries("x/b x/c y/a z/a", "x/a"), *tries("x/a", "y/a z/a"), *tries("x/a y/a", "y/b")),
            ),
        ),
    ),
    Case(
        "ingress-no-rules",
        Feature.INGRESS,
        "An empty list of ingress rules lets nobody in either.",
        (Stage((policy("deny", _A, ingress=[], types="Ingress"),), (*tries("x/b y/a", "x/a"), *tries("y/a", "x/b"))),),
    ),
    Case(
        "ingress-allow-all",
        Feature.INGRESS,
        "An empty ingress rule lets everybody in, on every port.",
        (
            Stage(
                (policy("allow", _A, ingress=[{}], types="Ingress"), policy("deny", types="Ingress")),
                (*tries("x/b y/a z/a", "x/a", "TCP/8080 UDP/8080"), *tries("x/c", "x/b")),
            ),
        ),
    ),
    Case(
        "ingress-empty-from",
        Feature.INGRESS,
        "An empty list of peers means everybody, on the ports of the rule.",
        (
            Stage(
                (policy("allow", _A, ingress=[{"from": [], "ports": [port(8080)]}], types="Ingress"),),
                tries("x/b y/a z/a", "x/a", "TCP/8080 TCP/8081"),
            ),
        ),
    ),
    Case(
        "egress-default-deny",
        Feature.EGRESS,
        "A policy for egress without rules lets nobody out, and everybody in.",
        (Stage((policy("deny", types="Egress"),), (*tries("x/a", "x/b y/a z/a"), *tries("y/a z/a", "x/a"))),),
    ),
    Case(
        "egress-allow-all",
        Feature.EGRESS,
        "An empty egress rule lets a pod out to everybody, on every port.",
        (
            Stage(
                (policy("allow", _A, egress=[{}], types="Egress"), policy("deny", types="Egress")),
                (*tries("x/a", "x/b y/a z/a"), *tries("x/a", "y/a", "UDP/8080"), *tries("x/c", "x/b")),
            ),
        ),
    ),
    Case(
        "egress-rule",
        Feature.EGRESS,
        "An egress rule lets a pod out to its peers, on its ports.",
        (
            Stage(
                (policy("allow", _A, egress=[to(pods(app="b"), ports=(port(8080),))], types="Egress"),),
                (*tries("x/a", "x/b", "TCP/8080 TCP/8081"), *tries("x/a", "x/c y/b"), *tries("x/c", "y/b")),
            ),
        ),
    ),
    Case(
        "both-ends-needed",
        Feature.EGRESS,
        "A connection needs the consent of the egress policies at one end and of the ingress policies at the other.",
        (
            Stage(
                (
                    policy("out", _A, egress=[to({"namespaceSelector": labelled(team="blue")})], types="Egress"),
                    policy(
                        "in",
                        _A,
                        space="y",
                        ingress=[from_({"namespaceSelector": labelled(team="red"), "podSelector": labelled(app="b")})],
                        types="Ingress",
                    ),
                ),
                (*tries("x/a x/b x/c", "y/a"), *tries("x/a", "y/b x/b")),
            ),
        ),
    ),
    Case(
        "types-without-egress",
        Feature.POLICY_TYPES,
        "A policy that names no types and has no egress rules isolates for ingress alone.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(pods(app="b"))]),),
                (*tries("x/b x/c", "x/a"), *tries("x/a", "x/b y/a")),
            ),
        ),
    ),
    Case(
        "types-with-egress",
        Feature.POLICY_TYPES,
        "A policy that names no types and has an egress rule isolates for ingress too.",
        (
            Stage(
                (policy("out", _A, egress=[to(pods(app="b"))]),),
                (*tries("x/b y/a", "x/a"), *tries("x/a", "x/b x/c")),
            ),
        ),
    ),
    Case(
        "types-ingress-only",
        Feature.POLICY_TYPES,
        "Egress rules count for nothing where the types name ingress alone.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(pods(app="b"))], egress=[to(pods(app="b"))], types="Ingress"),),
                (*tries("x/b x/c", "x/a"), *tries("x/a", "x/b x/c")),
            ),
        ),
    ),
    Case(
        "types-egress-only",
        Feature.POLICY_TYPES,
        "Ingress rules count for nothing where the types name egress alone.",
        (
            Stage(
                (policy("out", _A, ingress=[from_(pods(app="b"))], egress=[to(pods(app="b"))], types="Egress"),),
                (*tries("x/b x/c", "x/a"), *tries("x/a", "x/b x/c")),
            ),
        ),
    ),
    Case(
        "two-policies-add-up",
        Feature.UNION,
        "What any of several policies lets in is let in.",
        (
            Stage(
                (
                    policy("first", _A, ingress=[from_(pods(app="b"))], types="Ingress"),
                    policy("second", _A, ingress=[from_(pods(app="c"))], types="Ingress"),
                ),
                tries("x/b x/c y/a", "x/a"),
            ),
        ),
    ),
    Case(
        "deny-and-allow-add-up",
        Feature.UNION,
        "A default deny takes nothing away from what another policy lets in.",
        (
            Stage(
                (
                    policy("a-deny", types="Ingress Egress"),
                    policy("b-allow", _A, ingress=[from_({"namespaceSelector": labelled(team="blue")})]),
                ),
                (*tries("x/b y/a z/a", "x/a"), *tries("y/a", "x/b"), *tries("x/a", "y/a")),
            ),
        ),
    ),
    Case(
        "ports-of-two-policies",
        Feature.UNION,
        "Ports that two policies allow to one peer are both open.",
        (
            Stage(
                (
                    policy("first", _A, ingress=[from_(pods(app="b"), ports=(port(8080),))], types="Ingress"),
                    policy("second", _A, ingress=[from_(pods(app="b"), ports=(port(8081),))], types="Ingress"),
                ),
                (*tries("x/b", "x/a", "TCP/8080 TCP/8081 TCP/8082"), *tries("x/c", "x/a", "TCP/8081")),
            ),
        ),
    ),
    Case(
        "directions-of-two-policies",
        Feature.UNION,
        "A policy for ingress and another for egress of one pod do not get in each other's way.",
        (
            Stage(
                (
                    policy("in", _A, ingress=[from_(pods(app="b"))], types="Ingress"),
                    policy("out", _A, egress=[to(pods(app="c"))], types="Egress"),
                ),
                (*tries("x/b x/c", "x/a"), *tries("x/a", "x/b x/c")),
            ),
        ),
    ),
    Case(
        "pod-to-itself",
        Feature.SELF,
        "A pod reaches itself at its own address, whatever isolates it.",
        (Stage((policy("deny", types="Ingress Egress"),), (*tries("x/a", "x/a"), *tries("x/b", "x/a"))),),
    ),
    Case(
        "replies-of-the-isolated",
        Feature.REPLIES,
        "What answers a connection that is allowed passes, although nothing else may leave the pod.",
        (
            Stage(
                (policy("in", _A, ingress=[from_(pods(app="b"))], types="Ingress Egress"),),
                (*tries("x/b", "x/a", "TCP/8080 UDP/8080"), *tries("x/a", "x/b y/b")),
            ),
        ),
    ),
    Case(
        "replies-to-the-isolated",
        Feature.REPLIES,
        "What answers a connection that a pod opened gets in, although nobody else does.",
        (
            Stage(
                (policy("deny", _A, types="Ingress"),),
                (*tries("x/a", "x/b", "TCP/8080 UDP/8080"), *tries("x/b", "x/a", "TCP/8080 UDP/8080")),
            ),
        ),
    ),
    Case(
        "through-a-service",
        Feature.SERVICES,
        "Through a Service the same passes as without one: peers and ports are those of the pods.",
        (
            Stage(
                (
                    policy("in", _A, ingress=[from_(pods(app="b"), ports=(port(8080),))], types="Ingress"),
                    policy("out", labelled(app="c"), egress=[to(pods(app="b"))], types="Egress"),
                ),
                (
                    *tries("x/b x/c y/b", "x/a", through_service=True),
                    *tries("x/c", "x/b y/b", through_service=True),
                ),
            ),
        ),
    ),
)
