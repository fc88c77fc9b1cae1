"""
Services without a selector whose addresses belong to others.

What it finds
-------------
EndpointSlices of Services without a selector with the address of a pod of another
namespace, or of a node. The API server's own Service `default/kubernetes` is left out.

Why it matters
--------------
A controller that serves an Ingress for this Service connects to that address with its
own rights, past the policies that keep the namespace from it (CVE-2021-25740).

Example
-------
A Service `db` in `test` whose EndpointSlice has the address of a pod in `prod`.

Remedy
------
Select pods of the own namespace, or use an ExternalName for what is outside.

References
----------
https://github.com/kubernetes/kubernetes/issues/103675
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.services import EndpointSlice


def _run(context: Context) -> Iterator[Finding]:
    by_hand = {
        (each.metadata.namespace, each.metadata.name)
        for each in context.snapshot.services
        if not each.spec.selector and (each.metadata.namespace, each.metadata.name) != ("default", "kubernetes")
    }
    slices = [each for each in context.snapshot.endpoint_slices if (each.metadata.namespace, each.service) in by_hand]
    owners = _owners(context) if slices else {}
    for each in slices:
        found = sorted({text for end in each.endpoints for text in _foreign(each, end.addresses, owners)})
        if found:
            yield _finding(each, found)


def _owners(context: Context) -> dict[str, tuple[str, str]]:
    """Return the namespace and the name of the owners of addresses; nodes are in none."""
    found = {
        address: ("", f"node {node.metadata.name}") for node in context.snapshot.nodes for address in node.addresses
    }
    for member in context.written.members:
        if not member.host_network:
            found.update(dict.fromkeys(member.addresses, (member.namespace, f"pod {member.full_name}")))
    return found


def _foreign(each: EndpointSlice, addresses: tuple[str, ...], owners: dict[str, tuple[str, str]]) -> Iterator[str]:
    for address in addresses:
        namespace, owner = owners.get(address, (each.metadata.namespace, ""))
        if namespace != each.metadata.namespace:
            yield f"{address} is that of {owner}"


def _finding(each: EndpointSlice, found: list[str]) -> Finding:
    ref = ObjectRef("Service", each.metadata.namespace, each.service)
    return CHECK.finding(
        ref,
        str(each.place),
        f"{ref} leads to addresses that are not its namespace's: {listed(found)}",
        tuple(f"EndpointSlice {each.metadata.name}: {text}" for text in found),
        Fix("give the Service a selector for pods of its own namespace, and delete the EndpointSlice"),
    )


CHECK = Check(
    id="endpoints-foreign",
    title="Services that lead to pods of other namespaces, or to nodes",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="controllers connect there with their own rights, past the policies for the namespace",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("namespaces",),
        nist_800_53=("AC-4", "SC-7(21)"),
        mitre=("T1557",),
        pci_dss_4=("A1.1.2",),
    ),
    run=_run,
)
