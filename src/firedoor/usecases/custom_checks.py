"""Custom checks over the objects as they are written: findings, and gaps where nothing can be said."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.posture import Check
from firedoor.model.findings import Confidence, Finding, Fix
from firedoor.model.places import Gap, GapKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.posture import Context
    from firedoor.interfaces import ExpressionAnswer, Expressions
    from firedoor.model.custom_checks import CustomCheck
    from firedoor.model.raw_objects import RawObject

_NO_NAMESPACE = b"null"


@dataclass(frozen=True, slots=True)
class OwnChecks:
    """Checks besides those of firedoor, custom ones with what they found already, and what could not be evaluated."""

    checks: tuple[Check, ...] = ()
    gaps: tuple[Gap, ...] = ()


NO_CHECKS = OwnChecks()


def judged(
    checks: Sequence[CustomCheck], objects: Sequence[RawObject], expressions: Expressions, gaps: Sequence[Gap] = ()
) -> OwnChecks:
    """
    Return what custom checks find in objects; `gaps` are those that reading the objects left.

    An expression that cannot be evaluated for an object neither passes nor fails: it is a gap.
    """
    namespaces = {
        each.ref.name: each.data for each in objects if (each.api_version, each.ref.kind) == ("v1", "Namespace")
    }
    found: dict[str, list[Finding]] = defaultdict(list)
    unknown = list(gaps)
    for each in objects:
        numbers = [number for number, check in enumerate(checks) if check.is_for(each.api_version, each.ref)]
        namespace = _namespace(each, namespaces)
        for number, answer in expressions.evaluate(each.data, namespace, numbers) if numbers else ():
            check = checks[number]
            if answer.result == "false":
                found[check.id].append(_finding(check, each, answer))
            elif answer.result != "true":
                unknown.append(_gap(check, each, answer.text))
    return OwnChecks(tuple(_check(each, tuple(found[each.id])) for each in checks), tuple(unknown))


def without_findings(checks: Sequence[CustomCheck]) -> tuple[Check, ...]:
    """Return custom checks as checks that find nothing, for those who only list them."""
    return tuple(_check(each, ()) for each in checks)


def _namespace(each: RawObject, namespaces: dict[str, bytes]) -> bytes:
    """Return the namespace of an object; where no manifest defines it, what the API server would give it."""
    name = each.ref.namespace
    if not name:
        return _NO_NAMESPACE
    return namespaces.get(name) or _implied(name)


def _implied(name: str) -> bytes:
    labels = {"kubernetes.io/metadata.name": name}
    return msgspec.json.encode({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})


def _finding(check: CustomCheck, each: RawObject, answer: ExpressionAnswer) -> Finding:
    message = answer.text or check.message or f"{each.ref} does not meet: {' '.join(check.expression.split())}"
    evidence = (f"{check.expression_place}: the expression is false for this object",)
    place = str(each.place)
    about = each.ref
    return Finding(
        check.id, check.severity, Confidence.HIGH, about, place, message, check.why, evidence, Fix(check.fix)
    )


def _gap(check: CustomCheck, each: RawObject, problem: str) -> Gap:
    return Gap(
        GapKind.INCOMPLETE,
        str(each.place),
        f"{each.ref}: {check.id} could not be evaluated: {problem}",
        f"guard the expression at {check.expression_place}, as in has(object.spec) && ...",
        each.ref,
    )


def _check(check: CustomCheck, found: tuple[Finding, ...]) -> Check:
    def run(_context: Context) -> Iterator[Finding]:
        return iter(found)

    return Check(check.id, check.title, check.severity, Confidence.HIGH, "", check.why, check.docs, run)
