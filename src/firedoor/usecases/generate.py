"""Least-privilege network policies, proved by the engine before anybody gets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from firedoor.algebra.cidrs import parse_cidr
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.engine.synth.basis_flows import basis_from_flows, single
from firedoor.engine.synth.basis_intents import basis_from_intents
from firedoor.engine.synth.basis_manifests import basis_from_manifests
from firedoor.engine.synth.blocks import cover
from firedoor.engine.synth.dns import ASSUMED, with_dns, with_resolvers
from firedoor.engine.synth.drafts import drafts
from firedoor.engine.synth.groups import GroupIndex
from firedoor.engine.synth.kinds.writing import ABILITIES, writer
from firedoor.engine.synth.narrowing import removable
from firedoor.engine.synth.nodes import with_nodes
from firedoor.engine.synth.notes import notes_on
from firedoor.engine.synth.permitted import Permitted
from firedoor.engine.synth.proving import Prover
from firedoor.engine.synth.surplus import surplus
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.calico_preview import with_staged
from firedoor.model.clusterpolicy import Tier
from firedoor.model.decoding import decode
from firedoor.model.generation import (
    Basis,
    GeneratedPolicy,
    Generation,
    LeftOut,
    PolicyKind,
    Proof,
)
from firedoor.model.mesh_config import settings_of
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.places import NOWHERE, GapKind
from firedoor.model.policies import PolicyObject
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.ends import require_namespace
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.flows import FlowEdge
    from firedoor.model.intents import Intent

_Policy = TypeVar("_Policy", NetworkPolicy, PolicyObject)

Find = Callable[[Network], Basis]
ReadBack = Callable[[Sequence[GeneratedPolicy]], Snapshot]
"""Returns what the loader makes of policies, as they would be written."""

SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""Namespaces for which policies are made only when they are asked for: a mistake there stops the whole cluster."""


class GenerationQuestion(Struct, frozen=True):
    """What to generate: `replace` takes existing policies as gone, `dns` adds what resolving names needs."""

    kind: PolicyKind = PolicyKind.NETWORKPOLICY
    namespace: str = ""
    named_ports: bool = False
    cidr_bound: int = 0
    replace: bool = False
    dns: bool = True
    tier: Tier = Tier.ADMIN


def from_flows(edges: Iterable[FlowEdge], min_count: int) -> Find:
    """Return what finds the needs in the connections that were seen, at least `min_count` times each."""
    return lambda network: basis_from_flows(network, edges, min_count)


def from_manifests(servers: Sequence[str] = ()) -> Find:
    """
    Return what finds the needs that the objects of the source imply.

    `servers` are the addresses, or blocks of them, that the API server connects from. Raises ``UsageError`` for
    what is neither.
    """
    blocks = tuple(map(_block, servers))
    return lambda network: basis_from_manifests(network, blocks)


def _block(text: str) -> str:
    try:
        family, first, last = parse_cidr(text if "/" in text else single(text))
    except ValueError as error:
        raise UsageError(
            f"{text!r} is neither an address nor a block of addresses", remedy="write 10.0.0.0/28, or one address"
        ) from error
    (block,) = cover(family, ((first, last),))
    return block


def from_intents(intents: Sequence[Intent]) -> Find:
    """Return what finds the needs that people have written down."""
    return lambda network: basis_from_intents(network, intents)


def generate(
    snapshot: Snapshot, cni: CniProfile, find: Find, asked: GenerationQuestion, read_back: ReadBack
) -> Generation:
    """
    Return policies for what is needed, and what the engine says of them once they were read back.

    Raises ``NothingInScopeError`` where there is no workload, or nothing is needed of any in scope.
    """
    cni = cni if cni.enforced else SPEC
    network = network_of(snapshot, cni)
    namespaces = _scope(network, asked)
    if asked.dns:
        snapshot, network, resolvers, assumed = with_resolvers(snapshot, network)
        basis = with_dns(find(network), resolvers)
    else:
        basis, assumed = find(network), ()
    abilities = ABILITIES[asked.kind]
    if abilities.nodes:
        snapshot, network, noted = with_nodes(snapshot, network, basis.needs)
        assumed += noted
    groups = GroupIndex(network, by_values_alone=abilities.accounts)
    permitted = Permitted(network, groups, basis.needs, namespaces, abilities, asked.cidr_bound)
    if not permitted.written:
        reasons = "; ".join(sorted({each.why for each in _left_out(basis, permitted)})[:3])
        raise NothingInScopeError(
            "no connection is needed for which a policy could be made" + (f": {reasons}" if reasons else ""),
            remedy="check that the flows, intents or manifests are those of this cluster",
        )
    made = drafts(network, permitted, named_ports=asked.named_ports and abilities.named_ports)
    write = writer(asked.kind, asked.tier)
    policies = sorted(write(made, namespaces), key=lambda each: (each.namespace, each.order, each.name))
    bare = without_policies(snapshot)
    read = read_back(policies)
    alone = with_policies(bare, read)
    parts = list(write([each.in_parts() for each in made], namespaces))
    by_itself = Network(alone, cni)
    last = by_itself if asked.replace else Network(with_policies(snapshot, read), cni)
    proof = _proof(by_itself, last, permitted, asked.kind, alone)
    if asked.kind is not PolicyKind.ISTIO:
        defaults = {_name(each) for each in policies if each.is_default}
        network_of_parts = Network(with_policies(bare, _decoded(parts)), cni)
        count, idle = removable(network_of_parts, defaults, set(_empty_rules(parts)))
        proof = msgspec.structs.replace(proof, parts=count, removable=idle)
    return Generation(
        asked.kind,
        tuple(policies),
        tuple(permitted.written),
        proof,
        surplus(network, last, permitted),
        tuple(_left_out(basis, permitted)),
        (*basis.notes, *assumed, *notes_on(permitted, made, asked.kind), *_scope_notes(network, asked)),
        snapshot.gaps,
        cni.name,
    )


def _proof(alone: Network, final: Network, permitted: Permitted, kind: PolicyKind, read: Snapshot) -> Proof:
    """Return the proof: the policies by themselves open nothing else, and with all others let pass what is needed."""
    abilities = ABILITIES[kind]
    refused = tuple(
        f"{each.object or each.source}: {each.reason}" for each in read.gaps if each.kind is not GapKind.INCOMPLETE
    )
    denied = tuple(Prover(final, permitted, abilities).denied())
    opened = tuple(Prover(alone, permitted, abilities).opened())
    return Proof(len(permitted.written), denied, opened, refused=refused)


def _scope(network: Network, asked: GenerationQuestion) -> list[str]:
    """Return the namespaces that policies are made for."""
    root = _root(network, asked)
    if asked.namespace:
        require_namespace(network, asked.namespace)
        if asked.namespace == root:
            raise UsageError(
                f"namespace {root} is the root of the Istio mesh: an AuthorizationPolicy there is for all namespaces",
                remedy="restrict its workloads with --kind networkpolicy",
            )
        return [asked.namespace]
    return sorted({each.namespace for each in network.members if not each.host_network} - SYSTEM - {root})


def _root(network: Network, asked: GenerationQuestion) -> str:
    """Return the namespace whose policies of the asked kind are for all namespaces; empty where there is none."""
    if asked.kind is not PolicyKind.ISTIO:
        return ""
    return settings_of(network.snapshot.mesh_configs).root_namespace


def _scope_notes(network: Network, asked: GenerationQuestion) -> list[str]:
    """Return what was not asked for and might be missed."""
    notes = _system_notes(network, asked)
    if network.policies and not asked.replace:
        notes.append(
            "the policies that are there already are kept, with all that they allow: --replace leaves them out"
        )
    return notes


def _system_notes(network: Network, asked: GenerationQuestion) -> list[str]:
    if asked.namespace:
        return []
    there = {each.namespace for each in network.members if each.place != ASSUMED}
    left, root, notes = sorted(there & SYSTEM), _root(network, asked), []
    if left:
        notes.append(f"no policies are made for {', '.join(left)}: ask for it with -n if you mean to")
    if root in there:
        notes.append(
            f"no policies are made for {root}: it is the root of the Istio mesh, and AuthorizationPolicies there are "
            "for all namespaces"
        )
    return notes


def _left_out(basis: Basis, permitted: Permitted) -> Iterable[LeftOut]:
    yield from basis.left_out
    for need, why in permitted.unwritable:
        seen = [each for each in need.evidence if each.count]
        yield LeftOut(
            str(need),
            why,
            sum(each.count for each in seen),
            min((each.first for each in seen), default=0),
            max((each.last for each in seen), default=0),
        )


def without_policies(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot as if it had no policy, and nothing that could not be read."""
    return msgspec.structs.replace(snapshot, network_policies=(), policy_objects=(), gaps=())


def with_policies(snapshot: Snapshot, read: Snapshot) -> Snapshot:
    """
    Return a snapshot with the policies of another, which come in the place of those of the same name.

    Staged policies of the other are in force, those that are there already are not.
    """
    whole = msgspec.structs.replace(
        snapshot,
        network_policies=(
            *_others(snapshot.network_policies, read.network_policies),
            *read.network_policies,
        ),
        policy_objects=(*_others(snapshot.policy_objects, read.policy_objects), *read.policy_objects),
        gaps=(*snapshot.gaps, *read.gaps),
    )
    return with_staged(whole, {each.ref for each in read.policy_objects})


def _decoded(policies: Iterable[GeneratedPolicy]) -> Snapshot:
    """Return policies as they are decoded, without being written first."""
    found = [decode(each.document, NOWHERE, each.namespace) for each in policies]
    return Snapshot(
        network_policies=tuple(each for each in found if isinstance(each, NetworkPolicy)),
        policy_objects=tuple(each for each in found if isinstance(each, PolicyObject)),
    )


def _others(old: Sequence[_Policy], new: Sequence[_Policy]) -> list[_Policy]:
    names = {each.ref for each in new}
    return [each for each in old if each.ref not in names]


def _empty_rules(policies: Iterable[GeneratedPolicy]) -> Iterator[tuple[str, str, str]]:
    """Yield the rules of policies that have neither peers nor ports, with namespace, name and path."""
    for policy in policies:
        spec = policy.document["spec"]
        assert isinstance(spec, dict)  # noqa: S101 - as every writer makes it
        for direction in Direction:
            for number, rule in enumerate(spec.get(direction, ())):
                if not rule:
                    yield *_name(policy), f"spec.{direction}[{number}]"


def _name(policy: GeneratedPolicy) -> tuple[str, str]:
    metadata = policy.document["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101 - as every writer makes it
    return str(metadata.get("namespace", "")), str(metadata["name"])
