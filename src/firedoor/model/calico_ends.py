"""The ends of a Calico rule (``EntityRule``): whom its ``source`` and ``destination`` mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from firedoor.model.calico import ANY_END, EntityRule, ServiceAccountMatch, ServiceMatch
from firedoor.model.calico_selectors import Global

if TYPE_CHECKING:
    from firedoor.algebra.cidrs import Family
    from firedoor.model.calico_fields import CalicoReader, Network
    from firedoor.model.calico_selectors import Selector

_FIELDS = (
    "nets",
    "selector",
    "namespaceSelector",
    "services",
    "ports",
    "notNets",
    "notSelector",
    "notPorts",
    "serviceAccounts",
    "domains",
)
_NOT_BESIDE_SERVICES = ("namespaceSelector", "selector", "notSelector", "serviceAccounts", "nets", "notNets")


class End(NamedTuple):
    """One end of a rule, and the IP versions of its networks with their paths."""

    rule: EntityRule = ANY_END
    versions: tuple[tuple[Family, str], ...] = ()


def read_end(reader: CalicoReader, rule: dict[str, Any], key: str, path: str, namespace: str) -> End:
    """Return the end of a rule in `key`; `namespace` is the policy's, empty for a global policy."""
    end = reader.mapping(rule, key, path)
    if end is None:
        return End()
    where = f"{path}.{key}"
    reader.unknown(end, _FIELDS, where)
    nets, not_nets = reader.networks(end, "nets", where), reader.networks(end, "notNets", where)
    reader.forbid_global(end, "selector", where)
    read = EntityRule(
        nets=tuple(cidr for (_, cidr), _ in nets),
        not_nets=tuple(cidr for (_, cidr), _ in not_nets),
        selector=reader.expression(end, "selector", where),
        not_selector=reader.expression(end, "notSelector", where),
        namespace_selector=_namespace_selector(reader, end, where),
        ports=reader.ports(end, "ports", where),
        not_ports=reader.ports(end, "notPorts", where),
        service_accounts=_service_accounts(reader, end, where),
        services=_services(reader, end, where, namespace),
        domains=_domains(reader, end, where),
    )
    if not reader.is_stored:
        _refuse_exclusion_of_everything(reader, not_nets)
    return End(read, tuple((family, place) for (family, _), place in (*nets, *not_nets)))


def _namespace_selector(reader: CalicoReader, end: dict[str, Any], path: str) -> Selector | None:
    selector = reader.expression(end, "namespaceSelector", path)
    if selector is not None and "global(" in end["namespaceSelector"]:
        is_alone = "".join(end["namespaceSelector"].split()) == str(Global())
        if not is_alone:
            reason = "found global() beside other selectors, expected it alone"
            reader.refuse(f"{path}.namespaceSelector", reason, "write one rule for global() and one for namespaces")
    return selector


def _service_accounts(reader: CalicoReader, end: dict[str, Any], path: str) -> ServiceAccountMatch | None:
    accounts = reader.mapping(end, "serviceAccounts", path)
    if accounts is None:
        return None
    where = f"{path}.serviceAccounts"
    reader.unknown(accounts, ("names", "selector"), where)
    names = tuple(name for name, _ in reader.texts(accounts, "names", where))
    return ServiceAccountMatch(names, reader.expression(accounts, "selector", where))


def _services(reader: CalicoReader, end: dict[str, Any], path: str, namespace: str) -> ServiceMatch | None:
    services = reader.mapping(end, "services", path)
    if services is None:
        return None
    where = f"{path}.services"
    reader.unknown(services, ("name", "namespace"), where)
    name, own = reader.name(services, "name", where), reader.name(services, "namespace", where)
    if not services.get("name"):
        reader.refuse(f"{where}.name", "found no name of a service", "name the service")
    if not own and not namespace:
        reason = "found no namespace, and a global policy has none of its own"
        reader.refuse(f"{where}.namespace", reason, "name the namespace of the service")
    for field in _NOT_BESIDE_SERVICES:
        if end.get(field) or (field == "serviceAccounts" and end.get(field) is not None):
            reader.refuse(where, f"found services and {field}, expected one of them", "write one rule for each of them")
    return ServiceMatch(name, own or namespace)


def _domains(reader: CalicoReader, end: dict[str, Any], path: str) -> tuple[str, ...]:
    domains = tuple(domain for domain, _ in reader.texts(end, "domains", path))
    if domains:
        reason = "the addresses behind domain names are not known"
        reader.doubt(f"{path}.domains", reason, "list the addresses in nets if they are fixed")
    return domains


def _refuse_exclusion_of_everything(reader: CalicoReader, not_nets: tuple[tuple[Network, str], ...]) -> None:
    for (_, cidr), path in not_nets:
        if cidr.endswith("/0"):
            reader.refuse(path, f"found {cidr}, which leaves no address to match", "remove the rule")
