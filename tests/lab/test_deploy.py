"""The chart on a real API server: every object is taken, helm installs it, its accounts may do what firedoor asks."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from threading import Event

import pytest
from lab.control_plane import ControlPlane

from firedoor.adapters.cluster.source import ClusterSource
from firedoor.interfaces import Silent
from firedoor.model.places import GapKind
from tests.certificates import Authority
from tests.deploy.charting import CHART, INTENTS, SETS, Manifest, program, ran, render
from tests.lab.api import Api, as_token_of, until, until_allowed
from tests.lab.custom_resources import baseline, baselines, is_served, reports, uninstall

PATIENCE = 120
RESTRICTED = {f"pod-security.kubernetes.io/{each}": "restricted" for each in ("enforce", "warn")}
READ_ONLY = """
mount --make-rprivate / && mount --bind "$0" "$0" || exit 1
awk '{print $2}' /proc/self/mounts | while read -r place; do
  test "$place" = "$0" || mount -o remount,ro,bind "$place" 2>/dev/null
done
exec "$@"
"""
BUILT_IN = {"v1", "apps/v1", "policy/v1", "admissionregistration.k8s.io/v1", "networking.k8s.io/v1"}


@pytest.fixture(scope="module")
def restricted(api: Api) -> Iterator[str]:
    """Make a namespace that takes restricted pods only."""
    name = "deploying"
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": RESTRICTED}})
    yield name
    api.delete(f"/api/v1/namespaces/{name}")


def is_built_in(manifest: Manifest) -> bool:
    return manifest["apiVersion"] in {*BUILT_IN, "rbac.authorization.k8s.io/v1"}


@pytest.mark.parametrize("name", SETS)
def test_the_server_takes_every_object_and_warns_of_none(api: Api, restricted: str, name: str, tmp_path: Path) -> None:
    values = dict(SETS[name])
    values["rbac"] = {**values.get("rbac", {}), "istioNamespace": restricted}
    if "certificate" in values.get("admission", {}) and not is_asked_for(values):
        bundle = base64.b64encode(Authority.make(tmp_path).path.read_bytes()).decode()
        values["admission"] = {**values["admission"], "certificate": {"caBundle": bundle}}
    objects = [each for each in render(values, "dry", restricted) if is_built_in(each)]
    assert len(objects) > 6
    for each in objects:
        status, content, warnings = api.judged(each)
        assert (status, warnings) == (HTTPStatus.CREATED, []), (each["kind"], content)


def is_asked_for(values: Manifest) -> bool:
    return bool(values["admission"]["certificate"].get("certManager"))


@pytest.fixture(scope="module")
def installed(api: Api, plane: ControlPlane, restricted: str) -> Iterator[str]:
    """Let helm install it, and return the namespace."""
    program()
    where = ["--namespace", restricted, "--kubeconfig", str(plane.kubeconfig)]
    values = {"admission": {"intents": INTENTS}, "watch": {"customResources": {"enabled": True}}}
    done = ran("install", "deployed", str(CHART), *where, values=values)
    assert done.returncode == 0, done.stderr
    notes = done.stdout
    assert f"kubectl logs -n {restricted} -f deployment/deployed-firedoor-watch" in notes
    assert f"deployed-firedoor-admission.{restricted}.svc" in notes
    assert f"firedoor admission manifests --service {restricted}/deployed-firedoor-admission" in notes
    assert "image.repository is the one of the example" in notes
    assert "There are no intents" not in notes
    yield restricted
    done = ran("uninstall", "deployed", *where)
    assert done.returncode == 0, done.stderr
    # Their objects would go with them.
    assert api.send("GET", baselines(restricted))[0] == HTTPStatus.OK
    uninstall(api)


def container(api: Api, home: str, part: str) -> Manifest:
    status, found, _ = api.send("GET", f"/apis/apps/v1/namespaces/{home}/deployments/deployed-firedoor-{part}")
    assert status == HTTPStatus.OK
    (only,) = found["spec"]["template"]["spec"]["containers"]
    return dict(only)


def account(api: Api, plane: ControlPlane, home: str, part: str, folder: Path) -> Path:
    """Return a kubeconfig with a token as the pods of a part have it."""
    name, rbac = f"deployed-firedoor-{part}", "/apis/rbac.authorization.k8s.io/v1"
    kubeconfig = as_token_of(plane.kubeconfig, api.token(home, name), folder / "kubeconfig")
    for each in api.send("GET", f"{rbac}/clusterrolebindings")[1]["items"]:
        if name in {subject["name"] for subject in each.get("subjects", [])}:
            until_allowed(kubeconfig, api.send("GET", f"{rbac}/clusterroles/{each['roleRef']['name']}")[1]["rules"])
    return kubeconfig


def test_the_pods_are_made_in_a_namespace_that_is_restricted(api: Api, installed: str) -> None:
    def parts() -> list[str]:
        pods = api.send("GET", f"/api/v1/namespaces/{installed}/pods")[1]["items"]
        return sorted(each["metadata"]["labels"]["app.kubernetes.io/component"] for each in pods)

    until(lambda: parts() == ["admission", "admission", "watch"], "the pods of both parts", PATIENCE)
    for each in api.send("GET", f"/api/v1/namespaces/{installed}/pods")[1]["items"]:
        tokens = [one for volume in each["spec"]["volumes"] for one in volume.get("projected", {}).get("sources", [])]
        assert any("serviceAccountToken" in one for one in tokens)


@pytest.mark.parametrize("part", ["watch", "admission"])
def test_nothing_is_forbidden_to_the_accounts_that_firedoor_asks_for(
    api: Api, plane: ControlPlane, installed: str, part: str, tmp_path: Path
) -> None:
    kubeconfig = account(api, plane, installed, part, tmp_path)

    def forbidden() -> set[str]:
        gaps = ClusterSource(str(kubeconfig)).load(Silent()).gaps
        return {gap.source for gap in gaps if gap.kind is GapKind.FORBIDDEN}

    until(lambda: forbidden() == set(), "nothing is forbidden", PATIENCE)


def read_only(writable: Path) -> list[str]:
    """Return what a command is put after to have a file system of which one folder can be written to; skip without."""
    before = ["unshare", "--mount", "sh", "-c", READ_ONLY, str(writable)]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*before, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no mounts of one's own: that needs Linux and root")
    for folder, is_taken in ((writable, True), (writable.parent, False), (Path("/dev/shm"), False)):  # noqa: S108
        done = subprocess.run([*before, "touch", str(folder / "trial")], check=False, capture_output=True)
        assert (done.returncode == 0) is is_taken, folder
    return before


@contextmanager
def started(
    arguments: list[str], kubeconfig: Path | None, *before: str, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run firedoor with the arguments of the chart, after a command that prepares for it."""
    account = ["--kubeconfig", str(kubeconfig)] if kubeconfig is not None else []
    command = [*before, sys.executable, "-m", "firedoor", *arguments, *account]
    given = {**os.environ, **(environment or {})}
    process = subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for each in (process.stdout, process.stderr):
            assert each is not None
            each.close()


def moved(arguments: list[str], places: dict[str, str]) -> list[str]:
    """Return arguments with other places than those in the container."""
    for place, other in places.items():
        assert any(place in each for each in arguments), place
        arguments = [each.replace(place, other) for each in arguments]
    return arguments


def answers(url: str, context: ssl.SSLContext | None = None) -> Callable[[], bool]:
    """Return what tells whether a probe goes well."""

    def is_so() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5, context=context):  # noqa: S310
                return True
        except OSError:
            return False

    return is_so


@pytest.mark.parametrize("is_read_only", [False, True])
def test_watch_follows_the_cluster_with_the_arguments_and_the_account_of_the_chart(
    api: Api, plane: ControlPlane, installed: str, tmp_path: Path, *, is_read_only: bool
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    before = read_only(state) if is_read_only else []
    places = {"0.0.0.0:9464": "127.0.0.1:0", "/var/lib/firedoor": str(state)}
    wanted = container(api, installed, "watch")
    kubeconfig = account(api, plane, installed, "watch", tmp_path)
    with started(moved(wanted["args"], places), kubeconfig, *before) as process:
        assert process.stderr is not None
        url = process.stderr.readline().rpartition(" ")[2].strip().removesuffix("/metrics")
        until(answers(url + wanted["readinessProbe"]["httpGet"]["path"]), "watch is ready", PATIENCE)
        assert answers(url + wanted["livenessProbe"]["httpGet"]["path"])()
        # Streams that are refused are told of within this time.
        Event().wait(2)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    kinds = {json.loads(line)["kind"] for line in out.splitlines()}
    assert "following-fails" not in kinds
    assert list((state / "watch").iterdir())


def test_the_role_of_the_chart_is_enough_to_keep_custom_resources(
    api: Api, plane: ControlPlane, installed: str, tmp_path: Path
) -> None:
    wanted = baseline(
        installed, "open", intents=[{"name": "a", "must-deny": {"from": "pods", "to": {"labels": "a=b"}}}]
    )
    until(lambda: is_served(api, "zerotrustbaselines.firedoor.dev"), "the kind", PATIENCE)
    assert api.send("POST", baselines(installed), wanted)[0] == HTTPStatus.CREATED
    (tmp_path / "state").mkdir()
    places = {"0.0.0.0:9464": "127.0.0.1:0", "/var/lib/firedoor": str(tmp_path / "state")}
    arguments = moved(container(api, installed, "watch")["args"], places)
    assert "--resources" in arguments
    with started(arguments, account(api, plane, installed, "watch", tmp_path)) as process:

        def is_told() -> bool:
            told = api.send("GET", baselines(installed, "open"))[1].get("status", {})
            return bool(told.get("intents") and api.send("GET", reports(installed, "firedoor"))[0] == HTTPStatus.OK)

        until(is_told, "the status and the report", PATIENCE)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, "sink" in said) == (0, False)


@pytest.mark.parametrize("is_read_only", [False, True])
def test_the_webhook_answers_with_the_arguments_and_the_account_of_the_chart(
    api: Api, plane: ControlPlane, installed: str, tmp_path: Path, *, is_read_only: bool
) -> None:
    (tmp_path / "spare").mkdir()
    before = read_only(tmp_path / "spare") if is_read_only else []
    authority = Authority.make(tmp_path)
    authority.write(tmp_path / "tls.crt", tmp_path / "tls.key")
    path = f"/api/v1/namespaces/{installed}/configmaps/deployed-firedoor-admission"
    (tmp_path / "intents.yaml").write_text(api.send("GET", path)[1]["data"]["intents.yaml"])
    places = {"0.0.0.0:8443": "127.0.0.1:0", "/etc/firedoor/tls": str(tmp_path), "/etc/firedoor/intents": str(tmp_path)}
    wanted = container(api, installed, "admission")
    kubeconfig = account(api, plane, installed, "admission", tmp_path)
    with started(moved(wanted["args"], places), kubeconfig, *before) as process:
        assert process.stderr is not None
        url = process.stderr.readline().rpartition(" ")[2].strip().removesuffix("/validate")
        context = ssl.create_default_context(cafile=str(authority.path))
        until(answers(url + wanted["readinessProbe"]["httpGet"]["path"], context), "the webhook is ready", PATIENCE)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
