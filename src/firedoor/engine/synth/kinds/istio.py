"""Drafts as AuthorizationPolicies of Istio (``security.istio.io/v1``): who may connect to whom over TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.engine.synth.drafts import BlockPeer, PodsPeer
from firedoor.engine.synth.kinds import naming
from firedoor.engine.synth.permitted import Abilities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.synth.drafts import Allowance, Draft
    from firedoor.model.generation import GeneratedPolicy

ABILITIES = Abilities(egress=False, protocols=("TCP",), ranges=False, accounts=True, named_ports=False)
_API: dict[str, object] = {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy"}
_TRUST_DOMAIN = "cluster.local"


def policies(drafts: Sequence[Draft], namespaces: Iterable[str]) -> Iterator[GeneratedPolicy]:
    """Yield a policy for each draft, and one for each namespace that denies the rest."""
    called = naming.names(each.group for each in drafts)
    for draft in drafts:
        group = draft.group
        rules = [_rule(each) for each in draft.ingress]
        labels = dict(group.selector.match_labels)
        selector: dict[str, object] = {"selector": {"matchLabels": labels}} if labels else {}
        spec = {**selector, "action": "ALLOW", "rules": rules}
        document = {**_API, "metadata": naming.metadata(called[group], group.namespace), "spec": spec}
        notes = naming.comments(rules=[naming.reasons(each) for each in draft.ingress])
        yield naming.allowing(draft, called[group], document, notes)
    for namespace in namespaces:
        document = {**_API, "metadata": naming.metadata(naming.DEFAULT_NAME, namespace), "spec": {}}
        yield naming.default(namespace, document)


def _rule(allowance: Allowance) -> dict[str, object]:
    principals = sorted(
        {
            f"{_TRUST_DOMAIN}/ns/{peer.group.namespace}/sa/{account}"
            for peer in allowance.peers
            if isinstance(peer, PodsPeer)
            for account in peer.group.accounts
        }
    )
    blocks = [peer.cidr for peer in allowance.peers if isinstance(peer, BlockPeer)]
    sources: list[dict[str, object]] = [{"source": {"principals": principals}}] if principals else []
    if blocks:
        sources.append({"source": {"ipBlocks": blocks}})
    found: dict[str, object] = {"from": sources}
    if allowance.ports and (allowance.ports[0].first, allowance.ports[0].last) != (FIRST_PORT, LAST_PORT):
        found["to"] = [{"operation": {"ports": [each.text for each in allowance.ports]}}]
    return found
