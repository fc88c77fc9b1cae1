"""Cases: expressions of selectors."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Case, Feature, Manifest, Stage
from firedoor.engine.conformance.writing import expressed, from_, labelled, policy, tries

_A = labelled(app="a")


def _case(name: str, tells: str, sources: str, *peers: Manifest) -> Case:
    peered = policy("in", _A, ingress=[from_(*peers)], types="Ingress")
    return Case(name, Feature.EXPRESSIONS, tells, (Stage((peered,), tries(sources, "x/a")),))


def _pods(name: str, tells: str, *expression: str) -> Case:
    """Return a case about pods of the policy's own namespace."""
    return _case(name, tells, "x/b x/c y/b", {"podSelector": expressed(*expression)})


def _spaces(name: str, tells: str, *expression: str) -> Case:
    """Return a case about all pods of namespaces."""
    return _case(name, tells, "x/b y/b z/a", {"namespaceSelector": expressed(*expression)})


CASES = (
    _pods("pods-in", "In matches pods with one of the values.", "app", "In", "b", "other"),
    _pods("pods-not-in", "NotIn matches pods with another value.", "app", "NotIn", "b"),
    _pods("pods-not-in-absent", "NotIn matches pods without the label too.", "tier", "NotIn", "back"),
    _pods("pods-exists", "Exists matches pods with the label, whatever its value.", "tier", "Exists"),
    _pods("pods-does-not-exist", "DoesNotExist matches pods without the label.", "tier", "DoesNotExist"),
    _spaces("namespaces-in", "In matches namespaces with one of the values.", "team", "In", "blue", "green"),
    _spaces("namespaces-not-in", "NotIn matches namespaces with another value, or without it.", "team", "NotIn", "red"),
    _spaces("namespaces-exists", "Exists matches namespaces with the label.", "team", "Exists"),
    _spaces("namespaces-does-not-exist", "DoesNotExist matches namespaces without it.", "team", "DoesNotExist"),
    _case(
        "labels-and-expressions",
        "Labels and expressions of one selector must all match.",
        "x/b y/a y/b z/a",
        {
            "namespaceSelector": {**labelled(team="blue"), **expressed("kubernetes.io/metadata.name", "Exists")},
            "podSelector": {**labelled(app="a"), **expressed("tier", "In", "front")},
        },
    ),
    Case(
        "subject-by-expression",
        Feature.EXPRESSIONS,
        "Expressions choose the pods that a policy is for as well.",
        (
            Stage(
                (policy("deny", expressed("tier", "Exists"), types="Ingress"),),
                (*tries("x/c", "x/a x/b"), *tries("x/a y/b", "x/c")),
            ),
        ),
    ),
)
