"""The pods and services that are made; the API server judges them in the lab."""

from __future__ import annotations

from typing import Any

from firedoor.adapters.cluster.probes import manifests
from firedoor.adapters.cluster.probes.settings import ProbeSettings, Run, is_ours, new_run
from firedoor.model.places import ObjectRef
from firedoor.model.probing import ProbeSite

RUN = Run("0123abcd")
OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": RUN.name, "uid": "u"}}


def site(listening: tuple[tuple[str, int], ...] = (), **other: Any) -> ProbeSite:
    parts: dict[str, Any] = {"labels": {"app": "web"}, "ports": (), **other}
    return ProbeSite(ObjectRef("Deployment", "shop", "web"), "", listening=listening, **parts)


def made(of: ProbeSite, *, has_ipv4: bool = True) -> dict[str, Any]:
    return manifests.pod(RUN, ProbeSettings(ttl=77), 3, of, OWNER, has_ipv4=has_ipv4)


def listeners(pod: dict[str, Any]) -> dict[str, Any]:
    return {
        each["name"]: [v["name"] for v in each.get("env", ())] or each["command"] for each in pod["spec"]["containers"]
    }


def test_sctp_cannot_end_the_container_that_connections_are_made_from() -> None:
    assert listeners(made(site((("TCP", 80), ("UDP", 53), ("SCTP", 7))))) == {
        "probe": ["SERVE_TCP_PORT_80", "SERVE_UDP_PORT_53"],
        "sctp": ["SERVE_SCTP_PORT_7"],
    }


def test_without_ipv4_each_port_has_a_listener_of_its_own() -> None:
    assert listeners(made(site((("TCP", 80), ("UDP", 53), ("SCTP", 7))), has_ipv4=False)) == {
        "probe": ["/agnhost", "pause"],
        "tcp-80": ["/agnhost", "serve-hostname", "--http=false", "--tcp", "--port", "80"],
        "udp-53": ["/agnhost", "serve-hostname", "--http=false", "--udp", "--port", "53"],
        "sctp-7": ["SERVE_SCTP_PORT_7"],
    }


def test_a_name_of_a_port_that_is_there_twice_is_in_two_containers() -> None:
    named = (("http", "TCP", 80), ("http", "TCP", 81), ("dns", "UDP", 53), ("http", "TCP", 80))
    containers = made(site((("TCP", 80),), ports=named))["spec"]["containers"]
    assert [[(p["name"], p["containerPort"]) for p in each["ports"]] for each in containers] == [
        [("http", 80), ("dns", 53)],
        [("http", 81)],
    ]


def test_privileged_ports_are_opened_to_all_in_the_pod_and_to_root_on_the_node() -> None:
    assert made(site((("TCP", 8080),)))["spec"]["securityContext"]["sysctls"] == []
    inside = made(site((("TCP", 80),)))
    assert [each["name"] for each in inside["spec"]["securityContext"]["sysctls"]] == [
        "net.ipv4.ip_unprivileged_port_start"
    ]
    assert {each["securityContext"]["runAsUser"] for each in inside["spec"]["containers"]} == {65534}
    outside = made(site((("TCP", 80),), host_network=True, ports=(("http", "TCP", 80),)))
    assert outside["spec"]["securityContext"]["sysctls"] == []
    assert {each["securityContext"]["runAsUser"] for each in outside["spec"]["containers"]} == {0}
    assert all("ports" not in each for each in outside["spec"]["containers"])
    high = made(site((("TCP", 8080),), host_network=True))
    assert {each["securityContext"]["runAsUser"] for each in high["spec"]["containers"]} == {65534}


def test_a_pod_stands_where_the_real_one_does() -> None:
    there = made(site(node="n1", account="robot"))["spec"]
    assert (there["nodeName"], there["serviceAccountName"], there["tolerations"]) == (
        "n1", "robot", [{"operator": "Exists"}],
    )  # fmt: skip
    anywhere = made(site())["spec"]
    assert "nodeName" not in anywhere
    assert anywhere["nodeSelector"] == {"kubernetes.io/os": "linux"}


def test_labels_of_a_run_win_over_those_of_a_probe_pod_that_was_taken_for_a_workload() -> None:
    labels = made(site(labels={"app": "web", "firedoor.dev/probe": "99999999"}))["metadata"]["labels"]
    assert labels == {"app": "web", "firedoor.dev/probe": "0123abcd", "firedoor.dev/probe-site": "3"}


def test_only_what_has_the_label_and_the_name_is_ours() -> None:
    run = new_run()
    label = {"firedoor.dev/probe": run.id}
    assert is_ours(run.name, label)
    assert is_ours(run.site_name(3), label)
    assert not is_ours(run.name, {})
    assert not is_ours("web-0", label)
    assert not is_ours(f"{run.name}x", label)
    assert not is_ours("firedoor-probe-", {"firedoor.dev/probe": ""})
    assert new_run() != run
