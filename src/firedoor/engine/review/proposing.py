"""All proposals of a review applied to the policies, and what the engine says of the connections then."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from firedoor.engine.reach.network import Network
from firedoor.engine.reach.replay import VERDICTS, encode, replay
from firedoor.engine.review.observed import WENT_THROUGH
from firedoor.engine.review.rule_documents import with_rules
from firedoor.model.flows import PeerKind
from firedoor.model.networkpolicy import Direction
from firedoor.model.review import ReplayProof
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from firedoor.engine.review.observed import Observed
    from firedoor.model.flows import FlowPeer
    from firedoor.model.networkpolicy import EgressRule, IngressRule, NetworkPolicy, NetworkPolicySpec
    from firedoor.model.review import Manifest
    from firedoor.model.snapshot import Snapshot


@dataclass(slots=True)
class Proposals:
    """
    What each rule of a policy becomes, by the policy's identity, the direction and the number; None to drop it.

    `documents` are the rules of other APIs, as their manifests have them, by the policy's identity and their path.
    """

    rules: dict[tuple[int, Direction, int], IngressRule | EgressRule | None] = field(default_factory=dict)
    documents: dict[int, dict[str, Manifest]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def are_any(self) -> bool:
        """Whether anything is proposed."""
        return bool(self.rules or self.documents)

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with the policies as they would be."""
        changed = {policy for policy, _, _ in self.rules}
        policies = tuple(
            replace(each, spec=self._spec(each)) if id(each) in changed else each for each in snapshot.network_policies
        )
        objects = tuple(
            with_rules(each, self.documents[id(each)]) if id(each) in self.documents else each
            for each in snapshot.policy_objects
        )
        return replace(snapshot, network_policies=policies, policy_objects=objects)

    def _spec(self, policy: NetworkPolicy) -> NetworkPolicySpec:
        # Without its last rule a policy that leaves policyTypes out would not isolate any more.
        types = policy.spec.policy_types or tuple(str(each).capitalize() for each in Direction if policy.isolates(each))
        rules = {
            str(direction): tuple(
                kept
                for number, rule in enumerate(getattr(policy.spec, direction))
                if (kept := self.rules.get((id(policy), direction, number), rule)) is not None
            )
            for direction in Direction
        }
        return replace(policy.spec, policy_types=types, **rules)


def proved(observed: Observed, proposals: Proposals) -> ReplayProof:
    """
    Return how many of the connections that went through are accepted as the policies are, and as they would be.

    Those from nodes that were not read are left out: a node reaches its own pods, and it is not known which these are.
    """
    network = observed.network
    nodes = {each.metadata.name for each in network.snapshot.nodes}
    asked = {
        (source, destination, edge.protocol, edge.port): None
        for number, edge in enumerate(observed.edges)
        if edge.verdict in WENT_THROUGH and observed.is_on_port[number] and not _is_unread(edge.source, nodes)
        for source, destination in product(*(observed.ends.of(end).like for end in (edge.source, edge.destination)))
        if isinstance(source, int) or isinstance(destination, int)
    }
    encoded = encode(asked)
    accepted = replay(network, encoded) == VERDICTS.index(Verdict.ACCEPTED)
    if not proposals.are_any:
        count = int(np.count_nonzero(accepted))
        return ReplayProof(len(asked), count, count)
    proposed = Network(proposals.applied(network.snapshot), network.cni)
    kept = accepted & (replay(proposed, encoded) == VERDICTS.index(Verdict.ACCEPTED))
    return ReplayProof(len(asked), int(np.count_nonzero(accepted)), int(np.count_nonzero(kept)))


def _is_unread(source: FlowPeer, nodes: set[str]) -> bool:
    return source.kind is PeerKind.NODE and source.name not in nodes
