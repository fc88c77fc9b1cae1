from __future__ import annotations

from tests.engine.relations.worlds import allow, effects_of, node, pod, policy

from firedoor.engine.relations.effects import Effects, Hidden, Witness
from firedoor.engine.relations.parts import Part
from firedoor.engine.relations.redundancy import covered
from firedoor.engine.relations.report import contributions
from firedoor.model.networkpolicy import Direction

NODE = node("one", "192.0.2.1")


def cilium(name: str, spec: str) -> str:
    return (
        f"{{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {{name: {name}, namespace: shop}}, "
        f"spec: {{endpointSelector: {{}}, {spec}}}}}"
    )


def calico(name: str, spec: str) -> str:
    return (
        f"{{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {{name: {name}, namespace: shop}}, "
        f"spec: {{types: [Ingress], {spec}}}}}"
    )


def number(effects: Effects, name: str) -> int:
    return next(at for at, each in enumerate(effects.book.policies) if each.policy.ref.name == name)


def test_what_only_an_end_of_several_guises_could_show_is_not_known() -> None:
    agent = pod("agent", "hostNetwork: true, nodeName: one", namespace="system")
    outgoing = "egress: [{toEndpoints: [{}]}, {toFQDNs: [{matchName: api.example}]}]"
    rules = f"ingress: [{{fromEndpoints: [{{}}]}}, {{fromEntities: [kube-apiserver]}}], {outgoing}"
    effects = effects_of(NODE, agent, pod("web"), pod("db", "nodeName: one"), cilium("api", rules))
    part = Part(0, Direction.INGRESS, "spec.ingress[1]")
    assert effects.witness(part) == frozenset({Hidden.UNKNOWN})
    assert covered(effects, part) is None
    assert not effects.is_doubtful(Part(0, Direction.EGRESS, "spec.egress[0]"))
    twin = effects_of(NODE, agent, pod("web"), cilium("a", rules), cilium("b", rules))
    found = covered(twin, Part(1))
    assert found is not None
    assert {each.policy for each in found.covers} == {0}


def test_an_isolation_that_only_may_remain_is_no_longer_sure() -> None:
    doubted = calico("doubted", "selector: all(), futureField: anything")
    effects = effects_of(pod("web"), pod("db"), calico("sure", "selector: app == 'db'"), doubted)
    found = effects.witness(Part(number(effects, "sure")))
    assert isinstance(found, Witness)
    assert (found.before, found.after) == ((0, 0), (0, effects.network.axis.everything))
    again = effects_of(pod("db"), calico("one", "selector: all()"), calico("two", "selector: all()"), doubted)
    assert covered(again, Part(number(again, "two"))) is not None


def test_a_policy_of_kubernetes_isolates_besides_one_of_cilium() -> None:
    agent = pod("agent", "hostNetwork: true, nodeName: one", namespace="system")
    nodes = cilium("nodes", "ingress: [{fromEntities: [remote-node]}]")
    effects = effects_of(NODE, agent, pod("web"), pod("db", "nodeName: one"), nodes, policy("deny", "", "ingress: []"))
    assert effects.witness(Part(number(effects, "nodes"))) == frozenset({Hidden.UNKNOWN})


def test_policies_of_the_same_name_are_two() -> None:
    effects = effects_of(
        pod("web"), pod("db"), policy("db", "db", f"ingress: [{allow('web')}]"), calico("db", "selector: app == 'db'")
    )
    assert [each.policy.ref.name for each in effects.book.policies] == ["db", "db"]


def test_a_rule_about_nodes_is_not_said_to_be_about_nobody() -> None:
    rules = "egress: [{toEntities: [host, remote-node]}, {toEndpoints: [{matchLabels: {app: gone}}]}]"
    effects = effects_of(NODE, pod("web", "nodeName: one"), cilium("nodes", rules))
    (found,) = contributions(effects, lambda _: True)
    assert [str(each.contributes.status) for each in found.rules] == ["unknown", "vacuous"]
    assert effects.meets_doubtful(Part(0, Direction.EGRESS, "spec.egress[0]"))
    assert not effects.meets_doubtful(Part(0, Direction.EGRESS, "spec.egress[1]"))
