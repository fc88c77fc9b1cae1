from __future__ import annotations

from tests.engine.synth.making import deployment, edge, generated, network, node, party, workload

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.synth.nodes import with_nodes
from firedoor.model.generation import Need, Party, PolicyKind
from firedoor.usecases.generate import GenerationQuestion

WEB = deployment("web", "app: web")
EDGES = [edge(node("10.0.0.9", "10.0.0.9"), workload("web")), edge(workload("web"), node("n8", "10.0.0.8"), 9100)]
KNOWN = """
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
"""


def test_nodes_that_only_flows_tell_of_are_nodes_to_policies_that_name_them_as_such() -> None:
    asked = GenerationQuestion(PolicyKind.CILIUM, dns=False)
    found = generated(WEB, EDGES, asked, PROFILES["cilium"])
    assert found.proof.holds, found.proof
    assert [each for each in found.notes if "no Node objects" in each] == [
        "the source holds no Node objects of 10.0.0.9, n8: they are taken for nodes, as the flows tell them"
    ]
    plain = generated(WEB, EDGES)
    assert plain.proof.holds
    assert not any("no Node objects" in each for each in plain.notes)


def test_nodes_that_are_known_stay_as_they_are() -> None:
    snapshot, found = load_text(WEB + KNOWN), network(WEB + KNOWN)
    needs = [Need(Party(blocks=("192.168.0.1/32",), node="n1"), party("web"), "TCP", 80, 80)]
    assert with_nodes(snapshot, found, needs) == (snapshot, found, ())
    assert with_nodes(snapshot, found, []) == (snapshot, found, ())
