"""Cases: what changes takes effect."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Case, Feature, Stage
from firedoor.engine.conformance.writing import from_, labelled, pods, policy, port, tries

_A = labelled(app="a")
_DENY = policy("deny", types="Ingress")
_FROM_B = policy("in", _A, ingress=[from_(pods(app="b"))], types="Ingress")
_FROM_C = policy("in", _A, ingress=[from_(pods(app="c"))], types="Ingress")
_FROM_BLUE = policy("in", _A, ingress=[from_({"namespaceSelector": labelled(team="blue")})], types="Ingress")
_HERE = tries("x/b x/c", "x/a")

CASES = (
    Case(
        "policy-deleted",
        Feature.CHANGES,
        "What a policy took away comes back when it is deleted.",
        (Stage((_DENY,), _HERE), Stage((), _HERE)),
    ),
    Case(
        "policy-changed",
        Feature.CHANGES,
        "When a policy is changed, its new rules hold and the old ones do not.",
        (Stage((_FROM_B,), _HERE), Stage((_FROM_C,), _HERE)),
    ),
    Case(
        "policy-added",
        Feature.CHANGES,
        "When a policy comes to others, or goes from them, what holds is what there is.",
        (Stage((_DENY,), _HERE), Stage((_DENY, _FROM_B), _HERE), Stage((_DENY,), _HERE)),
    ),
    Case(
        "peer-relabelled",
        Feature.CHANGES,
        "When the labels of a peer change, rules find it by its new ones.",
        (
            Stage((_FROM_B,), _HERE),
            Stage((_FROM_B,), _HERE, {"x/b": {"app": "other", "tier": "back"}, "x/c": {"app": "b"}}),
        ),
    ),
    Case(
        "subject-relabelled",
        Feature.CHANGES,
        "When the labels of a pod change, policies select it by its new ones.",
        (
            Stage((_FROM_B,), (*_HERE, *tries("x/c", "x/b"))),
            Stage(
                (_FROM_B,),
                (*_HERE, *tries("x/c y/a", "x/b")),
                {"x/a": {"app": "other"}, "x/b": {"app": "a", "tier": "back"}},
            ),
        ),
    ),
    Case(
        "namespace-relabelled",
        Feature.CHANGES,
        "When the labels of a namespace change, rules find its pods by its new ones.",
        (
            Stage((_FROM_BLUE,), tries("y/a z/a", "x/a")),
            Stage((_FROM_BLUE,), tries("y/a z/a", "x/a"), {"y": {"team": "green"}, "z": {"team": "blue"}}),
        ),
    ),
    Case(
        "later-pods",
        Feature.CHANGES,
        "Pods that are made after a policy are subjects and peers as those before.",
        (
            Stage(
                (
                    policy(
                        "in",
                        _A,
                        ingress=[from_(pods(app="late"), ports=(port(8080),))],
                        types="Ingress",
                    ),
                ),
                tries("x/late-b", "x/late-a", "TCP/8080 TCP/8081"),
            ),
            Stage((), tries("x/late-b", "x/late-a", "TCP/8080 TCP/8081")),
        ),
    ),
)
