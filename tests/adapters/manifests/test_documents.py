from __future__ import annotations

import pytest

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.network import Network
from firedoor.model.places import GapKind, Scope
from firedoor.model.verdicts import Verdict

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: c, image: registry.test/c:1}]}\n---\n"
)
PODS = POD % "one" + POD % "two"
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n"


def _verdict(text: str) -> Verdict:
    return Network(load_text(text)).verdict(0, 1, "TCP", 80)


def test_duplicate_keys_are_told_with_the_line_of_the_later_one() -> None:
    (gap,) = load_text(POLICY + "  podSelector: {}\n  ingress: []\n  ingress: [{}]\n").gaps
    assert gap.kind is GapKind.INCOMPLETE
    assert "'ingress'" in gap.reason
    assert gap.source == "<stdin>:7"


@pytest.mark.parametrize(
    ("document", "named"), [("- a\n", "a list"), ("hello\n", "hello"), ("5\n", "5"), ("~\n", "nothing")]
)
def test_a_document_that_is_no_mapping_is_foreign(document: str, named: str) -> None:
    (gap,) = load_text(document).gaps
    assert gap.kind is GapKind.FOREIGN
    assert named in gap.reason


@pytest.mark.parametrize(
    ("document", "kind", "missing"),
    [
        ("kind: Pod\n", GapKind.REJECTED, "apiVersion missing"),
        ("apiVersion: v1\nkind: 5\n", GapKind.REJECTED, "kind missing"),
        ("services: {}\n", GapKind.FOREIGN, "apiVersion and kind missing"),
    ],
)
def test_a_mapping_without_kind_or_version_is_no_object(document: str, kind: GapKind, missing: str) -> None:
    (gap,) = load_text(document).gaps
    assert gap.kind is kind
    assert missing in gap.reason


def test_lists_of_both_forms_are_opened_with_the_lines_of_their_items() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: PodList\n  items:\n"
        "  - metadata: {name: one}\n    spec: {containers: [{name: c, image: registry.test/c:1}]}\n"
    )
    snapshot = load_text(text)
    assert [(each.metadata.name, each.place.line) for each in snapshot.pods] == [("one", 7)]
    assert not snapshot.gaps


def test_a_list_without_items_holds_nothing() -> None:
    assert not load_text("apiVersion: v1\nkind: List\n").gaps


def test_left_over_template_syntax_makes_the_policy_unknown_and_is_named() -> None:
    text = POLICY + "  podSelector: {}\n  policyTypes: {{ .Values.types }}\n"
    (gap,) = load_text(PODS + text).gaps
    assert gap.kind is GapKind.TEMPLATE
    assert "{{ .Values.types }}" in gap.reason
    assert gap.scope == Scope("default")
    assert _verdict(PODS + text) is Verdict.UNKNOWN


def test_a_template_inside_a_value_that_is_refused_makes_the_policy_unknown() -> None:
    text = POLICY + "  podSelector: {}\n  ingress: [{ports: [{port: '${PORT}'}]}]\n"
    assert {gap.kind for gap in load_text(PODS + text).gaps} == {GapKind.TEMPLATE}
    assert _verdict(PODS + text) is Verdict.UNKNOWN


def test_a_template_without_kind_is_told_as_one() -> None:
    (gap,) = load_text("metadata: {name: '{{ .Release.Name }}'}\n").gaps
    assert gap.kind is GapKind.TEMPLATE


def test_a_policy_that_the_server_refuses_is_judged_as_not_there() -> None:
    text = PODS + POLICY + "  podSelector: {}\n  ingress: [{from: [{}]}]\n"
    snapshot = load_text(text)
    assert not snapshot.network_policies
    (gap,) = snapshot.gaps
    assert gap.kind is GapKind.REJECTED
    assert gap.path == "spec.ingress[0].from[0]"
    assert _verdict(text) is Verdict.ACCEPTED


def test_a_null_rule_is_told_and_allows_everything() -> None:
    text = PODS + POLICY + "  podSelector: {}\n  ingress:\n  -\n"
    (gap,) = load_text(text).gaps
    assert "spec.ingress[0] is null" in gap.reason
    assert _verdict(text) is Verdict.ACCEPTED


def test_a_custom_resource_with_a_pod_template_is_a_workload() -> None:
    text = (
        "apiVersion: example.test/v1\nkind: Reactor\nmetadata: {name: core, namespace: lab}\n"
        "spec:\n  template:\n    metadata: {labels: {app: core}}\n    spec: {containers: [{name: c, image: x/c:1}]}\n"
    )
    (workload,) = load_text(text).workloads
    assert (workload.kind, workload.template.metadata.labels) == ("Reactor", {"app": "core"})


def test_an_unknown_kind_of_network_policy_makes_verdicts_unknown() -> None:
    text = PODS + "apiVersion: example.test/v1\nkind: FancyNetworkPolicy\nmetadata: {name: f}\nspec: {}\n"
    (gap,) = load_text(text).gaps
    assert gap.kind is GapKind.UNSUPPORTED
    assert _verdict(text) is Verdict.UNKNOWN


def test_other_kinds_are_counted() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
    assert load_text(text).other_objects == {"ConfigMap": 1}


@pytest.mark.parametrize(
    ("api_version", "kind", "tool"),
    [
        ("kustomize.config.k8s.io/v1beta1", "Kustomization", "kustomize"),
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease", "helm"),
    ],
)
def test_the_input_of_a_tool_is_told_with_the_tool_to_run(api_version: str, kind: str, tool: str) -> None:
    (gap,) = load_text(f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: k}}\n").gaps
    assert gap.kind is GapKind.FOREIGN
    assert tool in gap.remedy


def test_rules_know_their_lines() -> None:
    text = POLICY + "  podSelector: {}\n  ingress:\n  - ports:\n    - port: 80\n    from:\n    - podSelector: {}\n"
    (policy,) = load_text(text).network_policies
    wanted = {"spec.ingress[0]": 7, "spec.ingress[0].ports[0]": 8, "spec.ingress[0].from[0]": 10}
    assert {path: policy.place.at(path) for path in wanted} == {
        path: f"<stdin>:{line}" for path, line in wanted.items()
    }


def test_a_second_definition_replaces_the_first_and_is_told() -> None:
    closed = POLICY + "  podSelector: {}\n"
    opened = POLICY + "  podSelector: {}\n  ingress: [{}]\n"
    (gap,) = load_text(f"{closed}---\n{opened}").gaps
    assert gap.kind is GapKind.DUPLICATE
    assert _verdict(f"{PODS}{closed}---\n{opened}") is Verdict.ACCEPTED
    assert _verdict(f"{PODS}{opened}---\n{closed}") is Verdict.DENIED
