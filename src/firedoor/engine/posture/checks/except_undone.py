"""
Excepts of `ipBlock` entries that other rules take back.

What it finds
-------------
Ranges in the `except` of an entry that the policies of the selected pods, all together,
surely accept on ports of the same rule.

Why it matters
--------------
An except denies nothing: it only leaves the range out of this entry. Another entry or
rule that holds the range lets it in, and who reads the policy believes that it is kept
out.

Example
-------
`ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}` beside a rule for 10.0.0.0/8 on all
ports.

Remedy
------
Narrow the other rule, or deny the range by a policy that can deny
(ClusterNetworkPolicy, Calico, Cilium).

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import parse_cidr
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.outside import values
from firedoor.engine.posture.walk import rules
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.engine.reach.network import Network
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for at in rules(context):
        for number, peer in enumerate(at.rule.peers):
            for place, cut in enumerate(() if peer.ip_block is None else peer.ip_block.excepts):
                profile = _undone(context.written, at, cut)
                if profile is not None:
                    yield _finding(context, at, f"{at.path}.{at.peer_field}[{number}]", place, cut, profile)


def _undone(network: Network, at: RuleAt, cut: str) -> int | None:
    """Return a selected profile whose policies accept all of a range, on ports of the rule."""
    family, first, last = parse_cidr(cut)
    # The excepts are among the boundaries that the axis of addresses is cut at.
    atoms = [each for each in network.addresses.atoms if each.family is family and first <= each.first <= last]
    for profile in at.selected:
        ports = at.compiled.ports.resolve(network.profiles[profile].ports, network.axis)
        if ports and all(value[0] & ports for value in values(network, at.direction, profile, atoms)):
            return profile
    return None


def _finding(context: Context, at: RuleAt, path: str, place: int, cut: str, profile: int) -> Finding:
    column = context.written.column(cut.partition("/")[0])
    others = [
        f"{compiled.policy.place.at(rule.path)}: {rule.path} of NetworkPolicy {compiled.policy.name} accepts it"
        for compiled in context.selecting[at.direction][profile]
        for rule in compiled.rules
        if column in rule.peers.sure
    ]
    return CHECK.finding(
        at.policy.ref,
        at.policy.place.at(path),
        f"{path} of NetworkPolicy {at.policy.name} leaves {cut} out, and it is accepted all the same",
        (f"except[{place}] is {cut}", *others),
        Fix("narrow the rules that hold the range, or deny it by a policy of an API that can deny"),
    )


CHECK = Check(
    id="except-undone",
    title="Excepts of blocks that other rules allow again",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="an except denies nothing: who reads the policy believes that the range is kept out",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("3",),
        nist_800_53=("AC-4", "SC-7(5)"),
        pci_dss_4=("1.2.1", "1.3.2"),
    ),
    run=_run,
)
