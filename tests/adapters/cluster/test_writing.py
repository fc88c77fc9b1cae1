"""Writes that meet trouble: busy servers, wrong answers, and others who write at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firedoor.adapters.cluster.config import connect
from firedoor.adapters.cluster.requests import Requests
from firedoor.adapters.cluster.transport import Transport
from firedoor.adapters.cluster.writing import LivePolicyClient
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.model.rollout import Conflict, PolicyRef, Trial
from firedoor.model.rollout_contents import content, marked
from tests.adapters.cluster.worlds import namespace, pod, write_kubeconfig
from tests.applying import POLICIES, from_app, kept, policy
from tests.fake_api_server import FakeAPIServer, Fault, Manifest

WEB = POLICIES.format("shop", "web")
SENT = marked(policy("shop", "web", "web", from_app("db")), "id")
REF = PolicyRef("networking.k8s.io/v1", "NetworkPolicy", "shop", "web")


@pytest.fixture
def server() -> Iterator[FakeAPIServer]:
    with FakeAPIServer([namespace("shop"), pod("shop", "web", app="web")]) as fake:
        yield fake


def client(server: FakeAPIServer, folder: Path, user: Manifest | None = None) -> LivePolicyClient:
    connection = connect(write_kubeconfig(folder, server.url, user), None)
    pauses: list[float] = []
    return LivePolicyClient(
        Transport(connection, 5, pauses.append, lambda: 0.0), Requests(connection, 5, pauses.append)
    )


def there(server: FakeAPIServer, manifest: Manifest) -> Manifest:
    server.add(kept(manifest))
    found = server.find(WEB)
    assert found is not None
    return found


def test_a_busy_server_is_asked_again(server: FakeAPIServer, tmp_path: Path) -> None:
    server.fail(f"PATCH {WEB}", Fault(status=429, times=2))
    made = client(server, tmp_path).apply(SENT, None, force=False)
    assert content(made) == SENT
    assert len(server.writes) == 3


def test_a_write_that_may_have_been_done_is_not_repeated(server: FakeAPIServer, tmp_path: Path) -> None:
    server.fail(f"PATCH {WEB}", Fault(status=502))
    with pytest.raises(SourceError, match="the server answered 502"):
        client(server, tmp_path).apply(SENT, None, force=False)
    assert len(server.writes) == 1


def test_a_trial_is_repeated_and_then_given_up(server: FakeAPIServer, tmp_path: Path) -> None:
    server.fail(f"DRYRUN {WEB}", Fault(status=502, times=2))
    assert client(server, tmp_path).try_out(SENT, force=False).rejection == ""
    server.fail(f"DRYRUN {WEB}", Fault(reset=True))
    with pytest.raises(SourceError, match="the connection broke"):
        client(server, tmp_path).try_out(SENT, force=False)
    assert server.writes == []


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, b'{"message": "no right"}', "no right"),
        (422, b'{"details": {"causes": [{"field": "spec.x", "message": "is bad"}]}}', "spec.x: is bad"),
        (
            500,
            b'{"message": "failed to create typed patch object: .spec.y: no"}',
            "failed to create typed patch object",
        ),
        (404, b"<html>", "<html>"),
        (400, b"", "the server answered 400"),
    ],
)
def test_what_the_server_refuses_is_told(
    server: FakeAPIServer, tmp_path: Path, status: int, body: bytes, said: str
) -> None:
    for verb in ("DRYRUN", "PATCH"):
        server.fail(f"{verb} {WEB}", Fault(status=status, body=body))
    assert said in client(server, tmp_path).try_out(SENT, force=False).rejection
    with pytest.raises(WriteRefusedError, match="NetworkPolicy shop/web: "):
        client(server, tmp_path).apply(SENT, None, force=False)


def test_fields_of_others_are_conflicts(server: FakeAPIServer, tmp_path: Path) -> None:
    there(server, policy("shop", "web", "db"))
    assert client(server, tmp_path).try_out(SENT, force=False) == Trial(
        None, (Conflict(".spec.podSelector", "kubectl"),)
    )
    assert content(client(server, tmp_path).try_out(SENT, force=True).after) == SENT


def test_credentials_that_are_refused_are_no_refusal_of_the_object(server: FakeAPIServer, tmp_path: Path) -> None:
    live = client(server, tmp_path)
    server.fail(f"PATCH {WEB}", Fault(status=401))
    live.try_out(SENT, force=False)
    with pytest.raises(SourceError, match=r"the credentials were refused \(401\)"):
        live.apply(SENT, None, force=False)


def test_an_answer_that_is_no_json_is_told(server: FakeAPIServer, tmp_path: Path) -> None:
    live = client(server, tmp_path)
    server.fail(f"PATCH {WEB}", Fault(status=201, body=b"<html>"))
    with pytest.raises(SourceError, match="is not what an API server sends"):
        live.apply(SENT, None, force=False)


def test_a_kind_that_is_not_served_is_told(server: FakeAPIServer, tmp_path: Path) -> None:
    live = client(server, tmp_path)
    manifest = {**policy("shop", "a"), "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy"}
    assert live.try_out(manifest, force=False).rejection == "the server has no CiliumNetworkPolicy of cilium.io/v2"
    with pytest.raises(WriteRefusedError, match="has no CiliumNetworkPolicy"):
        live.delete(manifest)
    assert live.get(PolicyRef("networking.k8s.io/v1", "Unknown", "shop", "a")) is None


def test_what_only_the_status_changed_is_written_all_the_same(server: FakeAPIServer, tmp_path: Path) -> None:
    now = there(server, policy("shop", "web", "db"))
    stale = {**now, "metadata": {**now["metadata"], "resourceVersion": "older"}}
    live = client(server, tmp_path)
    live.restore(stale, policy("shop", "web", "web"))
    found = server.find(WEB)
    assert found is not None
    assert found["spec"]["podSelector"] == {"matchLabels": {"app": "web"}}
    live.delete({**found, "metadata": {**found["metadata"], "resourceVersion": "older"}})
    assert server.find(WEB) is None


def test_what_somebody_else_changed_is_not_written_over(server: FakeAPIServer, tmp_path: Path) -> None:
    now = there(server, policy("shop", "web", "db"))
    stale: dict[str, Any] = {**now, "metadata": {**now["metadata"], "resourceVersion": "older"}, "spec": {}}
    live = client(server, tmp_path)
    for write in (
        lambda: live.apply(SENT, stale, force=True),
        lambda: live.restore(stale, policy("shop", "web", "web")),
        lambda: live.delete(stale),
    ):
        with pytest.raises(WriteRefusedError, match="changed by somebody else meanwhile"):
            write()
    assert server.find(WEB) == now


def test_a_status_that_never_rests_is_given_up(server: FakeAPIServer, tmp_path: Path) -> None:
    now = there(server, policy("shop", "web", "db"))

    def moves(number: int) -> None:
        now["metadata"]["resourceVersion"] = f"moved-{number}"

    server.before_write = moves
    with pytest.raises(WriteRefusedError, match="its status changes faster"):
        client(server, tmp_path).delete({**now, "metadata": dict(now["metadata"])})


def test_what_is_gone_is_made_again_with_its_owners(server: FakeAPIServer, tmp_path: Path) -> None:
    before = kept(policy("shop", "web", "db", team="x"))
    client(server, tmp_path).restore(None, before)
    found = server.find(WEB)
    assert content(found) == content(before)
    assert found is not None
    assert found["metadata"]["managedFields"] == before["metadata"]["managedFields"]


def test_owners_that_cannot_be_restored_do_no_harm(server: FakeAPIServer, tmp_path: Path) -> None:
    now = there(server, policy("shop", "web", "db"))
    before = kept(policy("shop", "web", "web"), "somebody")
    server.fail(f"PATCH {WEB}", Fault(status=403, skip=1))
    client(server, tmp_path).restore(now, before)
    assert content(server.find(WEB)) == content(before)


def test_pods_that_are_ready_are_counted_by_what_made_them(server: FakeAPIServer, tmp_path: Path) -> None:
    for number in range(3):
        made = pod("shop", f"api-{number}")
        made["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "api", "controller": True}]
        made["status"]["conditions"] = [{"type": "Ready", "status": "True" if number else "False"}]
        server.add(made)
    live = client(server, tmp_path)
    assert live.ready("shop") == live.ready("") == {"ReplicaSet shop/api": 2}
    assert live.ready("other") == {}


@pytest.mark.parametrize("path", [WEB, "/api/v1/namespaces/shop/pods", "/apis/networking.k8s.io/v1"])
def test_what_may_not_be_read_is_told(server: FakeAPIServer, tmp_path: Path, path: str) -> None:
    server.fail(path, Fault(status=403))
    live = client(server, tmp_path)
    with pytest.raises(SourceError, match="cannot be read"):
        live.ready("shop") if path.endswith("pods") else live.get(REF)


def test_pods_come_page_by_page(server: FakeAPIServer, tmp_path: Path) -> None:
    for number in range(600):
        made = pod("shop", f"many-{number:03}")
        made["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
        server.add(made)
    assert len(client(server, tmp_path).ready("shop")) == 600
    assert server.paths.count("/api/v1/namespaces/shop/pods") == 2
