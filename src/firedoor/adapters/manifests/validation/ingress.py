"""The rules on the values of an Ingress and an IngressClass (networking.k8s.io/v1)."""

from typing import Any

from firedoor.adapters.manifests.validation.addresses import read_address
from firedoor.adapters.manifests.validation.metadata import name_rule, validate_name
from firedoor.adapters.manifests.validation.names import (
    HTTP_PATH,
    dns_label,
    dns_subdomain,
    matches,
    path_segment,
    port_name,
    port_number,
    regex_error,
    wildcard_subdomain,
)
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    forbidden,
    invalid,
    missing,
    unsupported,
)
from firedoor.adapters.manifests.validation.shapes import (
    elements,
    mapping,
    number,
    objects,
    part,
    text,
    texts,
)

PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
BAD_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
BAD_ENDINGS = ("/..", "/.")
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
SCOPES = ("Cluster", "Namespace")
HOST_REMEDY = "write a host such as shop.example.com, without port or path, or a wildcard such as *.example.com"


def validate_ingress(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of an Ingress: its backends, its hosts and paths, and its certificates."""
    spec = part(document, "spec")
    problems = []
    default, rules = spec.get("defaultBackend"), elements(spec.get("rules"))
    if default is None and not rules:
        detail = "either `defaultBackend` or `rules` must be specified"
        problems.append(invalid("spec", rules, detail, remedy="add at least one rule with a host or a path"))
    if default is not None:
        problems += _validate_backend(mapping(default), "spec.defaultBackend", minor)
    for rule, path in objects(rules, "spec.rules"):
        problems += _validate_host(text(rule.get("host")), child(path, "host"), may_be_address=False)
        if rule.get("http") is not None:
            problems += _validate_paths(part(rule, "http"), child(path, "http"), minor)
    for entry, path in objects(spec.get("tls"), "spec.tls"):
        for host, place in texts(entry.get("hosts"), child(path, "hosts")):
            problems += _validate_host(host or "-", place, may_be_address=True)
        if text(entry.get("secretName")):
            problems += validate_name(text(entry["secretName"]), child(path, "secretName"), dns_subdomain)
    return problems + _validate_class(document, spec)


def _validate_class(document: dict[str, Any], spec: dict[str, Any]) -> list[Problem]:
    """Return the problems of the class of an Ingress, and of an old annotation that says another."""
    name = text(spec.get("ingressClassName"))
    problems = validate_name(name, "spec.ingressClassName", dns_subdomain) if name else []
    annotation = part(document, "metadata", "annotations").get(CLASS_ANNOTATION)
    if isinstance(annotation, str) and name and annotation != name:
        detail = "must match `ingressClassName` when both are specified"
        remedy = f"remove the annotation {CLASS_ANNOTATION}"
        problems.append(invalid(f"annotations.{CLASS_ANNOTATION}", annotation, detail, remedy=remedy))
    return problems


def _validate_host(host: str, path: str, *, may_be_address: bool) -> list[Problem]:
    """Return the problems of a host, which is a DNS name or a wildcard; empty is any host."""
    if not host:
        return []
    problems = []
    if not may_be_address and read_address(host) is not None:
        problems.append(invalid(path, host, "must be a DNS name, not an IP address", remedy=HOST_REMEDY))
    rule = wildcard_subdomain if "*" in host else dns_subdomain
    return problems + [invalid(path, host, error, remedy=HOST_REMEDY) for error in rule(host)]


def _validate_paths(http: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of the paths of a host."""
    where = child(path, "paths")
    if not elements(http.get("paths")):
        return [missing(where, remedy="list at least one path with pathType and backend")]
    problems = []
    for entry, place in objects(http.get("paths"), where):
        kind = entry.get("pathType")
        if kind is None:
            remedy = "write pathType: Prefix, Exact or ImplementationSpecific"
            problems.append(missing(child(place, "pathType"), "pathType must be specified", remedy=remedy))
            continue
        if kind in PATH_TYPES:
            problems += _validate_path(text(entry.get("path")), child(place, "path"), text(kind))
        else:
            problems.append(unsupported(child(place, "pathType"), kind, PATH_TYPES))
        problems += _validate_backend(part(entry, "backend"), child(place, "backend"), minor)
    return problems


def _validate_path(value: str, path: str, kind: str) -> list[Problem]:
    """Return the problems of a path, which is absolute, and normal unless its meaning is the controller's."""
    special = kind == "ImplementationSpecific"
    problems = []
    if not value.startswith("/") and (value or not special):
        remedy = f"begin the path with a slash: /{value}"
        problems.append(invalid(path, value, "must be an absolute path", remedy=remedy))
    if special:
        return problems
    details = [f"must not contain '{part_of}'" for part_of in BAD_SEQUENCES if part_of in value]
    details += [f"cannot end with '{ending}'" for ending in BAD_ENDINGS if value.endswith(ending)]
    return problems + [invalid(path, value, detail, remedy="write the path in its normal form") for detail in details]


def _validate_backend(backend: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of a backend: one Service with one port, or one other resource."""
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        detail = "cannot set both resource and service backends"
        return [invalid(path, "", detail, remedy="keep one of the two")]
    if resource is not None:
        return _validate_reference(mapping(resource), child(path, "resource"))
    if service is None:
        detail = "resource or service backend is required"
        return [invalid(path, "", detail, remedy="write service with name and port")]
    name, where = text(mapping(service).get("name")), child(path, "service.name")
    rule = name_rule("Service", minor) or dns_label
    problems = validate_name(name, where, rule) if name else [missing(where, remedy="name the Service")]
    return problems + _validate_backend_port(part(service, "port"), path)


def _validate_backend_port(port: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the port of a Service backend: a name or a number, not both."""
    name, value = text(port.get("name")), number(port.get("number"))
    remedy = "write port: {number: 80}, or port: {name: http}"
    if name and value:
        return [invalid(path, "", "cannot set both port name & port number", remedy=remedy)]
    if name:
        where = child(path, "service.port.name")
        return [invalid(where, name, error, remedy=remedy) for error in port_name(name)]
    if value:
        where = child(path, "service.port.number")
        return [invalid(where, value, error, remedy=remedy) for error in port_number(value)]
    return [missing(path, "port name or number is required", remedy=remedy)]


def _validate_reference(reference: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a reference to another object: its group, kind and name."""
    problems = []
    group = reference.get("apiGroup")
    if isinstance(group, str):
        problems += validate_name(group, child(path, "apiGroup"), dns_subdomain)
    for field in ("kind", "name"):
        value, where = text(reference.get(field)), child(path, field)
        remedy = f"write the {field} of the object"
        problems += validate_name(value, where, path_segment) if value else [missing(where, remedy=remedy)]
    return problems


def validate_ingress_class(document: dict[str, Any], _minor: int) -> list[Problem]:
    """Return the problems of an IngressClass: its controller, and where its parameters are."""
    spec = part(document, "spec")
    controller = text(spec.get("controller"))
    problems = _validate_controller(controller, "spec.controller")
    parameters, path = spec.get("parameters"), "spec.parameters"
    if parameters is None:
        return problems
    problems += _validate_reference(mapping(parameters), path)
    scope, namespace = (mapping(parameters).get(field) for field in ("scope", "namespace"))
    scope = "Cluster" if scope is None else text(scope)
    if scope not in SCOPES:
        problems.append(unsupported(child(path, "scope"), scope, SCOPES))
    elif scope == "Namespace" and namespace is None:
        detail = "`parameters.scope` is set to 'Namespace'"
        problems.append(missing(child(path, "namespace"), detail, remedy="write the namespace of the parameters"))
    elif scope == "Cluster" and namespace is not None:
        detail = "`parameters.scope` is set to 'Cluster'"
        remedy = "remove namespace, or write scope: Namespace"
        problems.append(forbidden(child(path, "namespace"), detail, remedy=remedy))
    return problems


def _validate_controller(value: str, path: str) -> list[Problem]:
    """Return the problems of the name of a controller: a domain, a slash and a path."""
    remedy = "write the name that the controller documents, such as k8s.io/ingress-nginx"
    if not value:
        return [missing(path, remedy=remedy)]
    domain, _, rest = value.partition("/")
    if not domain or not rest:
        detail = 'must be a domain-prefixed path (such as "acme.io/foo")'
        return [invalid(path, value, detail, remedy=remedy)]
    problems = validate_name(domain, path, dns_subdomain)
    if not matches(HTTP_PATH, rest):
        problems.append(invalid(path, rest, regex_error("Invalid path", HTTP_PATH), remedy=remedy))
    return problems
