"""
Objects of ``cilium.io`` into policies and groups of addresses.

What the schemas of the custom resources or the agents of Cilium refuse is refused
here, for an agent that refuses a policy enforces none of it. Fields that no version
known here has make the rule around them unsure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.cilium import CidrGroup, CiliumDirectionRule, CiliumPolicy, CiliumRule
from firedoor.model.cilium_icmp_parsing import read_icmps
from firedoor.model.cilium_peer_parsing import PEER_FIELDS, read_cidrs, read_peers
from firedoor.model.cilium_port_parsing import read_ports
from firedoor.model.cilium_reading import CiliumReader, Subject
from firedoor.model.cilium_selector_parsing import read_own_nodes, read_subject
from firedoor.model.networkpolicy import Direction
from firedoor.model.untyped import described

if TYPE_CHECKING:
    from firedoor.model.cilium_selector import CiliumSelector
    from firedoor.model.faults import Fault
    from firedoor.model.policies import PolicyObject

AUTHENTICATION_MODES = ("disabled", "required", "test-always-fail")
LONGEST_LOG_TEXT = 32
_SECTIONS = tuple(
    (f"{direction}{suffix}", direction, bool(suffix)) for direction in Direction for suffix in ("", "Deny")
)
_SELECTORS = ("endpointSelector", "nodeSelector")
_FIELDS = (
    *_SELECTORS,
    *(section for section, _, _ in _SECTIONS),
    "enableDefaultDeny",
    "labels",
    "description",
    "log",
)
_REQUIRES = {Direction.INGRESS: "fromRequires", Direction.EGRESS: "toRequires"}


def parse_cilium(policy: PolicyObject) -> tuple[CiliumPolicy | CidrGroup | None, tuple[Fault, ...]]:
    """Return the policy or group, or None where it is refused, and what is wrong with it."""
    reader = CiliumReader()
    parsed = _group(reader, policy) if policy.kind == "CiliumCIDRGroup" else _policy(reader, policy)
    return (None if reader.is_refused else parsed), tuple(reader.faults)


def _group(reader: CiliumReader, policy: PolicyObject) -> CidrGroup | None:
    if not reader.is_mapping(policy.spec, "spec"):
        return None
    reader.unknown(policy.spec, ("externalCIDRs",), "spec")
    reader.required(policy.spec, "externalCIDRs", "spec", "write externalCIDRs: [] for a group without addresses")
    cidrs = tuple(cidr for cidr, _, _ in read_cidrs(reader, policy.spec, "externalCIDRs", "spec"))
    return CidrGroup(policy.metadata, cidrs, policy.place)


def _policy(reader: CiliumReader, policy: PolicyObject) -> CiliumPolicy:
    """Return the policy with the rules of ``spec`` and of ``specs``."""
    spec, specs = policy.spec, policy.specs
    if spec is None and specs is None:
        reader.refuse("spec", "the field is missing and the API demands it", "write spec, or specs for a list")
    if specs is not None and not isinstance(specs, list | tuple):
        reader.refuse("specs", f"found {described(specs)}, expected a list of specifications", "write spec for one")
        specs = ()
    found = [] if spec is None else [(spec, "spec")]
    found += [(each, f"specs[{index}]") for index, each in enumerate(specs or ())]
    is_clusterwide = policy.kind == "CiliumClusterwideNetworkPolicy"
    namespace = "" if is_clusterwide else policy.metadata.namespace
    rules = tuple(
        _rule(reader, each, path, namespace, may_select_nodes=is_clusterwide)
        for each, path in found
        if reader.is_mapping(each, path)
    )
    return CiliumPolicy(policy.kind, policy.metadata, rules, tuple(reader.options), policy.place)


def _rule(
    reader: CiliumReader, spec: dict[str, Any], path: str, namespace: str, *, may_select_nodes: bool
) -> CiliumRule:
    doubts = reader.doubts
    reader.unknown(spec, _FIELDS, path)
    _check_remarks(reader, spec, path)
    endpoints, nodes = _subjects(reader, spec, path, namespace, may_select_nodes=may_select_nodes)
    is_init = endpoints is not None and any(each.key == "init" for each in endpoints.reserved)
    subject = Subject(namespace, nodes is not None, is_init)
    denies = _default_denies(reader, spec, path)
    is_unsure = reader.doubts > doubts
    sections = {
        section: tuple(
            _direction_rule(reader, rule, direction, where, subject, is_deny=is_deny)
            for rule, where in reader.mappings(spec, section, path)
        )
        for section, direction, is_deny in _SECTIONS
    }
    if not any(sections.values()):
        reason = "found no rule, and Cilium refuses a policy without one"
        reader.refuse(path, reason, "write ingress: [{}] or egress: [{}] to deny everything")
    isolated = {each: denies[each] and any(_of(sections, each)) for each in Direction}
    ingress, ingress_deny, egress, egress_deny = (sections[section] for section, _, _ in _SECTIONS)
    return CiliumRule(
        endpoints,
        nodes,
        ingress,
        ingress_deny,
        egress,
        egress_deny,
        isolated[Direction.INGRESS],
        isolated[Direction.EGRESS],
        is_unsure,
        path,
    )


def _of(
    sections: dict[str, tuple[CiliumDirectionRule, ...]], direction: Direction
) -> tuple[tuple[CiliumDirectionRule, ...], ...]:
    return tuple(sections[section] for section, each, _ in _SECTIONS if each is direction)


def _subjects(
    reader: CiliumReader, spec: dict[str, Any], path: str, namespace: str, *, may_select_nodes: bool
) -> tuple[CiliumSelector | None, CiliumSelector | None]:
    """Return the selectors of endpoints and of nodes, of which one is there."""
    given = [each for each in _SELECTORS if spec.get(each) is not None]
    if len(given) != 1:
        reason = f"found {' and '.join(given) or 'none of them'}, expected either endpointSelector or nodeSelector"
        reader.refuse(
            path, reason, "write endpointSelector: {} for all endpoints" if not given else "remove one of them"
        )
    if "nodeSelector" in given and not may_select_nodes:
        remedy = "write a CiliumClusterwideNetworkPolicy"
        reader.refuse(f"{path}.nodeSelector", "found a selector of nodes, which this kind does not have", remedy)
    endpoints, nodes = (reader.mapping(spec, each, path) for each in _SELECTORS)
    return (
        None if endpoints is None else read_subject(reader, endpoints, f"{path}.endpointSelector", namespace),
        None if nodes is None else read_own_nodes(reader, nodes, f"{path}.nodeSelector"),
    )


def _default_denies(reader: CiliumReader, spec: dict[str, Any], path: str) -> dict[Direction, bool]:
    """Return in which directions the rules may isolate (``enableDefaultDeny``)."""
    config, where = reader.mapping(spec, "enableDefaultDeny", path) or {}, f"{path}.enableDefaultDeny"
    reader.unknown(config, tuple(Direction), where)
    return {each: reader.flag(config, each, where) is not False for each in Direction}


def _check_remarks(reader: CiliumReader, spec: dict[str, Any], path: str) -> None:
    """Refuse ``labels``, ``description`` and ``log`` of another type; they decide nothing."""
    reader.text(spec, "description", path)
    for label, where in reader.mappings(spec, "labels", path):
        reader.required(label, "key", where, "write the key of the label")
        for field in ("key", "value", "source"):
            reader.text(label, field, where)
    log, where = reader.mapping(spec, "log", path) or {}, f"{path}.log"
    text = reader.text(log, "value", where)
    if text is not None and len(text) > LONGEST_LOG_TEXT:
        reader.refuse(f"{where}.value", f"found {len(text)} characters, expected at most {LONGEST_LOG_TEXT}")


def _direction_rule(
    reader: CiliumReader, rule: dict[str, Any], direction: Direction, path: str, subject: Subject, *, is_deny: bool
) -> CiliumDirectionRule:
    doubts = reader.doubts
    requires = _REQUIRES[direction]
    peer_fields = tuple(each for each in PEER_FIELDS[direction] if not (is_deny and each == "toFQDNs"))
    others = ("toPorts", "icmps", requires) if is_deny else ("toPorts", "icmps", requires, "authentication")
    reader.unknown(rule, (*peer_fields, *others), path)
    if reader.elements(rule, requires, path):
        reason = "found a field that Cilium has removed and refuses"
        reader.refuse(f"{path}.{requires}", reason, "write the labels into every selector of peers, or a deny rule")
    if is_deny and rule.get("toServices") not in (None, [], ()):
        reason = "found services in a deny rule, which Cilium does not look up there"
        reader.doubt(f"{path}.toServices", reason, "deny the pods and addresses behind the services")
    ports = read_ports(reader, rule, direction, path, subject, is_deny=is_deny)
    icmps = read_icmps(reader, rule, path)
    known = {key: value for key, value in rule.items() if key in peer_fields}
    peers = read_peers(reader, known, direction, path, subject, has_ports=ports is not None)
    mode = "" if is_deny else _authentication(reader, rule, path)
    words = dict.fromkeys(each.l7 for each in ports or () if each.l7)
    return CiliumDirectionRule(peers, ports, icmps, "; ".join(words), mode, reader.doubts > doubts, path)


def _authentication(reader: CiliumReader, rule: dict[str, Any], path: str) -> str:
    authentication, where = reader.mapping(rule, "authentication", path), f"{path}.authentication"
    if authentication is None:
        return ""
    reader.unknown(authentication, ("mode",), where)
    reader.required(authentication, "mode", where, "write mode: required for mutual TLS")
    return reader.one_of(authentication, "mode", where, AUTHENTICATION_MODES) or ""
