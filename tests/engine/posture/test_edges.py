"""Cases next to the ones of the fixtures, where a check must speak otherwise or keep quiet."""

import pytest
from tests.engine.posture.loading import load

from firedoor.engine.posture import CHECKS, Context
from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.network import Network
from firedoor.model.findings import Confidence, Finding

WEB = """
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: web, labels: {app: web}}
spec: {containers: [{name: main, image: registry.example/web:1}]}
"""


def policy(name: str, spec: str, namespace: str = "shop") -> str:
    head = f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{namespace: {namespace}, name: {name}}}"
    return f"{head}\nspec: {spec}\n"


def run(check: str, *documents: str) -> list[Finding]:
    context = load("\n---\n".join(documents))
    return list(next(each for each in CHECKS if each.id == check).run(context))


@pytest.mark.parametrize(
    ("peers", "count"),
    [
        ("", 0),
        ("to: [{namespaceSelector: {}}], ", 0),
        ("to: [{ipBlock: {cidr: 10.96.0.10/32}}], ", 0),
        ("to: [{podSelector: {}}], ", 1),
    ],
)
def test_without_dns_pods_the_rules_themselves_are_read(peers: str, count: int) -> None:
    ports = "ports: [{port: 53, protocol: UDP}, {port: 53}]"
    found = run("dns-blocked", WEB, policy("web", f"{{policyTypes: [Egress], egress: [{{{peers}{ports}}}]}}"))
    assert [each.confidence for each in found] == [Confidence.MEDIUM] * count


def test_a_selector_in_a_namespace_without_pods_is_a_faint_suspicion() -> None:
    spec = "{podSelector: {matchLabels: {app: web}}}"
    (found,) = run("policy-selects-nothing", WEB, policy("web", spec, "other"))
    assert found.confidence is Confidence.LOW


def test_a_selector_that_only_host_network_pods_match_says_so() -> None:
    host = WEB.replace("spec: {", "spec: {hostNetwork: true, ")
    spec = "{podSelector: {matchLabels: {app: web}}}"
    (found,) = run("policy-selects-nothing", host, policy("web", spec))
    assert "node's network" in found.evidence[0]


def test_manifests_need_not_hold_the_dns_of_the_cluster() -> None:
    peer = "{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}"
    assert run("rule-matches-nothing", WEB, policy("web", f"{{egress: [{{to: [{peer}]}}]}}")) == []


def test_a_rule_with_mistaken_peers_is_not_called_redundant() -> None:
    wide = policy("a", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]}")
    peer = "{podSelector: {matchLabels: {app: gone}}}"
    dead = policy("b", f"{{podSelector: {{matchLabels: {{app: web}}}}, ingress: [{{from: [{peer}]}}]}}")
    assert run("policy-redundant", WEB, wide, dead) == []
    twin = wide.replace("name: a", "name: c")
    (found,) = run("policy-redundant", WEB, wide, twin)
    assert (found.object.name, "shop/a" in found.message) == ("c", True)


def test_a_plugin_that_the_user_named_outweighs_the_detected_one() -> None:
    snapshot = load("\n---\n".join((WEB, policy("web", "{}")))).snapshot
    check = next(each for each in CHECKS if each.id == "cni-not-enforcing")
    told = Context(snapshot, Network(snapshot, PROFILES["calico"]), "flannel")
    guessed = Context(snapshot, Network(snapshot), "flannel")
    unknown = Context(snapshot, Network(snapshot), None)
    assert [len(list(check.run(each))) for each in (told, guessed, unknown)] == [0, 1, 0]


@pytest.mark.parametrize(("version", "count"), [("v1.19.16", 1), ("v1.20.0", 0), ("v1.33.1+k3s1", 0), ("", 0)])
def test_old_servers(version: str, count: int) -> None:
    snapshot = load(WEB).snapshot
    check = next(each for each in CHECKS if each.id == "unsupported-version")
    assert len(list(check.run(Context(snapshot, Network(snapshot), None, version)))) == count


DNS_BEHIND_SERVICE = """
apiVersion: v1
kind: Pod
metadata: {namespace: openshift-dns, name: dns-default-1, labels: {dns: default}}
spec:
  containers:
    - name: dns
      image: registry.example/dns:1
      ports: [{containerPort: 5353, name: dns, protocol: UDP}, {containerPort: 5353, name: dns-tcp}]
---
apiVersion: v1
kind: Service
metadata: {namespace: openshift-dns, name: dns-default}
spec:
  selector: {dns: default}
  ports:
    - {name: dns, port: 53, protocol: UDP, targetPort: dns}
    - {name: dns-tcp, port: 53, protocol: TCP, targetPort: dns-tcp}
"""


@pytest.mark.parametrize(("port", "count"), [(53, 1), (5353, 0)])
def test_dns_is_asked_on_the_port_that_its_service_leads_to(port: int, count: int) -> None:
    ports = f"[{{port: {port}, protocol: UDP}}, {{port: {port}}}]"
    spec = f"{{policyTypes: [Egress], egress: [{{to: [{{namespaceSelector: {{}}}}], ports: {ports}}}]}}"
    found = run("dns-blocked", WEB, DNS_BEHIND_SERVICE, policy("web", spec))
    assert len(found) == count
    if found:
        assert "5353" in str(found[0].fix.manifests)
