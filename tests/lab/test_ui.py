"""The page of a live cluster: it reads what a real API server holds, and reads it anew when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.api import Api, Manifest
from tests.web.running import page


def deployment(namespace: str, name: str) -> Manifest:
    ports = [{"containerPort": 80}]
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "main", "image": "registry.example/app:1", "ports": ports}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
    }


def test_the_page_shows_a_real_cluster_as_it_is_and_as_it_becomes(
    api: Api, kubeconfig: Path, make: Callable[..., str]
) -> None:
    pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")
    namespace = make()
    for each in (deployment(namespace, "web"), deployment(namespace, "db")):
        api.create(each)
    deny: Manifest = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "deny", "namespace": namespace},
        "spec": {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"]},
    }
    with page("--kubeconfig", str(kubeconfig), "-n", namespace) as found:
        found.enter()
        ask = {"from_": f"{namespace}/web", "to": f"{namespace}/db", "port": "80"}
        assert found.get("explain", **ask).document["verdict"] == "accepted"
        # What the policy would do is known before the server has it, and so it is afterwards.
        asked = found.post("what-if", {"yaml": f"{deny}".replace("'", '"')}).document
        ends = {(each["src"].get("workload"), each["dst"].get("workload")) for each in asked["diff"]["changes"]}
        assert (f"{namespace}/web", f"{namespace}/db") in ends
        api.create(deny)
        assert found.get("explain", **ask).document["verdict"] == "accepted"
        assert found.post("read-anew", {}).status == 200
        told = found.get("explain", **ask).document
        assert (told["verdict"], told["ingress"]["because"][0]["policy"]) == ("denied", f"{namespace}/deny")
        text = found.get("policy", kind="NetworkPolicy", namespace=namespace, name="deny").document["yaml"]
        assert "managedFields" not in text
        assert "uid" not in text
        assert found.post("what-if", {"yaml": text}).document["diff"]["changes"] == []
        places = found.get("map", expand=namespace).document["places"]
        assert {f"{namespace}/Deployment/web", f"{namespace}/Deployment/db"} <= {each["id"] for each in places}
