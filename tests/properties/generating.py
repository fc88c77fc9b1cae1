"""Generated policies in generated clusters, as the product makes them and as a reference reads them."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from copy import deepcopy
from itertools import product

import yaml
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.algebra.cidrs import Family, parse_address
from firedoor.bootstrap import read_policies
from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.engine.reach.network import Network
from firedoor.engine.synth.groups import GroupIndex
from firedoor.errors import NothingInScopeError
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.generation import Generation, Party
from firedoor.model.members import Member
from firedoor.model.places import ObjectRef
from firedoor.model.snapshot import Snapshot
from firedoor.render.generation_yaml import policy_yaml
from firedoor.usecases.generate import GenerationQuestion, from_flows, generate
from tests.properties.worlds import LENIENT_VERSION, end_of
from tests.reference.endpoints import RefPod, pods
from tests.reference.manifests import Manifest
from tests.strategies.clusters import clusters

OUTSIDE = ("198.51.100.7", "198.51.100.8", "203.0.113.9", "192.168.77.1")
PORTS = (80, 443, 8080, 53)
PROTOCOLS = ("TCP", "UDP")


@dataclasses.dataclass(frozen=True)
class Case:
    """A cluster without policies, connections that were seen in it, and what is made of them."""

    cluster: list[Manifest]
    snapshot: Snapshot
    edges: list[FlowEdge]

    def generate(self, asked: GenerationQuestion, cni: CniProfile = SPEC) -> Generation | None:
        """Return the policies; None where nothing can be asked for."""
        try:
            return generate(self.snapshot, cni, from_flows(self.edges, 1), asked, read_policies)
        except NothingInScopeError:
            return None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Generate a cluster and connections between its workloads, and with the outside."""
    cluster = [each for each in draw(clusters()) if each["kind"] != "NetworkPolicy"]
    text = yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
    snapshot = load_text(text, version=LENIENT_VERSION)
    network = Network(snapshot, SPEC)
    inside = [_workload(each) for each in sorted({member.workload for member in network.members})]
    outside = [FlowPeer(PeerKind.EXTERNAL, address=each) for each in OUTSIDE]
    ends = [*product(inside, inside), *product(inside, outside), *product(outside, inside)]
    edges = []
    for source, destination in draw(st.lists(st.sampled_from(ends), max_size=5)) if ends else ():
        port, protocol = draw(st.sampled_from(PORTS)), draw(st.sampled_from(PROTOCOLS))
        edges.append(FlowEdge(source, destination, protocol, port, FlowVerdict.ALLOWED, 1, 0, 0))
    return Case(cluster, snapshot, edges)


def _workload(ref: ObjectRef) -> FlowPeer:
    return FlowPeer(PeerKind.WORKLOAD, ref.namespace, ref.kind, ref.name)


def written(found: Generation) -> list[Manifest]:
    """Return the policies as they are read back from their text."""
    return [yaml.safe_load(policy_yaml(each)) for each in found.policies]


Name = ObjectRef | tuple[Family, int]
"""A workload, or an address."""


@dataclasses.dataclass(frozen=True)
class Granted:
    """What connections are wanted, as far as selectors can tell pods apart."""

    needs: set[tuple[Name, Name, str, int]]
    groups: dict[ObjectRef, frozenset[ObjectRef]]

    def holds(self, source: Member | str, destination: Member | str, protocol: str, port: int) -> bool:
        """Return whether a need is about the connection."""
        ends = product(self._names(source), self._names(destination))
        return any((one, other, protocol, port) in self.needs for one, other in ends)

    def _names(self, end: Member | str) -> list[Name]:
        if isinstance(end, str):
            return [parse_address(end)]
        if end.host_network:
            return [end.workload, *map(parse_address, end.addresses)]
        return list(self.groups[end.workload])


def granted(case: Case, found: Generation) -> Granted:
    """Return what is wanted: the needs, with those that share a selector taken together."""
    network = Network(case.snapshot, SPEC)
    hosts: dict[ObjectRef, list[Name]] = defaultdict(list)
    for member in network.members:
        if member.host_network:
            hosts[member.workload] += map(parse_address, member.addresses)

    def names(party: Party) -> list[Name]:
        if party.workload is not None:
            return [party.workload, *hosts[party.workload]]
        return [parse_address(each.partition("/")[0]) for each in party.blocks]

    needs = {
        (one, other, need.protocol, need.first)
        for need in found.needs
        for one, other in product(names(need.source), names(need.destination))
    }
    index = GroupIndex(network)
    groups = {
        ref: frozenset(other for group in several if not group.is_host for other in group.workloads)
        for ref, several in index.of.items()
    }
    return Granted(needs, groups)


ACCOUNTS = ("default", "web", "api")
Identity = tuple[str, str]
"""A namespace and a service account of it."""


@st.composite
def mesh_cases(draw: st.DrawFn) -> Case:
    """Generate a case whose pods run as service accounts, some of them as the same."""
    case = draw(cases())
    cluster = deepcopy(case.cluster)
    for spec in filter(None, map(_pod_spec, cluster)):
        spec["serviceAccountName"] = draw(st.sampled_from(ACCOUNTS))
    text = yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
    return Case(cluster, load_text(text, version=LENIENT_VERSION), case.edges)


def _pod_spec(manifest: Manifest) -> Manifest | None:
    """Return the specification of the pods of an object."""
    if manifest["kind"] == "Pod":
        return manifest.get("spec")
    spec = manifest.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
    return template.get("spec") if isinstance(template, dict) else None


@dataclasses.dataclass(frozen=True)
class MeshGranted:
    """What connections are wanted, where those who connect are known by service account or address alone."""

    needs: set[tuple[Identity | tuple[Family, int], ObjectRef, int]]

    def holds(self, source: Member | str, destination: Member, port: int) -> bool:
        """Return whether a need is about the connection."""
        name = parse_address(source) if isinstance(source, str) else (source.namespace, source.pod.spec.account)
        return (name, destination.workload, port) in self.needs


def granted_in_mesh(case: Case, found: Generation) -> MeshGranted:
    """Return what is wanted: at either end, those that share a selector are taken together."""
    network = Network(case.snapshot, SPEC)
    index = GroupIndex(network, by_values_alone=True)
    needs: set[tuple[Identity | tuple[Family, int], ObjectRef, int]] = set()
    for need in found.needs:
        sources: list[Identity | tuple[Family, int]] = [
            parse_address(each.partition("/")[0]) for each in need.source.blocks
        ]
        for group in index.of[need.source.workload] if need.source.workload else ():
            members = [network.members[each] for each in group.members]
            if group.is_host:
                sources += [parse_address(address) for each in members for address in each.addresses]
            else:
                sources += [(each.namespace, each.pod.spec.account) for each in members]
        destinations = [
            other
            for group in (index.of[need.destination.workload] if need.destination.workload else ())
            if not group.is_host
            for other in group.workloads
        ]
        needs |= {(one, other, need.first) for one, other in product(sources, destinations)}
    return MeshGranted(needs)


def reference_pods(case: Case) -> list[tuple[RefPod, Member]]:
    """Return the pods of the reference with the members that they are to the product."""
    network = Network(case.snapshot, SPEC)
    found = []
    for pod in pods(case.cluster):
        position = end_of(network, pod)
        assert isinstance(position, int)
        found.append((pod, network.members[position]))
    return found
