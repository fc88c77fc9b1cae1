"""The work of the whole catalogue grows with the cluster, not with its pairs of pods."""

import sys

from firedoor.engine.posture import Context, run_checks
from firedoor.engine.reach.network import Network
from firedoor.model.labels import LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import (
    IngressRule,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Container, ContainerPort, Pod, PodSpec, PodStatus

APPS, PODS = 10, 5
MOST_GROWTH = 4.8  # four times the cluster; its pairs grow sixteenfold


def test_no_check_looks_at_pairs_of_pods() -> None:
    _calls(1)  # what is computed once and kept is not to count
    assert _calls(16) < MOST_GROWTH * _calls(4)


def _calls(namespaces: int) -> int:
    """Return how many functions are called to check a cluster of so many namespaces."""
    network = Network(Snapshot(pods=_pods(namespaces), network_policies=_policies(namespaces)))
    assert len(network.members) == namespaces * APPS * PODS
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        found = run_checks(Context(network.snapshot, network))
    finally:
        sys.setprofile(previous)
    assert found
    return calls


def _pods(namespaces: int) -> tuple[Pod, ...]:
    spec = PodSpec((Container("main", "registry.example/app:1", (ContainerPort(8080, "http"),)),))
    return tuple(
        Pod(
            ObjectMeta(f"app{app}-{pod}", f"ns{space}", {"app": f"app{app}"}),
            spec,
            PodStatus("Running", f"10.{space}.{app}.{pod + 1}"),
        )
        for space in range(namespaces)
        for app in range(APPS)
        for pod in range(PODS)
    )


def _policies(namespaces: int) -> tuple[NetworkPolicy, ...]:
    return tuple(
        NetworkPolicy(
            ObjectMeta(f"app{app}-from-app{app + 1}", f"ns{space}"),
            NetworkPolicySpec(
                LabelSelector({"app": f"app{app}"}) if app else LabelSelector(),
                ("Ingress", "Egress"),
                (
                    IngressRule(
                        (NetworkPolicyPeer(LabelSelector({"app": f"app{app + 1}"})),),
                        (NetworkPolicyPort("TCP", "http"), NetworkPolicyPort("TCP", 9000 + app)),
                    ),
                ),
            ),
        )
        for space in range(namespaces)
        for app in range(APPS)
    )
