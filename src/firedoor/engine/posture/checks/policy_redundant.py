"""
Policies that change nothing.

What it finds
-------------
NetworkPolicies without which every connection would be judged as it is now: other
policies isolate the same pods in the same directions and allow all that it allows.
Policies that isolate a whole namespace and allow nothing are left out, because they
are there for the pods to come, and so are policies with a rule whose peers do not
exist, because that rule is a mistake. Of two equal policies one is told.

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

import numpy as np

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.engine.reach.rules import terms
from firedoor.engine.reach.values import ValueTable
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.profiles import Profile
    from firedoor.engine.reach.rules import CompiledPolicy, Term
    from firedoor.model.findings import Finding
    from firedoor.model.networkpolicy import NetworkPolicy


def _run(context: Context) -> Iterator[Finding]:
    gone: set[str] = set()
    compiled = {
        direction: {each.policy.name: each for each in context.written.compiled[direction]} for direction in Direction
    }
    for policy in reversed(context.written.policies):
        own = {direction: compiled[direction].get(policy.name) for direction in Direction}
        selected = next((each.selected for each in own.values() if each is not None), ())
        if not len(selected) or _is_precaution(policy) or any(map(_is_dead, own.values())):
            continue
        shadows: dict[str, NetworkPolicy] = {}
        if all(
            each is None or _adds_nothing(context, direction, each, gone, shadows) for direction, each in own.items()
        ):
            gone.add(policy.name)
            yield _finding(context, policy, shadows)


def _is_precaution(policy: NetworkPolicy) -> bool:
    """Return whether the policy is a default for all pods of its namespace, the present and the future ones."""
    if not policy.spec.pod_selector.is_empty:
        return False
    return any(policy.isolates(direction) and not policy.rules(direction) for direction in Direction)


def _is_dead(compiled: CompiledPolicy | None) -> bool:
    """Return whether some rule names peers that do not exist: it is mistaken rather than redundant."""
    rules = () if compiled is None else compiled.rules
    return any(not len(rule.peers.sure) and not len(rule.peers.maybe) for rule in rules)


def _adds_nothing(
    context: Context, direction: Direction, own: CompiledPolicy, gone: set[str], shadows: dict[str, NetworkPolicy]
) -> bool:
    network = context.written
    seen: set[tuple[object, ...]] = set()
    for number in own.selected.tolist():
        profile = network.profiles[number]
        others = [
            each
            for each in context.selecting[direction][number]
            if each.policy.name != own.policy.name and each.policy.name not in gone
        ]
        if not others:
            return False
        key = (*(each.policy.name for each in others), profile.ports)
        if key in seen:
            continue
        seen.add(key)
        wanted = _terms(network, direction, [own], profile)
        if not _contained(network, wanted, _terms(network, direction, others, profile)):
            return False
        overlapping = [each for each in others if _overlaps(wanted, _terms(network, direction, [each], profile))]
        shadows.update((each.policy.name, each.policy) for each in overlapping or others)
    return True


def _terms(network: Network, direction: Direction, policies: Sequence[CompiledPolicy], profile: Profile) -> list[Term]:
    return [
        term
        for compiled in policies
        for rule in compiled.rules
        for term in terms(rule, direction, profile, network.profiles, network.axis)
    ]


def _contained(network: Network, wanted: list[Term], others: list[Term]) -> bool:
    """Return whether `others` alone accept, column by column, all that `wanted` accept."""
    table = ValueTable()
    row = np.zeros(len(network.index.everyone), dtype=np.int32)
    for term in others:
        table.accept(row, term.peers.sure, (term.ports, term.ports))
        table.accept(row, term.peers.maybe, (0, term.ports))
    for term in wanted:
        for columns, side in ((term.peers.sure, 0), (term.peers.maybe, 1)):
            if any(term.ports & ~table.values[number][side] for number in set(row[columns].tolist())):
                return False
    return True


def _overlaps(first: list[Term], second: list[Term]) -> bool:
    return any(
        one.ports & other.ports
        and len(np.intersect1d(np.union1d(one.peers.sure, one.peers.maybe), other.peers.sure, assume_unique=True))
        for one in first
        for other in second
    )


def _finding(context: Context, policy: NetworkPolicy, shadows: dict[str, NetworkPolicy]) -> Finding:
    names = sorted(shadows)
    return CHECK.finding(
        policy.ref,
        str(policy.place),
        f"NetworkPolicy {policy.name} changes nothing: its pods are already isolated by {listed(names)}, "
        "and all that it allows is allowed there",
        tuple(f"{shadows[name].place}: NetworkPolicy {name}" for name in names),
        Fix(f"delete NetworkPolicy {policy.name}, or narrow what shadows it"),
        confidence=Confidence.MEDIUM if context.is_partial else None,
    )


CHECK = Check(
    id="policy-redundant",
    title="Policies that change nothing",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="editing or deleting it has no effect, although it looks as if it had one",
    docs=__doc__ or "",
    run=_run,
)
