"""Cases: protocols other than TCP."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Case, Feature, Stage
from firedoor.engine.conformance.writing import from_, labelled, pods, policy, port, to, tries


def _cases(feature: Feature, subject: str) -> tuple[Case, ...]:
    """Return the cases of a protocol; `subject` is the site in ``x`` that listens to it."""
    protocol, site, selected = feature.value, f"x/{subject}", labelled(app=subject)
    both = f"{protocol}/8080 {protocol}/8081"
    opened = (port(8080, protocol),)
    return (
        Case(
            f"{protocol.lower()}-default-deny",
            feature,
            f"Who is isolated gets no {protocol}.",
            (
                Stage(
                    (
                        policy("deny", selected, types="Ingress"),
                        policy("out", labelled(app="a"), space="y", types="Egress"),
                    ),
                    tries("x/b y/a y/b", site, both),
                ),
            ),
        ),
        Case(
            f"{protocol.lower()}-port",
            feature,
            f"A port of {protocol} is opened, no other one, and not that of TCP.",
            (
                Stage(
                    (policy("in", selected, ingress=[from_(pods(app="b"), ports=opened)], types="Ingress"),),
                    (*tries("x/b x/c", site, both), *tries("x/b", site)),
                ),
            ),
        ),
        Case(
            f"{protocol.lower()}-egress",
            feature,
            f"Egress rules mean the same for {protocol}.",
            (
                Stage(
                    (policy("out", labelled(app="c"), egress=[to(ports=opened)], types="Egress"),),
                    (*tries("x/c", site, both), *tries("x/c", site)),
                ),
            ),
        ),
        Case(
            f"{protocol.lower()}-every-port",
            feature,
            f"{protocol} without port means all its ports.",
            (
                Stage(
                    (policy("in", selected, ingress=[from_(ports=(port(protocol=protocol),))], types="Ingress"),),
                    (*tries("x/b", site, both), *tries("x/b", site)),
                ),
            ),
        ),
    )


CASES = (*_cases(Feature.UDP, "a"), *_cases(Feature.SCTP, "s"))
