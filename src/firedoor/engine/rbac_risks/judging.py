"""Which of the permission risks a subject has, where, and how bad that is."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.rbac_risks.holdings import Holdings
from firedoor.engine.rbac_risks.subjects import CLUSTER_ADMIN, SYSTEM_NAMESPACE, is_public, is_usual
from firedoor.engine.rbac_risks.telling import Case, told
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.rbac_risks.holdings import Held, Pool
    from firedoor.engine.rbac_risks.permission import Permission
    from firedoor.engine.rbac_risks.risk import PermissionRisk, RiskContext, Way
    from firedoor.model.rbac import Subject
    from firedoor.model.rbac_risks import RiskFinding


_Scoped = dict["Permission", dict[str, list["Held"]]]
"""Who gives each permission, by the namespace where; empty for everywhere."""


class _Standing(NamedTuple):
    """A risk in one scope; the smaller, the surer and the wider."""

    is_unsure: bool
    is_limited: bool
    names: tuple[str, ...]
    helds: tuple[Held, ...]


def judge(context: RiskContext, risks: Iterable[PermissionRisk], everything: PermissionRisk) -> Iterator[RiskFinding]:
    """
    Yield the permission risks of all subjects.

    Whoever may do everything somewhere is told of once there, as `everything` has it: all
    other risks there are part of that.
    """
    chosen = tuple(risks)
    holdings = Holdings(context.authorizer, chain.from_iterable(each.permissions for each in (everything, *chosen)))
    for subject in holdings.subjects:
        judge_one = _Judge(context, subject, holdings)
        yield from judge_one.everything(everything)
        for risk in chosen:
            yield from judge_one.findings(risk)


class _Judge:
    """Judges one subject."""

    def __init__(self, context: RiskContext, subject: Subject, holdings: Holdings) -> None:
        self._context = context
        self._subject = subject
        self._own = holdings.own(subject)
        self._inherited = holdings.inherited(subject)
        self._told: set[str] = set()
        """The scopes where the subject may do everything."""

    def everything(self, risk: PermissionRisk) -> Iterator[RiskFinding]:
        """Yield where the subject may do everything, but for grants of ``cluster-admin``, which is another risk."""
        standings = self._standings(risk)
        yield from self._findings(risk, _without_admin(standings))
        # Everything about objects of some names is not everything.
        self._told = {scope for scope, each in standings.items() if not each.is_limited}

    def findings(self, risk: PermissionRisk) -> Iterator[RiskFinding]:
        """Yield where a risk stands that is not told of with everything."""
        if "" not in self._told:
            standings = self._standings(risk)
            yield from self._findings(
                risk, {scope: each for scope, each in standings.items() if scope not in self._told}
            )

    def _findings(self, risk: PermissionRisk, standings: dict[str, _Standing]) -> Iterator[RiskFinding]:
        cases: dict[tuple[Severity, bool, bool, tuple[str, ...], str], list[str]] = defaultdict(list)
        for scope, each in standings.items():
            usual = all(self._is_usual(held) for held in each.helds)
            kind = scope if scope in {"", SYSTEM_NAMESPACE} else "other"
            cases[self._severity(risk, scope, each), usual, each.is_unsure, each.names, kind].append(scope)
        for (severity, usual, unsure, names, _), scopes in cases.items():
            helds = tuple(dict.fromkeys(held for scope in scopes for held in standings[scope].helds))
            yield told(
                Case(risk, self._subject, severity, tuple(scopes), names, helds, is_usual=usual, is_unsure=unsure)
            )

    def _standings(self, risk: PermissionRisk) -> dict[str, _Standing]:
        """Return the risk in each scope where the subject has it, without those that a wider one includes."""
        pools = [self._applying(pool, risk) for pool in (self._own, self._inherited)]
        if not pools[0]:
            return {}
        scopes = sorted({scope for by_scope in pools[0].values() for scope in by_scope})
        found = {scope: each for scope in scopes if (each := self._standing(risk, scope, *pools)) is not None}
        wide = found.get("")
        if wide is None or wide.is_limited or wide.is_unsure:
            return found
        rest = tuple(held for scope, each in found.items() if scope for held in each.helds)
        return {"": wide._replace(helds=tuple(dict.fromkeys((*wide.helds, *rest))))}

    def _applying(self, pool: Pool, risk: PermissionRisk) -> _Scoped:
        version = self._context.version
        found: _Scoped = {}
        for permission in risk.permissions:
            if permission in pool and permission.applies(version) is not False:
                scoped = found[permission] = defaultdict(list)
                for held in pool[permission]:
                    scoped[held.grant.namespace].append(held)
        return found

    def _standing(self, risk: PermissionRisk, scope: str, own: _Scoped, inherited: _Scoped) -> _Standing | None:
        found = [each for way in risk.ways if (each := self._way(way, scope, own, inherited)) is not None]
        if not found:
            return None
        best = min(found, key=lambda each: each[:2])
        alike = [each for each in found if each[:2] == best[:2]]
        return best._replace(
            names=tuple(dict.fromkeys(name for each in alike for name in each.names)),
            helds=tuple(dict.fromkeys(held for each in alike for held in each.helds)),
        )

    def _way(self, way: Way, scope: str, own: _Scoped, inherited: _Scoped) -> _Standing | None:
        mine: list[Held] = []
        unsure, limited = False, False
        names: list[str] = []
        is_local = False
        for part in way:
            local = list(_in_scope(own, part, scope))
            is_local |= bool(local)
            options = [*(_in_scope(own, part, "") if scope else ()), *local, *_in_scope(inherited, part, "")]
            options += _in_scope(inherited, part, scope) if scope else ()
            if not options:
                return None
            sure = [held for held in options if held.permission.applies(self._context.version)]
            unsure |= not sure
            if all(held.hit.names for held in sure or options):
                limited = True
                names += [name for held in sure or options for name in held.hit.names]
            mine += options
        return _Standing(unsure, limited, tuple(dict.fromkeys(names)), tuple(mine)) if is_local else None

    def _severity(self, risk: PermissionRisk, scope: str, standing: _Standing) -> Severity:
        levels = risk.levels
        severity = levels.cluster if not scope else levels.namespace
        if scope == SYSTEM_NAMESPACE:
            severity = levels.system
        limited = standing.is_limited and not any(name in risk.worst_names for name in standing.names)
        elsewhere = standing.is_unsure and all(held.permission.platform for held in standing.helds)
        if limited or elsewhere:
            severity = min(severity, levels.named, key=lambda each: each.rank)
        if is_public(self._subject):
            return list(Severity)[min(severity.rank + 1, Severity.CRITICAL.rank)]
        return severity

    def _is_usual(self, held: Held) -> bool:
        return is_usual(self._context.bindings[held.grant.binding], self._subject)


def _in_scope(pool: _Scoped, part: tuple[Permission, ...], scope: str) -> Iterator[Held]:
    return (held for each in part if each in pool for held in pool[each].get(scope, ()))


def _without_admin(standings: dict[str, _Standing]) -> dict[str, _Standing]:
    kept = {}
    for scope, each in standings.items():
        helds = tuple(held for held in each.helds if held.grant.role.name != CLUSTER_ADMIN)
        if any(held.grant.namespace == scope for held in helds):
            kept[scope] = each._replace(helds=helds)
    return kept
