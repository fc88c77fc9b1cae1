"""ICMP types of the rules of Cilium policies, from untyped objects: they are checked, and not evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.untyped import described

if TYPE_CHECKING:
    from firedoor.model.cilium_reading import CiliumReader

MOST_TYPES = 40
"""How many ICMP types one entry may list."""

LAST_TYPE = 255
NAMES = {
    "IPv4": frozenset(
        [
            "EchoReply",
            "DestinationUnreachable",
            "Redirect",
            "Echo",
            "EchoRequest",
            "RouterAdvertisement",
            "RouterSelection",
            "TimeExceeded",
            "ParameterProblem",
            "Timestamp",
            "TimestampReply",
            "Photuris",
            "ExtendedEchoRequest",
            "ExtendedEchoReply",
        ]
    ),
    "IPv6": frozenset(
        [
            "DestinationUnreachable",
            "PacketTooBig",
            "TimeExceeded",
            "ParameterProblem",
            "EchoRequest",
            "EchoReply",
            "MulticastListenerQuery",
            "MulticastListenerReport",
            "MulticastListenerDone",
            "RouterSolicitation",
            "RouterAdvertisement",
            "NeighborSolicitation",
            "NeighborAdvertisement",
            "RedirectMessage",
            "RouterRenumbering",
            "ICMPNodeInformationQuery",
            "ICMPNodeInformationResponse",
            "InverseNeighborDiscoverySolicitation",
            "InverseNeighborDiscoveryAdvertisement",
            "HomeAgentAddressDiscoveryRequest",
            "HomeAgentAddressDiscoveryReply",
            "MobilePrefixSolicitation",
            "MobilePrefixAdvertisement",
            "DuplicateAddressRequestCodeSuffix",
            "DuplicateAddressConfirmationCodeSuffix",
            "ExtendedEchoRequest",
            "ExtendedEchoReply",
        ]
    ),
}
"""The names of ICMP types that Cilium knows, by family."""

_NUMBERS = frozenset(map(str, range(LAST_TYPE + 1)))
_REMEDY = "write a number from 0 to 255, or a name such as EchoRequest"


def read_icmps(reader: CiliumReader, rule: dict[str, Any], path: str) -> bool:
    """Return whether the rule names ICMP types; that excludes ports in the same rule."""
    entries = reader.mappings(rule, "icmps", path)
    if entries and rule.get("toPorts") not in (None, [], ()):
        reader.refuse(path, "found icmps and toPorts, of which a rule has one", "write one rule for each of them")
    types = 0
    for entry, where in entries:
        reader.unknown(entry, ("fields",), where)
        fields = reader.mappings(entry, "fields", where, (0, MOST_TYPES))
        for field in fields:
            _check(reader, *field)
        types += len(fields)
    return types > 0


def _check(reader: CiliumReader, field: dict[str, Any], path: str) -> None:
    """Refuse what is no ``ICMPField``. Cilium takes numbers that no type has, which match nothing."""
    reader.unknown(field, ("family", "type"), path)
    family = reader.one_of(field, "family", path, tuple(NAMES)) or "IPv4"
    reader.required(field, "type", path, _REMEDY)
    kind = field.get("type")
    if kind is None or (isinstance(kind, int) and not isinstance(kind, bool)):
        return
    text = reader.text(field, "type", path)
    if text is not None and text not in NAMES[family] and text not in _NUMBERS:
        reader.refuse(f"{path}.type", f"found {described(text)}, which is no type of ICMP for {family}", _REMEDY)
