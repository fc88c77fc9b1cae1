from __future__ import annotations

import pytest

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

PODS = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: x/c:1}]}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: x/c:1, ports: [{name: sql, containerPort: 5432}]}]}
status: {podIP: 10.0.0.2}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop}
spec: {hostNetwork: true, nodeName: n1, containers: [{name: c, image: x/c:1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: lab, labels: {app: web}}
spec: {containers: [{name: c, image: x/c:1}]}
---
apiVersion: v1
kind: Node
metadata: {name: n2}
status: {addresses: [{type: InternalIP, address: 192.0.2.9}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
"""


def _near(rule: str, source: str, port: int = 5432, cni: str = "spec") -> list[str]:
    network = Network(load_text(f"{PODS}  - {rule}\n"), PROFILES.get(cni, SPEC))
    ends = {member.name: number for number, member in enumerate(network.members)}
    found = explain_direction(network, Direction.INGRESS, ends.get(source, source), ends["db"], "TCP", port)
    assert found.verdict is not Verdict.ACCEPTED
    assert all(each.policy == "shop/p" and each.rule == "spec.ingress[0]" for each in found.near_misses)
    return [each.detail for each in found.near_misses]


@pytest.mark.parametrize(
    ("rule", "source", "port", "cni", "words"),
    [
        ("ports: [{port: 80}]", "web", 5432, "spec", ["TCP/80", "not TCP/5432"]),
        ("ports: [{port: 80, protocol: UDP}, {port: 1, endPort: 9}]", "web", 10, "spec", ["UDP/80", "TCP/1-9"]),
        ("ports: [{port: sql}]", "web", 80, "spec", ["sql is TCP/5432 here"]),
        ("{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: sql}]}", "web", 5432, "spec", ["app=api"]),
        (
            "{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{protocol: TCP}]}",
            "web",
            80,
            "spec",
            ["app=api"],
        ),
        ("ports: [{port: http}]", "web", 80, "spec", ["no port is named http here"]),
        ("from: [{podSelector: {matchLabels: {app: api}}}]", "web", 5432, "spec", ["app=api", "app=web"]),
        ("from: [{podSelector: {matchLabels: {tier: a}}}]", "web", 5432, "spec", ["no label tier"]),
        ("from: [{podSelector: {}}]", "other", 5432, "spec", ["namespace shop only", "lab/other is in lab"]),
        ("from: [{namespaceSelector: {matchLabels: {a: b}}}]", "other", 5432, "spec", ["namespace lab", "a=b"]),
        ("from: [{podSelector: {}}]", "198.51.100.1", 5432, "spec", ["outside the cluster"]),
        ("from: [{podSelector: {}}]", "agent", 5432, "spec", ["hostNetwork", "do not match"]),
        ("from: [{ipBlock: {cidr: 192.0.2.0/24}}]", "198.51.100.1", 5432, "spec", ["not in 192.0.2.0/24"]),
        ("from: [{ipBlock: {cidr: 192.0.2.0/24}}]", "192.0.2.9", 5432, "cilium", ["profile cilium", "not match nodes"]),
        (
            "{from: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 1}]}",
            "192.0.2.8",
            5432,
            "cilium",
            ["TCP/1", "not TCP/5432"],
        ),
        ("from: [{ipBlock: {cidr: 10.0.0.0/8}}]", "web", 5432, "spec", ["under the profile spec"]),
        ("from: [{ipBlock: {cidr: 192.0.2.0/24}}]", "web", 5432, "calico", ["10.0.0.1 is not in 192.0.2.0/24"]),
        ("from: [{ipBlock: {cidr: 192.0.2.0/24}}]", "other", 5432, "calico", ["lab/other is not known"]),
    ],
)
def test_a_near_miss_says_what_was_missing(rule: str, source: str, port: int, cni: str, words: list[str]) -> None:
    (detail,) = _near(rule, source, port, cni)
    missing = [word for word in words if word.lower() not in detail.lower()]
    assert not missing, detail
