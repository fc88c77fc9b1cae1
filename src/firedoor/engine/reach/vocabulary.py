"""What the policies of all APIs name: the only labels, addresses, ports and names that can make a difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.model.labels import LabelSelector
    from firedoor.model.members import Member
    from firedoor.model.networkpolicy import IPBlock

    Trait = Callable[[Member], str]


@dataclass(slots=True)
class Vocabulary:
    """
    Collected from every policy before anything is compiled.

    `whole_pod_keys` are label keys of which every value counts, because a selector looks
    inside values. `traits` are what rules ask of pods besides their labels (a service
    account, say), by name, with the function that tells. `pods_by_address` and
    `hosts_by_address` say that some rule matches pods, or host-network pods, by their
    addresses, `hosts_by_node` that one asks which node a host-network pod is on.
    `node_addresses` are told apart from all others, where blocks do not match them.
    """

    pod_selectors: list[LabelSelector] = field(default_factory=list)
    namespace_selectors: list[LabelSelector] = field(default_factory=list)
    whole_pod_keys: set[str] = field(default_factory=set)
    traits: dict[str, Trait] = field(default_factory=dict)
    blocks: dict[IPBlock, None] = field(default_factory=dict)
    port_ranges: set[tuple[str, int, int]] = field(default_factory=set)
    port_names: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)
    pods_by_address: bool = False
    hosts_by_address: bool = False
    hosts_by_node: bool = False
    node_addresses: set[str] = field(default_factory=set)
