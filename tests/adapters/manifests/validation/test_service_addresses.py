"""Services are rejected for what the API server rejects: addresses, families, and traffic from outside."""

from typing import Any

import pytest

from .samples import assert_rejected, problems_of

PORTS = [{"port": 80}]


def service(**fields: Any) -> dict[str, Any]:
    return {"ports": PORTS, **fields}


def external(**fields: Any) -> dict[str, Any]:
    return {"type": "ExternalName", "externalName": "a.example.com", **fields}


CASES: list[tuple[dict[str, Any], str, str]] = [
    (external(clusterIP="10.0.0.1"), "clusterIPs", "may not be set for ExternalName services"),
    (external(ipFamilies=["IPv4"]), "ipFamilies", "may not be set for ExternalName services"),
    (external(ipFamilyPolicy="SingleStack"), "ipFamilyPolicy", "may not be set for ExternalName services"),
    (external(externalName="."), "externalName", "Required value"),
    (service(ipFamilies=["IPv5"]), "ipFamilies[0]", '"IPv4", "IPv6"'),
    (service(ipFamilies=["IPv4", "IPv4"]), "ipFamilies[1]", 'Duplicate value: "IPv4"'),
    (service(ipFamilyPolicy="Dual"), "ipFamilyPolicy", '"PreferDualStack", "RequireDualStack", "SingleStack"'),
    (service(clusterIP="10.0.0.1", clusterIPs=["10.0.0.2"]), "clusterIPs", "first value must match `clusterIP`"),
    (service(clusterIPs=["10.0.0.2"]), "clusterIPs", "must be empty when `clusterIP` is not specified"),
    (
        service(clusterIP="None", clusterIPs=["None", "10.0.0.1"]),
        "clusterIPs",
        "'None' must be the first and only value",
    ),
    (service(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1", "x"]), "clusterIPs[1]", "must be a valid IP address"),
    (
        service(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1", "10.0.0.2"]),
        "clusterIPs",
        "may specify no more than one IP for each IP family",
    ),
    (
        service(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1", "fd00::1", "fd00::2"]),
        "clusterIPs",
        "may only hold up to 2 values",
    ),
    (
        service(clusterIP="10.0.0.1", ipFamilies=["IPv6"]),
        "clusterIPs[0]",
        "expected an IPv6 value as indicated by `ipFamilies[0]`",
    ),
    (service(sessionAffinity="Some"), "sessionAffinity", '"ClientIP", "None"'),
    (
        service(sessionAffinity="ClientIP", sessionAffinityConfig={"clientIP": {"timeoutSeconds": 0}}),
        "sessionAffinityConfig.clientIP.timeoutSeconds",
        "must be greater than 0 and less than 86400",
    ),
    (service(trafficDistribution="Near"), "trafficDistribution", '"PreferClose", "PreferSameZone", "PreferSameNode"'),
    (service(internalTrafficPolicy=""), "internalTrafficPolicy", '"Cluster", "Local"'),
    (service(type="NodePort", externalTrafficPolicy="Near"), "externalTrafficPolicy", '"Cluster", "Local"'),
    (service(healthCheckNodePort=1), "healthCheckNodePort", "may only be set when `type` is 'LoadBalancer' and"),
    (
        service(type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=70000),
        "healthCheckNodePort",
        "must be between 1 and 65535",
    ),
    (service(loadBalancerClass="a"), "loadBalancerClass", "may only be used when `type` is 'LoadBalancer'"),
    (service(type="LoadBalancer", loadBalancerClass="a b"), "loadBalancerClass", "name part must consist of"),
    (service(allocateLoadBalancerNodePorts=True), "allocateLoadBalancerNodePorts", "may only be used when `type` is"),
    ({"ports": [{"port": 80, "appProtocol": "a b"}]}, "ports[0].appProtocol", "name part must consist of"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{str(case[0])[:90]}:{case[1]}")
def test_a_spoiled_service_is_rejected(case: tuple[dict[str, Any], str, str]) -> None:
    spec, place, words = case
    assert_rejected(("Service", "spec", spec, f"spec.{place}", words))


@pytest.mark.parametrize(
    "spec",
    [
        external(externalName="a.example.com.", ports=[]),
        service(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1", "fd00::1"], ipFamilies=["IPv4", "IPv6"]),
        service(sessionAffinityConfig={"clientIP": {"timeoutSeconds": 0}}),
        service(type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=30000),
        {"clusterIP": "None", "clusterIPs": ["None"]},
    ],
)
def test_a_service_is_taken(spec: dict[str, Any]) -> None:
    assert problems_of("Service", "spec", spec) == {}


def test_an_annotation_admits_clients_as_the_field_does() -> None:
    name = "service.beta.kubernetes.io/load-balancer-source-ranges"
    found = problems_of("Service", "metadata.annotations", {name: "10.0.0.0/8, x"})
    assert len(found[f"metadata.annotations[{name}]"]) == 2
    assert problems_of("Service", "metadata.annotations", {name: ""}).keys() == {f"metadata.annotations[{name}]"}


def test_two_annotations_about_topology_must_agree() -> None:
    mode, hints = "service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints"
    assert problems_of("Service", "metadata.annotations", {mode: "Auto", hints: "Auto"}) == {}
    assert list(problems_of("Service", "metadata.annotations", {mode: "Auto", hints: "auto"})) == [
        f"metadata.annotations[{mode}]"
    ]


def test_the_scope_of_parameters_is_left_out_or_right() -> None:
    assert problems_of("IngressClass", "spec.parameters.scope", None) == {}
    assert list(problems_of("IngressClass", "spec.parameters.scope", "")) == ["spec.parameters.scope"]
