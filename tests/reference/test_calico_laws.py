"""The two references agree on NetworkPolicies, and on Calico policies that say what those say."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from tests.examples import some
from tests.reference import calico, networkpolicy
from tests.reference.addresses import parse_block
from tests.reference.endpoints import RefPod
from tests.reference.manifests import (
    Manifest,
    items,
    section,
    string_map,
    strings,
)
from tests.reference.networkpolicy import Connection, Direction, Options, policy_types
from tests.strategies.clusters import clusters, interesting_connections, options

QUESTIONS = clusters().flatmap(
    lambda cluster: st.tuples(st.just(cluster), st.lists(interesting_connections(cluster), min_size=4, max_size=4))
)


@some
@given(QUESTIONS, options())
def test_kubernetes_policies_mean_the_same_with_calico(
    question: tuple[list[Manifest], list[Connection]], chosen: Options
) -> None:
    cluster, connections = question
    for connection in connections:
        expected = networkpolicy.decide(cluster, connection, chosen)
        assert calico.decide(cluster, connection, chosen) is expected


@some
@given(QUESTIONS)
def test_kubernetes_policies_can_be_written_as_calico_ones(question: tuple[list[Manifest], list[Connection]]) -> None:
    cluster, connections = question
    chosen = Options(ipblock_matches_pods=True, ipblock_matches_nodes=True)
    for connection in connections:
        for direction in Direction:
            comparable = [each for each in cluster if _is_comparable(each, connection)]
            written = [_as_calico(each) if each["kind"] == "NetworkPolicy" else each for each in comparable]
            expected = networkpolicy.decide_direction(comparable, connection, direction, chosen)
            assert calico.decide_direction(written, connection, direction, chosen) is expected


def _is_comparable(manifest: Manifest, connection: Connection) -> bool:
    """Between pods, IPv6 blocks are not: Kubernetes asks all addresses of a pod, Calico those of the connection."""
    if manifest["kind"] != "NetworkPolicy" or not isinstance(connection.src, RefPod) or isinstance(connection.dst, str):
        return True
    spec = section(manifest, "spec")
    peers = [p for d, f in (("ingress", "from"), ("egress", "to")) for r in items(spec, d) for p in items(r, f)]
    return all(parse_block(peer["ipBlock"]["cidr"]).version == 4 for peer in peers if peer.get("ipBlock"))


def _as_calico(policy: Manifest) -> Manifest:
    spec = section(policy, "spec")
    written = {
        "selector": _expression(section(spec, "podSelector")),
        "types": policy_types(policy),
        "ingress": [rule for each in items(spec, "ingress") for rule in _rules(each, "from", "source")],
        "egress": [rule for each in items(spec, "egress") for rule in _rules(each, "to", "destination")],
    }
    return policy | {"apiVersion": "projectcalico.org/v3", "spec": written}


def _rules(rule: Manifest, field: str, side: str) -> Iterator[Manifest]:
    """Yield a rule for every pair of a peer and a port."""
    peers = [_entity(peer) for peer in items(rule, field)] or [{}]
    ports = [_port(port) for port in items(rule, "ports")] or [{}]
    for peer in peers:
        for port in ports:
            # What the rule says of the destination comes from its peers, from its ports or from both.
            ends = {"source": {}, "destination": port.get("destination", {})}
            yield {"action": "Allow", **port, **ends, side: ends[side] | peer}


def _port(entry: Manifest) -> Manifest:
    protocol = {"protocol": entry.get("protocol") or "TCP"}
    port, last = entry.get("port"), entry.get("endPort")
    if port is None:
        return protocol
    return protocol | {"destination": {"ports": [port if last is None else f"{port}:{last}"]}}


def _entity(peer: Manifest) -> Manifest:
    block = peer.get("ipBlock")
    if block is not None:
        return {"nets": [block["cidr"]], "notNets": strings(block, "except")}
    entity = {}
    if peer.get("podSelector") is not None:
        entity["selector"] = _expression(peer["podSelector"])
    if peer.get("namespaceSelector") is not None:
        entity["namespaceSelector"] = _expression(peer["namespaceSelector"])
    return entity


def _expression(selector: Manifest) -> str:
    parts = [f"{key} == '{value}'" for key, value in string_map(selector, "matchLabels").items()]
    for requirement in items(selector, "matchExpressions"):
        key = requirement["key"]
        values = "{" + ", ".join(f"'{value}'" for value in strings(requirement, "values")) + "}"
        written = {"In": f"{key} in {values}", "NotIn": f"{key} not in {values}", "Exists": f"has({key})"}
        parts.append(written.get(requirement["operator"], f"!has({key})"))
    return " && ".join(parts) or "all()"
