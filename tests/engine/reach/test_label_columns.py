"""Labels, profiles and policies come to the same in columns as one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.live import LiveNetwork
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.profiles import Profiles, profile_of
from firedoor.engine.reach.selectors import ABSENT, LabelAxis
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import (
    Direction,
    IngressRule,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Container, ContainerPort, Namespace, Pod, PodSpec, PodStatus

SELECTORS = (
    LabelSelector({"app": "web", "tier": "front"}),
    LabelSelector({}, (LabelSelectorRequirement("app", Operator.IN, ("db", "web")),)),
    LabelSelector({}, (LabelSelectorRequirement("old", Operator.EXISTS),)),
)
LABELS: list[dict[str, str]] = [
    {},
    {"app": "web", "pod-template-hash": "1"},
    {"app": "db", "tier": "back", "old": ""},
    {"release": "a", "tier": "front"},
    {"release": "b", "app": "other"},
]


def _pod(name: str, namespace: str, labels: dict[str, str], port: str = "") -> Pod:
    ports = (ContainerPort(container_port=80, name=port),) if port else ()
    spec = PodSpec(containers=(Container(name="a", ports=ports),))
    return Pod(ObjectMeta(name, namespace, labels), spec, PodStatus("Running"))


def _policy(name: str, namespace: str, spec: NetworkPolicySpec) -> NetworkPolicy:
    return NetworkPolicy(ObjectMeta(name, namespace), spec)


@pytest.mark.parametrize("times", [1, 5])
def test_labels_have_the_same_codes_in_columns_as_one_by_one(times: int) -> None:
    # Many labels are asked for each key, few are looked up one by one.
    labels = [{"team": "a", "zone": "b"} | each for each in LABELS] * times
    for whole in ((), ("release",)):
        axis, single = LabelAxis(SELECTORS, whole), LabelAxis(SELECTORS, whole)
        columns = axis.columns(labels)
        rows = [
            tuple(sorted((key, int(column[row])) for key, column in columns.items() if column[row] != ABSENT))
            for row in range(len(labels))
        ]
        assert rows == [single.reduce(each) for each in labels]
        assert ("release" in columns) == bool(whole)


def test_a_key_that_no_labels_have_is_no_column() -> None:
    axis = LabelAxis((LabelSelector({"app": "web", "none": "a"}),))
    columns = axis.columns([{"app": "web", "zone": str(number), "team": "a"} for number in range(4)])
    assert {key: column.tolist() for key, column in columns.items()} == {"app": [1] * 4}


def test_more_labels_than_fit_a_number_still_tell_profiles_apart() -> None:
    keys = [f"k{number:02}" for number in range(60)]
    selectors = [LabelSelector({key: "yes"}) for key in keys]
    rules = tuple(IngressRule((NetworkPolicyPeer(each),)) for each in selectors)
    pods = [_pod("none", "shop", {}), _pod("all", "shop", dict.fromkeys(keys, "yes"))]
    pods += [_pod(key, "shop", {key: value}) for key in keys for value in ("yes",)]
    pods += [_pod(f"{key}-no", "shop", {key: "no"}) for key in keys]
    policy = _policy("a", "shop", NetworkPolicySpec(ingress=rules))
    network = Network(Snapshot(pods=tuple(pods), network_policies=(policy,)))
    assert len(network.profiles) == len(pods)
    names = {each.name: position for position, each in enumerate(network.members)}
    for key in keys:
        assert network.value(names[key], names["none"]) == network.everything
        assert network.value(names[f"{key}-no"], names["none"]) == (0, 0)


def test_profiles_are_those_of_their_members_however_they_are_asked_for() -> None:
    policy = _policy(
        "a",
        "shop",
        NetworkPolicySpec(
            SELECTORS[0], (), (IngressRule((NetworkPolicyPeer(SELECTORS[1]),), (NetworkPolicyPort(port="web"),)),)
        ),
    )
    pods = tuple(
        _pod(f"p{number}", namespace, labels, port)
        for number, (namespace, labels, port) in enumerate(product(("shop", "other"), LABELS, ("", "web", "odd")))
    )
    network = Network(Snapshot(pods=pods, network_policies=(policy,)))
    profiles = network.profiles
    assert list(profiles) == [profiles[number] for number in range(len(profiles))] == list(profiles[:])
    assert list(Profiles.of(list(profiles))) == list(profiles)
    for member, number in zip(network.members, network.profile_of, strict=True):
        found = profile_of(member, network.index.axes[0], network.addresses, network.scene.vocabulary)
        assert found == profiles[number]
        assert profiles.ports_of(number) == found.ports


def test_policies_that_say_the_same_share_their_rules_and_are_made_once() -> None:
    anywhere = NetworkPolicyPeer(None, LabelSelector({"kubernetes.io/metadata.name": "other"}))
    own, nobody = NetworkPolicyPeer(LabelSelector({"app": "web"})), NetworkPolicyPeer(LabelSelector({"app": "none"}))
    rules = tuple(IngressRule((each,)) for each in (anywhere, NetworkPolicyPeer(None, LabelSelector({"a": "b"}))))
    specs = (
        NetworkPolicySpec(ingress=rules),
        NetworkPolicySpec(LabelSelector({"app": "web"}), ingress=rules),
        NetworkPolicySpec(ingress=(IngressRule((own,)), IngressRule((nobody, anywhere)))),
        NetworkPolicySpec(policy_types=("Egress",)),
    )
    policies = tuple(
        _policy(f"p{number}", namespace, spec) for namespace in ("shop", "other") for number, spec in enumerate(specs)
    )
    pods = tuple(_pod(app, namespace, {"app": app}) for namespace in ("shop", "other") for app in ("web", "db"))
    spaces = tuple(Namespace(ObjectMeta(name)) for name in ("shop", "other"))
    snapshot = Snapshot(namespaces=spaces, pods=pods, network_policies=policies)
    network = Network(snapshot)
    ingress = network.compiled[Direction.INGRESS]
    assert [each.policy for each in ingress] == [each for each in policies if each.spec is not specs[3]]
    assert list(ingress[1:3]) == [ingress[1], ingress[2]]
    assert ingress[0].rules is ingress[1].rules is ingress[3].rules
    assert ingress[2].rules != ingress[5].rules
    assert [rule.path for rule in ingress[2].rules] == ["spec.ingress[0]", "spec.ingress[1]"]
    assert [policy for layer in network.matrix[Direction.EGRESS].layering.layers for policy in layer.written] == [
        policies[3],
        policies[7],
    ]
    live = LiveNetwork(snapshot)
    for source, destination in product(range(len(pods)), repeat=2):
        assert live.value(source, destination) == network.value(source, destination)


def test_a_network_of_nothing_has_no_profiles() -> None:
    network = Network(load_text(""))
    assert list(network.profiles) == []
    assert network.profile_of == []
    assert all(len(network.matrix[direction].program_of) == 0 for direction in Direction)
    assert np.array_equal(network.index.is_pod, np.zeros(0, dtype=bool))
