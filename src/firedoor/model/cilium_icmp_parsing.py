"""ICMP types of the rules of Cilium policies, from untyped objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.untyped import described

if TYPE_CHECKING:
    from firedoor.model.cilium_reading import CiliumReader

MOST_TYPES = 40
"""How many ICMP types one entry may list."""

LAST_TYPE = 255
NAMES: dict[str, dict[str, int]] = {
    "IPv4": {
        "EchoReply": 0,
        "DestinationUnreachable": 3,
        "Redirect": 5,
        "Echo": 8,
        "EchoRequest": 8,
        "RouterAdvertisement": 9,
        "RouterSelection": 10,
        "TimeExceeded": 11,
        "ParameterProblem": 12,
        "Timestamp": 13,
        "TimestampReply": 14,
        "Photuris": 40,
        "ExtendedEchoRequest": 42,
        "ExtendedEchoReply": 43,
    },
    "IPv6": {
        "DestinationUnreachable": 1,
        "PacketTooBig": 2,
        "TimeExceeded": 3,
        "ParameterProblem": 4,
        "EchoRequest": 128,
        "EchoReply": 129,
        "MulticastListenerQuery": 130,
        "MulticastListenerReport": 131,
        "MulticastListenerDone": 132,
        "RouterSolicitation": 133,
        "RouterAdvertisement": 134,
        "NeighborSolicitation": 135,
        "NeighborAdvertisement": 136,
        "RedirectMessage": 137,
        "RouterRenumbering": 138,
        "ICMPNodeInformationQuery": 139,
        "ICMPNodeInformationResponse": 140,
        "InverseNeighborDiscoverySolicitation": 141,
        "InverseNeighborDiscoveryAdvertisement": 142,
        "HomeAgentAddressDiscoveryRequest": 144,
        "HomeAgentAddressDiscoveryReply": 145,
        "MobilePrefixSolicitation": 146,
        "MobilePrefixAdvertisement": 147,
        "DuplicateAddressRequestCodeSuffix": 157,
        "DuplicateAddressConfirmationCodeSuffix": 158,
        "ExtendedEchoRequest": 160,
        "ExtendedEchoReply": 161,
    },
}
"""The types of ICMP messages that Cilium knows by name, by family."""

_VERSIONS = {"IPv4": 4, "IPv6": 6}
_NUMBERS = frozenset(map(str, range(LAST_TYPE + 1)))
_REMEDY = "write a number from 0 to 255, or a name such as EchoRequest"


def read_icmps(reader: CiliumReader, rule: dict[str, Any], path: str) -> tuple[tuple[int, int], ...]:
    """Return IP version and type of the messages that a rule names; that excludes ports in the same rule."""
    entries = reader.mappings(rule, "icmps", path)
    if entries and rule.get("toPorts") not in (None, [], ()):
        reader.refuse(path, "found icmps and toPorts, of which a rule has one", "write one rule for each of them")
    found = []
    for entry, where in entries:
        reader.unknown(entry, ("fields",), where)
        found += [_read(reader, *field) for field in reader.mappings(entry, "fields", where, (0, MOST_TYPES))]
    return tuple(each for each in found if each is not None)


def _read(reader: CiliumReader, field: dict[str, Any], path: str) -> tuple[int, int] | None:
    """Return an ``ICMPField``. Cilium takes numbers that no type has, which match nothing."""
    reader.unknown(field, ("family", "type"), path)
    family = reader.one_of(field, "family", path, tuple(NAMES)) or "IPv4"
    reader.required(field, "type", path, _REMEDY)
    kind = field.get("type")
    if isinstance(kind, int) and not isinstance(kind, bool):
        return _VERSIONS[family], kind
    text = None if kind is None else reader.text(field, "type", path)
    number = None if text is None else NAMES[family].get(text, int(text) if text in _NUMBERS else None)
    if text is not None and number is None:
        reader.refuse(f"{path}.type", f"found {described(text)}, which is no type of ICMP for {family}", _REMEDY)
    return None if number is None else (_VERSIONS[family], number)
