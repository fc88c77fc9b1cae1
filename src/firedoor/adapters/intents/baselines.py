"""ZeroTrustBaselines into the model: intents in the language of files, about connections of one namespace."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from firedoor.adapters.intents.reading import read_intent
from firedoor.model.intents import EndTerm, Intent, IntentKind
from firedoor.model.placed import Part, described
from firedoor.model.zero_trust import BaselineSpec, ZeroTrustBaseline
from firedoor.model.zero_trust_reading import read_exceptions, read_fail_on, spec_of


def read_baseline(baseline: ZeroTrustBaseline, known: Collection[str]) -> BaselineSpec:
    """
    Return what a baseline says; `known` are the ids of all checks.

    Ends of pods that name no namespace mean pods of its own. Raises ``UsageError`` at the first thing that is not as
    it should be, with the path of the field.
    """
    namespace = baseline.metadata.namespace
    keys = spec_of(baseline)
    intents = _intents(keys["intents"], namespace) if "intents" in keys else ()
    waivers, excepted = read_exceptions(keys["exceptions"], namespace, known) if "exceptions" in keys else ((), ())
    names = {each.name for each in intents}
    for number, one in enumerate(excepted):
        if one.intent not in names:
            keys["exceptions"].fail(
                f"exception {number + 1} is from the intent {one.intent!r}, which is not there", "write its name"
            )
    return BaselineSpec(intents, read_fail_on(keys["fail-on"]) if "fail-on" in keys else None, waivers, excepted)


def _intents(part: Part, namespace: str) -> tuple[Intent, ...]:
    if not isinstance(part.value, list):
        part.fail(f"expected a list, found {described(part.value)}", "begin each with a dash")
    found: dict[str, Intent] = {}
    for each in part.items():
        intent = _at_home(read_intent(each), namespace)
        if intent.name in found:
            each.at("name").fail(f"the name {intent.name!r} is used twice", "give each intent a name of its own")
        if not _concerns(intent, namespace):
            each.fail(*_elsewhere(intent, namespace))
        found[intent.name] = intent
    return tuple(found.values())


def _at_home(intent: Intent, namespace: str) -> Intent:
    ends = (tuple(_own(each, namespace) for each in part) for part in (intent.sources, intent.destinations))
    sources, destinations = ends
    return replace(intent, sources=sources, destinations=destinations)


def _own(term: EndTerm, namespace: str) -> EndTerm:
    """Return a term with the namespace where it selects pods and names none, as peers of a NetworkPolicy do."""
    is_pods = term.word is None and not term.addresses and not term.domain
    if not is_pods or term.namespace or term.namespace_labels is not None:
        return term
    return replace(term, namespace=namespace)


def _concerns(intent: Intent, namespace: str) -> bool:
    """Return whether one end of every connection that is meant is in the namespace."""
    return _is_within(intent.destinations, namespace) or (
        intent.kind is not IntentKind.ONLY_THESE and _is_within(intent.sources, namespace)
    )


def _is_within(terms: Sequence[EndTerm], namespace: str) -> bool:
    return bool(terms) and all(each.namespace == namespace for each in terms)


def _elsewhere(intent: Intent, namespace: str) -> tuple[str, str]:
    if intent.kind is IntentKind.ONLY_THESE:
        return f"the destination is not in the namespace {namespace}", "name pods of this namespace under to"
    return f"neither end is in the namespace {namespace}", "name pods of this namespace under from or under to"
