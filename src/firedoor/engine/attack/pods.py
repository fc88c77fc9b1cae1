"""Pods that are alike for an attacker, and the token that lies in each of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.escapes import MountedVolume, escapes
from firedoor.engine.attack.graph import Link, told
from firedoor.model.attack import Change, ChangeKind, Kind, Standing
from firedoor.model.places import ObjectRef
from firedoor.model.tokens import mounted_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.attack.escapes import Escape
    from firedoor.engine.attack.graph import AttackGraph
    from firedoor.engine.blast.graph import HopGraph
    from firedoor.model.members import Member
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.tokens import TokenMount


@dataclass(slots=True)
class Group:
    """
    Pods of one workload that reach and are reached alike, run as the same account and get out alike.

    Those that get out are told apart by their node. `hop` is their vertex among the hops,
    `members` are positions.
    """

    vertex: int
    workload: ObjectRef
    hop: int
    account: str
    token: TokenMount
    ways_out: tuple[Escape, ...]
    node: str
    members: list[int] = field(default_factory=list)

    @property
    def standing(self) -> Standing:
        """What it is to hold them."""
        return Standing(Kind.PODS, self.workload.namespace, self.workload.name, self.workload.kind)


def groups_of(graph: AttackGraph, hops: HopGraph) -> list[Group]:
    """Return all pods in groups, each with a vertex of its own."""
    network = hops.network
    traits = _Traits(network.snapshot, possible=graph.possible)
    found: dict[tuple[object, ...], Group] = {}
    for position, (member, hop) in enumerate(zip(network.members, hops.vertex_of.tolist(), strict=True)):
        account = member.spec.account
        ways_out, token = traits.of(member, account)
        node = member.node if ways_out else ""
        key = (member.workload, hop, account, token, ways_out, node)
        group = found.get(key)
        if group is None:
            ref = member.workload
            vertex = graph.standing(Standing(Kind.PODS, ref.namespace, ref.name, ref.kind), len(found))
            group = found[key] = Group(vertex, ref, hop, account, token, ways_out, node)
        group.members.append(position)
    return list(found.values())


class _Traits:
    """What pods have that their specification decides; replicas have it from the same parts."""

    def __init__(self, snapshot: Snapshot, *, possible: bool) -> None:
        self._possible = possible
        self._accounts = {(each.metadata.namespace, each.metadata.name): each for each in snapshot.service_accounts}
        self._claims = _claims(snapshot)
        self._has_details = snapshot.has_pod_details
        self._known: dict[tuple[object, ...], tuple[tuple[Escape, ...], TokenMount]] = {}

    def of(self, member: Member, account: str) -> tuple[tuple[Escape, ...], TokenMount]:
        """Return the ways out of a pod that count, and whether a token lies in it."""
        spec, namespace = member.spec, member.namespace
        is_made = member.is_template or not (member.pod.metadata.uid and self._has_details)
        parts = (spec.containers, spec.init_containers, spec.ephemeral_containers, spec.volume_fields)
        flags = (spec.host_pid, spec.host_users, spec.automount_service_account_token, is_made)
        key = (namespace, account, *map(id, parts), id(spec.security_context), *flags)
        found = self._known.get(key)
        if found is None:
            ways = escapes(spec, self._claims.get(namespace, {}))
            ways_out = tuple(each for each in ways if self._possible or not each.is_possible)
            token = mounted_token(spec, self._accounts.get((namespace, account)), is_template=is_made)
            found = self._known[key] = ways_out, token
        return found


def link_tokens(graph: AttackGraph, groups: Iterable[Group], members: Sequence[Member]) -> None:
    """Lead from pods to the service account whose token is mounted in them."""
    for group in groups:
        if not group.token.is_mounted:
            continue
        account = Standing(Kind.SERVICE_ACCOUNT, group.workload.namespace, group.account)
        fact = told(f"its token is mounted: {group.token.reason}", str(members[group.members[0]].place))
        change = frozenset({Change(ChangeKind.TOKEN, group.workload)})
        means = graph.means(by.TOKEN, account)
        graph.link(group.vertex, means, Link((change,), fact))
        graph.link(means, graph.standing(account))


def _claims(snapshot: Snapshot) -> dict[str, dict[str, MountedVolume]]:
    """Return the volumes with a path of a node by the namespace and name of the claim that is bound to them."""
    volumes = {
        each.metadata.name: MountedVolume(path.path, ObjectRef("PersistentVolume", "", each.metadata.name))
        for each in snapshot.persistent_volumes
        for path in [each.spec.host_path]
        if path is not None and path.path
    }
    found: dict[str, dict[str, MountedVolume]] = defaultdict(dict)
    for volume in snapshot.persistent_volumes:
        claimed, behind = volume.spec.claim_ref, volumes.get(volume.metadata.name)
        if claimed is not None and behind is not None:
            found[claimed.namespace][claimed.name] = behind
    for claim in snapshot.persistent_volume_claims:
        behind = volumes.get(claim.spec.volume_name)
        if behind is not None:
            found[claim.metadata.namespace].setdefault(claim.metadata.name, behind)
    return found
