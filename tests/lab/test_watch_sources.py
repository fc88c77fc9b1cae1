"""Those who tell flows to ``firedoor watch`` besides files, as a person runs it, of pods of a real API server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.adapters.flows.goldmane.serving import begin, goldmane
from tests.adapters.flows.goldmane.serving import flow as step
from tests.adapters.flows.otlp.messages import Response, request
from tests.adapters.flows.relay.serving import certificates, message, relay, tls
from tests.lab.api import Api, until
from tests.lab.test_watch_command import Run, deny, namespace, running
from tests.lab.test_watch_flows import events_of, flow, ready, run_pods
from tests.receiving import free_port

LEARNED = ("--learn", "0s")


def told(source: str, destination: str, port: int) -> Any:
    """Return a flow as a relay tells it."""
    document = json.loads(flow(source, destination, port))
    document["flow"] |= {"uuid": str(uuid4())}
    return message(document)


@contextmanager
def watching(kubeconfig: Path, state: Path, *options: str) -> Iterator[Run]:
    """Yield a watch that has read the cluster, and so has begun to follow."""
    with running(kubeconfig, state, *options, *LEARNED, "--metrics", "127.0.0.1:0") as run:
        ready(run)
        yield run


def test_a_relay_tells_denials_through_breaks_and_restarts_and_once(api: Api, kubeconfig: Path, tmp_path: Path) -> None:
    home = "relay-denied"
    api.create(namespace(home))
    ip = run_pods(api, home, 4, "web", "db", "job")
    api.create(deny(home))
    folder, state = certificates(), tmp_path / "state"
    client = ("--tls-client-cert-file", f"{folder}/client.pem", "--tls-client-key-file", f"{folder}/client.key")
    name = ("--tls-ca-cert-files", f"{folder}/ca.pem", "--tls-server-name", "instance.hubble-relay.cilium.io")
    with relay(told(ip["job"], ip["web"], 1), credentials=tls(asks=True)) as server:
        options = ("--hubble-relay", server.address, *client, *name)
        with watching(kubeconfig, state, *options) as run:
            until(lambda: bool(server.requests), "that it asks the relay")
            server.tell(told(ip["web"], ip["db"], 2))
            event = run.wait("connection-denied", home)
            assert event["message"].startswith(f"denied: {home}/web -> {home}/db TCP/80, 1 connection: ")
            server.stop()
            run.wait("following-fails", "")
            server.tell(told(ip["job"], ip["db"], 3))
            server.start(tls(asks=True))
            until(lambda: len(events_of(run, "connection-denied", home)) == 2, "what came while it was away")
            run.wait("following-works", "")
        # While nobody looks nodes see more, and one look is enough for that.
        server.tell(told(ip["db"], ip["job"], 4))
        with running(kubeconfig, state, *options, *LEARNED, "--for", "0s") as run:
            run.process.wait(60)
    denied = [each["message"].partition(",")[0] for each in events_of(run, "connection-denied", home)]
    assert denied == [f"denied: {home}/db -> {home}/job TCP/80"]


def test_a_collector_sends_flows_as_log_records(api: Api, kubeconfig: Path, tmp_path: Path) -> None:
    home = "otlp-denied"
    api.create(namespace(home))
    ip = run_pods(api, home, 5, "web", "db")
    api.create(deny(home))
    port = free_port()
    with watching(kubeconfig, tmp_path / "state", "--flows-otlp", str(port)) as run:
        lines = [flow(ip["web"], ip["db"], 1), "no flow", flow(ip["db"], ip["web"], 2)]
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        content = request(lines).SerializeToString()
        connection.request("POST", "/v1/logs", content, {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert Response.FromString(answer.read()).partial_success.rejected_log_records == 1
        connection.close()
        run.wait("connection-denied", home)
        until(lambda: len(events_of(run, "connection-denied", home)) == 2, "both")


def test_a_goldmane_tells_denials_by_the_names_of_pods(api: Api, kubeconfig: Path, tmp_path: Path) -> None:
    home = "goldmane-denied"
    api.create(namespace(home))
    run_pods(api, home, 6, "web", "db")
    api.create(deny(home))
    with (
        goldmane() as server,
        watching(kubeconfig, tmp_path / "state", "--goldmane", server.address) as run,
    ):
        until(lambda: bool(server.streams), "that it asks")
        # Of steps that are over when it begins it wants none.
        begin()
        ends = step(80, 4, count=3, source_name="web", dest_name="db", source_namespace=home, dest_namespace=home)
        server.tell(ends)
        event = run.wait("connection-denied", home)
    told = f"denied: {home}/web -> {home}/db TCP/80, 3 connections: NetworkPolicy {home}/deny"
    assert event["message"].startswith(told)
