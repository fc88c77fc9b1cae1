"""Pods, workloads, services, ingresses and roles are rejected for what the API server rejects."""

from typing import Any

import pytest

from .samples import ABSENT, assert_rejected, problems_of

C = "spec.containers[0]"
TEMPLATE = "spec.template.metadata.labels"
RESTART = "spec.template.spec.restartPolicy"
PATHS = "spec.rules[0].http.paths"
CASES: list[tuple[str, str, Any, str, str]] = [
    ("Pod", "spec.containers", [], "spec.containers", "spec.containers: Required value"),
    ("Pod", "spec", ABSENT, "spec.containers", "Required value"),
    ("Pod", f"{C}.name", ABSENT, f"{C}.name", f"{C}.name: Required value"),
    ("Pod", f"{C}.name", "My_App", f"{C}.name", "a lowercase RFC 1123 label must consist of"),
    ("Pod", f"{C}.name", "a.b", f"{C}.name", "must not contain dots"),
    ("Pod", f"{C}.name", "x" * 64, f"{C}.name", "must be no more than 63 bytes"),
    (
        "Pod",
        "spec.containers[1]",
        {"name": "app", "image": "x"},
        "spec.containers[1].name",
        'Duplicate value: "app"',
    ),
    ("Pod", "spec.initContainers[0].name", "app", "spec.initContainers[0].name", 'Duplicate value: "app"'),
    ("Pod", f"{C}.image", ABSENT, f"{C}.image", f"{C}.image: Required value"),
    ("Pod", f"{C}.image", " x", f"{C}.image", "must not have leading or trailing whitespace"),
    ("Pod", f"{C}.imagePullPolicy", "always", f"{C}.imagePullPolicy", '"Always", "IfNotPresent", "Never"'),
    ("Pod", f"{C}.ports[1].name", "http", f"{C}.ports[1].name", 'Duplicate value: "http"'),
    ("Pod", f"{C}.ports[0].name", "much-too-long-name", f"{C}.ports[0].name", "no more than 15 bytes"),
    ("Pod", f"{C}.ports[0].containerPort", 0, f"{C}.ports[0].containerPort", "Required value"),
    ("Pod", f"{C}.ports[0].containerPort", ABSENT, f"{C}.ports[0].containerPort", "Required value"),
    (
        "Pod",
        f"{C}.ports[0].containerPort",
        99999,
        f"{C}.ports[0].containerPort",
        "Invalid value: 99999: must be between",
    ),
    ("Pod", f"{C}.ports[0].hostPort", 70000, f"{C}.ports[0].hostPort", "must be between 1 and 65535"),
    (
        "Pod",
        f"{C}.ports[0].protocol",
        "tcp",
        f"{C}.ports[0].protocol",
        'supported values: "SCTP", "TCP", "UDP"',
    ),
    ("Pod", f"{C}.resources.limits.cpu", "1 cpu", f"{C}.resources.limits.cpu", "quantities must match"),
    ("Pod", f"{C}.volumeMounts[0].name", "gone", f"{C}.volumeMounts[0].name", 'Not found: "gone"'),
    ("Pod", "spec.restartPolicy", "always", "spec.restartPolicy", '"Always", "OnFailure", "Never"'),
    ("Pod", "spec.dnsPolicy", "Host", "spec.dnsPolicy", "Unsupported value"),
    (
        "Pod",
        "spec.nodeSelector",
        {"a b": "c"},
        "spec.nodeSelector",
        'Invalid value: "a b": name part must consist of',
    ),
    ("Pod", "spec.serviceAccountName", "A", "spec.serviceAccountName", "RFC 1123 subdomain"),
    (
        "Pod",
        "metadata.labels",
        {"app": "a b"},
        "metadata.labels",
        'metadata.labels: Invalid value: "a b": a valid label',
    ),
    ("Pod", "metadata.labels", {"x" * 64: ""}, "metadata.labels", "name part must be no more than 63 bytes"),
    (
        "Pod",
        "metadata.labels",
        {"A_b/c": ""},
        "metadata.labels",
        "prefix part a lowercase RFC 1123 subdomain",
    ),
    ("Pod", "metadata.annotations", {"": "x"}, "metadata.annotations", "name part must be non-empty"),
    (
        "Pod",
        "metadata.annotations",
        {"a": "x" * 300000},
        "metadata.annotations",
        "Too long: may not be more than",
    ),
    ("Pod", "metadata.namespace", "a.b", "metadata.namespace", "must not contain dots"),
    ("Pod", "metadata.generateName", "Web-", "metadata.generateName", "RFC 1123 subdomain"),
    ("Pod", "metadata.finalizers", ["a b"], "metadata.finalizers", 'Invalid value: "a b"'),
    ("Pod", "metadata.ownerReferences", [{}], "metadata.ownerReferences.uid", "must not be empty"),
    ("Namespace", "metadata.name", "a.b", "metadata.name", "must not contain dots"),
    ("StatefulSet", "metadata.name", "a.b", "metadata.name", "must not contain dots"),
    ("CronJob", "metadata.name", "x" * 53, "metadata.name", "must be no more than 52 characters"),
    ("Deployment", "spec.selector", ABSENT, "spec.selector", "spec.selector: Required value"),
    ("Deployment", "spec.selector", {}, "spec.selector", "empty selector is invalid for deployment"),
    ("DaemonSet", "spec.selector", {}, "spec.selector", "empty selector is invalid for daemonset"),
    ("DaemonSet", "spec.selector", ABSENT, TEMPLATE, "`selector` does not match template `labels`"),
    (
        "StatefulSet",
        "spec.selector",
        {"matchLabels": {}},
        "spec.selector",
        "empty selector is invalid for statefulset",
    ),
    (
        "Deployment",
        "spec.selector.matchLabels.app",
        "x",
        TEMPLATE,
        "`selector` does not match template `labels`",
    ),
    ("ReplicaSet", TEMPLATE, ABSENT, TEMPLATE, "Invalid value: {}: `selector` does not match"),
    (
        "StatefulSet",
        "spec.selector.matchExpressions",
        [{"key": "tier", "operator": "NotIn", "values": ["front"]}],
        TEMPLATE,
        "does not match template",
    ),
    (
        "Deployment",
        "spec.replicas",
        -1,
        "spec.replicas",
        "Invalid value: -1: must be greater than or equal to 0",
    ),
    ("Deployment", "spec.template", ABSENT, "spec.template.spec.containers", "Required value"),
    ("Deployment", RESTART, "Never", RESTART, 'Unsupported value: "Never": supported values: "Always"'),
    (
        "Deployment",
        "spec.strategy",
        {"type": "Recreate", "rollingUpdate": {}},
        "spec.strategy.rollingUpdate",
        "Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ),
    *(
        (
            "Deployment",
            "spec.selector.matchExpressions",
            [expression],
            TEMPLATE,
            "`selector` does not match template `labels`",
        )
        for expression in (
            {"key": "tier", "operator": "In", "values": ["back"]},
            {"key": "gone", "operator": "Exists"},
            {"key": "tier", "operator": "DoesNotExist"},
        )
    ),
    ("ReplicationController", "spec.selector.app", "x", TEMPLATE, "does not match template"),
    ("ReplicationController", "spec.template", ABSENT, "spec.template", "Required value"),
    ("PodTemplate", "template.spec.containers", [], "template.spec.containers", "Required value"),
    ("Job", RESTART, "Always", RESTART, 'Required value: valid values: "OnFailure", "Never"'),
    ("Job", RESTART, ABSENT, RESTART, 'Required value: valid values: "OnFailure", "Never"'),
    ("Job", "spec.selector", {"matchLabels": {"a": "b"}}, "spec.selector", "`selector` not auto-generated"),
    ("CronJob", "spec.schedule", "daily", "spec.schedule", "expected exactly 5 fields, found 1: [daily]"),
    ("CronJob", "spec.schedule", ABSENT, "spec.schedule", "Required value"),
    ("CronJob", "spec.concurrencyPolicy", "Deny", "spec.concurrencyPolicy", '"Allow", "Forbid", "Replace"'),
    (
        "CronJob",
        "spec.jobTemplate.spec.template.spec.restartPolicy",
        "Always",
        "spec.jobTemplate.spec.template.spec.restartPolicy",
        "Required value",
    ),
    (
        "CronJob",
        "spec.jobTemplate.spec.selector",
        {},
        "spec.jobTemplate.spec.selector",
        "`selector` will be auto-generated",
    ),
    ("Service", "spec.ports", [], "spec.ports", "spec.ports: Required value"),
    (
        "Service",
        "spec.ports[0].port",
        0,
        "spec.ports[0].port",
        "Invalid value: 0: must be between 1 and 65535",
    ),
    (
        "Service",
        "spec.ports[0].port",
        ABSENT,
        "spec.ports[0].port",
        "Invalid value: 0: must be between 1 and 65535",
    ),
    ("Service", "spec.ports[1].name", "http", "spec.ports[1].name", 'Duplicate value: "http"'),
    ("Service", "spec.ports[0].name", ABSENT, "spec.ports[0].name", "Required value"),
    (
        "Service",
        "spec.ports[0].targetPort",
        "80",
        "spec.ports[0].targetPort",
        "must contain at least one letter",
    ),
    ("Service", "spec.ports[0].targetPort", 70000, "spec.ports[0].targetPort", "must be between 1 and 65535"),
    ("Service", "spec.ports[0].protocol", "HTTP", "spec.ports[0].protocol", "Unsupported value"),
    (
        "Service",
        "spec.ports[0].nodePort",
        30000,
        "spec.ports[0].nodePort",
        "Forbidden: may not be used when `type`",
    ),
    ("Service", "spec.ports[2]", {"name": "x", "port": 80}, "spec.ports[2]", "Duplicate value"),
    (
        "Service",
        "spec.type",
        "Public",
        "spec.type",
        '"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ),
    ("Service", "spec.type", "ExternalName", "spec.externalName", "Required value"),
    ("Service", "spec.sessionAffinity", "Client", "spec.sessionAffinity", "Unsupported value"),
    ("Service", "spec.clusterIP", "ten", "spec.clusterIP", "must be a valid IP address"),
    ("Service", "spec.externalIPs", ["127.0.0.1"], "spec.externalIPs[0]", "may not be in the loopback range"),
    ("Service", "spec.externalIPs", ["010.0.0.1"], "spec.externalIPs[0]", "must not have leading 0s"),
    (
        "Service",
        "spec.externalTrafficPolicy",
        "Local",
        "spec.externalTrafficPolicy",
        "externally-accessible services",
    ),
    ("Service", "spec.loadBalancerSourceRanges", ["x"], "spec.loadBalancerSourceRanges", "Forbidden"),
    ("Service", "spec.selector", {"a b": "c"}, "spec.selector", "name part must consist of"),
    (
        "Endpoints",
        "subsets[0].addresses",
        [],
        "subsets[0]",
        "must specify `addresses` or `notReadyAddresses`",
    ),
    (
        "Endpoints",
        "subsets[0].addresses[0].ip",
        "web",
        "subsets[0].addresses[0].ip",
        "must be a valid IP address",
    ),
    ("Endpoints", "subsets[0].ports[0].port", 0, "subsets[0].ports[0].port", "must be between 1 and 65535"),
    ("EndpointSlice", "addressType", "IP", "addressType", 'supported values: "FQDN", "IPv4", "IPv6"'),
    (
        "EndpointSlice",
        "endpoints[0].addresses",
        [],
        "endpoints[0].addresses",
        "must contain at least 1 address",
    ),
    (
        "EndpointSlice",
        "endpoints[0].addresses[0]",
        "::1",
        "endpoints[0].addresses[0]",
        "must be a valid IPv4 address",
    ),
    ("EndpointSlice", "ports[1]", {"name": "http"}, "ports[1].name", 'Duplicate value: "http"'),
    ("Ingress", "spec", {}, "spec", "either `defaultBackend` or `rules` must be specified"),
    (
        "Ingress",
        "spec.rules[0].host",
        "10.0.0.1",
        "spec.rules[0].host",
        "must be a DNS name, not an IP address",
    ),
    ("Ingress", "spec.rules[0].host", "a.*.com", "spec.rules[0].host", "a wildcard DNS-1123 subdomain"),
    ("Ingress", PATHS, [], PATHS, f"{PATHS}: Required value"),
    ("Ingress", f"{PATHS}[0].pathType", ABSENT, f"{PATHS}[0].pathType", "pathType must be specified"),
    (
        "Ingress",
        f"{PATHS}[0].pathType",
        "prefix",
        f"{PATHS}[0].pathType",
        '"Exact", "ImplementationSpecific", "Prefix"',
    ),
    ("Ingress", f"{PATHS}[0].path", "x", f"{PATHS}[0].path", "must be an absolute path"),
    ("Ingress", f"{PATHS}[0].path", "/a//b", f"{PATHS}[0].path", "must not contain '//'"),
    ("Ingress", f"{PATHS}[0].path", "/a/..", f"{PATHS}[0].path", "cannot end with '/..'"),
    ("Ingress", f"{PATHS}[0].backend", {}, f"{PATHS}[0].backend", "resource or service backend is required"),
    (
        "Ingress",
        f"{PATHS}[0].backend.service.port",
        {},
        f"{PATHS}[0].backend",
        "port name or number is required",
    ),
    (
        "Ingress",
        f"{PATHS}[0].backend.service.port.name",
        "x",
        f"{PATHS}[0].backend",
        "cannot set both port name",
    ),
    (
        "Ingress",
        f"{PATHS}[0].backend.resource",
        {"kind": "a"},
        f"{PATHS}[0].backend",
        "cannot set both resource",
    ),
    ("Ingress", "spec.tls[0].secretName", "A", "spec.tls[0].secretName", "RFC 1123 subdomain"),
    (
        "Ingress",
        f"{PATHS}[0].backend",
        {"resource": {}},
        f"{PATHS}[0].backend.resource.kind",
        "Required value",
    ),
    (
        "Ingress",
        f"{PATHS}[0].backend",
        {"service": {"name": "w", "port": {"number": 70000}}},
        f"{PATHS}[0].backend.service.port.number",
        "must be between 1 and 65535",
    ),
    ("Ingress", "spec.defaultBackend", {"service": {}}, "spec.defaultBackend.service.name", "Required value"),
    ("Ingress", "spec.tls[0].hosts[0]", "", "spec.tls[0].hosts[0]", "RFC 1123 subdomain"),
    (
        "Ingress",
        "metadata.annotations",
        {"kubernetes.io/ingress.class": "other"},
        "annotations.kubernetes.io/ingress.class",
        "must match `ingressClassName` when both are specified",
    ),
    (
        "IngressClass",
        "spec.controller",
        "k8s.io/a b",
        "spec.controller",
        "Invalid path (regex used for validation is",
    ),
    ("IngressClass", "spec.controller", ABSENT, "spec.controller", "Required value"),
    ("IngressClass", "spec.parameters.scope", "Local", "spec.parameters.scope", "Unsupported value"),
    ("IngressClass", "spec.parameters.apiGroup", "A", "spec.parameters.apiGroup", "RFC 1123 subdomain"),
    ("Role", "metadata.name", "..", "metadata.name", "may not be '..'"),
    (
        "ClusterRole",
        "aggregationRule",
        {},
        "aggregationRule.clusterRoleSelectors",
        "at least one clusterRoleSelector required if aggregationRule is non-nil",
    ),
    (
        "ClusterRole",
        "aggregationRule.clusterRoleSelectors",
        [{"matchExpressions": [{"key": "a", "operator": "Foo"}]}],
        "aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator",
        "not a valid selector operator",
    ),
    ("Service", "spec.internalTrafficPolicy", "Near", "spec.internalTrafficPolicy", "Unsupported value"),
    (
        "Service",
        "spec.externalIPs",
        ["::ffff:10.0.0.1"],
        "spec.externalIPs[0]",
        "must not be an IPv4-mapped IPv6",
    ),
    ("Service", "spec.externalIPs", ["0.0.0.0"], "spec.externalIPs[0]", "may not be unspecified"),
    (
        "Service",
        "spec.externalIPs",
        ["169.254.0.1"],
        "spec.externalIPs[0]",
        "may not be in the link-local range",
    ),
    ("Service", "spec.externalIPs", ["224.0.0.9"], "spec.externalIPs[0]", "link-local multicast range"),
    ("Endpoints", "subsets[0].ports[0].protocol", "tcp", "subsets[0].ports[0].protocol", "Unsupported value"),
    ("EndpointSlice", "addressType", "", "addressType", "Required value"),
    (
        "EndpointSlice",
        "endpoints[0].addresses[0]",
        "224.0.0.1",
        "endpoints[0].addresses[0]",
        "link-local multicast",
    ),
    ("EndpointSlice", "ports[0].protocol", "tcp", "ports[0].protocol", "Unsupported value"),
    (
        "EndpointSlice",
        "endpoints[0].addresses",
        ["10.0.0.7"] * 101,
        "endpoints[0].addresses",
        "Too many: 101",
    ),
    ("IngressClass", "spec.controller", "nginx", "spec.controller", "must be a domain-prefixed path"),
    ("IngressClass", "spec.parameters.namespace", "x", "spec.parameters.namespace", "Forbidden"),
    ("IngressClass", "spec.parameters.scope", "Namespace", "spec.parameters.namespace", "Required value"),
    ("Role", "rules[0].verbs", [], "rules[0].verbs", "Required value: verbs must contain at least one value"),
    (
        "Role",
        "rules[0].apiGroups",
        ABSENT,
        "rules[0].apiGroups",
        "resource rules must supply at least one api group",
    ),
    ("Role", "rules[0].resources", ABSENT, "rules[0].resources", "must supply at least one resource"),
    ("Role", "rules[0].nonResourceURLs", ["/x"], "rules[0].nonResourceURLs", "namespaced rules cannot apply"),
    ("ClusterRole", "rules[0].resources", ["pods"], "rules[0].nonResourceURLs", "both regular resources and"),
    ("Role", "metadata.name", "a/b", "metadata.name", "may not contain '/'"),
    ("RoleBinding", "roleRef", ABSENT, "roleRef.name", "roleRef.name: Required value"),
    (
        "RoleBinding",
        "roleRef.kind",
        "role",
        "roleRef.kind",
        'Unsupported value: "role": supported values: "Role", ',
    ),
    ("ClusterRoleBinding", "roleRef.kind", "Role", "roleRef.kind", 'supported values: "ClusterRole"'),
    ("RoleBinding", "roleRef.apiGroup", "rbac", "roleRef.apiGroup", 'values: "rbac.authorization.k8s.io"'),
    (
        "RoleBinding",
        "subjects[0].apiGroup",
        "v1",
        "subjects[0].apiGroup",
        'Unsupported value: "v1": supported values: ""',
    ),
    ("RoleBinding", "subjects[1].apiGroup", "v1", "subjects[1].apiGroup", "Unsupported value"),
    ("RoleBinding", "subjects[2].name", "", "subjects[2].name", "group name cannot be empty"),
    ("RoleBinding", "subjects[0].kind", "Pod", "subjects[0].kind", '"ServiceAccount", "User", "Group"'),
    ("ClusterRoleBinding", "subjects[0].namespace", ABSENT, "subjects[0].namespace", "Required value"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}:{case[1]}={str(case[2])[:20]}")
def test_a_spoiled_object_is_rejected(case: tuple[str, str, Any, str, str]) -> None:
    assert_rejected(case)


def test_ports_on_the_host_network_must_be_equal() -> None:
    ports = [
        {"containerPort": 80, "hostPort": 81},
        {"containerPort": 90},
        {"containerPort": 91, "hostPort": 81},
    ]
    spec = {"hostNetwork": True, "containers": [{"name": "a", "image": "b", "ports": ports}]}
    found = problems_of("Pod", "spec", spec)
    assert sorted(found) == [f"{C}.ports[0].hostPort", f"{C}.ports[2].hostPort"]
    assert "must match `containerPort` when `hostNetwork` is true" in found[f"{C}.ports[0].hostPort"][0].message
    assert any('Duplicate value: "TCP//81"' in problem.message for problem in found[f"{C}.ports[2].hostPort"])


def test_a_headless_service_needs_no_ports() -> None:
    assert problems_of("Service", "spec", {"clusterIP": "None"}) == {}
    headless = problems_of("Service", "spec", {"clusterIP": "None", "type": "NodePort"})
    assert list(headless) == ["spec.clusterIPs[0]"]


def test_a_service_may_begin_with_a_digit_since_1_36() -> None:
    assert problems_of("Service", "metadata.name", "1web") == {}
    assert list(problems_of("Service", "metadata.name", "1web", "1.35")) == ["metadata.name"]


def test_names_may_be_those_of_several_resources() -> None:
    rule = {"apiGroups": [""], "resources": ["pods", "secrets"], "resourceNames": ["x"], "verbs": ["get"]}
    assert problems_of("Role", "rules[0]", rule) == {}


def test_a_job_that_a_cluster_created_keeps_its_selector() -> None:
    selector = {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}}
    assert problems_of("Job", "metadata", {"name": "x", "uid": "u"}) == {}
    assert "spec.selector" in problems_of("Job", "spec.selector", selector)
