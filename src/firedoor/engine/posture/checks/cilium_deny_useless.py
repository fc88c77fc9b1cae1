"""
Deny rules of Cilium that change nothing.

What it finds
-------------
Rules of `ingressDeny` and `egressDeny` that match somebody, and without which all
verdicts at their end would be the same: what they deny is denied by another rule, or no
rule allows it to pods that are isolated anyway. Rules that are the only ones of their
direction are left out, because they isolate; so are those whose effect is not known.

Why it matters
--------------
The rule looks as if it held something back. Who relies on it does not see that an allow
rule is missing, or that the pods are closed to everybody.

Example
-------
`ingressDeny` for one namespace, beside an `ingress` that allows another one only.

Remedy
------
Remove the rule; keep it, with a reason for firedoor, where it is meant for allow rules to
come.

References
----------
https://docs.cilium.io/en/stable/security/policy/language/#deny-policies
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.relations.effects import Effects
from firedoor.engine.relations.naming import cover_name
from firedoor.engine.relations.redundancy import covered
from firedoor.engine.relations.vacuity import is_nobody
from firedoor.model.cilium import CiliumPolicy
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.relations.parts import Written
    from firedoor.engine.relations.redundancy import Proof
    from firedoor.model.cilium import CiliumRule
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    denying = [each for each in context.written.typed.cilium if any(map(_denies, each.rules))]
    if not denying:
        return
    effects = Effects(context.written)
    for number, written in enumerate(effects.book.policies):
        policy = written.policy
        if not isinstance(policy, CiliumPolicy) or policy not in denying or not written.profiles:
            continue
        accompanied = set(_accompanied(policy))
        for part in effects.book.parts(number):
            if (
                part.direction is not None
                and part.rule in accompanied
                and not _is_idle(written, part.direction, part.rule)
            ):
                found = covered(effects, part)
                if found is not None:
                    yield _finding(effects, policy, part.rule, found)


def _denies(rule: CiliumRule) -> bool:
    return bool(rule.ingress_deny or rule.egress_deny)


def _accompanied(policy: CiliumPolicy) -> Iterator[str]:
    """Yield the paths of the deny rules beside which there is another rule of the same direction."""
    for rule in policy.rules:
        for direction in Direction:
            denies = rule.denies(direction)
            if len(denies) + len(rule.allows(direction)) > 1 or not rule.default_denies(direction):
                yield from (each.path for each in denies)


def _is_idle(written: Written, direction: Direction, path: str) -> bool:
    """Return whether a rule matches nobody."""
    return all(is_nobody(each.peers) for each in written.rules(direction)[path])


def _finding(effects: Effects, policy: CiliumPolicy, path: str, found: Proof) -> Finding:
    evidence = []
    for each in found.covers:
        name = cover_name(effects, each)
        evidence.append(f"{name.source}: {f'{name.rule} of ' if name.rule else ''}{name.policy} {name.does} it too")
    return CHECK.finding(
        policy.ref,
        policy.place.at(path),
        f"{path} of {policy.ref} changes nothing: what it denies is denied without it",
        tuple(evidence) or ("no policy is asked about what it matches",),
        Fix(f"remove {path}, or the allow rules that it was meant to narrow are missing"),
    )


CHECK = Check(
    id="cilium-deny-useless",
    title="Deny rules of Cilium that change nothing",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it looks as if it held something back that would be let through otherwise",
    docs=__doc__ or "",
    mappings=Mappings(
        nist_800_53=("CM-6",),
        pci_dss_4=("1.2.7",),
    ),
    run=_run,
)
