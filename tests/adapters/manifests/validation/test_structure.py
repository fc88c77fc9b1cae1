"""Unknown fields, wrong types and missing fields are named with their places, and with what was meant."""

import datetime as dt
from typing import Any

import pytest

from firedoor.adapters.manifests.validation import ProblemKind, check_structure, validate

from .samples import ABSENT, BY_KIND, problems_of, spoiled

UNKNOWN: list[tuple[str, str, Any, str]] = [
    ("Pod", "spec.networkPolicy", "db", "a Pod has no networkPolicy field: policies select pods by label"),
    ("Deployment", "spec.template.spec.networkPolicy", {}, "policies select pods by label"),
    ("Deployment", "spec.containers", [], "containers belongs at spec.template.spec.containers"),
    ("Deployment", "spec.template.spec.containers[0].securitycontext", {}, "did you mean securityContext?"),
    (
        "Deployment",
        "spec.template.spec.containers[0].priviliged",
        True,
        "did you mean privileged? It belongs at",
    ),
    ("Deployment", "spec.template.labels", {}, "spec.template.metadata.labels"),
    ("Pod", "metadata.label", {}, "did you mean labels?"),
    ("Pod", "spec.containers[0].hostNetwork", True, "hostNetwork belongs at spec.hostNetwork"),
    ("NetworkPolicy", "metadata.podSelector", {}, "podSelector belongs at spec.podSelector"),
    ("NetworkPolicy", "policyTypes", ["Ingress"], "policyTypes belongs at spec.policyTypes"),
    ("NetworkPolicy", "spec.polcyTypes", [], "did you mean policyTypes?"),
    ("NetworkPolicy", "spec.ports", [], "ports belongs at spec."),
    ("NetworkPolicy", "spec.action", "Deny", "a NetworkPolicy can only allow"),
    ("NetworkPolicy", "spec.selector", {}, "names its pods with podSelector"),
    ("NetworkPolicy", "spec.ingress[0].to", [], "an ingress rule says where traffic comes from"),
    ("NetworkPolicy", "spec.egress[0].from", [], "an egress rule says where traffic goes to"),
    ("NetworkPolicy", "spec.ingress[0].form", [], "did you mean from?"),
    ("NetworkPolicy", "spec.ingress[0].podSelector", {}, "a peer belongs into the list from"),
    ("NetworkPolicy", "spec.ingress[0].protocol", "TCP", "protocol and port belong into the list ports"),
    ("NetworkPolicy", "spec.ingress[0].from[0].cidr", "x", "addresses belong into ipBlock"),
    ("NetworkPolicy", "spec.ingress[0].from[0].ipblock", {}, "did you mean ipBlock?"),
    ("NetworkPolicy", "spec.ingress[0].from[0].namespace", "x", "kubernetes.io/metadata.name"),
    ("NetworkPolicy", "spec.ingress[0].from[0].matchLabels", {}, "podSelector or namespaceSelector"),
    ("NetworkPolicy", "spec.ingress[0].from[0].serviceAccount", "x", "cannot select by service account"),
    ("NetworkPolicy", "spec.ingress[0].from[0].podSelector.app", "x", "write matchLabels with app below it"),
    (
        "NetworkPolicy",
        "spec.ingress[0].ports[0].targetPort",
        80,
        "a port of a NetworkPolicy is written port",
    ),
    ("NetworkPolicy", "spec.ingress[0].ports[0].portRange", "1-2", "endPort"),
    (
        "NetworkPolicy",
        "spec.ingress[0].ports[0].zzz",
        1,
        "use a field of spec.ingress[].ports[]: endPort, port",
    ),
    ("Service", "spec.ports[0].containerPort", 80, "written targetPort in a Service"),
    ("Role", "spec", {}, "a role has no spec"),
    ("RoleBinding", "roleRef.namespace", "x", "a roleRef has no namespace"),
    ("Ingress", "spec.backend", {}, "defaultBackend"),
]


@pytest.mark.parametrize(("kind", "place", "value", "advice"), UNKNOWN, ids=lambda value: str(value)[:40])
def test_an_unknown_field_is_named_with_what_was_meant(kind: str, place: str, value: Any, advice: str) -> None:
    problems = problems_of(kind, place, value)
    (problem,) = [found for found in problems[place] if found.kind is ProblemKind.UNKNOWN_FIELD]
    assert problem.message == f'strict decoding error: unknown field "{place}"'
    assert advice in problem.remedy


WRONG: list[tuple[str, str, Any, str, str]] = [
    (
        "Deployment",
        "spec.replicas",
        "three",
        'expected integer, got string "three"',
        "write a value of type integer",
    ),
    ("Deployment", "spec.replicas", "3", 'expected integer, got string "3"', "remove the quotes: 3"),
    ("Deployment", "spec.replicas", 1.5, "expected integer, got number 1.5", "integer"),
    ("Deployment", "spec.replicas", True, "expected integer, got boolean true", "integer"),
    ("Deployment", "spec.replicas", 2**31, "expected 32-bit integer, got number 2147483648", "2147483647"),
    ("Pod", "metadata.labels", {"version": 1.0}, "", ""),
    ("Pod", "spec.hostNetwork", "yes", 'expected boolean, got string "yes"', "boolean"),
    ("Pod", "spec.hostPID", "yes", 'expected boolean, got string "yes"', "boolean"),
    ("Pod", "spec.containers[0].securityContext", "none", 'expected object, got string "none"', "is an object"),
    ("Pod", "spec.containers", {"name": "x"}, "expected array, got object", "put a dash before"),
    ("Pod", "spec.containers[0]", "x", 'expected object, got string "x"', "is an object"),
    (
        "Pod",
        "spec.containers[0].resources.limits.cpu",
        [],
        "expected number or string, got array",
        "number or string",
    ),
    ("NetworkPolicy", "spec.policyTypes", "Ingress", 'got string "Ingress"', "policyTypes: [Ingress]"),
    ("NetworkPolicy", "spec.podSelector", [], "expected object, got array", "remove the dash"),
    (
        "NetworkPolicy",
        "spec.ingress[0].ports[0].port",
        [80],
        "expected integer or string, got array",
        "integer",
    ),
    ("NetworkPolicy", "spec.ingress", {"from": []}, "expected array, got object", "ingress is a list"),
    (
        "Service",
        "spec.selector.matchLabels",
        {"a": "b"},
        "expected string, got object",
        "plain map of labels",
    ),
    ("Pod", "kind", ["Pod"], "expected string, got array", "string"),
]


@pytest.mark.parametrize(("kind", "place", "value", "fragment", "advice"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_type_is_named_with_what_was_found(
    kind: str, place: str, value: Any, fragment: str, advice: str
) -> None:
    path = place if fragment else f"{place}.version"
    (problem,) = problems_of(kind, place, value)[path]
    assert problem.kind is ProblemKind.WRONG_TYPE
    assert problem.message.startswith(f"{path}: expected ")
    assert fragment in problem.message
    assert advice in problem.remedy


def test_a_number_as_a_label_is_told_to_be_quoted() -> None:
    (problem,) = validate(spoiled("Pod", "metadata.labels", {"version": 1.0}))
    assert problem.message == "metadata.labels.version: expected string, got number 1.0"
    assert problem.remedy == 'put the value in quotes: "1.0"'


@pytest.mark.parametrize(
    ("kind", "place", "path"),
    [
        ("Pod", "spec.containers[0].env[0].name", "spec.containers[0].env[0].name"),
        (
            "Pod",
            "spec.containers[0].volumeMounts[0].mountPath",
            "spec.containers[0].volumeMounts[0].mountPath",
        ),
        ("HorizontalPodAutoscaler", "spec.maxReplicas", "spec.maxReplicas"),
        ("Pod", "apiVersion", "apiVersion"),
        ("Pod", "kind", "kind"),
    ],
)
@pytest.mark.parametrize("value", [ABSENT, None])
def test_a_required_field_is_missing_when_it_is_absent_or_null(kind: str, place: str, path: str, value: Any) -> None:
    (problem,) = problems_of(kind, place, value)[path]
    assert (problem.message, problem.kind) == (f"{path}: Required value", ProblemKind.MISSING)


@pytest.mark.parametrize(
    ("kind", "place", "value"),
    [
        ("NetworkPolicy", "spec.podSelector", None),
        ("NetworkPolicy", "spec.podSelector", ABSENT),
        ("NetworkPolicy", "spec.ingress[0].from", None),
        ("NetworkPolicy", "spec.ingress[1]", None),
        ("NetworkPolicy", "spec.ingress[0].ports[0].port", None),
        ("NetworkPolicy", "metadata.labels", {"a": None}),
        ("NetworkPolicy", "metadata.creationTimestamp", dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
        ("NetworkPolicy", "metadata.annotations", {1: "a number as a key"}),
        ("Deployment", "spec.replicas", 3.0),
        ("Pod", "status", None),
        ("Service", "spec.ports[0].targetPort", None),
    ],
)
def test_what_the_server_reads_as_absent_or_equal_is_accepted(kind: str, place: str, value: Any) -> None:
    assert validate(spoiled(kind, place, value)) == []


def test_all_problems_are_reported_in_the_order_of_their_paths() -> None:
    document = spoiled("Deployment", "spec", {"replica": 1, "replicas": "x", "selector": {"matchLabel": {}}})
    paths = [problem.path for problem in check_structure(document)]
    assert paths == ["spec.replica", "spec.replicas", "spec.selector.matchLabel"]


def test_a_value_of_the_wrong_type_does_not_bring_problems_of_its_value() -> None:
    assert [p.kind for p in validate(spoiled("Pod", "spec.containers", "none"))] == [ProblemKind.WRONG_TYPE]


def test_a_document_that_contains_itself_is_rejected() -> None:
    labels: dict[str, Any] = {}
    labels["labels"] = labels
    problems = validate(spoiled("Pod", "metadata.labels", labels) | {"metadata": {"name": "x", "labels": labels}})
    assert [problem.kind for problem in problems] == [ProblemKind.WRONG_TYPE]


def test_a_field_is_judged_by_the_release() -> None:
    document = spoiled("Pod", "spec.hostUsers", True)
    document["spec"]["resources"] = {"limits": {"cpu": 1}}
    assert validate(document, "1.37") == []
    assert [problem.path for problem in validate(document, "1.25")] == ["spec.resources"]


@pytest.mark.parametrize("version", ["", "latest", "2.0", "1", "1.x"])
def test_a_text_that_is_no_release_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="not a Kubernetes release"):
        check_structure(BY_KIND["Pod"], version)


@pytest.mark.parametrize("version", ["1.20", "v1.25.0", "1.31.4-gke.100", "v1.30+", "1.37", "1.99"])
def test_every_way_to_write_a_release_is_understood(version: str) -> None:
    assert validate(BY_KIND["NetworkPolicy"], version) == []
