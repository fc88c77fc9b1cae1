"""The conformance suite on a real API server: its namespaces, its policies, and what a killed run leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firedoor.adapters.cluster.scratch import ScratchNamespaces
from firedoor.bootstrap import new_scratch_prefix, open_scratch
from firedoor.cli.conformance import clean_up_conformance, run_conformance
from firedoor.engine.conformance.sites import SITES
from firedoor.engine.conformance.suite import SUITE
from firedoor.engine.conformance.world import World
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.interfaces import Progress
from firedoor.model.places import ObjectRef
from firedoor.model.probing import Outcome, Probe, ProbeSite, Sighting, Stand
from tests.lab.api import Api, as_token_of
from tests.lab.long_runs import IS_LONG_RUN
from tests.reference.networkpolicy import Connection, Options, Verdict, decide, pods

LISTS = "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies"
NODES: list[dict[str, Any]] = [
    {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{number}"},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "addresses": [{"type": "InternalIP", "address": f"10.0.0.{number + 1}"}],
        },
    }
    for number in range(2)
]


def policy(namespace: str, name: str = "deny", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"podSelector": {}, **spec},
    }


@pytest.fixture
def scratch(api: Api, kubeconfig: Path) -> Iterator[ScratchNamespaces]:
    """Return what makes namespaces; what a test has left is deleted, and nobody waits until it is gone."""
    with open_scratch(str(kubeconfig), None) as scratch:
        yield scratch
        for name in scratch._made:
            assert api.send("DELETE", f"/api/v1/namespaces/{name}")[0] in {200, 409}


def is_there(api: Api, namespace: str) -> bool:
    return api.send("GET", f"/api/v1/namespaces/{namespace}")[0] == 200


def test_every_policy_of_every_case_is_one_that_the_server_takes(api: Api, scratch: ScratchNamespaces) -> None:
    prefix = new_scratch_prefix()
    stands = {each.key: Stand(each.name, "node", (f"10.8.0.{at}",)) for at, each in enumerate(SITES, 1)}
    world = World(prefix, (), stands)
    for space in "xyz":
        scratch.make(world.namespace(space), {})
    for case in SUITE:
        for stage in case.stages:
            for each in world.policies(stage):
                code, content, warnings = api.judged(each)
                assert code == 201, (case.name, content)
                assert not warnings, case.name


def test_a_namespace_is_made_with_its_labels_and_removed_with_all_in_it(api: Api, scratch: ScratchNamespaces) -> None:
    name = f"{new_scratch_prefix()}-x"
    scratch.make(name, {"team": "red"})
    scratch.put(policy(name))
    scratch.put(policy(name, ingress=[{}]))
    labels = api.send("GET", f"/api/v1/namespaces/{name}")[1]["metadata"]["labels"]
    (found,) = api.send("GET", LISTS.format(name))[1]["items"]
    assert (labels["team"], labels["firedoor.dev/probe"]) == ("red", "conformance")
    assert labels["pod-security.kubernetes.io/enforce"] == "privileged"
    assert found["spec"]["ingress"] == [{}]
    scratch.remove(found)
    scratch.remove(found)
    assert api.send("GET", LISTS.format(name))[1]["items"] == []
    scratch.close()
    assert not is_there(api, name)


def test_labels_are_set_and_taken_away(api: Api, scratch: ScratchNamespaces) -> None:
    name = f"{new_scratch_prefix()}-y"
    scratch.make(name, {"team": "blue"})
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": name, "labels": {"app": "web", "tier": "front"}},
        "spec": {"containers": [{"name": "main", "image": "none"}]},
    }
    api.create(pod)
    scratch.relabel(ObjectRef("Pod", name, "web"), {"app": "db", "tier": None})
    scratch.relabel(ObjectRef("Namespace", "", name), {"team": None, "zone": "a"})
    space = api.send("GET", f"/api/v1/namespaces/{name}")[1]["metadata"]["labels"]
    assert api.send("GET", f"/api/v1/namespaces/{name}/pods/web")[1]["metadata"]["labels"] == {"app": "db"}
    assert (space.get("team"), space["zone"], space["firedoor.dev/probe"]) == (None, "a", "conformance")
    with pytest.raises(WriteRefusedError, match=r"the labels of Pod .*/nobody cannot be changed"):
        scratch.relabel(ObjectRef("Pod", name, "nobody"), {"app": "x"})
    api.delete(f"/api/v1/namespaces/{name}/pods/web?gracePeriodSeconds=0")


def test_what_the_server_refuses_is_told_in_its_words(scratch: ScratchNamespaces) -> None:
    name = f"{new_scratch_prefix()}-z"
    scratch.make(name, {})
    with pytest.raises(WriteRefusedError, match=r"the server refuses NetworkPolicy .*/deny: .*policyTypes"):
        scratch.put(policy(name, policyTypes=["Sideways"]))
    with pytest.raises(WriteRefusedError, match=r"not found"):
        scratch.put(policy(f"{name}-gone"))


def test_a_namespace_that_is_there_already_is_not_taken_over(api: Api, scratch: ScratchNamespaces) -> None:
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "conformance-kept"}})
    with pytest.raises(SourceError, match=r"the namespace conformance-kept cannot be made: .*already exists"):
        scratch.make("conformance-kept", {})
    scratch.close()
    assert is_there(api, "conformance-kept")


def test_who_may_not_is_told_so(api: Api, kubeconfig: Path, tmp_path: Path) -> None:
    config = as_token_of(kubeconfig, api.token("default", "default"), tmp_path / "config")
    with open_scratch(str(config), None) as scratch:
        with pytest.raises(SourceError, match=r"cannot be made: .*forbidden"):
            scratch.make(f"{new_scratch_prefix()}-x", {})
        with pytest.raises(SourceError, match=r"the nodes cannot be read: .*forbidden"):
            scratch.nodes()
        with pytest.raises(SourceError, match=r"these namespaces are left: kube-public .*kubectl delete namespace -l"):
            scratch.remove_namespaces(["kube-public"])
        scratch.close()


_MAKER = """
import sys, time
from firedoor.bootstrap import new_scratch_prefix, open_scratch
with open_scratch(sys.argv[1], None) as scratch:
    name = new_scratch_prefix() + "-x"
    scratch.make(name, {})
    print(name, flush=True)
    time.sleep(600)
"""


def test_what_a_killed_run_leaves_is_found_and_removed(api: Api, kubeconfig: Path) -> None:
    api.create(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "conformance-other", "labels": {"firedoor.dev/probe": "conformance"}},
        }
    )
    maker = subprocess.Popen(
        [sys.executable, "-c", _MAKER, str(kubeconfig)], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert maker.stdout is not None
    name = maker.stdout.readline().strip()
    maker.send_signal(signal.SIGKILL)
    maker.wait()
    maker.stdout.close()
    assert is_there(api, name)
    assert name in clean_up_conformance(str(kubeconfig), None)
    assert not is_there(api, name)
    # Its name does not say that it was made by a run.
    assert is_there(api, "conformance-other")
    api.delete("/api/v1/namespaces/conformance-other")


class _Stand:
    """Pods that nothing runs: what passes between them is worked out from what the server has, by the reference."""

    def __init__(self, api: Api, number: int, options: Options) -> None:
        self._api = api
        self._number = number
        self._options = options
        self._sites: list[ProbeSite] = []
        self._stands: dict[int, Stand] = {}

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> Mapping[int, str]:
        self._sites = list(sites)
        for at, site in enumerate(sites):
            progress.step("pods", at, len(sites))
            name = f"{site.workload.name}-{self._number}"
            host = int(site.node.rpartition("-")[2]) + 1
            address = f"10.0.0.{host}" if site.host_network else f"10.8.{self._number}.{at + 1}"
            ports = [{"name": each[0], "protocol": each[1], "containerPort": each[2]} for each in site.ports]
            manifest = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": site.namespace, "labels": site.labels},
                "spec": {
                    "hostNetwork": site.host_network,
                    "containers": [{"name": "main", "image": "none", "ports": ports}],
                },
            }
            self._api.create(manifest)
            path = f"/api/v1/namespaces/{site.namespace}/pods/{name}"
            found = self._api.send("GET", path)[1]
            status = {**found["status"], "phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}
            assert self._api.send("PUT", f"{path}/status", {**found, "status": status})[0] == 200
            self._stands[at] = Stand(name, site.node, (address,))
        return {}

    def stands(self) -> Mapping[int, Stand]:
        return self._stands

    def run(self, probes: Iterable[Probe]) -> Iterator[Sighting]:
        cluster = self._cluster()
        known = {(each.namespace, each.name): each for each in pods(cluster)}
        for probe in probes:
            source, destination = (
                known[self._sites[at].namespace, self._stands[at].pod] for at in (probe.source, probe.destination)
            )
            verdict = decide(cluster, Connection(source, destination, probe.protocol, probe.port), self._options)
            yield Sighting(probe, Outcome.CONNECTED if verdict is Verdict.ACCEPTED else Outcome.REFUSED)

    def close(self) -> None:
        for at, each in self._stands.items():
            path = f"/api/v1/namespaces/{self._sites[at].namespace}/pods/{each.pod}?gracePeriodSeconds=0"
            assert self._api.send("DELETE", path)[0] == 200
        self._stands = {}

    def _cluster(self) -> list[dict[str, Any]]:
        spaces = sorted({each.namespace for each in self._sites})
        found = list(NODES)
        for name in spaces:
            space = self._api.send("GET", f"/api/v1/namespaces/{name}")[1]
            found.append({"apiVersion": "v1", "kind": "Namespace", **space})
        for kind, version, path in (
            ("Pod", "v1", "/api/v1/namespaces/{}/pods"),
            ("NetworkPolicy", "networking.k8s.io/v1", LISTS),
        ):
            for name in spaces:
                items = self._api.send("GET", path.format(name))[1]["items"]
                found += [{"apiVersion": version, "kind": kind, **each} for each in items]
        nodes = {(self._sites[at].namespace, each.pod): each.node for at, each in self._stands.items()}
        for each in found:
            # Not on the server, which would delete pods of nodes that it does not have.
            if each["kind"] == "Pod":
                key = each["metadata"]["namespace"], each["metadata"]["name"]
                each["spec"]["nodeName"] = nodes.get(key, "node-0")
        return found


@pytest.mark.skipif(
    not IS_LONG_RUN, reason="takes half a minute: runs with FIREDOOR_LAB=node, and the thorough profile"
)
@pytest.mark.slow
def test_the_whole_suite_with_what_a_real_server_keeps(
    api: Api, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = iter(range(1, 10))

    @contextmanager
    def prober() -> Iterator[_Stand]:
        stand = _Stand(api, next(numbers), Options(ipblock_matches_pods=True))
        yield stand
        stand.close()

    # The server has none, and would delete one that nothing runs.
    monkeypatch.setattr(ScratchNamespaces, "nodes", lambda _self: NODES)
    with pytest.raises(SystemExit) as ended:
        run_conformance(str(kubeconfig), None, prober, 0.0, "calico", "json")
    document = json.loads(capsys.readouterr().out)
    failed = [each["name"] for each in document["cases"] if each["status"] in {"fails", "unchecked"}]
    assert (failed, ended.value.code) == ([], 0)
    assert document["holds"]
    assert "calico" in document["profiles"]["best"]
    spaces = [each["metadata"]["name"] for each in api.send("GET", "/api/v1/namespaces")[1]["items"]]
    assert not [each for each in spaces if each.startswith("firedoor-conformance-")]


_RUN = """
import sys
from contextlib import contextmanager
from firedoor.cli.conformance import run_conformance
from firedoor.adapters.cluster.scratch import ScratchNamespaces
from tests.lab.test_conformance import NODES
ScratchNamespaces.nodes = lambda _self: NODES
@contextmanager
def prober():
    print("made", flush=True)
    import time
    time.sleep(600)
    yield
run_conformance(sys.argv[1], None, prober, 0.0, "", "text")
"""


def test_runs_that_are_interrupted_remove_their_namespaces(api: Api, kubeconfig: Path) -> None:
    def left() -> list[str]:
        found = api.send("GET", "/api/v1/namespaces?labelSelector=firedoor.dev/probe%3Dconformance")[1]["items"]
        # Those of other tests may be on their way out.
        return [each["metadata"]["name"] for each in found if each["status"]["phase"] == "Active"]

    before = left()
    runs = [
        subprocess.Popen([sys.executable, "-c", _RUN, str(kubeconfig)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "made\n"
    made = set(left()) - set(before)
    assert len(made) == 6
    for run, number in zip(runs, (signal.SIGINT, signal.SIGTERM), strict=True):
        run.send_signal(number)
    for run in runs:
        assert run.wait() != 0
        assert run.stdout is not None
        run.stdout.close()
    assert not any(is_there(api, name) for name in made)
