"""What the recorded server could not be asked: pods that it refuses as invalid, newer releases, and words."""

from __future__ import annotations

from typing import Any

import pytest

from firedoor.engine.pod_security import BY_ID, LATEST, Level, Version, judge
from firedoor.model.decoding import decode
from firedoor.model.places import Place
from firedoor.model.workloads import Pod


def violated(spec: dict[str, Any], level: Level = Level.BASELINE, version: Version = LATEST) -> dict[str, list[str]]:
    """Return the paths of the faults by control."""
    found = decode({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}, Place(), "default")
    assert isinstance(found, Pod)
    violations = judge(found.metadata, found.spec, level, version)
    return {each.control.id: [fault.path for fault in each.faults] for each in violations}


def with_context(**context: Any) -> dict[str, Any]:
    return {"containers": [{"name": "main", "securityContext": context}]}


@pytest.mark.parametrize(
    ("minor", "is_allowed"), [(36, False), (37, True), (None, True)], ids=["v1.36", "v1.37", "latest"]
)
def test_1_37_allows_two_more_kernel_parameters(minor: int | None, is_allowed: bool) -> None:
    for name in ("net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"):
        spec = {"containers": [], "securityContext": {"sysctls": [{"name": name}]}}
        assert ("sysctls" not in violated(spec, version=Version(minor))) is is_allowed


def test_other_seccomp_and_apparmor_profiles_than_those_known_are_forbidden() -> None:
    spec = with_context(seccompProfile={"type": "Other"}, appArmorProfile={"type": ""})
    assert violated(spec) == {
        "appArmorProfile": ["spec.containers[0].securityContext.appArmorProfile.type"],
        "seccompProfile_baseline": ["spec.containers[0].securityContext.seccompProfile.type"],
    }


@pytest.mark.parametrize("minor", [34, 35])
def test_unmasked_proc_without_a_user_namespace_is_forbidden_in_all_versions(minor: int) -> None:
    spec = with_context(procMount="Unmasked")
    path = "spec.containers[0].securityContext.procMount"
    assert violated(spec, version=Version(minor)) == {"procMount": [path]}
    own_users = violated({**spec, "hostUsers": False}, version=Version(minor))
    assert own_users == ({} if minor == 35 else {"procMount": [path]})


def test_a_volume_of_a_type_that_nobody_knows_is_restricted() -> None:
    spec = {"containers": [], "volumes": [{"name": "a"}, {"name": "b", "futureKind": {"x": 1}}]}
    assert violated(spec, Level.RESTRICTED) == {"restrictedVolumes": ["spec.volumes[1].futureKind"]}


def test_a_path_of_the_node_is_told_also_where_it_is_empty() -> None:
    spec = {"containers": [], "volumes": [{"name": "a", "hostPath": {}}]}
    assert violated(spec) == {"hostPathVolumes": ["spec.volumes[0].hostPath"]}


def test_ports_of_pods_on_the_network_of_the_node_are_ports_of_the_node() -> None:
    spec = {"hostNetwork": True, "containers": [{"name": "main", "ports": [{"containerPort": 80}, {"name": "odd"}]}]}
    assert violated(spec)["hostPorts"] == ["spec.hostNetwork"]


def test_a_windows_pod_is_asked_for_less_from_1_25_on() -> None:
    spec = {"os": {"name": "windows"}, "containers": [{"name": "main"}]}
    asked = {"allowPrivilegeEscalation", "capabilities_restricted", "seccompProfile_restricted"}
    assert asked <= set(violated(spec, Level.RESTRICTED, Version(24)))
    assert set(violated(spec, Level.RESTRICTED, Version(25))) == {"runAsNonRoot"}


def test_every_kind_of_container_is_judged() -> None:
    container = {"name": "a", "securityContext": {"privileged": True}}
    lists = ("initContainers", "containers", "ephemeralContainers")
    found = violated({name: [{**container, "name": name.lower()}] for name in lists})
    assert found == {"privileged": [f"spec.{name}[0].securityContext.privileged" for name in lists]}


def test_probes_and_hooks_are_told_one_by_one() -> None:
    handler = {"httpGet": {"host": "a"}, "tcpSocket": {"host": "b"}}
    container = {
        "name": "main",
        "livenessProbe": handler,
        "startupProbe": {"httpGet": {"port": 80}},
        "lifecycle": {"postStart": handler, "preStop": {"exec": {}}},
    }
    assert violated({"containers": [container]})["hostProbesAndHostLifecycle"] == [
        "spec.containers[0].livenessProbe.httpGet.host",
        "spec.containers[0].livenessProbe.tcpSocket.host",
        "spec.containers[0].lifecycle.postStart.httpGet.host",
        "spec.containers[0].lifecycle.postStart.tcpSocket.host",
    ]
    assert violated({"containers": [container]}, version=Version(33)) == {}


def test_nothing_is_forbidden_at_the_level_privileged() -> None:
    assert violated(with_context(privileged=True), Level.PRIVILEGED) == {}


def test_old_seccomp_annotations_count_up_to_1_18_and_fields_from_1_19_on() -> None:
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "a",
            "annotations": {
                "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
                "container.seccomp.security.alpha.kubernetes.io/main": "",
                "container.seccomp.security.alpha.kubernetes.io/other": "unconfined",
            },
        },
        "spec": {"containers": [{"name": "main"}], "securityContext": {"seccompProfile": {"type": "Localhost"}}},
    }
    pod = decode(manifest, Place(), "default")
    assert isinstance(pod, Pod)
    (old,) = judge(pod.metadata, pod.spec, Level.BASELINE, Version(18))
    assert old.control is BY_ID["seccompProfile_baseline"]
    assert len(old.faults) == 2
    assert judge(pod.metadata, pod.spec, Level.BASELINE, Version(19)) == ()


def test_processes_of_a_windows_node_are_told_for_pod_and_containers() -> None:
    options = {"windowsOptions": {"hostProcess": True}}
    spec = {**with_context(**options), "hostNetwork": True, "securityContext": options}
    paths = [f"{where}.securityContext.windowsOptions.hostProcess" for where in ("spec", "spec.containers[0]")]
    assert violated(spec)["windowsHostProcess"] == paths


SYSCTLS = {
    26: "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range "
    "net.ipv4.ip_unprivileged_port_start",
    27: "net.ipv4.ip_local_reserved_ports",
    29: "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl "
    "net.ipv4.tcp_keepalive_probes",
    32: "net.ipv4.tcp_rmem net.ipv4.tcp_wmem",
    37: "net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_notsent_lowat",
}


@pytest.mark.parametrize("minor", [26, 27, 28, 29, 31, 32, 36, 37])
def test_the_safe_kernel_parameters_of_a_release_are_those_added_up_to_it(minor: int) -> None:
    names = [name for each in SYSCTLS.values() for name in each.split()]
    spec = {"containers": [], "securityContext": {"sysctls": [{"name": name} for name in names]}}
    later = [name for since, each in SYSCTLS.items() if since > minor for name in each.split()]
    paths = [f"spec.securityContext.sysctls[{names.index(name)}].name" for name in later]
    assert violated(spec, version=Version(minor)).get("sysctls", []) == paths


@pytest.mark.parametrize(
    ("control", "since"),
    [
        ("allowPrivilegeEscalation", 8),
        ("seccompProfile_restricted", 19),
        ("capabilities_restricted", 22),
        ("runAsUser", 23),
        ("hostProbesAndHostLifecycle", 34),
        ("procMount_restricted", 35),
    ],
)
def test_a_control_begins_with_its_release(control: str, since: int) -> None:
    container = {
        "name": "main",
        "securityContext": {"procMount": "Unmasked", "runAsUser": 0},
        "livenessProbe": {"tcpSocket": {"host": "a"}},
    }
    spec = {"containers": [container]}
    assert control not in violated(spec, Level.RESTRICTED, Version(since - 1))
    assert control in violated(spec, Level.RESTRICTED, Version(since))


@pytest.mark.parametrize(("minor", "is_allowed"), [(30, False), (31, True)])
def test_the_selinux_type_of_container_engines_is_allowed_from_1_31_on(minor: int, is_allowed: bool) -> None:
    spec = with_context(seLinuxOptions={"type": "container_engine_t"})
    assert (violated(spec, version=Version(minor)) == {}) is is_allowed


@pytest.mark.parametrize("control", ["runAsNonRoot", "runAsUser"])
def test_root_in_a_user_namespace_is_allowed_from_1_35_on(control: str) -> None:
    spec = {**with_context(runAsUser=0), "hostUsers": False}
    assert control in violated(spec, Level.RESTRICTED, Version(34))
    assert control not in violated(spec, Level.RESTRICTED, Version(35))


def test_a_pod_that_allows_root_is_told_with_every_container_that_does_not_forbid_it() -> None:
    containers = [{"name": "a"}, {"name": "b", "securityContext": {"runAsNonRoot": True}}]
    spec = {"securityContext": {"runAsNonRoot": False}, "containers": containers}
    assert violated(spec, Level.RESTRICTED)["runAsNonRoot"] == [
        "spec.securityContext.runAsNonRoot",
        "spec.containers[0].securityContext.runAsNonRoot",
    ]
