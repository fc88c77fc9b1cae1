"""Cases: ports by number, by name and by range."""

from __future__ import annotations

from firedoor.engine.conformance.shapes import Case, Feature, Manifest, Stage, Try
from firedoor.engine.conformance.writing import from_, labelled, pods, policy, port, to, tries

_A = labelled(app="a")


def _in(name: str, feature: Feature, tells: str, ports: tuple[Manifest, ...], found: tuple[Try, ...]) -> Case:
    """Return a case about the ports of an ingress rule of one pod."""
    opened = policy("in", _A, ingress=[from_(ports=ports)], types="Ingress")
    return Case(name, feature, tells, (Stage((opened,), found),))


def _out(name: str, feature: Feature, tells: str, ports: tuple[Manifest, ...], found: tuple[Try, ...]) -> Case:
    """Return a case about the ports of an egress rule of one pod."""
    opened = policy("out", labelled(app="c"), egress=[to(ports=ports)], types="Egress")
    return Case(name, feature, tells, (Stage((opened,), found),))


CASES = (
    _in(
        "port-number",
        Feature.PORTS,
        "A rule opens its ports, all of them and no others.",
        (port(8080), port(8082)),
        tries("x/b y/a", "x/a", "TCP/8080 TCP/8081 TCP/8082"),
    ),
    _in(
        "protocol-default",
        Feature.PORTS,
        "A port without protocol is one of TCP.",
        (port(8080),),
        tries("x/b", "x/a", "TCP/8080 UDP/8080"),
    ),
    _in(
        "every-port-of-a-protocol",
        Feature.PORTS,
        "A protocol without port means all its ports, and no other protocol.",
        (port(protocol="TCP"),),
        tries("x/b", "x/a", "TCP/8080 TCP/8081 UDP/8080"),
    ),
    Case(
        "peer-and-port",
        Feature.PORTS,
        "A rule needs both its peer and its port; those of two rules do not mix.",
        (
            Stage(
                (
                    policy(
                        "in",
                        _A,
                        ingress=[
                            from_(pods(app="b"), ports=(port(8080),)),
                            from_(pods(app="c"), ports=(port(8081),)),
                        ],
                        types="Ingress",
                    ),
                ),
                tries("x/b x/c y/b", "x/a", "TCP/8080 TCP/8081"),
            ),
        ),
    ),
    _out(
        "egress-port",
        Feature.PORTS,
        "In egress rules, too, a port is the one that is connected to.",
        (port(8080),),
        tries("x/c", "x/a x/b y/a", "TCP/8080 TCP/8081"),
    ),
    _in(
        "named-port",
        Feature.NAMED_PORTS,
        "A port name means the number that the pod has under it.",
        (port("web"),),
        tries("x/b y/a", "x/a", "TCP/8080 TCP/8081"),
    ),
    Case(
        "named-port-of-different-numbers",
        Feature.NAMED_PORTS,
        "One port name means another number where another pod has that under it.",
        (
            Stage(
                (policy("in", ingress=[from_(ports=(port("web"),))], types="Ingress"),),
                (*tries("x/c y/a", "x/a x/b", "TCP/8080 TCP/8081"), *tries("x/a", "x/c")),
            ),
        ),
    ),
    _out(
        "egress-named-port",
        Feature.NAMED_PORTS,
        "In egress rules a port name means the number that the pod has under it which is connected to.",
        (port("web"),),
        (*tries("x/c", "x/a x/b", "TCP/8080 TCP/8081"), *tries("x/c", "y/b")),
    ),
    _in(
        "named-port-of-udp",
        Feature.NAMED_PORTS,
        "A port name is looked for among the ports of the protocol of the rule.",
        (port("name", "UDP"),),
        tries("x/b", "x/a", "UDP/8080 UDP/8081 TCP/8080"),
    ),
    _in(
        "named-port-of-nobody",
        Feature.NAMED_PORTS,
        "A port name that no pod has opens nothing.",
        (port("nobody"), port(8082)),
        tries("x/b", "x/a", "TCP/8080 TCP/8081 TCP/8082"),
    ),
    Case(
        "named-port-of-nobody-from-peers",
        Feature.NAMED_PORTS,
        "A port name that no pod has opens nothing to the peers of its rule either.",
        (
            Stage(
                (
                    policy(
                        "in",
                        _A,
                        ingress=[from_(pods(app="b"), ports=(port("nobody"),)), from_(pods(app="c"))],
                        types="Ingress",
                    ),
                ),
                tries("x/b x/c", "x/a", "TCP/8080 TCP/8081"),
            ),
        ),
    ),
    Case(
        "egress-named-port-of-peers",
        Feature.NAMED_PORTS,
        "In egress rules with peers a port name means the number that each of them has under it.",
        (
            Stage(
                (
                    policy(
                        "out",
                        labelled(app="c"),
                        egress=[to({"podSelector": {}}, ports=(port("web"),))],
                        types="Egress",
                    ),
                ),
                tries("x/c", "x/a x/b", "TCP/8080 TCP/8081"),
            ),
        ),
    ),
    _in(
        "port-range",
        Feature.END_PORT,
        "A range opens its ports, from the first to the last.",
        (port(8081, end=8083),),
        tries("x/b", "x/a", "TCP/8080 TCP/8081 TCP/8082 TCP/8083 TCP/8084"),
    ),
    _in(
        "port-ranges",
        Feature.END_PORT,
        "Several ranges open the ports of all of them; a range may be of one port.",
        (port(8080, "TCP", 8081), port(8084, "TCP", 8084)),
        tries("x/b", "x/a", "TCP/8080 TCP/8081 TCP/8082 TCP/8084"),
    ),
    _out(
        "egress-port-range",
        Feature.END_PORT,
        "Ranges mean the same in egress rules.",
        (port(8081, end=8082),),
        tries("x/c", "x/a", "TCP/8080 TCP/8081 TCP/8082 TCP/8083"),
    ),
)
