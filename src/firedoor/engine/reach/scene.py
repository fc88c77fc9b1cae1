"""What every dialect of policy is compiled against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.addresses import AddressAxis
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.peers import PeerIndex
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.icmp import IcmpMessage
    from firedoor.model.members import Member
    from firedoor.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Scene:
    """
    The cluster as rules see it, once their vocabulary is known.

    `members` are the pods, `index` the columns that stand for them, for addresses and
    for names. `icmp` is the message that is asked about besides ports, if any: it has
    an atom of the axis.
    """

    snapshot: Snapshot
    cni: CniProfile
    members: Sequence[Member]
    vocabulary: Vocabulary
    index: PeerIndex
    addresses: AddressAxis
    axis: PortAxis
    icmp: IcmpMessage | None = None

    def trait(self, name: str) -> int:
        """Return the number of a trait that the vocabulary has (``PeerIndex.trait``)."""
        return sorted(self.vocabulary.traits).index(name)
