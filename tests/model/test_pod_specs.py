"""The fast way and the general way read the same of a pod, and replicas share what is equal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firedoor.model.bulk_decoding import PodWay
from firedoor.model.decoding import decode
from firedoor.model.places import Place
from firedoor.model.tokens import API_ACCESS_ANY
from firedoor.model.workloads import Pod

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
NOT_IMPLIED = ("", "")


def token_volume(name: str) -> dict[str, Any]:
    return {"name": name, "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}, {"configMap": {}}]}}


def pod(name: str, token: str = "", *volumes: dict[str, Any], owner: str = "web", **spec: Any) -> dict[str, Any]:
    """Return a served pod, with the volume of a token of a name."""
    mounts = [{"name": token, "mountPath": TOKEN_PATH, "readOnly": True}] if token else []
    container = {"name": "main", "image": "registry.test/app:1", "volumeMounts": mounts}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": name,
            "ownerReferences": [{"kind": "ReplicaSet", "name": owner, "uid": owner, "controller": True}],
        },
        "spec": {
            "volumes": [*volumes, *([token_volume(token)] if token else [])],
            "containers": [container],
            "nodeName": f"node-{name}",
            "serviceAccountName": "web",
            **spec,
        },
        "status": {"phase": "Running"},
    }


def fast(*manifests: dict[str, Any]) -> list[Pod]:
    way = PodWay("list.json", "default")
    found = [way.decode(json.dumps(each).encode(), 1, NOT_IMPLIED) for each in manifests]
    assert None not in found
    return [each for each in found if each is not None]


def general(*manifests: dict[str, Any]) -> list[Pod]:
    found = [decode(json.loads(json.dumps(each)), Place("list.json", 1, 1), "default") for each in manifests]
    return [each for each in found if isinstance(each, Pod)]


CONTAINER = {
    "name": "main",
    "image": "registry.test/app:1",
    "env": [
        {"name": "A", "value": "kube-api-access-abcde"},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
        {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ],
    "envFrom": [{"secretRef": {"name": "more"}}, {"configMapRef": {"name": "settings"}}],
    "volumeMounts": [
        {"name": "kube-api-access-abcde", "mountPath": TOKEN_PATH},
        {"name": "host", "mountPath": "/host"},
    ],
    "securityContext": {
        "privileged": True,
        "allowPrivilegeEscalation": True,
        "capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]},
        "runAsUser": 0,
        "runAsNonRoot": False,
        "procMount": "Unmasked",
        "seLinuxOptions": {"type": "spc_t"},
        "seccompProfile": {"type": "Localhost", "localhostProfile": "p.json"},
        "appArmorProfile": {"type": "Unconfined"},
        "windowsOptions": {"hostProcess": True},
        "readOnlyRootFilesystem": True,
    },
    "livenessProbe": {"httpGet": {"port": 80, "host": "a"}, "periodSeconds": 1},
    "readinessProbe": {"tcpSocket": {"port": 80, "host": "b"}},
    "startupProbe": {"exec": {"command": ["true"]}},
    "lifecycle": {"postStart": {"httpGet": {"port": 80}}, "preStop": {"sleep": {"seconds": 1}}},
}
SECURED: dict[str, Any] = {
    "hostPID": True,
    "hostIPC": True,
    "hostUsers": False,
    "hostNetwork": True,
    "shareProcessNamespace": True,
    "automountServiceAccountToken": False,
    "os": {"name": "linux"},
    "serviceAccount": "web",
    "securityContext": {"runAsUser": 7, "sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
    "containers": [CONTAINER],
    "initContainers": [{**CONTAINER, "name": "init"}],
    "ephemeralContainers": [{**CONTAINER, "name": "debug"}],
}
HOST = {"name": "host", "hostPath": {"path": "/", "type": "Directory"}}
CASES = {
    "replicas": [
        pod("a", "kube-api-access-abcde"),
        pod("b", "kube-api-access-fghij"),
        pod("c", "kube-api-access-klmno"),
    ],
    "all fields": [
        pod("a", "kube-api-access-abcde", HOST, **SECURED),
        pod("b", "kube-api-access-abcde", HOST, **SECURED),
    ],
    "claims of their own": [
        pod(f"db-{n}", f"kube-api-access-{n}", {"name": "d", "persistentVolumeClaim": {"claimName": f"d-db-{n}"}})
        for n in range(9, 13)
    ],
    "no token after one with": [pod("a", "kube-api-access-abcde"), pod("b"), pod("c"), pod("d", "kube-api-access-a")],
    "other owners between": [pod("a", "kube-api-access-abcde", owner=each) for each in ("x", "y", "x", "y")],
    "a name that is not random": [pod(each, "kube-api-access-my-own") for each in "ab"],
    "two such names": [
        pod(each, "kube-api-access-abcde", {"name": "kube-api-access-other", "emptyDir": {}}) for each in "ab"
    ],
    "the name is that of a Secret too": [
        pod(each, f"kube-api-access-{each}", {"name": "s", "secret": {"secretName": "kube-api-access-a"}})
        for each in "abab"
    ],
    "the name is that of a container too": [
        pod(each, f"kube-api-access-{each}", initContainers=[{"name": "kube-api-access-a"}]) for each in "abab"
    ],
    "a mount without its volume": [
        pod("a", "kube-api-access-a", volumes=[]),
        pod("b", "kube-api-access-a"),
        pod("c", "kube-api-access-a", volumes=[]),
    ],
    "the name of no volume": [
        pod(each, "", {"name": "s", "secret": {"secretName": f"kube-api-access-{each}"}}) for each in "ab"
    ],
    "a name as long that is another": [
        pod("a", "kube-api-access-abcde"),
        pod("b", "kube-api-access-ab-de"),
        pod("c", "kube-api-accesses-abc"),
    ],
    "without a specification": [{**pod("a"), "spec": {}}, {**pod("b"), "spec": {}}],
}


@pytest.mark.parametrize("manifests", CASES.values(), ids=CASES.keys())
def test_both_ways_read_the_same(manifests: list[dict[str, Any]]) -> None:
    assert fast(*manifests) == general(*manifests)


def test_a_name_that_is_written_in_another_way_is_read_as_what_it_is() -> None:
    written = json.dumps(pod("b", "kube-api-access-fghij")).replace(
        '"name": "kube-api-access-fghij", "mo', '"name": "k\\u0075be-api-access-fghij", "mo'
    )
    way = PodWay("list.json", "default")
    found = [
        way.decode(each.encode(), 1, NOT_IMPLIED) for each in (json.dumps(pod("a", "kube-api-access-abcde")), written)
    ]
    assert found == general(pod("a", "kube-api-access-abcde"), pod("b", "kube-api-access-fghij"))


def test_replicas_share_volumes_and_containers_whatever_their_tokens_are_called() -> None:
    first, second, third = fast(*CASES["replicas"])
    for other in (second, third):
        assert first.spec.containers is other.spec.containers
        assert first.spec.volume_fields is other.spec.volume_fields
    assert (first.spec.node_name, third.spec.node_name) == ("node-a", "node-c")
    assert [each.name for each in first.spec.volumes] == [API_ACCESS_ANY]
    assert first.spec.containers[0].volume_mounts[0].name == API_ACCESS_ANY


def test_replicas_share_containers_where_each_has_a_claim_and_where_others_stand_between() -> None:
    for case in ("claims of their own", "other owners between"):
        found = fast(*CASES[case])
        assert found[0].spec.containers is found[2].spec.containers
    assert found[0].spec.volume_fields is found[2].spec.volume_fields


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": None},
        {"volumes": {}},
        {"hostPID": "yes"},
        {"nodeName": 3},
        {"securityContext": {"runAsUser": "root"}},
        {"containers": [{"securityContext": {"privileged": "true"}}]},
        {"volumes": [{"name": "x", "emptyDir": None}]},
    ],
)
def test_what_is_not_of_the_usual_form_is_left_to_the_general_way(spec: dict[str, Any]) -> None:
    way = PodWay("list.json", "default")
    usual, odd = json.dumps(pod("a")).encode(), json.dumps(pod("b", **spec)).encode()
    assert way.decode(usual, 1, NOT_IMPLIED) == general(pod("a"))[0]
    assert way.decode(odd, 1, NOT_IMPLIED) is None
    assert way.decode(usual, 1, NOT_IMPLIED) == general(pod("a"))[0]


def test_every_field_of_a_security_context_arrives() -> None:
    (found,) = general(pod("a", "kube-api-access-abcde", HOST, **SECURED))
    spec = found.spec
    assert (spec.host_pid, spec.host_ipc, spec.host_users, spec.share_process_namespace) == (True, True, False, True)
    assert spec.os is not None
    assert spec.os.name == "linux"
    assert spec.security_context is not None
    assert (spec.security_context.run_as_user, [each.name for each in spec.security_context.sysctls]) == (
        7,
        ["kernel.msgmax"],
    )
    assert [each.name for each in spec.all_containers] == ["init", "main", "debug"]
    context = spec.containers[0].security_context
    assert context is not None
    assert context.capabilities is not None
    assert (context.capabilities.add, context.capabilities.drop) == (("SYS_ADMIN",), ("ALL",))
    assert (context.privileged, context.allow_privilege_escalation, context.run_as_user) == (True, True, 0)
    assert (context.run_as_non_root, context.proc_mount, context.read_only_root_filesystem) == (False, "Unmasked", True)
    assert context.se_linux_options is not None
    assert context.se_linux_options.type == "spc_t"
    assert context.seccomp_profile is not None
    assert (context.seccomp_profile.type, context.seccomp_profile.localhost_profile) == ("Localhost", "p.json")
    assert context.app_armor_profile is not None
    assert context.app_armor_profile.type == "Unconfined"
    assert context.windows_options is not None
    assert context.windows_options.host_process is True
    assert spec.containers[0].secret_names == ("db", "more")
