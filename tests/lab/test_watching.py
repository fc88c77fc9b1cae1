"""A cluster that is followed is at every turn what a reader sees who comes anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

import pytest
from lab.control_plane import ControlPlane
from lab.places import missing
from lab.processes import Processes
from urllib3.exceptions import HTTPError

from firedoor.adapters.cluster.config import connect
from firedoor.adapters.cluster.discovery import Resource
from firedoor.adapters.cluster.feed import ClusterFeed
from firedoor.adapters.cluster.listing import Listing
from firedoor.adapters.cluster.readout import Held
from firedoor.adapters.cluster.source import ClusterSource
from firedoor.adapters.cluster.watching import News, Put, Replaced, Troubled, Watch, WatchSettings
from firedoor.interfaces import Silent
from firedoor.model.feed import Turn
from firedoor.model.snapshot import Snapshot
from tests.lab.api import Api, Manifest, as_token_of, until

PATIENCE = 120
POLICIES = Resource("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", is_namespaced=True)
PARTS = [each for each in Snapshot.__struct_fields__ if each != "origin"]


def namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def policy(home: str, name: str, *types: str) -> Manifest:
    spec = {"podSelector": {}, "policyTypes": list(types)}
    metadata = {"name": name, "namespace": home}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


@contextmanager
def followed(kubeconfig: Path, watch_seconds: int = 150) -> Iterator[Callable[[Callable[[Turn], bool]], Turn]]:
    """Follow a cluster, and give what waits for a turn of which something is true."""
    stopped = Event()
    feed = ClusterFeed(stopped, str(kubeconfig), quiet=0.2, watch_seconds=watch_seconds)
    turns: SimpleQueue[Turn] = SimpleQueue()

    def follow() -> None:
        for each in feed.turns(Silent()):
            turns.put(each)

    def wait(is_it: Callable[[Turn], bool]) -> Turn:
        while not is_it(turn := turns.get(timeout=PATIENCE)):
            pass
        return turn

    thread = Thread(target=follow)
    thread.start()
    try:
        yield wait
    finally:
        stopped.set()
        thread.join()


def names(turn: Turn, home: str) -> set[str]:
    return {each.metadata.name for each in turn.snapshot.network_policies if each.metadata.namespace == home}


def own(snapshot: Snapshot, home: str) -> dict[str, list[object]]:
    """Return what is in one namespace: other tests change theirs meanwhile."""
    parts = {each: getattr(snapshot, each) for each in PARTS}
    return {
        name: [each for each in part if hasattr(each, "metadata") and each.metadata.namespace == home]
        for name, part in parts.items()
        if isinstance(part, tuple)
    }


def as_read_anew(turn: Turn, kubeconfig: Path, home: str) -> bool:
    """Say whether a new reader sees the same: controllers go on making objects of their own meanwhile."""
    return not turn.troubles and own(turn.snapshot, home) == own(ClusterSource(str(kubeconfig)).load(Silent()), home)


def test_what_is_made_changed_and_deleted_is_seen_as_by_a_new_reader(api: Api, kubeconfig: Path) -> None:
    with followed(kubeconfig) as wait:
        assert wait(lambda _turn: True).changes is None
        api.create(namespace("watched"))
        api.create(policy("watched", "one", "Ingress"))
        api.create(policy("watched", "two", "Ingress"))
        wait(lambda turn: names(turn, "watched") == {"one", "two"})
        path = "/apis/networking.k8s.io/v1/namespaces/watched/networkpolicies"
        assert api.send("PUT", f"{path}/one", policy("watched", "one", "Ingress", "Egress"))[0] == 200
        api.delete(f"{path}/two")
        turn = wait(lambda turn: names(turn, "watched") == {"one"})
        if not as_read_anew(turn, kubeconfig, "watched"):
            wait(lambda one: as_read_anew(one, kubeconfig, "watched"))
        assert turn.changes is not None
        by_name = {each.ref.name: each for each in turn.changes if each.ref.namespace == "watched"}
        assert by_name["two"].after is None
        assert by_name["two"].before is not None
        assert turn.lag < PATIENCE


def test_a_server_that_is_gone_for_a_while_is_followed_on(tmp_path: Path) -> None:
    if missing():
        pytest.skip(f"no {', '.join(missing())}")
    plane = ControlPlane(tmp_path / "run")
    plane.up(lambda _text: None)
    try:
        api = Api(plane.kubeconfig)
        api.create(namespace("restarted"))
        new = policy("restarted", "new", "Ingress")
        with followed(plane.kubeconfig) as wait:
            wait(lambda turn: turn.changes is None)
            processes, note = Processes(plane.folder), plane.folder / "kube-apiserver.pid"
            pid = json.loads(note.read_text(encoding="utf-8"))["pid"]
            command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")[:-1]
            processes.stop("kube-apiserver")
            turn = wait(lambda turn: bool(turn.troubles))
            assert "restarted" in {each.metadata.name for each in turn.snapshot.namespaces}
            processes.start("kube-apiserver", command)

            def is_made() -> bool:
                with suppress(HTTPError):
                    return api.send("POST", POLICIES.path("restarted"), new)[0] in {201, 409}
                return False

            until(is_made, "the server answers again", PATIENCE)
            wait(lambda turn: names(turn, "restarted") == {"new"} and as_read_anew(turn, plane.kubeconfig, "restarted"))
        read_anew_from_the_first_state(plane.kubeconfig, api)
    finally:
        plane.down()


def read_anew_from_the_first_state(kubeconfig: Path, api: Api) -> None:
    """Follow from the first state there ever was, which a server that was restarted does not have."""
    news: SimpleQueue[News] = SimpleQueue()
    held = Held(POLICIES, "restarted", Listing(version="1"))
    watch = Watch(connect(str(kubeconfig), None), held, WatchSettings(500, 30, lambda: 0.5), news.put)
    watch.start()
    try:
        replaced = news.get(timeout=PATIENCE)
        assert isinstance(replaced, Replaced)
        assert [each.rpartition("/")[2] for each in replaced.listing.objects] == ["new"]
        api.create(policy("restarted", "later", "Egress"))
        put = news.get(timeout=PATIENCE)
        assert isinstance(put, Put)
        assert put.path.endswith("/later")
    finally:
        watch.stop()
        watch.join()


def test_rights_that_are_taken_away_become_a_gap(api: Api, kubeconfig: Path, tmp_path: Path) -> None:
    api.create(namespace("taken"))
    api.create(policy("taken", "one", "Ingress"))
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "follower", "namespace": "taken"}})
    rule = {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["list", "watch"]}
    group = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": "taken"}, "rules": [rule]}
    api.create(role)
    subject = {"kind": "ServiceAccount", "name": "follower", "namespace": "taken"}
    binding = {"apiVersion": f"{group}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "taken"}}
    api.create(
        {**binding, "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "taken"}, "subjects": [subject]}
    )
    theirs = as_token_of(kubeconfig, api.token("taken", "follower"), tmp_path / "kubeconfig")

    def is_allowed() -> bool:
        return "one" in {each.metadata.name for each in ClusterSource(str(theirs)).load(Silent()).network_policies}

    until(is_allowed, "the binding counts")
    with followed(theirs, 2) as wait:
        wait(lambda turn: names(turn, "taken") == {"one"})
        api.delete(f"/apis/{group}/v1/clusterrolebindings/taken")
        turn = wait(lambda turn: names(turn, "taken") == set())
        assert any("NetworkPolicy objects" in gap.reason and gap.scope is not None for gap in turn.snapshot.gaps)


def test_following_is_told_apart_from_trouble(api: Api, kubeconfig: Path) -> None:
    api.create(namespace("calm"))
    news: SimpleQueue[News] = SimpleQueue()
    held = Held(POLICIES, "calm", Listing(version=""))
    watch = Watch(connect(str(kubeconfig), None), held, WatchSettings(500, 30, lambda: 0.0, 1), news.put)
    watch.start()
    try:
        # The stream ends by itself, twice or more, before anything happens.
        Event().wait(2.6)
        api.create(policy("calm", "late", "Ingress"))
        first = news.get(timeout=PATIENCE)
        assert not isinstance(first, Troubled)
        assert isinstance(first, Put)
    finally:
        watch.stop()
        watch.join()
