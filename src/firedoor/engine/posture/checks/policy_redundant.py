"""
Policies that change nothing.

What it finds
-------------
Policies of any API without which every connection would be judged as it is now, by the
policies on the same pods alone: others isolate them in the same directions and allow all
that it allows, or decide before it all that it is about. Policies that isolate and
allow nothing are left out, because they are there for the pods to come, and so are
policies with a rule whose peers do not exist, because that rule is a mistake. Of two
equal policies one is told. `firedoor policies` tells more, rule by rule.

Why it matters
--------------
Whoever edits the policy expects an effect, and there is none. Rules that are kept
twice drift apart.

Example
-------
One policy admits `web` to `db` on 5432, a second one admits all pods to `db`.

Remedy
------
Delete the policy, or narrow the one that shadows it when that one is too wide.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.engine.relations.effects import Effects
from firedoor.engine.relations.parts import Part
from firedoor.engine.relations.redundancy import covered
from firedoor.engine.relations.sides import NOTHING
from firedoor.engine.relations.vacuity import is_nobody
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.rules import AnyPolicy
    from firedoor.engine.relations.parts import Written
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    effects = Effects(context.written)
    policies = effects.book.policies
    gone = NOTHING
    for number in reversed(range(len(policies))):
        written = policies[number]
        if not written.profiles or not _may_be_told(written):
            continue
        found = covered(effects, Part(number), gone)
        if found is None or found.is_default or not found.covers:
            continue
        gone |= {Part(number)}
        shadows = sorted({each.policy for each in found.covers})
        yield _finding(context, written.policy, [policies[each].policy for each in shadows])


def _may_be_told(written: Written) -> bool:
    """Return whether a policy may be called redundant: not if it is a precaution, or mistaken about its peers."""
    compiled = (one for found in written.compiled.values() for one in found)
    is_mistaken = any(is_nobody(rule.peers) for one in compiled for rule in one.rules)
    return written.stands_alone and not written.is_precaution and not is_mistaken


def _finding(context: Context, policy: AnyPolicy, shadows: list[AnyPolicy]) -> Finding:
    names = [_named(each) for each in shadows]
    return CHECK.finding(
        policy.ref,
        str(policy.place),
        f"{policy.ref.kind} {_named(policy)} changes nothing: without it {listed(names)} "
        f"{'decides' if len(names) == 1 else 'decide'} the same",
        tuple(f"{each.place}: {each.ref.kind} {_named(each)}" for each in shadows),
        Fix(f"delete {policy.ref.kind} {_named(policy)}, or narrow what shadows it"),
        confidence=Confidence.MEDIUM if context.is_partial else None,
    )


def _named(policy: AnyPolicy) -> str:
    return f"{policy.ref.namespace}/{policy.ref.name}" if policy.ref.namespace else policy.ref.name


CHECK = Check(
    id="policy-redundant",
    title="Policies that change nothing",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="editing or deleting it has no effect, although it looks as if it had one",
    docs=__doc__ or "",
    mappings=Mappings(
        pci_dss_4=("1.2.7",),
    ),
    run=_run,
)
