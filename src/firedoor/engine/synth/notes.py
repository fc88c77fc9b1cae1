"""What a person should know about generated policies before applying them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.synth.drafts import PodsPeer
from firedoor.model.generation import PolicyKind
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.synth.drafts import Draft
    from firedoor.engine.synth.groups import Group
    from firedoor.engine.synth.permitted import Permitted

_OF_KIND = {
    PolicyKind.CLUSTERNETWORKPOLICY: (
        "a ClusterNetworkPolicy has no rules about connections from outside the cluster: they stay as they are",
    ),
    PolicyKind.CALICO_STAGED: ("staged policies are not enforced: Calico only logs what they would deny",),
    PolicyKind.ISTIO: (
        "AuthorizationPolicies judge TCP connections to pods in the mesh: egress, UDP and SCTP stay as they are",
        "whether a part could be left out is not weighed for AuthorizationPolicies",
    ),
}


def notes_on(permitted: Permitted, drafts: Sequence[Draft], kind: PolicyKind) -> tuple[str, ...]:
    """Return notes about selectors that are coarse, blocks that were joined, names, and the kind."""
    used = {draft.group for draft in drafts}
    for draft in drafts:
        for each in (*draft.ingress, *draft.egress):
            used |= {peer.group for peer in each.peers if isinstance(peer, PodsPeer)}
    ordered = [each for each in permitted.groups if each in used]
    return (
        *_OF_KIND.get(kind, ()),
        *(note for group in ordered for note in _on_group(group)),
        *_on_accounts(permitted, ordered, kind),
        *_on_hosts(permitted),
        *_on_blocks(permitted),
        *(
            f"{name} stands in rules as {', '.join(blocks)}: when the name leads elsewhere, the connection breaks"
            for name, blocks in sorted(permitted.by_address.items())
        ),
    )


def _on_group(group: Group) -> Iterator[str]:
    if len(group.workloads) > 1:
        names = ", ".join(map(str, group.workloads))
        yield (
            f"no lasting label tells {names} apart: they share one selector ({group.selector}), and may do what any "
            f"of them needs; give each pod template a label of its own, such as app: {group.workloads[-1].name}"
        )
    elif group.weak:
        yield (
            f"{group.workloads[0]} has no lasting label of its own: its selector ({group.selector}) matches every pod "
            f"of {group.namespace} without those labels; give its pod template the label app: {group.name}"
        )


def _on_accounts(permitted: Permitted, used: Sequence[Group], kind: PolicyKind) -> Iterator[str]:
    if kind is not PolicyKind.ISTIO:
        return
    for group in used:
        for account in group.accounts:
            sharing = permitted.sharing(group.namespace, account)
            if len(sharing) > 1 and sharing[0] is group:
                names = ", ".join(str(ref) for each in sharing for ref in each.workloads)
                yield (
                    f"{names} run as the service account {group.namespace}/{account}, and may all do what any of them "
                    "needs; give each an account of its own"
                )


def _on_hosts(permitted: Permitted) -> Iterator[str]:
    for group in permitted.groups:
        if group.is_host and group.namespace in permitted.namespaces:
            yield f"{group.workloads[0]} is on the network of its node: no policy applies to it"


def _on_blocks(permitted: Permitted) -> Iterator[str]:
    for subject in permitted.subjects:
        for direction in Direction:
            added = permitted.side(subject, direction).added
            if added:
                yield (
                    f"{subject.workloads[0]}, {direction}: blocks were joined, and hold {added:,} addresses that "
                    "nothing needs"
                )
