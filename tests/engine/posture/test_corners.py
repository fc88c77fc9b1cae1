"""Corners of single checks: each case is one that the fixtures do not reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.posture import CHECKS, Context
from firedoor.engine.posture.nearness import Neighbourhood
from firedoor.engine.posture.registry import CatalogueError, validated
from firedoor.engine.reach.network import Network
from firedoor.model.findings import Finding
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.snapshot import Origin


def pod(name: str, labels: str = "", *, namespace: str = "shop", ports: str = "", host: str = "false") -> str:
    labels = labels or f"app: {name}"
    return f"""
apiVersion: v1
kind: Pod
metadata: {{namespace: {namespace}, name: {name}, labels: {{{labels}}}}}
spec: {{hostNetwork: {host}, containers: [{{name: main, image: registry.example/x:1, ports: [{ports}]}}]}}
"""


def policy(name: str, spec: str, *, namespace: str = "shop", annotations: str = "") -> str:
    return f"""
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{namespace: {namespace}, name: {name}, annotations: {{{annotations}}}}}
spec: {spec}
"""


def dns_service(target: str) -> str:
    return f"""
apiVersion: v1
kind: Service
metadata: {{namespace: kube-system, name: kube-dns}}
spec:
  selector: {{k8s-app: kube-dns}}
  ports: [{{name: metrics, port: 9153}}, {{name: dns, port: 53, protocol: UDP, targetPort: {target}}}]
"""


def run(check: str, *documents: str, origin: str = "manifests") -> list[Finding]:
    snapshot = load_text("\n---\n".join(documents))
    if origin != "manifests":
        snapshot = type(snapshot)(
            **{name: getattr(snapshot, name) for name in snapshot.__struct_fields__} | {"origin": Origin(origin)}
        )
    context = Context(snapshot, Network(snapshot))
    return list(next(each for each in CHECKS if each.id == check).run(context))


def dns(ports: str, *, host: str = "false") -> str:
    return pod("coredns", "k8s-app: kube-dns", namespace="kube-system", ports=ports, host=host)


NAMED_DNS = "{containerPort: 9153, name: metrics}, {containerPort: 5353, name: dns, protocol: UDP}"
TO_5353 = "{policyTypes: [Egress], egress: [{ports: [{port: 5353, protocol: UDP}, {port: 53}]}]}"


def test_dns_is_asked_for_on_the_port_that_the_service_leads_to() -> None:
    assert run("dns-blocked", pod("web"), dns(NAMED_DNS), dns_service("dns"), policy("web", TO_5353)) == []
    assert run("dns-blocked", pod("web"), dns(NAMED_DNS), dns_service("5353"), policy("web", TO_5353)) == []


def test_a_target_port_that_no_pod_names_falls_back_to_53() -> None:
    found = run("dns-blocked", pod("web"), dns(NAMED_DNS), dns_service("missing"), policy("web", TO_5353))
    assert [each.object.name for each in found] == ["web"]


def test_the_fix_for_dns_on_the_nodes_network_names_no_pods() -> None:
    closed = policy("web", "{policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: 80}]}]}")
    (found,) = run("dns-blocked", pod("web"), dns(NAMED_DNS, host="true"), dns_service("dns"), closed)
    assert "5353" in str(found.fix.manifests)


@pytest.mark.parametrize(
    ("ports", "count"),
    [
        ("{port: 53}", 1),
        ("{port: 53, protocol: UDP}, {port: 53}", 0),
        ("{protocol: UDP}, {protocol: TCP}", 0),
        ("{port: dns, protocol: UDP}, {port: dns-tcp}", 0),
    ],
)
def test_both_protocols_of_dns_count(ports: str, count: int) -> None:
    spec = f"{{policyTypes: [Egress], egress: [{{ports: [{ports}]}}]}}"
    assert len(run("dns-blocked", pod("web"), policy("web", spec))) == count


def test_a_block_in_two_rules_is_told_of_both() -> None:
    block = "\n  - {from: [{ipBlock: {cidr: 10.0.0.0/8}}]}"
    live = pod("web") + "status: {phase: Running, podIP: 10.0.0.7}\n"
    found = run("ipblock-covers-pods", live, policy("web", f"\n  ingress:{block}{block}"))
    assert len({each.source for each in found}) == len(found) == 2


def test_a_one_sided_allow_towards_pods_of_several_kinds_is_one_finding_each() -> None:
    egress = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {tier: db}}}], ports: [{port: 5432}]}]}"  # noqa: E501 - one policy
    deny = policy("deny", "{podSelector: {matchLabels: {tier: db}}}")
    first, second = pod("one", "app: one, tier: db"), pod("two", "app: two, tier: db")
    other = policy(
        "other",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: one}}}]}]}",
    )
    found = run("one-sided-allow", pod("web"), first, second, policy("web", egress), deny, other)
    assert {each.object.name for each in found} == {"web"}


def test_a_name_without_a_pair_that_selects_nothing_is_left_to_other_checks() -> None:
    spec = "{podSelector: {matchLabels: {app: nobody}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"
    assert run("policy-contradicts-name", pod("web"), pod("db"), policy("allow-web-to-db", spec)) == []


@pytest.mark.parametrize("ports", ["", "{protocol: UDP}", "{port: dns, protocol: UDP}", "{port: 1, endPort: 60}"])
def test_a_dns_policy_may_write_its_port_in_many_ways(ports: str) -> None:
    rule = f"{{ports: [{ports}]}}" if ports else "{}"
    spec = f"{{policyTypes: [Egress], egress: [{rule}]}}"
    found = run("policy-contradicts-name", pod("web", ports="{containerPort: 80}"), policy("allow-dns", spec))
    assert [each for each in found if "53" in each.message] == []


def test_an_annotation_about_strangers_means_nothing() -> None:
    spec = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"
    text = 'description: "from the moon to the sun, and from web to db"'
    assert run("policy-contradicts-name", pod("web"), pod("db"), policy("p", spec, annotations=text)) == []


SERVICE = """
apiVersion: v1
kind: Service
metadata: {namespace: %s, name: %s}
spec: {selector: {app: %s}, ports: [{port: 80, targetPort: %s}]}
"""
ON_80 = "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}, {port: http}]}]}"
WEB = pod("web", ports="{containerPort: 8080, name: http}")


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ([SERVICE % ("shop", "web", "web", "http")], True),
        ([SERVICE % ("shop", "web", "web", "missing")], False),
        ([SERVICE % ("other", "web", "web", "8080")], False),
        ([SERVICE % ("shop", "db", "db", "8080"), SERVICE % ("shop", "web", "web", "8080")], True),
    ],
)
def test_a_service_port_in_a_policy_is_recognised(services: list[str], told: bool) -> None:
    (found,) = run("port-not-listened", WEB, *services, policy("web", ON_80))
    assert ("Service" in found.message + str(found.evidence) + found.fix.summary) is told


def test_a_rule_for_missing_pods_of_known_namespaces_tells_what_is_there() -> None:
    peer = "{namespaceSelector: {}, podSelector: {matchLabels: {app: wep}}}"
    (found,) = run("rule-matches-nothing", pod("web"), policy("p", f"{{ingress: [{{from: [{peer}]}}]}}"))
    assert "app=web" in str(found.evidence) + found.fix.summary


def test_a_live_cluster_holds_all_its_namespaces() -> None:
    peer = "{namespaceSelector: {matchLabels: {team: none}}}"
    spec = f"{{ingress: [{{from: [{peer}]}}]}}"
    (found,) = run("rule-matches-nothing", pod("web"), policy("p", spec), origin="cluster")
    assert found.object.name == "p"


def test_labels_of_namespaces_that_are_not_among_the_manifests_are_a_faint_suspicion() -> None:
    defined = "apiVersion: v1\nkind: Namespace\nmetadata: {name: data, labels: {team: a}}\n"
    peer = "{namespaceSelector: {matchLabels: {team: none}}}"
    (found,) = run("rule-matches-nothing", defined, pod("web"), policy("p", f"{{ingress: [{{from: [{peer}]}}]}}"))
    assert (str(found.severity), str(found.confidence)) == ("low", "low")


def test_a_backwards_policy_for_pods_without_labels_gets_advice_and_no_manifest() -> None:
    bare = (
        "apiVersion: v1\nkind: Pod\nmetadata: {namespace: shop, name: db}\nspec: {containers: [{name: a, image: a}]}\n"
    )
    spec = "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]}"
    (found,) = run("policy-contradicts-name", pod("web"), bare, policy("web-to-db", spec))
    assert found.fix.manifests == ()


def test_nearness_knows_other_keys_and_empty_places() -> None:
    around = Neighbourhood([{"application": "web"}, {"tier": "db"}], "pods")
    assert around.corrected(LabelSelector({"applications": "web"})) == LabelSelector({"application": "web"})
    assert around.corrected(LabelSelector({"zzz": "db"})) == LabelSelector({"tier": "db"})
    assert around.corrected(LabelSelector({"zzz": "nothing"})) is None
    assert around.corrected(LabelSelector({"applications": "db"})) == LabelSelector({"tier": "db"})
    assert around.corrected(LabelSelector({"application": "web", "tiers": "db"})) is None
    without = LabelSelectorRequirement("x", Operator.DOES_NOT_EXIST)
    assert around.corrected(LabelSelector({"applications": "web"}, (without,))) is None
    assert list(around.evidence(LabelSelector({"tiers": "db"}))) == ["none of the pods has a label tiers; near is tier"]
    assert list(Neighbourhood([], "pods").evidence(LabelSelector({"a": "b"}))) == ["there are no pods"]
    both = list(around.evidence(LabelSelector({"application": "web", "tier": "db"})))
    assert both == ["each requirement of application=web,tier=db is met by some of the pods, but all by none"]


def test_a_check_with_an_empty_section_does_not_load() -> None:
    first = CHECKS[0]
    module = __import__(first.run.__module__, fromlist=["docs"])
    hollow = "\n\n".join(f"{heading}\n{'-' * len(heading)}\n" for heading in first.sections)
    original = module.__doc__
    try:
        module.__doc__ = hollow
        with pytest.raises(CatalogueError, match="nothing is said"):
            validated((replace(first, docs=hollow),))
    finally:
        module.__doc__ = original
