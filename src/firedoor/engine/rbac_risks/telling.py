"""The words of a finding about a permission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.subjects import SYSTEM_NAMESPACE, reference
from firedoor.model.findings import Confidence, Finding, Fix
from firedoor.model.rbac_risks import CLUSTER, NAMESPACE, SYSTEM, RiskFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac_risks.holdings import Held
    from firedoor.engine.rbac_risks.risk import PermissionRisk
    from firedoor.model.access import Grant
    from firedoor.model.findings import Severity
    from firedoor.model.rbac import Subject

_MOST_NAMES = 8
_MOST_PROOFS = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A risk of a subject in scopes where it is alike; the scope of the whole cluster is empty."""

    risk: PermissionRisk
    subject: Subject
    severity: Severity
    scopes: tuple[str, ...]
    names: tuple[str, ...]
    helds: tuple[Held, ...]
    is_usual: bool
    is_unsure: bool


def told(case: Case) -> RiskFinding:
    """Return the finding of a case."""
    about = reference(case.subject)
    limits = f", only of what is named {listed(case.names)}" if case.names else ""
    finding = Finding(
        case.risk.id,
        case.severity,
        Confidence.MEDIUM if case.is_unsure else Confidence.HIGH,
        about,
        _place(case.helds[0].grant),
        f"{about} can {case.risk.does} {_where(case.scopes)}{limits}",
        case.risk.why,
        (*_proofs(case), *_remarks(case)),
        Fix(case.risk.remedy),
        mappings=case.risk.mappings,
    )
    namespaces = tuple(each for each in case.scopes if each)
    return RiskFinding(
        finding,
        case.risk.technique,
        _scope(case.scopes),
        namespaces,
        case.names,
        tuple({id(held.grant): held.grant for held in case.helds}.values()),
        case.is_usual,
    )


def listed(names: tuple[str, ...]) -> str:
    """Return names for a sentence, the first ones where there are many."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _scope(scopes: tuple[str, ...]) -> str:
    if not scopes[0]:
        return CLUSTER
    return SYSTEM if scopes == (SYSTEM_NAMESPACE,) else NAMESPACE


def _where(scopes: tuple[str, ...]) -> str:
    if not scopes[0]:
        return "in the whole cluster"
    return f"in namespace{'s' * (len(scopes) > 1)} {listed(scopes)}"


def _proofs(case: Case) -> Iterator[str]:
    yield from map(_proof, case.helds[:_MOST_PROOFS])
    more = len(case.helds) - _MOST_PROOFS
    if more > 0:
        yield f"and {more} more of these"


def _proof(held: Held) -> str:
    grant, hit = held.grant, held.hit
    group = f" of {held.permission.group}" if held.permission.group else ""
    what = f"{', '.join(hit.verbs)} on {', '.join(hit.resources)}{group}"
    named = f" named {listed(hit.names)}" if hit.names else ""
    gathered = f", from {grant.source} by aggregation" if grant.source is not None else ""
    return (
        f"{_at(str(grant.binding_place))}{grant.binding} binds {reference(grant.subject)} to {grant.role}; "
        f"{_at(grant.role_place.at(grant.path))}{grant.path}{gathered}: {what}{named}"
    )


def _at(place: str) -> str:
    return f"{place}: " if place else ""


def _place(grant: Grant) -> str:
    return str(grant.binding_place)


def _remarks(case: Case) -> tuple[str, ...]:
    if not case.is_unsure:
        return ()
    return tuple(dict.fromkeys(held.permission.remark for held in case.helds if held.permission.remark))
