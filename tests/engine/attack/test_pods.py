from __future__ import annotations

from typing import Any

import pytest
from tests.engine.attack.cluster import (
    Document,
    ask,
    attack,
    change,
    changes,
    deployment,
    leads,
    node,
    owned_by,
    plain,
    pod,
    policy,
    world,
)

MOUNT = {"volumeMounts": [{"name": "v", "mountPath": "/host"}]}
PRIVILEGED = {"securityContext": {"privileged": True}}
API_VOLUME = {
    "name": "kube-api-access-abcde",
    "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]},
}
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"


def volume(name: str, *, path: str = "/etc", claim: str = "", source: str = "hostPath") -> Document:
    spec: dict[str, Any] = {
        source: {"path": path},
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
    }
    if source == "local":
        term = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["one"]}]}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
    if claim:
        where, _, own = claim.rpartition("/")
        spec["claimRef"] = {"kind": "PersistentVolumeClaim", "namespace": where, "name": own}
    return plain("PersistentVolume", name, spec=spec)


def claim(name: str, of: str = "") -> Document:
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return plain("PersistentVolumeClaim", name, spec={**spec, "volumeName": of} if of else spec)


def by_claim(*documents: Document) -> dict[str, set[str]]:
    spec: dict[str, Any] = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}
    return leads(attack(pod("shop/a", container=MOUNT, nodeName="one", **spec), *documents), "shop/a")


@pytest.mark.parametrize(
    ("spec", "account", "is_mounted"),
    [
        ({}, {}, True),
        ({"automountServiceAccountToken": True}, {"automountServiceAccountToken": False}, True),
        ({"automountServiceAccountToken": False}, {}, False),
        ({"automountServiceAccountToken": False}, {"automountServiceAccountToken": True}, False),
        ({}, {"automountServiceAccountToken": False}, False),
    ],
)
def test_a_token_is_taken_where_it_is_mounted(spec: Document, account: Document, is_mounted: bool) -> None:
    one = pod("shop/a", serviceAccountName="api", **{"automountServiceAccountToken": None, **spec})
    found = leads(attack(one, plain("ServiceAccount", "shop/api", **account)), "shop/a")
    assert found.get("token", set()) == ({"serviceaccount:shop/api"} if is_mounted else set())


@pytest.mark.parametrize(
    ("audience", "is_served", "is_mounted"), [("", True, True), ("vault", True, False), (None, True, False)]
)
def test_volumes_of_served_pods_tell_of_their_token(audience: str | None, is_served: bool, is_mounted: bool) -> None:
    mounts = {"volumeMounts": [{"name": "t", "mountPath": TOKEN_PATH}]}
    token = {"serviceAccountToken": {"path": "token", **({"audience": audience} if audience else {})}}
    volumes = [] if audience is None else [{"name": "t", "projected": {"sources": [token]}}]
    one = dict(pod("shop/a", token=True, container={} if audience is None else mounts, volumes=volumes))
    one["metadata"] = {**one["metadata"], "uid": "u-1"}
    assert ("token" in leads(attack(one), "shop/a")) is is_mounted


def test_the_step_by_a_token_tells_why_and_what_stops_it() -> None:
    paths = ask(world(deployment("shop/a", token=True)), "shop/a", "serviceaccount:shop/default")
    (step,) = paths.paths[0].steps
    assert [(each.text, each.place) for each in step.evidence] == [
        ("its token is mounted: the pod says so", "<stdin>:1")
    ]
    assert [changes(each) for each in step.changes] == [["token shop/a"]]
    assert changes(paths.cut.changes if paths.cut else None) == ["token shop/a"]


@pytest.mark.parametrize(
    "documents",
    [
        (volume("disk", claim="shop/data"), claim("shop/data", "disk")),
        (volume("disk", claim="shop/data"),),
        (volume("disk"), claim("shop/data", "disk")),
    ],
)
def test_a_bound_claim_is_known_from_either_side(documents: tuple[Document, ...]) -> None:
    assert by_claim(*documents) == {"persistent-volume": {"node:one"}}


@pytest.mark.parametrize(
    "documents",
    [
        (),
        (volume("disk"), claim("shop/data")),
        (volume("disk", claim="other/data"), claim("other/data", "disk")),
        (volume("disk", claim="shop/other"), claim("shop/other", "disk")),
        (volume("disk", source="local", claim="shop/data"), claim("shop/data", "disk")),
        (volume("disk", path="/srv", claim="shop/data"), claim("shop/data", "disk")),
    ],
)
def test_a_claim_of_anything_else_leads_nowhere(documents: tuple[Document, ...]) -> None:
    assert by_claim(*documents) == {}


def test_a_volume_can_be_taken_away_as_well() -> None:
    spec: dict[str, Any] = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}
    documents = (pod("shop/a", container=MOUNT, nodeName="one", **spec), volume("disk", claim="shop/data"))
    (step,) = ask(world(*documents), "shop/a", "node:one").paths[0].steps
    assert [[change(each) for each in option] for option in step.changes] == [["pod-spec shop/a"], ["volume disk"]]


def test_replicas_are_one_unless_they_get_out() -> None:
    owner = owned_by("StatefulSet", "db")
    alike = [pod(f"shop/db-{number}", owner=owner, nodeName=name) for number, name in enumerate(("one", "two"))]
    (group,) = attack(*alike).groups
    assert group.members == [0, 1]
    assert str(group.standing) == "shop/db"
    assert group.standing.workload == group.workload
    out = [
        pod(f"shop/db-{number}", owner=owner, nodeName=name, container=PRIVILEGED)
        for number, name in enumerate(("one", "two", "two"))
    ]
    assert [(each.node, each.members) for each in attack(*out).groups] == [("one", [0]), ("two", [1, 2])]


def test_replicas_that_only_may_get_out_are_one_where_that_does_not_count() -> None:
    maybe = {"securityContext": {"privileged": True, "runAsUser": 1000}}
    owner = owned_by("StatefulSet", "db")
    documents = [pod(f"shop/db-{each}", container=maybe, nodeName=each, owner=owner) for each in ("one", "two")]
    assert len(attack(*documents).groups) == 1
    assert len(attack(*documents, possible=True).groups) == 2


@pytest.mark.parametrize("spec", [{"serviceAccountName": "other"}, {"token": True}, {"container": PRIVILEGED}])
def test_pods_of_a_workload_that_differ_are_told_apart(spec: dict[str, Any]) -> None:
    owner = owned_by("StatefulSet", "db")
    first, second = pod("shop/db-0", owner=owner), pod("shop/db-1", owner=owner, **spec)
    assert len(attack(first, second).groups) == 2


def test_pods_are_told_apart_by_their_doors_where_policies_tell_the_ports_apart() -> None:
    owner = owned_by("StatefulSet", "db")
    both = pod("shop/db-0", owner=owner), pod("shop/db-1", owner=owner, port=81)
    opened = policy("shop/p", "", policyTypes=["Ingress"], ingress=[{"ports": [{"port": 80}]}])
    assert [len(attack(*both, *more).groups) for more in ((), (opened,))] == [1, 2]


def test_pods_that_a_policy_tells_apart_are_two() -> None:
    owner = owned_by("StatefulSet", "db")
    both = [pod(f"shop/db-{number}", owner=owner) for number in range(2)]
    assert len(attack(*both, policy("shop/p", "db-0", policyTypes=["Ingress"])).groups) == 2
    assert len(attack(*both, policy("shop/p", "", policyTypes=["Ingress"])).groups) == 1


def test_replicas_of_a_template_are_one() -> None:
    (group,) = attack(deployment("shop/db", kind="StatefulSet", replicas=3, token=True)).groups
    assert len(group.members) == 3
    assert group.token.is_mounted


def test_pods_of_no_known_node_get_out_to_one_of_their_own() -> None:
    found = attack(pod("shop/a", container=PRIVILEGED), pod("shop/b"), node("one"))
    assert leads(found, "shop/a")["privileged"] == {"some node"}
