"""Exceptions that are written on the objects themselves, in the annotation ``firedoor.dev/ignore``."""

from __future__ import annotations

import difflib
import re
from itertools import chain
from typing import TYPE_CHECKING

from firedoor.model.assembly import reference
from firedoor.model.exceptions import (
    ANNOTATION,
    EVERY_CHECK,
    OWN_PATH,
    TEMPLATE_PATH,
    Carrier,
    Waiver,
    parse_day,
)
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.population import Register

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from firedoor.model.decoding import ModelObject
    from firedoor.model.metadata import ObjectMeta
    from firedoor.model.places import Place
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Workload

_BETWEEN = re.compile(r"[;\n]")
_FORM = f"write {ANNOTATION}: check-id=reason, or check-id@2027-01-31=reason with the last day it holds"
_MOST_SHOWN = 60


def annotated(snapshot: Snapshot, known: Collection[str]) -> tuple[tuple[Waiver, ...], tuple[Gap, ...]]:
    """
    Return the exceptions that objects carry, and a gap for each that cannot be understood.

    `known` are the ids of all checks. That of a pod template counts for its workload. What a workload makes (a
    ReplicaSet, a pod) only repeats it and is not asked, unless the workload itself was not read.
    """
    waivers: list[Waiver] = []
    gaps: list[Gap] = []
    for (about, text), place in _texts(snapshot).items():
        for entry in filter(None, map(str.strip, _BETWEEN.split(text))):
            try:
                waivers.append(_waiver(entry, about, place, known))
            except ValueError as error:
                problem, remedy = error.args
                shown = entry if len(entry) <= _MOST_SHOWN else f"{entry[:_MOST_SHOWN]}..."
                reason = f"{about}: the exception {shown!r} {problem}: it is not applied"
                gaps.append(Gap(GapKind.UNREADABLE, place, reason, remedy, about, path=OWN_PATH))
    return tuple(waivers), tuple(gaps)


def _waiver(entry: str, about: ObjectRef, place: str, known: Collection[str]) -> Waiver:
    """Return the exception; raises ``ValueError`` of what is wrong with it and what to do."""
    head, _, reason = (part.strip() for part in entry.partition("="))
    check, at, day = (part.strip() for part in head.partition("@"))
    if not reason:
        raise ValueError("has no reason", _FORM)
    if check != EVERY_CHECK and check not in known:
        near = difflib.get_close_matches(check, known, 1)
        hint = f"did you mean {near[0]}?" if near else "`firedoor checks` lists the checks; separate entries by ;"
        raise ValueError("names no check that there is", hint)
    try:
        expires = parse_day(day) if at else None
    except ValueError as error:
        problem = f"has no day after the @, {error}"
        raise ValueError(problem, _FORM) from error
    return Waiver((check,), Carrier(about), reason, place, expires)


def _texts(snapshot: Snapshot) -> dict[tuple[ObjectRef, str], str]:
    """Return what is written about which object, and where it is, first where several say the same."""
    found: dict[tuple[ObjectRef, str], str] = {}

    def note(about: ObjectRef, metadata: ObjectMeta, place: Place, path: str) -> None:
        if ANNOTATION in metadata.annotations:
            found.setdefault((about, metadata.annotations[ANNOTATION]), place.at(path))

    for each in _single_objects(snapshot):
        note(reference(each), each.metadata, each.place, OWN_PATH)
    known = {each.ref for each in snapshot.workloads}
    for workload in snapshot.workloads:
        about = _maker(workload)
        if about == workload.ref or about not in known:
            note(about, workload.metadata, workload.place, OWN_PATH)
            note(about, workload.template.metadata, workload.place, TEMPLATE_PATH)
    register = Register(snapshot)
    for pod in snapshot.pods:
        if ANNOTATION not in pod.metadata.annotations:
            continue
        about = register.workload(pod)
        if about not in known:
            note(about, pod.metadata, pod.place, OWN_PATH)
    return found


def labels_of(snapshot: Snapshot) -> dict[ObjectRef, tuple[dict[str, str], ...]]:
    """Return the labels of every object, and beside those of a workload the ones that its pods get."""
    found: dict[ObjectRef, tuple[dict[str, str], ...]] = {
        reference(each): (each.metadata.labels,) for each in (*_single_objects(snapshot), *snapshot.pods)
    }
    for each in snapshot.workloads:
        found[each.ref] = (each.metadata.labels, each.template.metadata.labels)
    return found


def _single_objects(snapshot: Snapshot) -> Iterator[ModelObject]:
    """Yield all objects that are neither pods nor make them."""
    return chain(
        snapshot.namespaces,
        snapshot.nodes,
        snapshot.services,
        snapshot.ingress_routes,
        snapshot.gateway_routes,
        snapshot.gateways,
        snapshot.network_policies,
        snapshot.policy_objects,
        snapshot.roles,
        snapshot.role_bindings,
        snapshot.service_accounts,
        snapshot.persistent_volumes,
        snapshot.persistent_volume_claims,
    )


def _maker(workload: Workload) -> ObjectRef:
    """Return the owner of a workload, which findings are about, or the workload itself."""
    owner = workload.metadata.controller
    return workload.ref if owner is None else ObjectRef(owner.kind, workload.metadata.namespace, owner.name)
