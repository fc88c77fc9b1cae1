"""The image that the Containerfile makes, run by a real kubelet as the chart says, behind its own network policies."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from cryptography import x509
from lab.image import build, lacking, write_archive
from lab.node import Node
from lab.troubles import LabError

from firedoor import __version__
from tests.certificates import Authority
from tests.deploy.charting import CHART, Manifest, program, ran
from tests.lab.api import Api, until
from tests.lab.test_deploy import RESTRICTED

HOME = "firedoor"
IMAGE = f"registry.example.com/firedoor:{__version__}"
PATIENCE = 180


@pytest.fixture(scope="module")
def image(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the image to the node; skip where it cannot be made."""
    if lacks := lacking():
        pytest.skip(f"the image cannot be made here, for that needs: {', '.join(lacks)}")
    folder = tmp_path_factory.mktemp("image")
    try:
        write_archive(build(folder / "made"), IMAGE, folder / "image.tar")
    except LabError as error:
        if "can be reached" not in str(error):
            raise
        pytest.skip(str(error))
    shutil.rmtree(folder / "made")
    done = node.ctr("images", "import", str(folder / "image.tar"))
    assert done.returncode == 0, done.stderr
    yield IMAGE
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def deployed(api: Api, node: Node, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Let helm install it, and wait until every pod is ready."""
    program()
    assert image == IMAGE
    node.enforce()
    folder = tmp_path_factory.mktemp("deployed")
    authority = Authority.make(folder)
    authority.write_for(x509.DNSName(f"firedoor-admission.{HOME}.svc"), folder / "tls.crt", folder / "tls.key")
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME, "labels": RESTRICTED}})
    data = {each: base64.b64encode((folder / each).read_bytes()).decode() for each in ("tls.crt", "tls.key")}
    metadata = {"name": "firedoor-admission-tls", "namespace": HOME}
    api.create({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": metadata, "data": data})
    values = {
        "image": {"pullPolicy": "Never"},
        "networkPolicy": {"apiServer": server(api), "dns": {"enabled": False}},
        "watch": {
            "customResources": {"enabled": True},
            "rules": {"sinks": [{"name": "cluster", "type": "kubernetes-events"}]},
            "flows": {"otlp": {"enabled": True}},
        },
        "admission": {"certificate": {"caBundle": base64.b64encode(authority.path.read_bytes()).decode()}},
    }
    where = ["--namespace", HOME, "--kubeconfig", str(node.kubeconfig)]
    done = ran("install", "firedoor", str(CHART), *where, values=values)
    assert done.returncode == 0, done.stderr
    wanted = {"firedoor-watch": 1, "firedoor-admission": 2}
    until(lambda: ready(api) == wanted, "all pods are ready", PATIENCE)
    yield api
    ran("uninstall", "firedoor", *where)
    api.delete(f"/api/v1/namespaces/{HOME}")


def server(api: Api) -> Manifest:
    """Return where the API server is, as the notes of the chart tell to find it, as narrowly as can be."""
    path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    label = "kubernetes.io%2Fservice-name%3Dkubernetes"
    (found,) = api.send("GET", f"{path}?labelSelector={label}")[1]["items"]
    cidrs = [f"{address}/32" for each in found["endpoints"] for address in each["addresses"]]
    return {"cidrs": cidrs, "ports": [each["port"] for each in found["ports"]]}


def ready(api: Api) -> dict[str, int]:
    found = api.send("GET", f"/apis/apps/v1/namespaces/{HOME}/deployments")[1]["items"]
    return {each["metadata"]["name"]: each.get("status", {}).get("readyReplicas", 0) for each in found}


def deployment(home: str) -> Manifest:
    labels = {"app": "web"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "example.com/a:1"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": pod}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": home}, "spec": spec}


def test_watch_tells_into_the_cluster_and_keeps_reports(deployed: Api, namespace: str) -> None:
    deployed.create(deployment(namespace))
    deny = {"podSelector": {}, "policyTypes": ["Ingress"]}
    metadata = {"name": "deny", "namespace": namespace}
    deployed.create({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": deny})

    def is_told() -> bool:
        found = deployed.send("GET", f"/apis/events.k8s.io/v1/namespaces/{namespace}/events")[1]["items"]
        return any(each.get("reportingController") == "firedoor.dev/watch" for each in found)

    until(is_told, "the event of what the policy closes", PATIENCE)
    path = f"/apis/firedoor.dev/v1alpha1/namespaces/{HOME}/connectivityreports/firedoor"
    until(lambda: deployed.send("GET", path)[0] == HTTPStatus.OK, "the report on its own namespace", PATIENCE)


def test_the_webhook_is_asked_by_the_api_server(deployed: Api, namespace: str) -> None:
    def warned() -> bool:
        status, _, warnings = deployed.judged(deployment(namespace))
        return status == HTTPStatus.CREATED and any("firedoor" in each for each in warnings)

    until(warned, "a warning of what no policy selects", PATIENCE)


def test_the_pods_are_confined_and_never_restarted(deployed: Api) -> None:
    for each in deployed.send("GET", f"/api/v1/namespaces/{HOME}/pods")[1]["items"]:
        for status in each["status"]["containerStatuses"]:
            assert (status["restartCount"], status["ready"]) == (0, True), json.dumps(status)
