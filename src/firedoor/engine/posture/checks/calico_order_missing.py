"""
Calico policies without an order that decide differently for the same pods.

What it finds
-------------
Two Calico policies of one tier that both have no `order`, apply to a common pod in a
direction, and do not only allow.

Why it matters
--------------
Policies without an order are asked by their names. Who renames one, or adds one with an
earlier name, changes what is accepted.

Example
-------
`deny-all` and `zz-allow-monitoring`, both without `order`.

Remedy
------
Give each policy an `order`, the exception before the rule.

References
----------
https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#definition
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.calico import CalicoPolicy
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.rules import CompiledPolicy
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    told: set[tuple[ObjectRef, ObjectRef]] = set()
    for direction in Direction:
        for layer in context.written.matrix[direction].layering.layers:
            for tier in layer.tiers:
                policies = [policy for rank in tier.ranks for policy in rank.policies]
                for first, second in _pairs([each for each in policies if _is_unordered(each.policy)]):
                    if (first.ref, second.ref) not in told:
                        told.add((first.ref, second.ref))
                        yield _finding(first, second)


def _is_unordered(policy: object) -> bool:
    return isinstance(policy, CalicoPolicy) and policy.order is None


def _pairs(policies: list[CompiledPolicy[CalicoPolicy]]) -> Iterator[tuple[CalicoPolicy, CalicoPolicy]]:
    """Yield for each policy one that is asked before it about a common pod and decides otherwise."""
    before: dict[int, list[CompiledPolicy[CalicoPolicy]]] = defaultdict(list)
    for each in policies:
        actions = {rule.action for rule in each.rules}
        for profile in each.selected.tolist():
            other = next((one for one in before[profile] if len(actions | _actions(one)) > 1), None)
            if other is not None:
                yield other.policy, each.policy
                break
        for profile in each.selected.tolist():
            # One policy of each kind is enough to tell whether another one decides otherwise.
            if all(_actions(one) != actions for one in before[profile]):
                before[profile].append(each)


def _actions(compiled: CompiledPolicy[CalicoPolicy]) -> set[int]:
    return {rule.action for rule in compiled.rules}


def _finding(first: CalicoPolicy, second: CalicoPolicy) -> Finding:
    return CHECK.finding(
        second.ref,
        second.place.at("spec"),
        f"{second.ref} and {first.ref} have no order: their names decide that {first.metadata.name} is asked first",
        (f"{first.place}: {first.ref}, tier {first.tier}", f"{second.place}: {second.ref}, tier {second.tier}"),
        Fix("give both an order; the lower one is asked first"),
    )


CHECK = Check(
    id="calico-order-missing",
    title="Calico policies whose names decide which is asked first",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a policy that is renamed or added changes what is accepted",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("CM-6",),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
