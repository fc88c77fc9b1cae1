"""The mesh: how many of its pods take nothing but mutual TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture import CHECKS, run_checks
from firedoor.engine.reach.dialects.istio.mesh import INSIDE, membership, mentions_mesh
from firedoor.engine.reach.dialects.istio.modes import Modes
from firedoor.engine.reach.dialects.istio.sources import Sources
from firedoor.engine.reach.dialects.istio.vocabulary import is_needed
from firedoor.engine.score.unread import RUNNING, unread
from firedoor.model.istio import Mode
from firedoor.model.score import Measure, MeasureId, Unit

if TYPE_CHECKING:
    from firedoor.engine.posture import Context
    from firedoor.engine.reach.network import Network
    from firedoor.model.places import ObjectRef

_SIDECAR, _PLAIN = "mesh-sidecar-missing", "istio-mtls-permissive"


def mesh_mtls(context: Context) -> Measure:
    """Return how many pods of the mesh take no plain text on any port, by what PeerAuthentications say."""
    network, snapshot = context.network, context.snapshot
    if not (is_needed(network.typed) or mentions_mesh(snapshot)):
        return Measure(MeasureId.MESH_MTLS, reason="no mesh was seen")
    strict = _strict(network)
    bare = {each.object for each in run_checks(context, [each for each in CHECKS if each.id == _SIDECAR])}
    is_inside = membership(snapshot)
    counts: dict[ObjectRef, list[bool | None]] = {}
    for position, member in enumerate(network.members):
        if is_inside(member) == INSIDE:
            is_met = False if member.workload in bare else strict.get(network.profile_of[position], False)
            counts.setdefault(member.workload, []).append(is_met)
    units = [_unit(ref, found, is_bare=ref in bare) for ref, found in sorted(counts.items())]
    return Measure(MeasureId.MESH_MTLS, (*units, *unread(snapshot.gaps, RUNNING)))


def _strict(network: Network) -> dict[int, bool | None]:
    """Return which profiles take mutual TLS alone, None where that is not known; nothing says so of the others."""
    if not network.typed.peer_authentications:
        return {}
    tcp = network.axis.mask("TCP")
    found: dict[int, bool | None] = {}
    for setting in Modes(network.scene, network.typed.peer_authentications, Sources(network.scene).in_mesh).settings:
        others = setting.possible[Mode.PERMISSIVE] | setting.possible[Mode.DISABLE]
        is_strict = None if others and setting.possible[Mode.STRICT] == tcp else not others
        found |= dict.fromkeys(setting.profiles.nonzero()[0].tolist(), is_strict)
    return found


def _unit(ref: ObjectRef, found: list[bool | None], *, is_bare: bool) -> Unit:
    met, unknown = found.count(True), found.count(None)
    if met == len(found):
        return Unit(ref.namespace, ref, met, met)
    if is_bare:
        return Unit(ref.namespace, ref, len(found), met, 0, "pods of it run without the proxy of the mesh", (_SIDECAR,))
    what = "which PeerAuthentication counts is not known" if unknown else "it takes plain text too"
    return Unit(ref.namespace, ref, len(found), met, unknown, what, (_PLAIN,))
