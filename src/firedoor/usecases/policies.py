"""What policies and their rules contribute, and how two of them compare."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.engine.relations.effects import Effects
from firedoor.engine.relations.report import comparison, contributions, interferences
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.relations import Comparison, Relations
from firedoor.usecases.ends import require_namespace

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.relations.parts import Written
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot

_REMEDY = "name it as namespace/name, kind/namespace/name, or kind/name for a cluster-wide one"


def policies(snapshot: Snapshot, cni: CniProfile, namespace: str) -> Relations:
    """
    Return what the policies contribute, and where they interfere.

    With `namespace` it is the policies of that namespace, and the cluster-wide ones that apply to pods of it.
    """
    effects = _effects(snapshot, cni)
    if namespace:
        require_namespace(effects.network, namespace)

    def wanted(written: Written) -> bool:
        where = written.policy.ref.namespace
        if not namespace or where:
            return where == namespace or not namespace
        return any(effects.network.profiles[each].namespace == namespace for each in written.profiles)

    found = contributions(effects, wanted)
    if not found:
        raise NothingInScopeError(f"no policy concerns namespace {namespace}", remedy="leave -n out to see all")
    return Relations(found, interferences(effects, wanted), snapshot.gaps, cni.name, _notes(cni))


def compare_policies(snapshot: Snapshot, cni: CniProfile, first: str, second: str, namespace: str) -> Comparison:
    """Return how what two policies accept compares; `namespace` is where names without one are looked for."""
    effects = _effects(snapshot, cni)
    one, other = (_number(effects, text, namespace or "default") for text in (first, second))
    found = comparison(effects, one, other)
    return msgspec.structs.replace(found, gaps=snapshot.gaps, cni=cni.name, notes=_notes(cni))


def _effects(snapshot: Snapshot, cni: CniProfile) -> Effects:
    network = Network(snapshot, cni if cni.enforced else SPEC)
    effects = Effects(network)
    if not any(written.stands_alone for written in effects.book.policies):
        raise NothingInScopeError(
            "no policy that firedoor evaluates was found", remedy="check the path, or the context of the cluster"
        )
    return effects


def _notes(cni: CniProfile) -> tuple[str, ...]:
    if cni.enforced:
        return ()
    return (f"the network plugin ({cni.name}) enforces no policy: they are judged as they are written",)


def _number(effects: Effects, text: str, namespace: str) -> int:
    refs = [written.policy.ref for written in effects.book.policies]
    found = [number for number, ref in enumerate(refs) if _is(ref, text, namespace)]
    if not found:
        raise UsageError(f"there is no policy {text}{_hint(refs, text)}", remedy=_REMEDY)
    if len(found) > 1:
        places = ", ".join(f"{refs[each]} ({effects.book.policies[each].policy.place})" for each in found)
        raise UsageError(f"{text} is the name of several policies: {places}", remedy=_REMEDY)
    return found[0]


def _is(ref: ObjectRef, text: str, namespace: str) -> bool:
    kind, where, name = ref.kind.lower(), ref.namespace, ref.name
    match text.split("/"):
        case [said]:
            return said == name and where in {"", namespace}
        case [first, said]:
            return said == name and (first == where or (not where and first.lower() == kind))
        case [said_kind, first, said]:
            return (said_kind.lower(), first, said) == (kind, where, name)
        case _:
            return False


def _hint(refs: list[ObjectRef], text: str) -> str:
    names = {f"{ref.namespace}/{ref.name}" if ref.namespace else f"{ref.kind.lower()}/{ref.name}" for ref in refs}
    near = difflib.get_close_matches(text, sorted(names), 1) or sorted(
        each for each in names if each.endswith(f"/{text.rpartition('/')[2]}")
    )
    return f" (did you mean {near[0]}?)" if near else ""
