"""A cluster's reachability in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.summary import summarize
from firedoor.model.calico_preview import with_staged
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.summary import ReachSummary


def summary(snapshot: Snapshot, cni: CniProfile, *, staged: bool = False, network_name: str = "") -> ReachSummary:
    """Return the numbers of a cluster's network; `staged` and `network_name` are as for `reach`."""
    return summarize(network_of(with_staged(snapshot) if staged else snapshot, cni, network_name))
