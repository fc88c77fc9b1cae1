"""The profiles are complete and immutable; detection names a plugin only by its node agent."""

from dataclasses import FrozenInstanceError

import pytest

from firedoor.engine.reach.cni import PROFILES, SPEC, candidates, detect

Workload = tuple[str, str, str]


def daemonset(namespace: str, name: str) -> Workload:
    return ("DaemonSet", namespace, name)


def test_every_documented_plugin_has_a_profile_under_its_own_name() -> None:
    assert set(PROFILES) == {
        "spec", "calico", "cilium", "cilium-nodes", "cilium-pods", "cilium-nodes-pods",
        "aws", "azure", "gke-dataplane-v2", "ovn", "antrea", "kube-router",
        "kube-network-policies", "kindnet", "weave", "flannel", "none",
    }  # fmt: skip
    assert all(profile.name == name for name, profile in PROFILES.items())


def test_spec_reads_ipblock_as_outside_the_cluster_and_nodes_as_outside() -> None:
    assert PROFILES["spec"] is SPEC
    assert (SPEC.enforced, SPEC.ipblock_matches_pods, SPEC.ipblock_matches_nodes) == (True, False, True)


def test_only_flannel_and_none_leave_policies_without_effect() -> None:
    assert {name for name, profile in PROFILES.items() if not profile.enforced} == {"flannel", "none"}


def test_only_the_cilium_family_keeps_cidrs_from_cluster_members_unless_told() -> None:
    enforced = {name: each for name, each in PROFILES.items() if each.enforced}
    assert {name for name, each in enforced.items() if not each.ipblock_matches_nodes} == {
        "cilium", "cilium-pods", "gke-dataplane-v2",
    }  # fmt: skip
    assert {name for name, each in enforced.items() if not each.ipblock_matches_pods} == {
        "spec", "cilium", "cilium-nodes", "gke-dataplane-v2",
    }  # fmt: skip


def test_summaries_are_one_sentence_for_a_table_cell() -> None:
    for profile in PROFILES.values():
        assert profile.summary.endswith(".")
        assert "\n" not in profile.summary


def test_profiles_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        SPEC.enforced = False  # type: ignore[misc]
    with pytest.raises(TypeError):
        PROFILES["mine"] = SPEC  # type: ignore[index]


@pytest.mark.parametrize(
    ("expected", "workload"),
    [
        ("calico", daemonset("kube-system", "calico-node")),
        ("calico", daemonset("calico-system", "calico-node")),
        ("calico", daemonset("kube-system", "canal")),
        ("cilium", daemonset("kube-system", "cilium")),
        ("azure", daemonset("kube-system", "azure-npm")),
        ("gke-dataplane-v2", daemonset("kube-system", "anetd")),
        ("ovn", daemonset("openshift-ovn-kubernetes", "ovnkube-node")),
        ("antrea", daemonset("kube-system", "antrea-agent")),
        ("kube-router", daemonset("kube-system", "kube-router")),
        ("kube-network-policies", daemonset("kube-system", "kube-network-policies")),
        ("kindnet", daemonset("kube-system", "kindnet")),
        ("weave", daemonset("kube-system", "weave-net")),
        ("flannel", daemonset("kube-flannel", "kube-flannel-ds")),
        ("none", daemonset("kube-system", "aws-node")),
        ("none", daemonset("kube-system", "azure-cns")),
    ],
)
def test_a_node_agent_is_known_by_its_daemonset(expected: str, workload: Workload) -> None:
    assert detect([], [workload, ("Deployment", "shop", "web")]) == expected


@pytest.mark.parametrize(
    ("expected", "image"),
    [
        ("calico", "docker.io/calico/node:v3.30.1"),
        ("calico", "rancher/mirrored-calico-node:v3.30.1"),
        ("cilium", "quay.io/cilium/cilium:v1.18.2@sha256:0123456789abcdef"),
        ("cilium", "registry.example:5000/mirror/cilium/cilium"),
        ("aws", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon/aws-network-policy-agent:v1.2.7"),
        ("azure", "mcr.microsoft.com/containernetworking/azure-npm:v1.6.33"),
        ("ovn", "ghcr.io/ovn-kubernetes/ovn-kubernetes/ovn-kube-ubuntu:master"),
        ("antrea", "antrea/antrea-agent-ubuntu:v2.4.0"),
        ("kube-router", "docker.io/cloudnativelabs/kube-router:v2.6.0"),
        ("kube-network-policies", "registry.k8s.io/networking/kube-network-policies:v1.0.0"),
        ("kindnet", "docker.io/kindest/kindnetd:v20250512-df8de77b"),
        ("kindnet", "ghcr.io/aojea/kindnetd:v1.8.0"),
        ("weave", "weaveworks/weave-npc:2.8.1"),
        ("flannel", "ghcr.io/flannel-io/flannel:v0.27.3"),
        ("none", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.13.4"),
    ],
)
def test_a_node_agent_is_known_by_its_image_whatever_the_registry(expected: str, image: str) -> None:
    assert detect(["nginx:1.29", image], []) == expected


@pytest.mark.parametrize(
    "workload",
    [
        ("Deployment", "kube-system", "calico-kube-controllers"),
        ("Deployment", "kube-system", "cilium"),
        ("Deployment", "kube-system", "cilium-operator"),
        ("DaemonSet", "shop", "cilium"),
        ("DaemonSet", "kube-system", "cilium-demo"),
        ("DaemonSet", "kube-system", "calico-node-exporter"),
        ("DaemonSet", "default", "anetd"),
    ],
)
def test_a_similar_name_is_not_a_node_agent(workload: Workload) -> None:
    assert detect([], [workload]) is None


@pytest.mark.parametrize(
    "image",
    [
        "docker.io/calico/kube-controllers:v3.30.1",
        "quay.io/cilium/operator-generic:v1.18.2",
        "example.com/cilium-demo:1",
        "example.com/my-cilium/cilium-demo:1",
        "example.com/notcalico/node:20",
        "docker.io/library/node:22",
        "weaveworks/scope:1.13",
        "",
    ],
)
def test_a_similar_image_is_not_a_node_agent(image: str) -> None:
    assert detect([image], []) is None


def test_an_empty_snapshot_leaves_the_plugin_open() -> None:
    assert detect([], []) is None


def test_canal_is_calico_policy_over_flannel() -> None:
    images = ["docker.io/calico/node:v3.30.1", "docker.io/flannel/flannel:v0.24.4"]
    assert detect(images, [daemonset("kube-system", "canal")]) == "calico"


def test_dataplane_v2_wins_over_the_cilium_image_it_runs() -> None:
    assert detect(["gke.gcr.io/cilium/cilium:v1.16"], [daemonset("kube-system", "anetd")]) == "gke-dataplane-v2"


def test_azure_cni_powered_by_cilium_is_cilium() -> None:
    names = [daemonset("kube-system", "cilium"), daemonset("kube-system", "azure-cns")]
    assert detect(["mcr.microsoft.com/containernetworking/azure-cns:v1.6"], names) == "cilium"


def test_the_amazon_agent_is_idle_beside_another_engine() -> None:
    images = ["public.ecr.aws/eks/aws-network-policy-agent:v1.2.7", "quay.io/calico/node:v3.30.1"]
    assert detect(images, [daemonset("kube-system", "aws-node")]) == "calico"


def test_aws_node_with_its_agent_enforces() -> None:
    images = [
        "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.20.1",
        "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon/aws-network-policy-agent:v1.2.7",
    ]
    assert detect(images, [daemonset("kube-system", "aws-node")]) == "aws"


def test_a_policy_agent_beside_flannel_decides() -> None:
    images = ["ghcr.io/flannel-io/flannel:v0.27.3", "registry.k8s.io/networking/kube-network-policies:v1.0.0"]
    assert detect(images, []) == "kube-network-policies"


def test_two_independent_engines_leave_the_plugin_open() -> None:
    names = [daemonset("kube-system", "calico-node"), daemonset("kube-system", "cilium")]
    assert detect([], names) is None
    assert candidates([], names) == {"calico", "cilium"}


def test_two_carriers_without_an_engine_leave_the_plugin_open() -> None:
    names = [daemonset("kube-flannel", "kube-flannel-ds"), daemonset("kube-system", "aws-node")]
    assert detect([], names) is None


@pytest.mark.parametrize(
    ("expected", "tag"),
    [("none", "v20240513-cd2ac642"), ("kindnet", "v20240813-c6f155d6"), ("kindnet", "v1.3.0")],
)
def test_kindnetd_builds_before_kind_0_24_enforce_nothing(expected: str, tag: str) -> None:
    assert detect([f"docker.io/kindest/kindnetd:{tag}"], [daemonset("kube-system", "kindnet")]) == expected


def test_the_answer_does_not_depend_on_order_or_on_being_read_once() -> None:
    images = ["quay.io/cilium/cilium:v1.18.2", "nginx", "redis"]
    assert detect(iter(images), iter([])) == detect(reversed(images), iter([])) == "cilium"
