"""Members that policies cannot tell apart share a profile."""

from __future__ import annotations

from firedoor.engine.reach.network import Network
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.metadata import ObjectMeta, OwnerReference
from firedoor.model.networkpolicy import IngressRule, NetworkPolicy, NetworkPolicyPeer, NetworkPolicySpec
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Namespace, Pod, PodStatus


def test_pods_that_share_their_labels_share_their_profile() -> None:
    shared = {"app": "web"}
    pods = tuple(Pod(ObjectMeta(name, "shop", shared), status=PodStatus("Running")) for name in ("a", "b", "c"))
    network = Network(Snapshot(pods=(*pods, Pod(ObjectMeta("d", "other", shared), status=PodStatus("Running")))))
    of = {member.name: network.profile_of[position] for position, member in enumerate(network.members)}
    assert of["a"] == of["b"] == of["c"] != of["d"]


def test_replicas_share_the_profile_of_the_first() -> None:
    labels, owners = {"app": "web"}, (OwnerReference("ReplicaSet", "web", controller=True),)
    pods = tuple(Pod(ObjectMeta(name, "shop", labels, {}, owners), status=PodStatus("Running")) for name in "abc")
    network = Network(Snapshot(pods=pods))
    assert network.profile_of == [0, 0, 0]
    assert len({id(each.kin) for each in network.members}) == 1


def test_a_selector_may_mean_few_namespaces_or_a_great_many() -> None:
    names = [f"n{number:03}" for number in range(128)]
    few = names[:32]
    namespaces = tuple(Namespace(ObjectMeta(name, labels={"size": "few" if name in few else "many"})) for name in names)
    pods = tuple(
        Pod(ObjectMeta(app, name, {"app": app}), status=PodStatus("Running")) for name in names for app in ("db", "web")
    )
    selectors = {
        "few": LabelSelector({"size": "few"}),
        "many": LabelSelector({"size": "many"}),
        "both": LabelSelector({}, (LabelSelectorRequirement("size", Operator.IN, ("many", "few")),)),
        "none": LabelSelector({"size": "none"}),
    }
    web = LabelSelector({"app": "web"})
    for wanted, namespace_selector in selectors.items():
        rule = IngressRule((NetworkPolicyPeer(web, namespace_selector),))
        spec = NetworkPolicySpec(LabelSelector({"app": "db"}), ("Ingress",), (rule,))
        policy = NetworkPolicy(ObjectMeta("rule", names[0]), spec)
        network = Network(Snapshot(namespaces=namespaces, pods=pods, network_policies=(policy,)))
        target = next(i for i, each in enumerate(network.members) if each.full_name == f"{names[0]}/db")
        accepted = {
            each.full_name
            for i, each in enumerate(network.members)
            if i != target and network.value(i, target) == network.everything
        }
        chosen = {"few": few, "many": [each for each in names if each not in few], "both": names, "none": []}[wanted]
        assert accepted == {f"{name}/web" for name in chosen}, wanted
