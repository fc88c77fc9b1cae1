"""The webhook registered with a real API server: what is refused, what is warned of, and what happens without it."""

from __future__ import annotations

import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from lab.control_plane import ControlPlane
from lab.places import binaries, missing

from firedoor.cli.main import cli
from tests.certificates import Authority
from tests.cli.test_apply_denied import bring, flow
from tests.lab.api import Api, Manifest, collection, until

HOME = "admitted"
PATIENCE = 120
LATE = ("context deadline exceeded", "handshake timeout")
"""What the server says of a webhook that it did not wait for any longer."""
INTENTS = f"""
apiVersion: firedoor.dev/v1alpha1
kind: Intents
intents:
- {{name: nobody gets to the database, only-these: {{from: [], to: {HOME}/db}}}}
"""
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


def deployment(name: str) -> Manifest:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": HOME}, "spec": spec}


def policy(name: str, app: str, **spec: Any) -> Manifest:
    whole = {"podSelector": {"matchLabels": {"app": app}}, "policyTypes": ["Ingress"], **spec}
    metadata = {"name": name, "namespace": HOME}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": whole}


class Patient(Api):
    """An API server that is asked again where it gave up on the webhook: a busy machine answers late."""

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any, list[str]]:
        end = time.monotonic() + PATIENCE
        while True:
            found = super().send(method, path, body)
            told = str(found[1].get("message", "")) if found[0] == HTTPStatus.INTERNAL_SERVER_ERROR else ""
            if not any(each in told for each in LATE) or time.monotonic() > end:
                return found


class Webhook:
    """A webhook in a process of its own."""

    def __init__(self, kubeconfig: Path, folder: Path, *options: str) -> None:
        self.folder = folder
        self.authority = Authority.make(folder)
        self.authority.write(folder / "tls.crt", folder / "tls.key")
        (folder / "intents.yaml").write_text(INTENTS)
        command = [sys.executable, "-m", "firedoor", "admission", "serve", "--listen", "127.0.0.1:0"]
        files = ["--tls-cert", str(folder / "tls.crt"), "--tls-key", str(folder / "tls.key")]
        self.process = subprocess.Popen(
            [*command, *files, "--assert", str(folder / "intents.yaml"), "--kubeconfig", str(kubeconfig), *options],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.url = self.process.stderr.readline().rpartition(" ")[2].strip()

    def registration(self, failure_policy: str, name: str) -> Manifest:
        """Return the object that the command prints, under a name of its own."""
        options = ["--url", self.url, "--ca-file", str(self.authority.path), "--failure-policy", failure_policy]
        result = CliRunner().invoke(cli, ["admission", "manifests", *options], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        found: Manifest = yaml.safe_load(result.stdout)
        found["metadata"]["name"] = name
        return found

    def is_ready(self) -> bool:
        """Return whether it has read the cluster: until then it refuses everything."""
        context = ssl.create_default_context(cafile=str(self.authority.path))
        try:
            with urllib.request.urlopen(self.url.replace("/validate", "/readyz"), timeout=5, context=context):  # noqa: S310
                return True
        except OSError:
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


@contextmanager
def registered(api: Api, kubeconfig: Path, folder: Path, name: str, *options: str) -> Iterator[Webhook]:
    """Register a webhook that fails closed, on a cluster whose database nobody gets to."""
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}})
    api.create(deployment("db"))
    api.create(policy("db", "db"))
    webhook = Webhook(kubeconfig, folder, *options)
    try:
        until(webhook.is_ready, "the webhook is ready", PATIENCE)
        status, content, _ = api.send("POST", WEBHOOKS, webhook.registration("Fail", name))
        assert status == HTTPStatus.CREATED, content

        def knows() -> bool:
            return api.judged(policy("open", "db", ingress=[{}]))[0] == HTTPStatus.FORBIDDEN

        until(knows, "the webhook is asked", PATIENCE)
        yield webhook
    finally:
        api.send("DELETE", f"{WEBHOOKS}/{name}")
        webhook.kill()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Start a control plane that nobody else has: policies of others could make every verdict unknown."""
    if missing():
        pytest.skip(f"no {', '.join(missing())} in {binaries()}: `python -m lab build` makes them (Go 1.26, minutes)")
    plane = ControlPlane(tmp_path_factory.mktemp("admission") / "run")
    plane.up(lambda _text: None)
    yield plane
    plane.down()


@pytest.fixture(scope="module")
def api(own: ControlPlane) -> Api:
    """Return its API server."""
    return Patient(own.kubeconfig)


@pytest.fixture(scope="module")
def webhook(api: Api, own: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """Return a webhook that the API server asks."""
    with registered(api, own.kubeconfig, tmp_path_factory.mktemp("webhook"), "firedoor-admission") as webhook:
        yield webhook


def test_a_policy_that_breaks_an_intent_is_refused_and_one_that_does_not_is_taken(api: Api, webhook: Webhook) -> None:
    assert webhook.process.poll() is None
    status, content, _ = api.judged(policy("open", "db", ingress=[{}]))
    assert status == HTTPStatus.FORBIDDEN
    message = content["message"]
    assert 'admission webhook "admission.firedoor.dev" denied the request' in message
    assert "intent 'nobody gets to the database' (only-these) would no longer hold" in message
    assert api.judged(policy("other", "web", ingress=[{}]))[0] == HTTPStatus.CREATED
    status, content, _ = api.send("DELETE", f"{collection(policy('db', 'db'))}/db?dryRun=All")
    assert (status, "nobody gets to the database" in content["message"]) == (HTTPStatus.FORBIDDEN, True)


def test_warnings_reach_whoever_asked(api: Api, webhook: Webhook) -> None:
    assert webhook.process.poll() is None
    status, _, warnings = api.judged(deployment("bare"))
    assert status == HTTPStatus.CREATED
    assert any("no NetworkPolicy selects the pods of Deployment admitted/bare" in each for each in warnings)
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": HOME}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "all"}}
    status, _, warnings = api.judged({**binding, "roleRef": role, "subjects": [subject]})
    assert status == HTTPStatus.CREATED
    assert any("critical" in each for each in warnings)
    assert api.judged({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": HOME}})[2] == []


def test_it_judges_by_the_cluster_as_it_is(api: Api, webhook: Webhook) -> None:
    assert webhook.process.poll() is None
    api.create(policy("web", "late"))

    def is_known() -> bool:
        return not any("late" in each for each in api.judged(deployment("late"))[2])

    until(is_known, "the new policy counts", PATIENCE)
    api.delete(f"{collection(policy('web', 'late'))}/web")
    until(lambda: not is_known(), "the policy that is gone counts no longer", PATIENCE)


def test_new_certificates_are_taken_and_without_it_closed_is_closed(
    api: Api, own: ControlPlane, tmp_path: Path
) -> None:
    name = "another-admission"
    with registered(api, own.kubeconfig, tmp_path, name) as webhook:
        webhook.authority.write(tmp_path / "tls.crt", tmp_path / "tls.key")
        status, content, _ = api.judged(policy("open", "db", ingress=[{}]))
        assert status == HTTPStatus.FORBIDDEN, content["message"]
        assert webhook.stop() == 0

        def is_closed() -> bool:
            status, content, _ = api.judged(deployment("bare"))
            return status == HTTPStatus.INTERNAL_SERVER_ERROR and "failed calling webhook" in content["message"]

        # Another webhook may have refused the policy before this one was asked.
        until(is_closed, "closed is closed", PATIENCE)
        # Those that it must never lock anybody out of stay open.
        system = deployment("bare")
        system["metadata"]["namespace"] = "kube-system"
        assert api.judged(system)[0] == HTTPStatus.CREATED
        api.delete(f"{WEBHOOKS}/{name}")
        status, content, _ = api.send("POST", WEBHOOKS, webhook.registration("Ignore", name))
        assert status == HTTPStatus.CREATED, content
        until(lambda: api.judged(deployment("bare"))[0] == HTTPStatus.CREATED, "open is open", PATIENCE)


def test_a_policy_that_cuts_what_was_used_is_refused_with_when_and_what_denies_it(
    api: Api, own: ControlPlane, tmp_path: Path
) -> None:
    seen = flow("FORWARDED", f"{HOME}/client", f"{HOME}/served", timedelta(hours=1))
    old = flow("FORWARDED", f"{HOME}/client", f"{HOME}/formerly", timedelta(days=9))
    old["flow"]["l4"]["TCP"]["source_port"] = 40001
    for each in (seen, old):
        for end in ("source", "destination"):
            each["flow"][end]["workloads"][0]["kind"] = "Deployment"
    bring(tmp_path, seen, old)
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}})
    for name in ("client", "served", "formerly"):
        api.create(deployment(name))
    options = ("--flows", "--store", str(tmp_path / "flows"), "--used-within", "7d", "--rule", "used=deny")
    with registered(api, own.kubeconfig, tmp_path, "used-admission", *options):

        def told() -> tuple[int, str]:
            status, content, _ = api.judged(policy("cut", "served"))
            return status, content.get("message", "")

        until(lambda: "would be cut" in told()[1], "the webhook is asked", PATIENCE)
        status, message = told()
        assert status == HTTPStatus.FORBIDDEN
        what = f"Deployment {HOME}/client -> Deployment {HOME}/served TCP/80 (once, last "
        assert f"1 connection that was used would be cut: {what}" in message
        assert f"denied by NetworkPolicy {HOME}/cut" in message
        assert api.judged(policy("cut", "formerly"))[0] == HTTPStatus.CREATED
        assert api.judged(policy("cut", "served", ingress=[{}]))[0] == HTTPStatus.CREATED
