"""Which module writes which kind of policy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from firedoor.engine.synth.kinds import calico, cilium, clusternetworkpolicy, istio, networkpolicy
from firedoor.model.generation import PolicyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from firedoor.engine.synth.drafts import Draft
    from firedoor.engine.synth.permitted import Abilities
    from firedoor.model.clusterpolicy import Tier
    from firedoor.model.generation import GeneratedPolicy

    Write = Callable[[Sequence[Draft], Iterable[str]], Iterator[GeneratedPolicy]]

ABILITIES: dict[PolicyKind, Abilities] = {
    PolicyKind.NETWORKPOLICY: networkpolicy.ABILITIES,
    PolicyKind.CLUSTERNETWORKPOLICY: clusternetworkpolicy.ABILITIES,
    PolicyKind.CALICO: calico.ABILITIES,
    PolicyKind.CALICO_STAGED: calico.ABILITIES,
    PolicyKind.CILIUM: cilium.ABILITIES,
    PolicyKind.ISTIO: istio.ABILITIES,
}
"""What the API of each kind can say."""


def writer(kind: PolicyKind, tier: Tier) -> Write:
    """Return what writes drafts as policies of a kind."""
    writers: dict[PolicyKind, Write] = {
        PolicyKind.NETWORKPOLICY: networkpolicy.policies,
        PolicyKind.CLUSTERNETWORKPOLICY: partial(clusternetworkpolicy.policies, tier=tier),
        PolicyKind.CALICO: calico.policies,
        PolicyKind.CALICO_STAGED: partial(calico.policies, staged=True),
        PolicyKind.CILIUM: cilium.policies,
        PolicyKind.ISTIO: istio.policies,
    }
    return writers[kind]
