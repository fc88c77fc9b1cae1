"""Strategies for the rules of Cilium policies: selectors, peers of every kind, ports, and what layer 7 asks for."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from hypothesis import strategies as st

from tests.strategies.policies import CIDRS, PORT_NAMES, PORT_NUMBERS
from tests.strategies.selectors import LABEL_KEYS, LABEL_VALUES, NAMESPACES, Manifest, shaped

SECTIONS = ("ingress", "egress", "ingressDeny", "egressDeny")
DENYING = ("ingressDeny", "egressDeny")
SOURCES = ("", "", "k8s:", "any:")
NAMESPACE = "io.kubernetes.pod.namespace"
OF_NAMESPACE = "io.cilium.k8s.namespace.labels."
ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
CLUSTER = "io.cilium.k8s.policy.cluster"
ACCOUNTS = ("default", "web")
RESERVED = ("host", "remote-node", "world", "kube-apiserver", "health")
ENTITIES = ("all", "cluster", "world", "host", "remote-node", "kube-apiserver", "cluster-mesh")
EMPTY_ENTITIES = ("ingress", "health", "init", "unmanaged", "none")
# Lenient spellings are for NetworkPolicy.
BLOCKS = tuple(cidr for cidr in CIDRS if "::ffff:" not in cidr)
GROUPS = ("group-0", "group-1", "absent")
NAME_OF_GROUP = "io.cilium.policy.cidrgroupname/"
MARKS = ("reserved:world", "reserved:world-ipv6", "any:host", "any:kube-apiserver")
SERVICES = ("service-0", "service-1", "absent")
NODE_LABEL, ROLES = "role", ("edge", "core")
NAMES = ("example.test", "www.example.test", "a.b.example.test", "example.org")
PATTERNS = ("*", "*.example.test", "**.example.test", "*example.test", "example.*", "w*.example.test")
PROTOCOLS = ("TCP", "UDP", "SCTP", "ANY")


@cache
@st.composite
def specs(draw: st.DrawFn, *, clusterwide: bool) -> Manifest:
    """Generate one rule for pods: whom it is for, and what it allows and denies in either direction."""
    everyone: st.SearchStrategy[Manifest] = st.just({})
    some = _selectors(_pod_labels())
    subjects = st.one_of(everyone, everyone, some, endpoint_selectors() if clusterwide else some)
    spec: Manifest = {"endpointSelector": draw(subjects)}
    unset = shaped(**{name: st.just([]) for name in SECTIONS})
    spec |= draw(unset) if draw(st.booleans()) else {}
    for name in draw(st.sampled_from((("ingress",), ("egress",), ("ingress", "egress"), DENYING, SECTIONS))):
        side = "from" if name.startswith("ingress") else "to"
        spec[name] = draw(st.lists(_rules(side, denying=name.endswith("Deny")), min_size=1, max_size=2))
    switches = shaped(ingress=st.booleans(), egress=st.booleans())
    if draw(st.sampled_from((False, False, True))):
        spec["enableDefaultDeny"] = draw(st.none() | switches)
    return spec


@cache
def endpoint_selectors() -> st.SearchStrategy[Manifest]:
    """Generate selectors of peers: by what pods carry, by namespaces, or by reserved labels."""
    namespaces = st.tuples(st.just(NAMESPACE), st.sampled_from((*NAMESPACES, "absent")))
    name_of_namespace = st.tuples(st.just(f"{OF_NAMESPACE}kubernetes.io/metadata.name"), st.sampled_from(NAMESPACES))
    of_namespace = st.tuples(st.sampled_from(LABEL_KEYS).map(OF_NAMESPACE.__add__), st.sampled_from(LABEL_VALUES))
    wide = namespaces | namespaces | name_of_namespace | of_namespace
    reserved = st.tuples(st.sampled_from(RESERVED).map("reserved:".__add__), st.just(""))
    pods = _selectors(_pod_labels())
    return st.one_of(st.just({}), pods, pods, _selectors(wide), _selectors(wide | _pod_labels()), _selectors(reserved))


@cache
def plain_selectors(key: str, values: tuple[str, ...]) -> st.SearchStrategy[Manifest]:
    """Generate selectors of objects that are no endpoints, by one label."""
    return st.just({}) | _selectors(st.tuples(st.just(key), st.sampled_from(values)))


@cache
def label_maps() -> st.SearchStrategy[dict[str, str]]:
    """Generate labels, also those that a Service asks of pods."""
    return st.dictionaries(st.sampled_from(LABEL_KEYS), st.sampled_from(LABEL_VALUES), max_size=2)


@cache
def _pod_labels() -> st.SearchStrategy[tuple[str, str]]:
    own = st.tuples(st.sampled_from(LABEL_KEYS), st.sampled_from(LABEL_VALUES))
    accounts = st.tuples(st.just(ACCOUNT), st.sampled_from(ACCOUNTS))
    clusters = st.tuples(st.just(CLUSTER), st.sampled_from(("default", "elsewhere")))
    return st.one_of(own, own, own, accounts, clusters)


@cache
@st.composite
def _selectors(draw: st.DrawFn, labels: st.SearchStrategy[tuple[str, str]]) -> Manifest:
    """
    Generate selectors over pairs of key and value, the keys with a source or without.

    Of a key that is there both without a source and with ``any``, Cilium keeps either.
    """
    sourced = [(_with_source(draw, key), value) for key, value in draw(st.lists(labels, max_size=2))]
    pairs = list({key.removeprefix("any:"): (key, value) for key, value in sourced}.values())
    expressions: list[Manifest] = []
    for key, value in draw(st.lists(labels, max_size=0 if pairs else 2)):
        operator = draw(st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")))
        expression: Manifest = {"key": _with_source(draw, key), "operator": operator}
        expressions.append(expression | ({"values": [value]} if operator in ("In", "NotIn") else {}))
    nothing: st.SearchStrategy[Manifest] = shaped(matchLabels=st.just({}), matchExpressions=st.just([]))
    selector = draw(nothing)
    selector |= {"matchLabels": dict(pairs)} if pairs else {}
    return selector | ({"matchExpressions": expressions} if expressions else {})


def _with_source(draw: st.DrawFn, key: str) -> str:
    return key if ":" in key else draw(st.sampled_from(SOURCES)) + key


@cache
@st.composite
def _rules(draw: st.DrawFn, side: str, *, denying: bool) -> Manifest:
    """Generate rules with peers of one kind or none, and with ports, ICMP types or neither."""
    kinds = {**_peers(), **({} if denying or side == "from" else _allowed_only())}
    kind = draw(st.sampled_from((None, "Endpoints", "Entities", *sorted(kinds))))
    rule: Manifest = {}
    if kind is not None:
        rule[side + kind] = draw(kinds[kind])
    unset = {side + other: st.none() for other in ("Endpoints", "CIDRSet") if other != kind}
    rule |= draw(st.fixed_dictionaries({}, optional=unset))
    # Services bring ports of their own.
    match draw(st.sampled_from(("none", "icmps") if kind == "Services" else ("none", "ports", "ports", "icmps"))):
        case "ports":
            rule["toPorts"] = draw(st.lists(_port_rules(side, denying=denying), min_size=1, max_size=2))
        case "icmps":
            rule["icmps"] = [{"fields": draw(st.lists(_messages(), min_size=1, max_size=2))}]
        case _:
            rule |= draw(shaped(toPorts=st.just([]), icmps=st.just([])))
    if not denying and draw(st.sampled_from((False,) * 5 + (True,))):
        rule["authentication"] = {"mode": draw(st.sampled_from(("disabled", "required")))}
    return rule


@cache
def _peers() -> dict[str, st.SearchStrategy[list[Any]]]:
    entities = st.sampled_from((*ENTITIES, *ENTITIES, *EMPTY_ENTITIES))
    groups: st.SearchStrategy[list[Manifest]] = st.just([{"aws": {"securityGroupsIds": ["sg-1"]}}])
    return {
        "Endpoints": _few_or_none(endpoint_selectors()),
        "Entities": _few_or_none(entities),
        "CIDR": _few_or_none(st.sampled_from(BLOCKS)),
        "CIDRSet": _few_or_none(cidr_rules()),
        "Nodes": _few_or_none(plain_selectors(NODE_LABEL, ROLES)),
        "Groups": groups,
    }


@cache
def _allowed_only() -> dict[str, st.SearchStrategy[list[Any]]]:
    names = st.fixed_dictionaries({"matchName": st.sampled_from(NAMES)})
    patterns = st.fixed_dictionaries({"matchPattern": st.sampled_from(PATTERNS)})
    return {
        "FQDNs": st.lists(names | patterns, min_size=1, max_size=2),
        "Services": st.lists(_services(), min_size=1, max_size=2),
    }


def _few_or_none(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """An empty list of peers, which matches nothing, is seldom what anybody writes."""
    few = st.lists(values, min_size=1, max_size=2)
    return st.one_of(few, few, few, few, few, st.just([]))


@cache
@st.composite
def cidr_rules(draw: st.DrawFn) -> Manifest:
    """Generate elements of ``fromCIDRSet`` and ``toCIDRSet``; what is cut out of a group may lie anywhere."""
    source = draw(st.sampled_from(("cidr", "cidr", "cidrGroupRef", "cidrGroupSelector")))
    if source != "cidr":
        meant = st.sampled_from(GROUPS) if source == "cidrGroupRef" else _group_selectors()
        anywhere = st.lists(st.sampled_from(BLOCKS), max_size=2)
        return {source: draw(meant), **draw(shaped(**{"except": anywhere}))}
    cidr = draw(st.sampled_from(BLOCKS))
    inside = [other for other in BLOCKS if other != cidr and _contains(cidr, other)]
    holes = st.lists(st.sampled_from(inside), max_size=2) if inside else st.just([])
    return {"cidr": cidr, **draw(shaped(**{"except": holes}))}


@cache
@st.composite
def _group_selectors(draw: st.DrawFn) -> Manifest:
    """Generate selectors over the labels of addresses, mostly over those of groups."""
    own = st.sampled_from(("app", "app", "tier")), st.sampled_from(("db", "web"))
    pairs = [(draw(st.sampled_from(("", "", "cidrgroup:", "any:", "k8s:"))) + draw(own[0]), draw(own[1]))]
    pairs += draw(st.lists(st.sampled_from(GROUPS).map(lambda name: (NAME_OF_GROUP + name, "")), max_size=1))
    pairs += draw(st.lists(st.sampled_from(MARKS).map(lambda key: (key, "")), max_size=1))
    expressions: list[Manifest] = []
    for key, value in pairs:
        operator = draw(st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")))
        expressions.append({"key": key, "operator": operator} | ({"values": [value]} if "In" in operator else {}))
    return draw(st.sampled_from(({}, {"matchLabels": dict(pairs[:1])}, {"matchExpressions": expressions})))


def _contains(outer: str, inner: str) -> bool:
    match ip_network(inner, strict=False), ip_network(outer, strict=False):
        case (IPv4Network() as a, IPv4Network() as b):
            return a.subnet_of(b)
        case (IPv6Network() as a, IPv6Network() as b):
            return a.subnet_of(b)
        case _:
            return False


@cache
def _services() -> st.SearchStrategy[Manifest]:
    """Generate references to a Service by name or by labels, in one namespace or any."""
    namespace = st.sampled_from(("", *NAMESPACES))
    by_name = st.fixed_dictionaries({"serviceName": st.sampled_from(SERVICES)}, optional={"namespace": namespace})
    by_label = st.fixed_dictionaries(
        {"selector": plain_selectors("app", ("db", "web"))}, optional={"namespace": namespace}
    )
    return st.fixed_dictionaries({"k8sService": by_name}) | st.fixed_dictionaries({"k8sServiceSelector": by_label})


@cache
@st.composite
def _port_rules(draw: st.DrawFn, side: str, *, denying: bool) -> Manifest:
    """Generate port rules; of layer 7, HTTP needs TCP and a number, and DNS is for egress and for no range."""
    seven = draw(st.sampled_from((None, None, "http", "dns", "serverNames"))) if not denying else None
    if seven == "http":
        ports = st.lists(
            st.fixed_dictionaries({"port": _numbers(), "protocol": st.just("TCP")}), min_size=1, max_size=2
        )
        return {"ports": draw(ports), "rules": {"http": [{"method": "GET"}]}}
    if seven == "dns" and side == "to":
        ports = st.lists(st.fixed_dictionaries({"port": _numbers()}), min_size=1, max_size=2)
        return {"ports": draw(ports), "rules": {"dns": [{"matchPattern": "*"}]}}
    rule: Manifest = {"ports": draw(st.lists(_ports(), min_size=1, max_size=2))}
    if seven == "serverNames" and side == "to":
        rule["serverNames"] = ["example.test"]
    return rule


@cache
def _messages() -> st.SearchStrategy[Manifest]:
    """Generate types of ICMP messages, of which ``EchoRequest`` is the one with a name."""
    kinds = st.sampled_from(("EchoRequest", 8, "8", 128, 3))
    return st.fixed_dictionaries({"type": kinds}, optional={"family": st.sampled_from(("IPv4", "IPv6"))})


@cache
@st.composite
def _ports(draw: st.DrawFn) -> Manifest:
    port = draw(_numbers() | _numbers() | st.sampled_from(("0", *PORT_NAMES)))
    entry = {"port": port, **draw(shaped(protocol=st.sampled_from(PROTOCOLS)))}
    if port.isdecimal() and port != "0":
        ends = [number for number in PORT_NUMBERS if number >= int(port)]
        entry |= draw(shaped(endPort=st.sampled_from(ends)))
    return entry


@cache
def _numbers() -> st.SearchStrategy[str]:
    return st.sampled_from(PORT_NUMBERS).map(str)
