"""The rules on the addresses of a Service and their families, and on traffic that reaches it from outside."""

import ipaddress
from typing import Any

from firedoor.adapters.manifests.validation.addresses import (
    read_address,
    validate_address,
    validate_cidr,
    validate_reachable_address,
)
from firedoor.adapters.manifests.validation.choices import validate_choice
from firedoor.adapters.manifests.validation.labels import label_key
from firedoor.adapters.manifests.validation.names import port_number
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    duplicate,
    forbidden,
    invalid,
    item,
    unsupported,
)
from firedoor.adapters.manifests.validation.shapes import elements, number, part, text, texts

HEADLESS = "None"
FAMILIES = ("IPv4", "IPv6")
FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
TRAFFIC_POLICIES = ("Cluster", "Local")
DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
RANGES = "spec.loadBalancerSourceRanges"
RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"
HINTS_ANNOTATION = "service.kubernetes.io/topology-aware-hints"
MODE_ANNOTATION = "service.kubernetes.io/topology-mode"
ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'"
MOST_ADDRESSES = 2


def is_headless(spec: dict[str, Any]) -> bool:
    """Return whether a Service has no address; the server copies ``clusterIP`` to ``clusterIPs``."""
    return _addresses(spec) == [HEADLESS]


def _addresses(spec: dict[str, Any]) -> list[str]:
    """Return the addresses of a Service; alone, ``clusterIP`` counts as the first of them."""
    listed = [address for address, _ in texts(spec.get("clusterIPs"), "")]
    single = text(spec.get("clusterIP"))
    return listed or ([single] if single else [])


def validate_cluster_addresses(spec: dict[str, Any], kind: str, minor: int) -> list[Problem]:
    """Return the problems of the addresses within the cluster, and of their families."""
    if kind == "ExternalName":
        detail, remedy = "may not be set for ExternalName services", "remove it: the name has no address"
        set_fields = {
            "clusterIPs": bool(_addresses(spec)),
            "ipFamilies": bool(elements(spec.get("ipFamilies"))),
            "ipFamilyPolicy": spec.get("ipFamilyPolicy") is not None,
        }
        return [forbidden(f"spec.{field}", detail, remedy=remedy) for field, is_set in set_fields.items() if is_set]
    problems = _validate_families(spec)
    single, addresses = text(spec.get("clusterIP")), _addresses(spec)
    where = "spec.clusterIPs"
    if single and addresses[0] != single:
        detail = "first value must match `clusterIP`"
        problems.append(invalid(where, addresses, detail, remedy="write the same address in both"))
    if not single and addresses:
        detail = "must be empty when `clusterIP` is not specified"
        problems.append(invalid(where, addresses, detail, remedy="write clusterIP as well"))
    return problems + _validate_listed(addresses, spec, where, minor)


def _validate_families(spec: dict[str, Any]) -> list[Problem]:
    """Return the problems of the families of addresses that are asked for."""
    problems = []
    seen: set[str] = set()
    for family, path in texts(spec.get("ipFamilies"), "spec.ipFamilies"):
        problems += [] if family in FAMILIES else [unsupported(path, family, FAMILIES)]
        problems += [duplicate(path, family, remedy="write each family once")] if family in seen else []
        seen.add(family)
    policy = spec.get("ipFamilyPolicy")
    return problems + validate_choice(policy, "spec.ipFamilyPolicy", FAMILY_POLICIES, may_be_empty=False)


def _validate_listed(addresses: list[str], spec: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of the addresses themselves: at most one of each family, in their order."""
    problems, bad = [], []
    for index, address in enumerate(addresses):
        if index == 0 and address == HEADLESS:
            detail = "'None' must be the first and only value"
            bad += [invalid(path, addresses, detail, remedy="write None alone")] if len(addresses) > 1 else []
            continue
        # The server copies a single address before it looks at it, and names the copy.
        where = item(path, index) if elements(spec.get("clusterIPs")) else "spec.clusterIP"
        bad += validate_address(address, where, minor)
    if len(addresses) > MOST_ADDRESSES:
        problems.append(invalid(path, addresses, "may only hold up to 2 values", remedy="keep one of each family"))
    if bad or addresses == [HEADLESS]:
        return problems + bad
    families = ["IPv6" if isinstance(read_address(each), ipaddress.IPv6Address) else "IPv4" for each in addresses]
    if len(addresses) > 1 and len(set(families)) == 1:
        detail = "may specify no more than one IP for each IP family"
        problems.append(invalid(path, addresses, detail, remedy="keep one of each family"))
    wanted = [family for family, _ in texts(spec.get("ipFamilies"), "")]
    for index, (address, family) in enumerate(zip(addresses, families, strict=True)):
        if index < len(wanted) and wanted[index] in FAMILIES and wanted[index] != family:
            detail = f"expected an {wanted[index]} value as indicated by `ipFamilies[{index}]`"
            problems.append(invalid(item(path, index), address, detail, remedy="correct the address or its family"))
    return problems


def validate_traffic(document: dict[str, Any], kind: str, minor: int) -> list[Problem]:
    """Return the problems of what reaches a Service from outside, and of which of its pods it prefers."""
    spec = part(document, "spec")
    problems = []
    for address, path in texts(spec.get("externalIPs"), "spec.externalIPs"):
        problems += validate_address(address, path, minor) or validate_reachable_address(address, path)
    problems += _validate_ranges(document, kind, minor) + _validate_balancer(spec, kind)
    problems += _validate_policies(spec, kind)
    distribution = spec.get("trafficDistribution")
    problems += validate_choice(distribution, "spec.trafficDistribution", DISTRIBUTIONS, may_be_empty=False)
    annotations = part(document, "metadata", "annotations")
    mode, hints = annotations.get(MODE_ANNOTATION), annotations.get(HINTS_ANNOTATION)
    if isinstance(mode, str) and isinstance(hints, str) and mode != hints:
        where, detail = f"metadata.annotations[{MODE_ANNOTATION}]", f"must match annotations[{HINTS_ANNOTATION}]"
        detail += " when both are specified"
        problems.append(invalid(where, mode, detail, remedy=f"remove the annotation {HINTS_ANNOTATION}"))
    return problems


def _validate_ranges(document: dict[str, Any], kind: str, minor: int) -> list[Problem]:
    """Return the problems of the clients that a load balancer admits, by the field or the older annotation."""
    ranges = list(texts(part(document, "spec").get("loadBalancerSourceRanges"), RANGES))
    annotation = part(document, "metadata", "annotations").get(RANGES_ANNOTATION)
    where = RANGES
    if not ranges and isinstance(annotation, str):
        where = f"metadata.annotations[{RANGES_ANNOTATION}]"
        ranges = [(block, where) for block in annotation.split(",")] if annotation.strip() else []
    elif not ranges:
        return []
    remedy = "remove the ranges, or set the type"
    problems = [] if kind == "LoadBalancer" else [forbidden(where, ONLY_BALANCED, remedy=remedy)]
    for block, path in ranges:
        problems += validate_cidr(block.strip(), path, minor)
    return problems


def _validate_balancer(spec: dict[str, Any], kind: str) -> list[Problem]:
    """Return the problems of settings of a load balancer."""
    problems = []
    balancer = spec.get("loadBalancerClass")
    if kind != "LoadBalancer":
        problems += [
            forbidden(f"spec.{field}", ONLY_BALANCED, remedy=f"remove {field}, or set the type")
            for field in ("allocateLoadBalancerNodePorts", "loadBalancerClass")
            if spec.get(field) is not None
        ]
    elif isinstance(balancer, str):
        remedy = "write a name such as example.com/internal"
        errors = label_key(balancer)
        problems += [invalid("spec.loadBalancerClass", balancer, error, remedy=remedy) for error in errors]
    return problems


def _validate_policies(spec: dict[str, Any], kind: str) -> list[Problem]:
    """Return the problems of the traffic policies, the external one only for Services seen from outside."""
    inside = "spec.internalTrafficPolicy"
    problems = validate_choice(spec.get("internalTrafficPolicy"), inside, TRAFFIC_POLICIES, may_be_empty=False)
    policy, where = text(spec.get("externalTrafficPolicy")), "spec.externalTrafficPolicy"
    outside = kind in {"NodePort", "LoadBalancer"} or (kind == "ClusterIP" and elements(spec.get("externalIPs")))
    if outside:
        problems += validate_choice(policy, where, TRAFFIC_POLICIES)
    elif policy:
        detail = "may only be set for externally-accessible services"
        remedy = "remove externalTrafficPolicy, or write type: LoadBalancer or NodePort"
        problems.append(invalid(where, policy, detail, remedy=remedy))
    port, where = number(spec.get("healthCheckNodePort")), "spec.healthCheckNodePort"
    if port == 0:
        return problems
    if kind != "LoadBalancer" or policy != "Local":
        detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        return [*problems, invalid(where, port, detail, remedy="remove healthCheckNodePort")]
    remedy = "use a number from 1 to 65535, or leave it to the server"
    return problems + [invalid(where, port, error, remedy=remedy) for error in port_number(port)]
