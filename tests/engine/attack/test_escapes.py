from __future__ import annotations

from typing import Any

import pytest
from tests.engine.attack.cluster import pod, world

from firedoor.engine.attack.escapes import Escape, MountedVolume, escapes
from firedoor.model.places import ObjectRef

VOLUME = ObjectRef("PersistentVolume", "", "disk")


def found(container: dict[str, Any] | None = None, **spec: Any) -> tuple[Escape, ...]:
    # Ephemeral containers come to a pod that runs, and no manifest may bring them.
    is_refused = "ephemeralContainers" in spec
    (each,) = world(pod("shop/a", container=container, **spec), is_refused=is_refused).pods
    return escapes(
        each.spec, {"claim": MountedVolume("/etc", VOLUME), "runtime": MountedVolume("/run/docker.sock", VOLUME)}
    )


def brief(some: tuple[Escape, ...]) -> list[str]:
    marks = ((each, " into pods" * each.to_pods + " maybe" * each.is_possible) for each in some)
    return [f"{each.technique.id}{mark}" for each, mark in marks]


def mounting(path: str, *, security: dict[str, Any] | None = None, **mount: Any) -> tuple[Escape, ...]:
    """Return the ways out of a pod with a path of the node; fields of the mount are arguments."""
    volume = {"name": "v", "hostPath": {"path": path}}
    return found(
        {"volumeMounts": [{"name": "v", "mountPath": "/host", **mount}], "securityContext": security or {}},
        volumes=[volume],
    )


def claiming(name: str, *, read_only: bool = False, **mount: Any) -> tuple[Escape, ...]:
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": name, "readOnly": read_only}}
    return found({"volumeMounts": [{"name": "v", "mountPath": "/host", **mount}]}, volumes=[volume])


@pytest.mark.parametrize(
    ("security", "spec", "ways"),
    [
        ({}, {}, []),
        ({"privileged": True}, {}, ["privileged"]),
        ({"privileged": False}, {}, []),
        ({"privileged": True}, {"hostUsers": False}, []),
        ({"privileged": True}, {"hostUsers": True}, ["privileged"]),
        ({"capabilities": {"add": ["SYS_ADMIN"]}}, {}, ["capability"]),
        ({"capabilities": {"add": ["SYS_MODULE", "NET_ADMIN"]}}, {}, ["capability"]),
        ({"capabilities": {"add": ["SYS_RAWIO"]}}, {}, ["capability"]),
        ({"capabilities": {"add": ["DAC_READ_SEARCH"]}}, {}, ["capability"]),
        ({"capabilities": {"add": ["ALL"]}}, {}, ["capability"]),
        ({"capabilities": {"add": ["ALL"]}}, {"hostUsers": False}, []),
        ({"capabilities": {"add": ["NET_ADMIN", "SYS_PTRACE"]}}, {}, []),
        ({"capabilities": {"drop": ["SYS_ADMIN"]}}, {}, []),
        ({}, {"hostPID": True}, ["host-pid into pods", "host-pid maybe"]),
        ({"runAsUser": 1000}, {"hostPID": True}, ["host-pid into pods maybe", "host-pid maybe"]),
        ({"capabilities": {"add": ["SYS_PTRACE"]}}, {"hostPID": True}, ["host-pid"]),
        ({"privileged": True}, {"hostPID": True}, ["privileged", "host-pid"]),
        ({}, {"hostIPC": True}, []),
        ({"privileged": True, "runAsUser": 1000}, {}, ["privileged maybe"]),
        ({"capabilities": {"add": ["SYS_ADMIN"]}, "runAsNonRoot": True}, {}, ["capability maybe"]),
        (
            {"privileged": True, "runAsUser": 1000},
            {"hostPID": True},
            ["privileged maybe", "host-pid into pods maybe", "host-pid maybe"],
        ),
    ],
)
def test_rights_lead_out_of_a_pod(security: dict[str, Any], spec: dict[str, Any], ways: list[str]) -> None:
    assert brief(found({"securityContext": security}, **spec)) == ways


@pytest.mark.parametrize(
    ("path", "mount", "ways"),
    [
        ("/etc", {}, ["host-path"]),
        ("/etc", {"readOnly": True}, []),
        ("/var/lib/kubelet/pods", {"readOnly": True}, ["host-path into pods"]),
        ("/var/lib/kubelet/pods", {}, ["host-path"]),
        ("/srv/data", {}, ["host-path maybe"]),
        ("/dev/null", {}, []),
        ("/run/docker.sock", {}, ["runtime-socket"]),
        ("/run/docker.sock", {"readOnly": True}, ["runtime-socket"]),
        ("/var", {"subPath": "lib/kubelet"}, ["host-path"]),
        ("/", {"subPath": "srv"}, ["host-path maybe"]),
        ("/", {"subPathExpr": "$(WHERE)"}, ["host-path maybe"]),
    ],
)
def test_paths_of_the_node_lead_out_of_a_pod(path: str, mount: dict[str, Any], ways: list[str]) -> None:
    assert brief(mounting(path, **mount)) == ways


@pytest.mark.parametrize(
    ("container", "of_pod", "is_root"),
    [
        ({}, None, True),
        ({"runAsUser": 0}, None, True),
        ({"runAsUser": 1000}, None, False),
        ({"runAsNonRoot": True}, None, False),
        ({}, {"runAsUser": 1000}, False),
        ({}, {"runAsNonRoot": True}, False),
        ({"runAsUser": 0}, {"runAsUser": 1000}, True),
        ({"runAsNonRoot": False}, {"runAsNonRoot": True}, True),
        ({"runAsNonRoot": True}, {"runAsNonRoot": False}, False),
    ],
)
@pytest.mark.parametrize("path", ["/etc", "/run/docker.sock"])
def test_who_is_not_root_only_may_write(
    container: dict[str, Any], of_pod: dict[str, Any] | None, is_root: bool, path: str
) -> None:
    mount = {"name": "v", "mountPath": "/host"}
    context = {"securityContext": of_pod} if of_pod else {}
    (way,) = found(
        {"volumeMounts": [mount], "securityContext": container},
        volumes=[{"name": "v", "hostPath": {"path": path}}],
        **context,
    )
    assert way.is_possible is not is_root


def test_a_path_counts_in_a_user_namespace_too() -> None:
    mount = {"name": "v", "mountPath": "/host"}
    ways = found({"volumeMounts": [mount]}, volumes=[{"name": "v", "hostPath": {"path": "/etc"}}], hostUsers=False)
    assert brief(ways) == ["host-path"]


@pytest.mark.parametrize(
    ("name", "read_only", "mount", "ways"),
    [
        ("claim", False, {}, ["persistent-volume"]),
        ("claim", False, {"readOnly": True}, []),
        ("claim", True, {}, []),
        ("runtime", True, {}, ["runtime-socket"]),
        ("another", False, {}, []),
    ],
)
def test_a_claim_shows_the_path_behind_its_volume(
    name: str, read_only: bool, mount: dict[str, Any], ways: list[str]
) -> None:
    some = claiming(name, read_only=read_only, **mount)
    assert brief(some) == ways
    assert {each.volume for each in some} <= {VOLUME}


def test_a_mount_of_no_volume_leads_nowhere() -> None:
    container = {"volumeMounts": [{"name": "v", "mountPath": "/host"}]}
    (each,) = world(pod("shop/a", container=container), is_refused=True).pods
    assert escapes(each.spec, {}) == ()


def test_other_volumes_lead_nowhere() -> None:
    mount = {"name": "v", "mountPath": "/host"}
    assert found({"volumeMounts": [mount]}, volumes=[{"name": "v", "emptyDir": {}}]) == ()


def test_words_say_which_container_has_what() -> None:
    mount = {"name": "v", "mountPath": "/host", "readOnly": True}
    rights = {"privileged": True, "capabilities": {"add": ["SYS_MODULE", "ALL"]}}
    ways = found(
        {"volumeMounts": [mount], "securityContext": rights},
        volumes=[{"name": "v", "hostPath": {"path": "/run/docker.sock"}}],
        hostPID=True,
    )
    assert [each.words for each in ways] == [
        "container main: securityContext.privileged is true",
        "container main: securityContext.capabilities.add has ALL, SYS_MODULE",
        "container main: hostPID is true, and its rights open all processes",
        "container main: /run/docker.sock of the node is mounted read-only at /host",
    ]
    (way,) = claiming("claim")
    assert way.words == "container main: /etc of the node (PersistentVolume disk) is mounted at /host"


OTHER = {"name": "other", "image": "registry.example/y:1", "securityContext": {"privileged": True}}


@pytest.mark.parametrize(
    ("field", "more"), [("initContainers", {"restartPolicy": "Always"}), ("ephemeralContainers", {})]
)
def test_every_container_that_runs_counts(field: str, more: dict[str, Any]) -> None:
    spec: dict[str, Any] = {field: [{**OTHER, **more}]}
    (way,) = found(**spec)
    assert way.words == "container other: securityContext.privileged is true"


def test_initial_containers_have_ended() -> None:
    assert found(initContainers=[OTHER]) == ()
