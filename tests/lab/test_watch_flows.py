"""``firedoor watch --flows`` as a person runs it: flows of pods of a real API server, in files that are rotated."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.lab.api import Api, Manifest, until
from tests.lab.test_watch_command import deny, deployment, namespace, running

LEARNED = ("--flows-format", "hubble", "--learn", "0s")


def pod(home: str, name: str, address: str) -> Manifest:
    # One on a node that is not there would be collected.
    spec = {"containers": [{"name": "a", "image": "a:1", "ports": [{"containerPort": 80}]}]}
    metadata = {"name": name, "namespace": home, "labels": {"app": name}}
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def run_pods(api: Api, home: str, network: int, *names: str) -> dict[str, str]:
    """Make pods with addresses, as their kubelet would report them."""
    until(
        lambda: api.send("GET", f"/api/v1/namespaces/{home}/serviceaccounts/default")[0] == 200,
        f"the account {home}/default",
    )
    addresses = {}
    for number, name in enumerate(names, 1):
        manifest = pod(home, name, f"10.77.{network}.{number}")
        api.create(manifest)
        report = partial(dict.update, status=manifest["status"])
        api.changed(f"/api/v1/namespaces/{home}/pods/{name}", report, "/status")
        addresses[name] = manifest["status"]["podIP"]
    return addresses


def flow(source: str, destination: str, port: int, *, verdict: str = "DROPPED", side: str = "INGRESS") -> str:
    """Return a flow as Hubble's exporter writes it, of ends of which it knows the addresses only."""
    told: dict[str, Any] = {
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "verdict": verdict,
        "IP": {"source": source, "destination": destination, "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": port, "destination_port": 80, "flags": {"SYN": True}}},
        "source": {},
        "destination": {},
        "Type": "L3_L4",
        "node_name": "n1",
        "event_type": {"type": 5},
        "traffic_direction": side,
        "is_reply": False,
    }
    if verdict == "DROPPED":
        told |= {"drop_reason_desc": "POLICY_DENIED", "event_type": {"type": 1, "sub_type": 133}}
    return json.dumps({"flow": told, "node_name": "n1", "time": told["time"]}) + "\n"


def append(path: Path, *lines: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(lines))


def ready(run: Any) -> None:
    """Wait until the watch has read the cluster, and so has begun with the files."""
    assert run.process.stderr is not None
    place = run.process.stderr.readline().removeprefix("metrics at ").strip().removesuffix("/metrics")
    from tests.lab.test_watch_command import is_ready  # noqa: PLC0415

    until(lambda: is_ready(place), "the watch is ready")


def events_of(run: Any, kind: str, home: str) -> list[dict[str, Any]]:
    return [each for each in run.events if each["kind"] == kind and each["object"]["namespace"] == home]


def test_a_denial_is_told_with_its_policy_through_rotations_and_restarts_and_once(
    api: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    home = "flows-denied"
    api.create(namespace(home))
    ip = run_pods(api, home, 1, "web", "db", "job")
    api.create(deny(home))
    log, state = tmp_path / "flows.log", tmp_path / "state"
    log.write_text(flow(ip["job"], ip["web"], 1), encoding="utf-8")
    with running(kubeconfig, state, "--flows", str(log), *LEARNED, "--metrics", "127.0.0.1:0") as run:
        ready(run)
        append(log, flow(ip["web"], ip["db"], 2))
        event = run.wait("connection-denied", home)
        assert event["object"] == {"kind": "Pod", "namespace": home, "name": "db"}
        assert event["message"].startswith(f"denied: {home}/web -> {home}/db TCP/80, 1 connection: ")
        assert f"NetworkPolicy {home}/deny" in event["message"]
        assert any("/networkpolicies/deny" in each for each in event["evidence"]), event["evidence"]
        # What was in the file before is not told; it goes on in another file of that name.
        log.rename(tmp_path / "flows.log.1")
        append(tmp_path / "flows.log.1", flow(ip["db"], ip["web"], 3))
        append(log, flow(ip["job"], ip["db"], 4))
        until(lambda: len(events_of(run, "connection-denied", home)) == 3, "those of both files")
    # While nobody looks the file is rotated again.
    append(log, flow(ip["db"], ip["job"], 5))
    log.rename(tmp_path / "flows.log.1")
    append(log, flow(ip["web"], ip["job"], 6), flow("10.99.99.99", ip["db"], 7)[:100])
    with running(kubeconfig, state, "--flows", str(log), *LEARNED) as run:
        until(lambda: len(events_of(run, "connection-denied", home)) == 2, "those of in between")
        time.sleep(2)
        denied = [each["message"] for each in run.events if each["kind"] == "connection-denied"]
        told = [each.partition(":")[2].partition(",")[0] for each in denied]
        assert sorted(told) == [f" {home}/db -> {home}/job TCP/80", f" {home}/web -> {home}/job TCP/80"]


def test_nobody_is_guessed_behind_an_address(api: Api, kubeconfig: Path, tmp_path: Path) -> None:
    home = "flows-nobody"
    api.create(namespace(home))
    ip = run_pods(api, home, 2, "db")
    log = tmp_path / "later.log"
    with running(kubeconfig, tmp_path / "state", "--flows", str(log), "--metrics", "127.0.0.1:0") as run:
        ready(run)
        until(lambda: any(str(log) in each["message"] for each in run.events), "that the file is missing")
        append(log, flow("10.99.99.99", ip["db"], 1), "no flow\n")
        event = run.wait("connection-denied", home)
        assert "10.99.99.99 belongs to nobody that is known" in event["message"]
        assert event["severity"] == "low"
        until(lambda: any(each["kind"] == "following-works" for each in run.events), "that it is there")
        assert run.process.stderr is not None
        assert "1 line is malformed" in run.process.stderr.readline()


def test_what_is_new_is_told_and_no_contradiction_of_policies_that_may_be_new(
    api: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    home = "flows-new"
    api.create(namespace(home))
    api.create(deployment(home, "other"))
    ip = run_pods(api, home, 3, "web", "db")
    api.create(deny(home))
    log = tmp_path / "flows.log"
    log.write_text("", encoding="utf-8")
    with running(kubeconfig, tmp_path / "state", "--flows", str(log), *LEARNED, "--metrics", "127.0.0.1:0") as run:
        ready(run)
        append(log, flow(ip["web"], ip["db"], 2, verdict="FORWARDED"))
        event = run.wait("connection-unseen", home)
        assert event["message"] == f"not seen before: {home}/web -> {home}/db TCP/80, 1 connection"
        # Nothing is told of what may be from before the policies that the watch has begun with.
        assert not events_of(run, "enforcement-contradicts", home)
