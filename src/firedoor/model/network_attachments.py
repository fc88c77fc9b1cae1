"""
The secondary networks of a pod, from the annotations that Multus reads and writes.

``networks`` says what a pod asks for, ``network-status`` what it has been given.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from firedoor.algebra.cidrs import format_address, parse_address
from firedoor.model.untyped import Reader, described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.faults import Fault
    from firedoor.model.metadata import ObjectMeta

NETWORKS = "k8s.v1.cni.cncf.io/networks"
NETWORK_STATUS = "k8s.v1.cni.cncf.io/network-status"
_UNIT = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_ITEM = re.compile(rf"(?:(?P<namespace>{_UNIT})?\s*/)?\s*(?P<name>{_UNIT})\s*(?:@\s*(?P<interface>{_UNIT})?)?")
_ITEM_REMEDY = "write [namespace/]name[@interface], in lower-case letters, digits and hyphens"


class Attachment(Struct, frozen=True, gc=False):
    """A secondary network that a pod is attached to, or asks for."""

    network: str
    """The NetworkAttachmentDefinition, as ``namespace/name``."""
    interface: str = ""
    """The interface inside the pod; empty where it is left to Multus."""
    addresses: tuple[str, ...] = ()
    """The pod's addresses in the network; empty where they are not known."""


def attachments(metadata: ObjectMeta, namespace: str = "") -> tuple[tuple[Attachment, ...], tuple[Fault, ...]]:
    """
    Return the secondary networks of a pod, and what is wrong with the annotations that say so.

    What the pod has been given comes first, then what it asks for beyond that. The
    cluster network, which the status marks as the default, is none of them. Names
    without a namespace are in `namespace`, by default in that of `metadata`: give it
    for the template of a workload.
    """
    reader, home = Reader(), namespace or metadata.namespace
    given = tuple(_given(reader, metadata.annotations.get(NETWORK_STATUS, ""), home))
    wanted = tuple(_wanted(reader, metadata.annotations.get(NETWORKS, ""), home))
    faults = tuple(msgspec.structs.replace(each, rejects=False) for each in reader.faults)
    return (*given, *_missing(wanted, given)), faults


def _missing(wanted: tuple[Attachment, ...], given: tuple[Attachment, ...]) -> Iterator[Attachment]:
    """Yield what is wanted and not given; a wish for a certain interface is met before one for any."""
    left = list(given)
    for wish in sorted(wanted, key=lambda each: not each.interface):
        fitting = [each for each in left if each.network == wish.network and wish.interface in {"", each.interface}]
        if fitting:
            left.remove(fitting[0])
        else:
            yield wish


def _given(reader: Reader, text: str, home: str) -> Iterator[Attachment]:
    for entry, where in _json_objects(reader, text, f"annotations[{NETWORK_STATUS}]"):
        if entry.get("default") is True:
            continue
        name = reader.text(entry, "name", where) or ""
        namespace, _, local = name.strip().rpartition("/")
        if not local or "/" in namespace:
            reader.note(f"{where}.name", f"found {described(name)}, which names no network")
            continue
        network = f"{namespace or home}/{local}"
        yield Attachment(network, reader.text(entry, "interface", where) or "", _addresses(reader, entry, where))


def _wanted(reader: Reader, text: str, home: str) -> Iterator[Attachment]:
    if not text.strip():
        return
    field = f"annotations[{NETWORKS}]"
    if not any(sign in text for sign in '[{"'):
        yield from _listed(reader, text, f"metadata.{field}", home)
        return
    for entry, where in _json_objects(reader, text, field):
        reader.required(entry, "name", where, "name the NetworkAttachmentDefinition")
        name, namespace = reader.text(entry, "name", where), reader.text(entry, "namespace", where)
        interface = reader.text(entry, "interface", where) or ""
        if name:
            yield Attachment(f"{namespace or home}/{name}", interface, _addresses(reader, entry, where))


def _listed(reader: Reader, text: str, path: str, home: str) -> Iterator[Attachment]:
    for item in map(str.strip, text.split(",")):
        parts = _ITEM.fullmatch(item)
        if parts is None:
            reader.note(path, f"found {described(item)}, which names no network", _ITEM_REMEDY)
        else:
            yield Attachment(f"{parts['namespace'] or home}/{parts['name']}", parts["interface"] or "")


def _json_objects(reader: Reader, text: str, field: str) -> list[tuple[dict[str, Any], str]]:
    """Return the objects of a list in JSON, and their paths."""
    if not text.strip():
        return []
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        reader.note(f"metadata.{field}", f"the text is not JSON: {error}", "write a list of objects")
        return []
    return reader.mappings({field: value}, field, "metadata")


def _addresses(reader: Reader, entry: dict[str, Any], path: str) -> tuple[str, ...]:
    """Return the addresses in ``ips``, in canonical form and without the prefix lengths that requests may have."""
    addresses = []
    for text, where in reader.texts(entry, "ips", path):
        try:
            addresses.append(format_address(*parse_address(text.partition("/")[0])))
        except ValueError:
            reader.note(where, f"found {described(text)}, expected an IP address")
    return tuple(addresses)
