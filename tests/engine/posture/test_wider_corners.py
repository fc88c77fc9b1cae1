"""Corners of the checks on exposure, egress, meshes and the control plane that their fixtures do not reach."""

from __future__ import annotations

import msgspec
import pytest
from tests.engine.posture.loading import context_of, load

from firedoor.engine.posture import CHECKS, Context
from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.network import Network
from firedoor.model.findings import Confidence, Finding
from firedoor.model.places import Gap, GapKind

WEB = """
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: web, labels: {app: web}}
spec: {containers: [{name: main, image: "registry.example/web:1", ports: [{containerPort: 8080, name: http}]}]}
"""


def check(name: str, context: Context) -> list[Finding]:
    return list(next(each for each in CHECKS if each.id == name).run(context))


def run(name: str, *documents: str) -> list[Finding]:
    return check(name, load("\n---\n".join(documents)))


def policy(name: str, spec: str) -> str:
    head = f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{namespace: shop, name: {name}}}"
    return f"{head}\nspec: {spec}\n"


def node(version: str, labels: str = "") -> str:
    meta = f"metadata: {{name: n1, labels: {{{labels}}}}}"
    return f"apiVersion: v1\nkind: Node\n{meta}\nstatus: {{nodeInfo: {{kubeletVersion: {version}}}}}\n"


@pytest.mark.parametrize(
    ("server", "kubelet", "advice"),
    [
        ("v1.33.1", "v1.34.0", "upgrade the API server first"),
        ("v1.33.1", "v1.29.9", "upgrade the node"),
        ("v1.33.1-gke.100", "v1.30.0", None),
        ("v1.33.1", "v1.33.5", None),
        ("unknown", "v1.30.0", None),
        ("v1.33.1", "v2.0.0", None),
    ],
)
def test_a_kubelet_is_as_old_as_the_server_or_three_versions_older(
    server: str, kubelet: str, advice: str | None
) -> None:
    known = load(node(kubelet))
    found = check("kubelet-version-skew", Context(known.snapshot, known.network, None, server))
    assert [each.fix.summary for each in found] == ([advice] if advice else [])


@pytest.mark.parametrize(
    ("labels", "confidence"),
    [("eks.amazonaws.com/nodegroup: a", Confidence.HIGH), ("kubernetes.io/os: linux", Confidence.MEDIUM)],
)
def test_labels_of_nodes_tell_whether_there_is_a_metadata_service(labels: str, confidence: Confidence) -> None:
    wide = policy("web", "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")
    (found,) = run("egress-metadata-service", WEB, node("v1.33.1", labels), wide)
    assert found.confidence is confidence
    (manifest,) = found.fix.manifests
    assert "169.254.169.254/32" in str(manifest)
    assert "spec.egress[0]" in found.evidence[0]


def test_a_block_of_the_metadata_service_alone_is_no_oversight_that_an_except_mends() -> None:
    block = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 169.254.169.254/32}}]}]}"
    (found,) = run("egress-metadata-service", WEB, policy("web", block))
    assert found.fix.manifests == ()


def test_the_fix_of_a_forgeable_label_names_the_namespaces_that_have_such_pods() -> None:
    peer = "{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}"
    (found,) = run("selector-forgeable-label", WEB, policy("web", f"{{ingress: [{{from: [{peer}]}}]}}"))
    assert "'values': ['shop']" in str(found.fix.manifests)


def test_a_network_plugin_that_the_user_names_is_known() -> None:
    documents = "\n---\n".join((WEB, node("v1.33.1"), policy("web", "{}")))
    snapshot = load(documents).snapshot
    assert len(check("cni-unknown", Context(snapshot, Network(snapshot)))) == 1
    assert check("cni-unknown", Context(snapshot, Network(snapshot, PROFILES["calico"]))) == []


def test_policies_that_nothing_enforces_close_no_way_in() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {namespace: shop, name: web}\n"
    service += "spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http}]}\n"
    closed = policy("web", "{podSelector: {}, policyTypes: [Ingress]}")
    snapshot = load(f"{WEB}\n---\n{service}\n---\n{closed}").snapshot
    assert check("service-nodeport", Context(snapshot, Network(snapshot))) == []
    assert len(check("service-nodeport", Context(snapshot, Network(snapshot, PROFILES["none"])))) == 1


def test_an_api_server_in_a_shell_is_not_judged() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {namespace: kube-system, name: api}\nspec:\n  containers:\n"
    pod += "    - {name: api, image: api, command: [/bin/sh, -c, kube-apiserver --anonymous-auth=true]}\n"
    names = [each.id for each in CHECKS if each.id.startswith(("apiserver-", "etcd-", "control"))]
    assert len(names) > 10
    assert [found.message for name in names for found in run(name, pod)] == []


def test_no_secret_is_in_what_is_told_of_it() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {namespace: shop, name: a}\nspec:\n  containers:\n"
    pod += "    - {name: a, image: a, args: [--token=Ab3Cd4Ef5], env: [{name: API_KEY, value: Gh6Ij7Kl8}]}\n"
    found = [*run("secret-in-args", pod), *run("secret-in-env", pod)]
    assert [each.check for each in found] == ["secret-in-args", "secret-in-env"]
    assert not any(secret in repr(found) for secret in ("Ab3Cd4Ef5", "Gh6Ij7Kl8"))


def test_what_a_mesh_asks_of_some_ports_only_leaves_the_others_to_plain_text() -> None:
    head = "apiVersion: security.istio.io/v1\nkind: "
    deny = f"{head}AuthorizationPolicy\nmetadata: {{namespace: shop, name: deny}}\n"
    deny += "spec: {action: DENY, rules: [{from: [{source: {principals: ['cluster.local/ns/test/sa/a']}}]}]}\n"
    strict = f"{head}PeerAuthentication\nmetadata: {{namespace: shop, name: web}}\nspec: {{selector: {{matchLabels: "
    strict += "{app: web}}, mtls: {mode: STRICT}, portLevelMtls: {'8080': {mode: PERMISSIVE}}}\n"
    assert len(run("istio-deny-evadable", WEB, deny, strict)) == 1
    whole = strict.replace(", portLevelMtls: {'8080': {mode: PERMISSIVE}}", "")
    assert run("istio-deny-evadable", WEB, deny, whole) == []


def test_a_name_that_is_near_to_none_gets_advice_and_no_manifest() -> None:
    named = policy("web", "{podSelector: {}, ingress: [{ports: [{port: zzzz}]}]}")
    (found,) = run("named-port-missing", WEB, named)
    assert found.fix.manifests == ()


def test_a_denial_is_judged_by_each_of_its_rules() -> None:
    rules = "[{from: [{podSelector: {}}]}, {from: [{podSelector: {matchLabels: {app: web}}}]}]"
    assert run("policy-contradicts-name", WEB, policy("deny-web", f"{{podSelector: {{}}, ingress: {rules}}}")) == []
    everything = policy("deny-web", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}, {}]}")
    (found,) = run("policy-contradicts-name", WEB, everything)
    assert "spec.ingress[1]" in found.message


def test_the_missing_half_of_an_allow_between_namespaces_names_the_other_namespace() -> None:
    other = WEB.replace(
        "namespace: shop, name: web, labels: {app: web}", "namespace: data, name: db, labels: {app: db}"
    )
    peer = (
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}, podSelector: {matchLabels: {app: db}}}"
    )
    egress = policy("out", f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{peer}]}}]}}")
    closed = policy("closed", "{podSelector: {}, policyTypes: [Ingress]}").replace("namespace: shop", "namespace: data")
    (found,) = run("one-sided-allow", WEB, other, egress, closed)
    (manifest,) = found.fix.manifests
    assert "'kubernetes.io/metadata.name': 'shop'" in str(manifest)


def test_mutual_tls_of_the_whole_mesh_is_set_in_its_root_namespace() -> None:
    space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}"
    mesh = (
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
        "metadata: {namespace: istio-system, name: default}\nspec: {mtls: {mode: STRICT}}"
    )
    assert len(run("istio-mtls-unset", space, WEB)) == 1
    assert run("istio-mtls-unset", space, WEB, mesh) == []


def agent(volumes: str = "{name: cilium-run, emptyDir: {}}") -> str:
    return f"""
apiVersion: apps/v1
kind: DaemonSet
metadata: {{namespace: kube-system, name: cilium}}
spec:
  selector: {{matchLabels: {{app: cilium}}}}
  template:
    metadata: {{labels: {{app: cilium}}}}
    spec: {{containers: [{{name: main, image: "quay.io/cilium/cilium:v1.17.0"}}], volumes: [{volumes}]}}
"""


def test_anything_of_hubble_says_that_connections_are_recorded() -> None:
    peer = "apiVersion: v1\nkind: Service\nmetadata: {namespace: kube-system, name: hubble-peer}\n"
    peer += "spec: {ports: [{port: 80}]}\n"
    relay = WEB.replace("name: web,", "name: hubble-relay,")
    assert len(run("no-flow-log", agent())) == 1
    assert run("no-flow-log", agent(), peer) == []
    assert run("no-flow-log", agent(), relay) == []


def test_hubble_is_not_missed_where_something_could_not_be_read() -> None:
    snapshot = msgspec.structs.replace(
        load(agent()).snapshot, gaps=(Gap(GapKind.FORBIDDEN, "", "services may not be listed"),)
    )
    assert check("no-flow-log", context_of(snapshot)) == []


def test_a_door_that_may_be_shut_by_another_source_address_is_told_with_less_confidence() -> None:
    database, console = WEB.replace("8080", "6379"), WEB.replace("registry.example/web:1", "grafana/grafana:1")
    door = """
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec: {type: LoadBalancer, POLICY, selector: {app: web}, ports: [{port: 6379}]}
"""
    some = policy("some", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 8.8.8.0/24}}]}]}")
    found = {
        (name, way): run(name, workload, door.replace("POLICY", f"externalTrafficPolicy: {way}"), some)[0]
        for name, workload in (("exposed-database", database), ("exposed-dashboard", console))
        for way in ("Local", "Cluster")
    }
    assert {key: each.confidence for key, each in found.items()} == {
        ("exposed-database", "Local"): Confidence.MEDIUM,
        ("exposed-database", "Cluster"): Confidence.LOW,
        ("exposed-dashboard", "Local"): Confidence.HIGH,
        ("exposed-dashboard", "Cluster"): Confidence.MEDIUM,
    }
    likely = found["exposed-database", "Cluster"]
    assert "its policies accept public addresses as they are, but externalTrafficPolicy Cluster" in likely.evidence[0]


def test_a_pod_that_a_host_port_opens_is_worse_off_without_a_policy() -> None:
    opened = WEB.replace("containerPort: 8080,", "containerPort: 8080, hostPort: 80,")
    (found,) = run("pod-unprotected", opened)
    assert found.severity == "critical"
    assert "exposed outside the cluster by Pod web (host port)" in found.evidence


def test_namespaces_that_are_chosen_by_what_they_have_are_not_missing_anything() -> None:
    spaces = "\n---\n".join(
        f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}"
        for name, labels in (("shop", "team: a"), ("data", ""))
    )
    db = WEB.replace("namespace: shop", "namespace: data")
    exists = "{namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}}"
    rule = policy("web", f"{{podSelector: {{}}, ingress: [{{from: [{exists}]}}]}}")
    assert run("namespace-unlabelled", spaces, WEB, db, rule) == []
