"""Cases: selectors of pods and of namespaces."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Case, Feature, Manifest, Stage
from firedoor.engine.conformance.writing import from_, labelled, pods, policy, port, to, tries

_A = labelled(app="a")
_EVERYBODY = "x/b x/c y/a y/b z/a"


def _from(name: str, feature: Feature, tells: str, *peers: Manifest) -> Case:
    """Return the case that some peers, and nobody else, get in to one pod."""
    peered = policy("in", _A, ingress=[from_(*peers)], types="Ingress")
    return Case(name, feature, tells, (Stage((peered,), tries(_EVERYBODY, "x/a")),))


CASES = (
    Case(
        "subject-by-label",
        Feature.PODS,
        "A policy is for the pods of its own namespace that it selects, and no others.",
        (
            Stage(
                (policy("deny", _A, types="Ingress"),),
                (*tries("x/b y/b", "x/a"), *tries("x/a", "x/b x/c y/a z/a"), *tries("x/c", "y/a")),
            ),
        ),
    ),
    _from(
        "pod-selector",
        Feature.PODS,
        "A pod selector alone means pods of the policy's own namespace.",
        pods(app="b"),
    ),
    _from(
        "empty-pod-selector",
        Feature.PODS,
        "An empty pod selector means all pods of the policy's own namespace, and none of others.",
        {"podSelector": {}},
    ),
    Case(
        "all-labels-must-match",
        Feature.PODS,
        "A selector of two labels matches pods that have both.",
        (
            Stage(
                (
                    policy(
                        "in",
                        _A,
                        ingress=[
                            from_(pods(app="b", tier="front"), ports=(port(8080),)),
                            from_(pods(app="b", tier="back"), ports=(port(8081),)),
                        ],
                        types="Ingress",
                    ),
                ),
                tries("x/b x/c", "x/a", "TCP/8080 TCP/8081"),
            ),
        ),
    ),
    _from(
        "namespace-selector",
        Feature.NAMESPACES,
        "A namespace selector means all pods of the namespaces that it matches, and not those of its own besides.",
        {"namespaceSelector": labelled(team="blue")},
    ),
    _from(
        "namespace-by-name",
        Feature.NAMESPACES,
        "A namespace is found by the label with its name, which the API server sets.",
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "{z}"}}},
    ),
    Case(
        "every-namespace",
        Feature.NAMESPACES,
        "An empty namespace selector means all pods of all namespaces.",
        (
            Stage(
                (
                    policy(
                        "in",
                        _A,
                        ingress=[from_({"namespaceSelector": {}}, ports=(port(8080),))],
                        types="Ingress",
                    ),
                ),
                (*tries(_EVERYBODY, "x/a"), *tries("x/b y/a", "x/a", "TCP/8081")),
            ),
        ),
    ),
    _from(
        "both-selectors-in-one-peer",
        Feature.NAMESPACES,
        "Two selectors in one peer must both match.",
        {"namespaceSelector": labelled(team="blue"), "podSelector": labelled(app="a")},
    ),
    _from(
        "selectors-in-two-peers",
        Feature.NAMESPACES,
        "Of selectors in two peers either may match.",
        {"namespaceSelector": labelled(team="blue")},
        pods(app="b"),
    ),
    Case(
        "egress-selectors",
        Feature.NAMESPACES,
        "Selectors mean the same in egress rules.",
        (
            Stage(
                (
                    policy(
                        "out",
                        _A,
                        egress=[
                            to(
                                {"namespaceSelector": labelled(team="blue"), "podSelector": labelled(app="a")},
                                pods(app="c"),
                            )
                        ],
                        types="Egress",
                    ),
                ),
                tries("x/a", _EVERYBODY),
            ),
        ),
    ),
)
