"""The whole catalogue on a cluster of a thousand pods and two hundred policies."""

from time import perf_counter

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

NAMESPACES, APPS, PODS = 20, 10, 5
BUDGET = 0.4


def test_no_check_looks_at_pairs_of_pods() -> None:
    network = Network(Snapshot(pods=_pods(), network_policies=_policies()))
    context = Context(network.snapshot, network)
    assert (len(network.members), len(network.policies)) == (1000, 200)
    times = []
    for _ in range(3):
        start = perf_counter()
        found = run_checks(Context(context.snapshot, context.network))
        times.append(perf_counter() - start)
    assert found
    assert min(times) < BUDGET


def _pods() -> tuple[Pod, ...]:
    spec = PodSpec((Container("main", "registry.example/app:1", (ContainerPort(8080, "http"),)),))
    return tuple(
        Pod(
            ObjectMeta(f"app{app}-{pod}", f"ns{space}", {"app": f"app{app}"}),
            spec,
            PodStatus("Running", f"10.{space}.{app}.{pod + 1}"),
        )
        for space in range(NAMESPACES)
        for app in range(APPS)
        for pod in range(PODS)
    )


def _policies() -> tuple[NetworkPolicy, ...]:
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
        for space in range(NAMESPACES)
        for app in range(APPS)
    )
