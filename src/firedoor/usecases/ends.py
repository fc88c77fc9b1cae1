"""Names that people write for ends of connections, into members of the network or addresses."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address, parse_address
from firedoor.errors import NothingInScopeError, UsageError

if TYPE_CHECKING:
    from firedoor.engine.reach.network import Network


def resolve_end(network: Network, text: str, namespace: str) -> list[int] | str:
    """
    Return the members that `text` names, or the address itself.

    `text` is ``namespace/name`` or ``name`` (in `namespace`) of a pod or a workload,
    ``namespace/kind/name``, or an IP address; where policies name domains, also a
    domain name. An address of a pod is that pod.
    """
    address = _address(network, text)
    if address is not None:
        return address
    parts = text.split("/")
    kind = ""
    if len(parts) == 1:
        where, name = namespace, parts[0]
    elif len(parts) == 2:  # noqa: PLR2004 - namespace/name
        where, name = parts
    elif len(parts) == 3:  # noqa: PLR2004 - namespace/kind/name
        where, kind, name = parts
    else:
        raise UsageError(f"{text!r} names no pod", remedy="write namespace/pod, namespace/workload or an IP address")
    inside = [(position, each) for position, each in enumerate(network.members) if each.namespace == where]
    found = [
        position
        for position, each in inside
        if each.workload.name == name and (not kind or each.workload.kind.lower() == kind.lower())
    ]
    if not kind and len({network.members[position].workload for position in found}) > 1:
        kinds = sorted({network.members[position].workload.kind for position in found})
        raise UsageError(
            f"{text} is the name of several workloads: {', '.join(kinds)}",
            remedy=f"say which, as in {where}/{kinds[0].lower()}/{name}",
        )
    found = found or [position for position, each in inside if each.name == name and not kind]
    if not found and "." in text and network.index.domain_column(text) is not None:
        return text
    if not found:
        raise UsageError(_nobody(network, text, where, name), remedy="list what there is with `firedoor reach`")
    return found


def require_namespace(network: Network, namespace: str) -> None:
    """Raise ``NothingInScopeError`` where no object of the snapshot tells that the namespace exists."""
    if namespace not in network.namespaces:
        raise NothingInScopeError(_no_namespace(network, namespace), remedy="leave -n out to see all namespaces")


def require_end(network: Network, text: str, *, pods: bool) -> None:
    """
    Raise ``UsageError`` where `text` names no end of any connection.

    It may be ``outside``, an address, ``namespace/*``, or ``namespace/name`` or ``name``
    of a workload, or with `pods` of a pod.
    """
    remedy = "write namespace/name, namespace/*, an address, or outside"
    where, _, name = text.rpartition("/")
    if text == "outside" or is_address(text.partition("-")[0]):
        return
    if name == "*":
        if where not in network.namespaces:
            raise UsageError(f"{text}: {_no_namespace(network, where)}", remedy=remedy)
    else:
        _require_name(network, text, remedy, pods=pods)


def _require_name(network: Network, text: str, remedy: str, *, pods: bool) -> None:
    where, _, name = text.rpartition("/")
    near = [each for each in network.members if where in {"", each.namespace}]
    if any(each.workload.name == name for each in near):
        return
    workloads = sorted({f"{each.namespace}/{each.workload.name}" for each in near if each.name == name})
    if workloads and not pods:
        raise UsageError(f"{text} is a pod of {workloads[0]}", remedy=f"add --pods, or ask for {workloads[0]}")
    if not workloads:
        nobody = f"{text}: no pod or workload of that name takes part in the network"
        raise UsageError(_nobody(network, text, where, name) if where else nobody, remedy=remedy)


def _address(network: Network, text: str) -> list[int] | str | None:
    try:
        wanted = parse_address(text)
    except ValueError:
        return None
    for position, member in enumerate(network.members):
        if not member.host_network and any(parse_address(each) == wanted for each in member.addresses):
            return [position]
    return text


def _nobody(network: Network, text: str, namespace: str, name: str) -> str:
    if namespace not in network.namespaces:
        return f"{text}: {_no_namespace(network, namespace)}"
    names = sorted({each.workload.name for each in network.members if each.namespace == namespace})
    near = difflib.get_close_matches(name, names, 1)
    hint = f" (did you mean {namespace}/{near[0]}?)" if near else ""
    return f"{text}: no pod or workload of that name takes part in the network{hint}"


def _no_namespace(network: Network, namespace: str) -> str:
    near = difflib.get_close_matches(namespace, network.namespaces, 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"there is no namespace {namespace}{hint}"
