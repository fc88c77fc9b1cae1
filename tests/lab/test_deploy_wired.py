"""
The chart with sinks, flows and the rule `used` on a real API server: what its pods are given is enough for all of it.

There is no kubelet: what a container is given (files of Secrets and ConfigMaps, variables, arguments) is read from the
API server as the kubelet would, and firedoor runs with that as the account of the pod.
"""

from __future__ import annotations

import base64
import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest
from lab.control_plane import ControlPlane

from tests.adapters.flows.relay.serving import Relay, certificates, relay, tls
from tests.certificates import Authority
from tests.deploy.charting import CHART, INTENTS, Manifest, program, ran
from tests.lab.api import Api, until
from tests.lab.test_deploy import PATIENCE, RESTRICTED, account, answers, moved, started
from tests.lab.test_watch_command import deny, namespace
from tests.lab.test_watch_flows import run_pods
from tests.lab.test_watch_sinks import events
from tests.lab.test_watch_sources import told
from tests.receiving import Receiver, receiving

HOME = "wired"
_TOKEN = "a-token-of-the-tests"
_KEY = "whsec_" + base64.b64encode(bytes(32)).decode()


@dataclass
class Wired:
    """What is installed, and who listens."""

    relay: Relay
    receiver: Receiver
    authority: Authority


def secret(name: str, **files: str | bytes) -> Manifest:
    data = {
        key.replace("_", "."): base64.b64encode(each.encode() if isinstance(each, str) else each).decode()
        for key, each in files.items()
    }
    metadata = {"name": name, "namespace": HOME}
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": data}


@pytest.fixture(scope="module")
def wired(api: Api, plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    """Let helm install it beside a relay and a receiver that listen."""
    program()
    folder, tokens = tmp_path_factory.mktemp("wired"), certificates()
    authority = Authority.make(folder)
    authority.write(folder / "tls.crt", folder / "tls.key")
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME, "labels": RESTRICTED}})
    api.create(secret("soc", token=_TOKEN, key=_KEY, ca_crt=authority.path.read_bytes()))
    pair = {f"tls_{end}": (tokens / f"client.{name}").read_bytes() for end, name in (("crt", "pem"), ("key", "key"))}
    own = {f"tls_{end}": (folder / f"tls.{end}").read_bytes() for end in ("crt", "key")}
    api.create(secret("firedoor-admission-tls", **own))
    api.create(secret("relay-client", ca_crt=(tokens / "ca.pem").read_bytes(), **pair))
    place = "/run/secrets/firedoor/soc"
    with (
        relay(credentials=tls(asks=True)) as asked,
        receiving((folder / "tls.crt", folder / "tls.key")) as receiver,
    ):
        sinks = [
            {
                "name": "soc",
                "type": "webhook",
                "url": receiver.url,
                "secret": {"env": "SOC_KEY"},
                "token": {"file": f"{place}/token"},
                "ca": f"{place}/ca.crt",
            },
            {"name": "cluster", "type": "kubernetes-events"},
        ]
        values = {
            "flows": {
                "hubbleRelay": {
                    "enabled": True,
                    "address": asked.address,
                    "tls": {"enabled": True, "secretName": "relay-client", "clientCertificate": True},
                }
            },
            "watch": {
                "rules": {"sinks": sinks},
                "secrets": [{"name": "soc"}],
                "env": [{"name": "SOC_KEY", "secret": "soc", "key": "key"}],
                "flows": {"otlp": {"enabled": True}, "learn": "1s"},
            },
            "admission": {"intents": INTENTS, "flows": {"enabled": True}, "rules": {"used": "deny"}},
        }
        where = ["--namespace", HOME, "--kubeconfig", str(plane.kubeconfig)]
        done = ran("install", "deployed", str(CHART), *where, values=values)
        assert done.returncode == 0, done.stderr
        for said in ("kubectl get secrets -n wired soc", "--test-sinks", "Flows need the Secret relay-client", ":4318"):
            assert said in done.stdout
        yield Wired(asked, receiver, authority)
        done = ran("uninstall", "deployed", *where)
        assert done.returncode == 0, done.stderr


@dataclass
class Given:
    """What a container is given: arguments that name files which are there, and variables."""

    arguments: list[str]
    environment: dict[str, str]


def given(api: Api, part: str, name: str, folder: Path) -> Given:
    """Return what a container of a part is given, with its volumes as folders below a folder."""
    status, found, _ = api.send("GET", f"/apis/apps/v1/namespaces/{HOME}/deployments/deployed-firedoor-{part}")
    assert status == HTTPStatus.OK
    spec = found["spec"]["template"]["spec"]
    container = next(each for each in spec["containers"] if each["name"] == name)
    volumes = {each["name"]: each for each in spec["volumes"]}
    arguments: list[str] = container["args"]
    texts: dict[Path, bytes] = {}
    moves = [(each["mountPath"], folder / each["name"]) for each in container["volumeMounts"]]
    for mount, (old, place) in zip(container["volumeMounts"], moves, strict=True):
        place.mkdir(exist_ok=True)
        texts |= {place / file: content for file, content in files(api, volumes[mount["name"]]).items()}
        arguments = [each.replace(f"={old}/", f"={place}/") for each in arguments]
    # Files of the container name others.
    for old, new in moves:
        texts = {path: each.replace(f"{old}/".encode(), f"{new}/".encode()) for path, each in texts.items()}
    for path, content in texts.items():
        path.write_bytes(content)
    environment = {}
    for each in container.get("env", []):
        source = each["valueFrom"]["secretKeyRef"]
        environment[each["name"]] = secret_data(api, source["name"])[source["key"]].decode()
    return Given(arguments, environment)


def files(api: Api, volume: Manifest) -> dict[str, bytes]:
    if "secret" in volume:
        return secret_data(api, volume["secret"]["secretName"])
    if "configMap" in volume:
        path = f"/api/v1/namespaces/{HOME}/configmaps/{volume['configMap']['name']}"
        return {key: each.encode() for key, each in api.send("GET", path)[1]["data"].items()}
    return {}


def secret_data(api: Api, name: str) -> dict[str, bytes]:
    status, found, _ = api.send("GET", f"/api/v1/namespaces/{HOME}/secrets/{name}")
    assert status == HTTPStatus.OK, name
    return {key: base64.b64decode(each) for key, each in found["data"].items()}


def test_watch_has_what_its_sinks_and_its_flows_need(
    api: Api, plane: ControlPlane, wired: Wired, tmp_path: Path
) -> None:
    home = "wired-shop"
    api.create(namespace(home))
    ip = run_pods(api, home, 8, "web", "db")
    api.create(deny(home))
    has = given(api, "watch", "firedoor", tmp_path)
    here = {"0.0.0.0:9464": "127.0.0.1:0", "0.0.0.0:4318": "127.0.0.1:0"}
    kubeconfig = account(api, plane, HOME, "watch", tmp_path)
    asked = len(wired.relay.requests)
    with started(moved(has.arguments, here), kubeconfig, environment=has.environment) as process:
        until(lambda: len(wired.relay.requests) > asked, "that it asks the relay", PATIENCE)
        wired.relay.tell(told(ip["web"], ip["db"], 1))

        def sent() -> list[Manifest]:
            found = [each.document for each in list(wired.receiver.requests)]
            return [
                each for each in found if (each["kind"], each["object"]["namespace"]) == ("connection-denied", home)
            ]

        until(lambda: bool(sent()), "the event at the receiver", PATIENCE)
        until(lambda: bool(events(api, home)), "the event in the cluster", PATIENCE)
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert {"following-fails"}.isdisjoint(json.loads(line)["kind"] for line in out.splitlines())
    assert "sink" not in said
    headers = {key.lower(): each for key, each in wired.receiver.requests[-1].headers.items()}
    assert headers["authorization"] == f"Bearer {_TOKEN}"
    assert headers["webhook-signature"].startswith("v1,")


def test_its_sinks_can_be_tried_with_what_the_pod_has(
    api: Api, plane: ControlPlane, wired: Wired, tmp_path: Path
) -> None:
    has = given(api, "watch", "firedoor", tmp_path)
    rules = next(each for each in has.arguments if each.startswith("--rules="))
    kubeconfig = account(api, plane, HOME, "watch", tmp_path)
    with started(["watch", rules, "--test-sinks"], kubeconfig, environment=has.environment) as process:
        out, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "soc (webhook): took it\ncluster (kubernetes-events): took it\n")
    assert wired.receiver.requests


def test_the_webhook_judges_by_flows_that_the_container_beside_it_takes(
    api: Api, plane: ControlPlane, wired: Wired, tmp_path: Path
) -> None:
    taking, judging = (given(api, "admission", name, tmp_path) for name in ("flows", "firedoor"))
    (store,) = {each for part in (taking, judging) for each in part.arguments if each.startswith("--store=")}
    seen, sent = len(wired.relay.requests), told("10.77.9.1", "10.77.9.2", 7)
    with started(taking.arguments, None) as process:
        until(lambda: len(wired.relay.requests) > seen, "that it asks", PATIENCE)
        wired.relay.tell(sent)
        wired.relay.wait_for(sent)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    query = [sys.executable, "-m", "firedoor", "flows", "status", store, "-o", "json"]
    done = subprocess.run(query, capture_output=True, text=True, check=True)
    assert [each["cluster"] for each in json.loads(done.stdout)["sources"]] == ["default"]
    kubeconfig = account(api, plane, HOME, "admission", tmp_path)
    with started(moved(judging.arguments, {"0.0.0.0:8443": "127.0.0.1:0"}), kubeconfig) as process:
        assert process.stderr is not None
        lines: list[str] = []
        while not (lines and "/validate" in lines[-1]):
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        url = lines[-1].rpartition(" ")[2].strip().removesuffix("/validate")
        context = ssl.create_default_context(cafile=str(wired.authority.path))
        until(answers(f"{url}/readyz", context), "the webhook is ready", PATIENCE)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_its_pods_are_taken_where_only_restricted_ones_are(api: Api, wired: Wired) -> None:
    assert wired.relay.port

    def parts() -> list[str]:
        pods = api.send("GET", f"/api/v1/namespaces/{HOME}/pods")[1]["items"]
        return sorted(each["metadata"]["labels"]["app.kubernetes.io/component"] for each in pods)

    until(lambda: parts() == ["admission", "admission", "watch"], "the pods of both parts", PATIENCE)
