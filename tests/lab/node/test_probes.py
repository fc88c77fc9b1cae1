"""All three ways to probe, on a node with an enforcer of policies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab.busybox import busybox
from lab.images import TOOLS
from lab.node import Node
from lab.node_settings import NAME

from firedoor.adapters.cluster.probes import ProbeSettings, open_prober
from firedoor.adapters.cluster.probes.prober import LiveProber
from firedoor.interfaces import Silent
from firedoor.model.places import ObjectRef
from firedoor.model.probing import Outcome, Probe, ProbeSite
from tests.lab.api import Manifest, until
from tests.lab.node.cluster import Cluster, idle, pod, serving
from tests.lab.probing import as_account, documented, left, objects

QUICK = ProbeSettings(timeout=2.0, ttl=300)
BLOCKED = {Outcome.REFUSED, Outcome.TIMED_OUT, Outcome.UNREACHABLE}
WEB, DB, OTHER, HOST = range(4)


def site(namespace: str, app: str, *listening: tuple[str, int], **other: Any) -> ProbeSite:
    parts: dict[str, Any] = {"labels": {"app": app}, "ports": (), "node": ""} | other
    name = parts.pop("pod", "")
    return ProbeSite(ObjectRef("Deployment", namespace, app), name, listening=listening, **parts)


def policy(namespace: str) -> Manifest:
    """Return a policy that lets web to db, on a named port and over UDP."""
    rule = {
        "from": [{"podSelector": {"matchLabels": {"app": "web"}}}],
        "ports": [{"port": "pg"}, {"port": 53, "protocol": "UDP"}],
    }
    spec = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "db", "namespace": namespace},
        "spec": spec,
    }


def seen(prober: LiveProber, probes: Iterable[Probe]) -> dict[Probe, Outcome]:
    return {each.probe: each.outcome for each in prober.run(probes)}


def settles(prober: LiveProber, expected: dict[Probe, set[Outcome]]) -> None:
    """Wait until the enforcer knows the pods, and all is as expected."""
    end = time.monotonic() + 40
    while True:
        found = {each.probe: each for each in prober.run(list(expected))}
        wrong = {probe: each for probe, each in found.items() if each.outcome not in expected[probe]}
        if not wrong:
            return
        assert time.monotonic() < end, wrong
        time.sleep(1)


@pytest.fixture
def restricted(cluster: Cluster) -> Iterator[str]:
    """Make a namespace that takes nothing but pods of the strictest standard."""
    name = f"strict-{os.urandom(4).hex()}"
    cluster.make_namespace(name, {"pod-security.kubernetes.io/enforce": "restricted"})
    yield name
    cluster.api.delete(f"/api/v1/namespaces/{name}")


def stand_ins(namespace: str) -> list[ProbeSite]:
    return [
        site(namespace, "web", ("TCP", 80)),
        site(namespace, "db", ("TCP", 5432), ("TCP", 80), ("UDP", 53), ("SCTP", 7), ports=(("pg", "TCP", 5432),)),
        site(namespace, "other", ("TCP", 8080), node=NAME),
    ]


def test_probe_pods_see_what_policies_do(cluster: Cluster, node: Node, restricted: str, enforced: None) -> None:
    cluster.api.create(policy(restricted))
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "db", "namespace": restricted},
        "spec": {"selector": {"app": "db"}, "ports": [{"port": 5432}]},
    }
    address = cluster.service_address(service)
    made, refused = {Outcome.CONNECTED}, {Outcome.REFUSED}
    with open_prober(str(node.kubeconfig), None, QUICK) as prober:
        assert prober.prepare(stand_ins(restricted), Silent()) == {}
        expected = {
            Probe(each, each, protocol, port): made
            for each, protocol, port in ((WEB, "TCP", 80), (DB, "TCP", 5432), (DB, "UDP", 53), (OTHER, "TCP", 8080))
        }
        expected |= {
            Probe(WEB, DB, "TCP", 5432): made,
            Probe(WEB, DB, "UDP", 53): made,
            Probe(WEB, DB, "TCP", 80): BLOCKED,
            Probe(OTHER, DB, "TCP", 5432): BLOCKED,
            Probe(OTHER, DB, "UDP", 53): BLOCKED,
            Probe(DB, OTHER, "TCP", 8080): made,
            Probe(DB, OTHER, "TCP", 9): refused,
            Probe(DB, OTHER, "UDP", 9): refused,
            Probe(WEB, DB, "TCP", 5432, True): made,
            Probe(OTHER, DB, "TCP", 5432, True): BLOCKED,
        }
        settles(prober, expected)
        # In a table of its own: the enforcer keeps its rules before all others of its table.
        drop = ("FORWARD", "-p", "tcp", "--dport", "8080", "-j", "DROP")
        assert node.machine.run("iptables", "-t", "mangle", "-I", *drop).returncode == 0
        try:
            settles(prober, {Probe(WEB, OTHER, "TCP", 8080): {Outcome.TIMED_OUT}})
        finally:
            node.machine.run("iptables", "-t", "mangle", "-D", *drop)
        # A probe pod is known to the service of the workload, and gets nothing from it.
        path = f"/apis/discovery.k8s.io/v1/namespaces/{restricted}/endpointslices?labelSelector="
        path += "kubernetes.io%2Fservice-name%3Ddb"
        (slice_,) = cluster.api.send("GET", path)[1]["items"]
        assert [(each["conditions"]["ready"], each["conditions"]["serving"]) for each in slice_["endpoints"]] == [
            (False, False)
        ]
        (web,) = objects(cluster.api, "pods", restricted, "app%3Dweb")
        ran = cluster.execute(
            restricted, web["metadata"]["name"], "/agnhost", "connect", f"{address}:5432", "--timeout=2s"
        )
        assert ran.code == 1
    assert left(cluster.api, restricted) == []


def test_sctp_is_tried_or_said_to_be_impossible(cluster: Cluster, node: Node, restricted: str) -> None:
    with open_prober(str(node.kubeconfig), None, QUICK) as prober:
        assert prober.prepare(stand_ins(restricted), Silent()) == {}
        (found,) = prober.run([Probe(DB, DB, "SCTP", 7)])
        (tcp,) = prober.run([Probe(DB, DB, "TCP", 5432)])
        if Path("/proc/net/sctp").exists():
            assert found.outcome is Outcome.CONNECTED, found
        else:
            assert (found.outcome, found.detail) == (Outcome.CHECK_FAILED, "OTHER: protocol not supported")
        assert tcp.outcome is Outcome.CONNECTED


def test_many_probes_at_the_same_time_and_none_is_left(cluster: Cluster, node: Node, namespace: str) -> None:
    sites = [site(namespace, f"s{number}", ("TCP", 80), ("UDP", 53)) for number in range(4)]
    pairs = [(a, b) for a in range(4) for b in range(4)] * 3
    probes = [Probe(a, b, protocol, port) for a, b in pairs for protocol, port in sites[0].listening]
    with open_prober(str(node.kubeconfig), None, QUICK) as prober:
        assert prober.prepare(sites, Silent()) == {}
        found = [each.outcome for each in prober.run(iter(probes))]
        assert len(objects(cluster.api, "pods", namespace)) == 4
    assert found == [Outcome.CONNECTED] * len(probes)
    assert left(cluster.api, namespace) == []


def test_a_site_on_the_network_of_its_node(cluster: Cluster, node: Node, namespace: str) -> None:
    host = site(namespace, "host", ("TCP", 18099), ("UDP", 18099), host_network=True, node=NAME)
    with open_prober(str(node.kubeconfig), None, QUICK) as prober:
        assert prober.prepare([host, site(namespace, "web", ("TCP", 80))], Silent()) == {}
        outcomes = seen(prober, [Probe(0, 0, "TCP", 18099), Probe(1, 0, "TCP", 18099), Probe(0, 1, "TCP", 80)])
        assert set(outcomes.values()) == {Outcome.CONNECTED}
        (udp,) = prober.run([Probe(1, 0, "UDP", 18099)])
        assert udp.outcome in {Outcome.CONNECTED, Outcome.CHECK_FAILED}


def test_an_image_that_cannot_be_had_is_told_at_once(node: Node, namespace: str) -> None:
    begin = time.monotonic()
    settings = ProbeSettings(image="127.0.0.1:1/nothing:1", ready_timeout=100)
    with open_prober(str(node.kubeconfig), None, settings) as prober:
        (fault,) = prober.prepare([site(namespace, "web", ("TCP", 80))], Silent()).values()
    assert fault.startswith(("ErrImagePull", "ImagePullBackOff"))
    assert time.monotonic() - begin < 60


def real_pods(cluster: Cluster, namespace: str) -> list[ProbeSite]:
    cluster.run(
        serving(namespace, "web", {"tcp": 80, "udp": 53}),
        serving(namespace, "db", {"tcp": 5432, "udp": 54}),
        pod(namespace, "other", {"command": ["sleep", "1000"]}, image=TOOLS),
    )
    return [
        site(namespace, "web", ("TCP", 80), ("UDP", 53), pod="web"),
        site(namespace, "db", ("TCP", 5432), ("UDP", 54), pod="db"),
        site(namespace, "other", ("TCP", 8080), pod="other"),
        site(namespace, "gone", ("TCP", 1), pod="gone"),
        site(namespace, "template", ("TCP", 1)),
    ]


def for_real_pods(namespace: str) -> Manifest:
    manifest = policy(namespace)
    manifest["spec"]["ingress"][0]["ports"] = [{"port": 5432}]
    return manifest


@pytest.mark.skipif(busybox() is None, reason="no static busybox: no image with a netcat")
def test_from_real_pods_with_what_they_have(cluster: Cluster, node: Node, namespace: str, enforced: None) -> None:
    sites = real_pods(cluster, namespace)
    cluster.api.create(for_real_pods(namespace))
    with open_prober(str(node.kubeconfig), None, ProbeSettings(mode="exec", timeout=2)) as prober:
        assert prober.prepare(sites, Silent()) == {
            3: "the pod is not there any more",
            4: "there is no pod of it to probe from or to",
        }
        made = {Outcome.CONNECTED}
        settles(
            prober,
            {
                Probe(DB, DB, "TCP", 5432): made,
                Probe(WEB, DB, "TCP", 5432): made,
                Probe(WEB, DB, "UDP", 54): BLOCKED,
                Probe(OTHER, DB, "TCP", 5432): BLOCKED,
                Probe(OTHER, WEB, "TCP", 80): made,
                Probe(OTHER, WEB, "TCP", 81): {Outcome.REFUSED},
                Probe(WEB, DB, "TCP", 5432, True): made,
                Probe(OTHER, DB, "TCP", 5432, True): BLOCKED,
            },
        )
        details = {
            each.probe: each for each in prober.run([Probe(OTHER, WEB, "TCP", 80), Probe(OTHER, WEB, "UDP", 53)])
        }
        assert details[Probe(OTHER, WEB, "TCP", 80)].detail.startswith("nc (BusyBox)")
        without = details[Probe(OTHER, WEB, "UDP", 53)]
        assert (without.outcome, without.detail) == (
            Outcome.CHECK_FAILED,
            "no program in the pod can try UDP: nc (BusyBox), wget (BusyBox)",
        )
        assert len(objects(cluster.api, "services", namespace)) == 1
    assert left(cluster.api, namespace) == []


def test_from_ephemeral_containers_which_listen_too_and_end(
    cluster: Cluster, node: Node, namespace: str, enforced: None
) -> None:
    cluster.run(idle(namespace, "web"), idle(namespace, "db"))
    cluster.api.create(for_real_pods(namespace))
    sites = [site(namespace, each, ("TCP", 5432), ("UDP", 5353), pod=each) for each in ("web", "db")]
    with open_prober(str(node.kubeconfig), None, ProbeSettings(mode="debug", timeout=2, ttl=25)) as prober:
        assert prober.prepare(sites, Silent()) == {}
        expected = {
            Probe(each, each, protocol, port): {Outcome.CONNECTED}
            for each in (0, 1)
            for protocol, port in sites[0].listening
        }
        expected |= {
            Probe(0, 1, "TCP", 5432): {Outcome.CONNECTED},
            Probe(0, 1, "UDP", 5353): BLOCKED,
            Probe(1, 0, "UDP", 5353): {Outcome.CONNECTED},
        }
        found = {each.probe: each for each in prober.run(expected)}
        assert {probe: each.outcome in expected[probe] for probe, each in found.items()} == dict.fromkeys(
            expected, True
        ), found

    def states() -> list[str]:
        path = f"/api/v1/namespaces/{namespace}/pods"
        pods = cluster.api.send("GET", path)[1]["items"]
        return [next(iter(one["state"])) for each in pods for one in each["status"]["ephemeralContainerStatuses"]]

    assert len(states()) == 2
    until(lambda: states() == ["terminated"] * 2, "the containers end by themselves")


@pytest.mark.parametrize("mode", ["pods", "exec", "debug"])
def test_the_documented_roles_are_enough(
    cluster: Cluster, node: Node, namespace: str, tmp_path: Path, mode: str
) -> None:
    rules = documented("firedoor-prober-pods" if mode == "pods" else "firedoor-prober-real")
    account = as_account(cluster.api, node.kubeconfig, namespace, rules, tmp_path / "config")
    cluster.run(serving(namespace, "web", {"tcp": 80}))
    with open_prober(str(account), None, ProbeSettings(mode=mode, timeout=2, ttl=20)) as prober:
        assert prober.prepare([site(namespace, "web", ("TCP", 80), pod="web")], Silent()) == {}
        found = list(prober.run([Probe(0, 0, "TCP", 80), Probe(0, 0, "TCP", 80, True)]))
    assert [each.outcome for each in found] == [Outcome.CONNECTED] * 2, found
    assert left(cluster.api, namespace) == []


KILLED = """
import sys
from firedoor.adapters.cluster.probes import ProbeSettings, open_prober
from firedoor.interfaces import Silent
from firedoor.model.places import ObjectRef
from firedoor.model.probing import Probe, ProbeSite
kubeconfig, namespace = sys.argv[1:]
sites = [ProbeSite(ObjectRef("Deployment", namespace, "a"), "", {"app": "a"}, (), (("TCP", 80),))]
with open_prober(kubeconfig, None, ProbeSettings(ttl=15)) as prober:
    assert prober.prepare(sites, Silent()) == {}
    for _ in prober.run(Probe(0, 0, "TCP", 80, True) for _ in range(10_000)):
        print("seen", flush=True)
"""


def test_a_run_that_is_killed_while_it_probes_is_gone_after_its_time_to_live(
    cluster: Cluster, node: Node, namespace: str
) -> None:
    command = [sys.executable, "-c", KILLED, str(node.kubeconfig), namespace]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert line == "seen\n"
    assert left(cluster.api, namespace) != []
    until(lambda: left(cluster.api, namespace) == [], "all is gone", 90)
