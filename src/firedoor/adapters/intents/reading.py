"""Documents of kind Intents into the model."""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.intents.ends import read_end, read_ports
from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.errors import UsageError
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.placed import Part, PlacedDocument, described

__all__ = ["API_VERSION", "PlacedDocument", "read_intents"]

API_VERSION = "firedoor.dev/v1alpha1"
KIND = "Intents"
_HEAD = ("apiVersion", "kind", "intents")
_DEMANDS = tuple(map(str, IntentKind))
_PARTS = ("from", "to", "ports")


def read_intents(documents: Iterable[PlacedDocument], source: str) -> tuple[Intent, ...]:
    """
    Return the intents of all documents of a file, in their order.

    Raises ``UsageError`` at the first thing that is not as it should be.
    """
    found: list[Intent] = []
    for document in documents:
        for key, line in document.duplicates:
            raise UsageError(f"the key {key!r} stands here twice", place=f"{source}:{line}", remedy="remove one")
        found += _document(Part(document, source, "", document.value))
    if not found:
        raise UsageError("the file holds no intent", place=source, remedy="list some under intents")
    seen: dict[str, str] = {}
    for each in found:
        if each.name in seen:
            raise UsageError(
                f"the name {each.name!r} is used twice, first at {seen[each.name]}",
                place=each.place,
                remedy="give each intent a name of its own",
            )
        seen[each.name] = each.place
    return tuple(found)


def _document(part: Part) -> list[Intent]:
    keys = part.keys(_HEAD, _HEAD)
    for key, expected in (("apiVersion", API_VERSION), ("kind", KIND)):
        if keys[key].value != expected:
            keys[key].fail(f"expected {expected}, found {described(keys[key].value)}", f"write {key}: {expected}")
    if not isinstance(keys["intents"].value, list):
        keys["intents"].fail(f"expected a list, found {described(keys['intents'].value)}", "begin each with a dash")
    return [read_intent(each) for each in keys["intents"].items()]


def read_intent(part: Part) -> Intent:
    """Return one intent; raises ``UsageError``."""
    keys = part.keys(("name", *_DEMANDS, "allow-empty"), ("name",))
    name = keys["name"].text("web reaches the api")
    demands = [key for key in keys if key in _DEMANDS]
    if len(demands) != 1:
        found = " and ".join(demands) or "none"
        part.fail(f"an intent demands one thing, this one {found}", f"write one of {', '.join(_DEMANDS)}")
    allow_empty = "allow-empty" in keys and keys["allow-empty"].flag()
    kind, demand = IntentKind(demands[0]), keys[demands[0]]
    parts = demand.keys(_PARTS, ("from", "to"))
    sources, destinations = read_end(parts["from"]), read_end(parts["to"])
    if not destinations or (not sources and kind is not IntentKind.ONLY_THESE):
        demand.fail("an end is an empty list", "name at least one end on either side")
    if kind is not IntentKind.ONLY_THESE and all(map(_is_outside, (*sources, *destinations))):
        demand.fail("both ends are outside the cluster: no policy decides about that", "name pods on one side")
    if any(each.domain for each in sources):
        parts["from"].fail("a domain name is a source", "name it under to: nobody connects from a name")
    ports, messages = read_ports(parts["ports"]) if "ports" in parts else (ALL_TRAFFIC, ())
    return Intent(name, kind, sources, destinations, ports, allow_empty, part.place, messages)


def _is_outside(term: EndTerm) -> bool:
    return term.word is Word.OUTSIDE or "/" in term.addresses or bool(term.domain)
