"""Containers are rejected for what the API server rejects: environment, probes, mounts, restarts."""

from typing import Any

import pytest

from .samples import assert_rejected, problems_of

C = "spec.containers[0]"
ENV = f"{C}.env[0]"
PROBE = f"{C}.livenessProbe"
MOUNT = f"{C}.volumeMounts[0]"
ONE_OF = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"


def env(source: dict[str, Any], **rest: Any) -> list[dict[str, Any]]:
    return [{"name": "A", "valueFrom": source, **rest}]


CASES: list[tuple[str, str, Any, str, str]] = [
    ("Pod", f"{C}.env", [{"name": ""}], f"{ENV}.name", "Required value"),
    ("Pod", f"{C}.env", [{"name": "A=B"}], f"{ENV}.name", "only of printable ASCII characters other than '='"),
    ("Pod", f"{C}.env", env({}), f"{ENV}.valueFrom", ONE_OF),
    (
        "Pod",
        f"{C}.env",
        env({"fieldRef": {"fieldPath": "metadata.name"}, "secretKeyRef": {"name": "a", "key": "b"}}),
        f"{ENV}.valueFrom",
        "may not have more than one field specified at a time",
    ),
    (
        "Pod",
        f"{C}.env",
        env({"fieldRef": {"fieldPath": "metadata.name"}}, value="x"),
        f"{ENV}.valueFrom",
        "may not be specified when `value` is not empty",
    ),
    (
        "Pod",
        f"{C}.env",
        env({"secretKeyRef": {"name": "-a", "key": "b"}}),
        f"{ENV}.valueFrom.secretKeyRef.name",
        "a lowercase RFC 1123 subdomain",
    ),
    (
        "Pod",
        f"{C}.env",
        env({"configMapKeyRef": {"key": "b"}}),
        f"{ENV}.valueFrom.configMapKeyRef.name",
        'Invalid value: "": a lowercase RFC 1123 subdomain',
    ),
    (
        "Pod",
        f"{C}.env",
        env({"configMapKeyRef": {"name": "a", "key": ""}}),
        f"{ENV}.valueFrom.configMapKeyRef.key",
        "Required value",
    ),
    *(
        (
            "Pod",
            f"{C}.env",
            env({"secretKeyRef": {"name": "a", "key": key}}),
            f"{ENV}.valueFrom.secretKeyRef.key",
            words,
        )
        for key, words in (
            ("a b", "a valid config key must consist of"),
            ("..", "must not be '..'"),
            ("..a", "must not start with '..'"),
            ("a" * 254, "must be no more than 253 bytes"),
        )
    ),
    *(
        ("Pod", f"{C}.env", env({"fieldRef": reference}), f"{ENV}.valueFrom.fieldRef{place}", words)
        for reference, place, words in (
            ({"fieldPath": ""}, ".fieldPath", "Required value"),
            ({"fieldPath": "metadata.name", "apiVersion": "v2"}, ".fieldPath", "unsupported pod version: v2"),
            ({"fieldPath": "spec.image"}, ".fieldPath", "field label not supported: spec.image"),
            ({"fieldPath": "metadata.labels"}, ".fieldPath", 'Unsupported value: "metadata.labels"'),
            ({"fieldPath": "status.podIP['a']"}, ".fieldPath", "field label does not support subscript"),
            ({"fieldPath": "metadata.labels['a b']"}, "", "name part must consist of"),
        )
    ),
    *(
        ("Pod", f"{C}.env", env({"resourceFieldRef": reference}), f"{ENV}.valueFrom.resourceFieldRef{place}", words)
        for reference, place, words in (
            ({"resource": ""}, ".resource", "Required value"),
            (
                {"resource": "limits.gpu"},
                ".resource",
                'Unsupported value: "limits.gpu": supported values: "limits.cpu"',
            ),
            ({"resource": "limits.cpu", "divisor": "2"}, ".divisor", "only divisor's values 1m and 1 are supported"),
            ({"resource": "limits.memory", "divisor": "3Mi"}, ".divisor", "are supported with the memory resource"),
            ({"resource": "limits.memory", "divisor": "x"}, ".divisor", "quantities must match"),
        )
    ),
    (
        "Pod",
        f"{C}.env",
        env({"fileKeyRef": {"key": "", "path": "../a", "volumeName": "A"}}),
        f"{ENV}.valueFrom.fileKeyRef.path",
        "must not contain '..'",
    ),
    ("Pod", f"{C}.envFrom", [{}], f"{C}.envFrom", "must specify one of: `configMapRef` or `secretRef`"),
    (
        "Pod",
        f"{C}.envFrom",
        [{"configMapRef": {"name": "a"}, "secretRef": {"name": "a"}}],
        f"{C}.envFrom",
        "may not have more than one field",
    ),
    ("Pod", f"{C}.envFrom", [{"secretRef": {}}], f"{C}.envFrom[0].secretRef.name", "Required value"),
    ("Pod", f"{C}.envFrom", [{"secretRef": {"name": "A"}}], f"{C}.envFrom[0].secretRef.name", "RFC 1123 subdomain"),
    ("Pod", f"{C}.envFrom", [{"prefix": "é", "secretRef": {"name": "a"}}], f"{C}.envFrom[0].prefix", "printable"),
    ("Pod", PROBE, {}, PROBE, "Required value: must specify a handler type"),
    (
        "Pod",
        PROBE,
        {"exec": {"command": ["a"]}, "tcpSocket": {"port": 1}},
        f"{PROBE}.tcpSocket",
        "may not specify more than 1 handler type",
    ),
    ("Pod", PROBE, {"exec": {}}, f"{PROBE}.exec.command", "Required value"),
    ("Pod", PROBE, {"httpGet": {"port": 0}}, f"{PROBE}.httpGet.port", "must be between 1 and 65535"),
    ("Pod", PROBE, {"httpGet": {"port": "80"}}, f"{PROBE}.httpGet.port", "must contain at least one letter"),
    ("Pod", PROBE, {"httpGet": {"port": 1, "scheme": "FTP"}}, f"{PROBE}.httpGet.scheme", '"HTTP", "HTTPS"'),
    (
        "Pod",
        PROBE,
        {"httpGet": {"port": 1, "httpHeaders": [{"name": "a b", "value": ""}]}},
        f"{PROBE}.httpGet.httpHeaders",
        "a valid HTTP header must consist of",
    ),
    ("Pod", PROBE, {"grpc": {"port": 70000}}, f"{PROBE}.grpc.port", "must be between 1 and 65535"),
    ("Pod", PROBE, {"tcpSocket": {"port": 1}, "successThreshold": 2}, f"{PROBE}.successThreshold", "must be 1"),
    (
        "Pod",
        PROBE,
        {"tcpSocket": {"port": 1}, "periodSeconds": -1},
        f"{PROBE}.periodSeconds",
        "must be greater than or equal to 0",
    ),
    (
        "Pod",
        PROBE,
        {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 0},
        f"{PROBE}.terminationGracePeriodSeconds",
        "must be greater than 0",
    ),
    (
        "Pod",
        f"{C}.readinessProbe",
        {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 1},
        f"{C}.readinessProbe.terminationGracePeriodSeconds",
        "must not be set for readinessProbes",
    ),
    ("Pod", f"{C}.lifecycle", {"preStop": {}}, f"{C}.lifecycle.preStop", "must specify a handler type"),
    (
        "Pod",
        f"{C}.lifecycle",
        {"preStop": {"sleep": {"seconds": 31}}},
        f"{C}.lifecycle.preStop.sleep",
        "must be non-negative and less than terminationGracePeriodSeconds (30)",
    ),
    (
        "Pod",
        "spec.initContainers[0].livenessProbe",
        {"exec": {"command": ["a"]}},
        "spec.initContainers[0].livenessProbe",
        "may not be set for init containers without restartPolicy=Always",
    ),
    ("Pod", f"{MOUNT}.mountPath", "", f"{MOUNT}.mountPath", "Required value"),
    ("Pod", f"{C}.volumeMounts", [{"name": "", "mountPath": "/a"}], f"{MOUNT}.name", "Required value"),
    (
        "Pod",
        f"{C}.volumeMounts[1]",
        {"name": "data", "mountPath": "/data"},
        f"{C}.volumeMounts[1].mountPath",
        "must be unique",
    ),
    ("Pod", f"{MOUNT}.subPath", "/a", f"{MOUNT}.subPath", "must be a relative path"),
    ("Pod", f"{MOUNT}.subPathExpr", "a/../b", f"{MOUNT}.subPathExpr", "must not contain '..'"),
    (
        "Pod",
        f"{C}.volumeMounts",
        [{"name": "data", "mountPath": "/a", "subPath": "a", "subPathExpr": "b"}],
        f"{MOUNT}.subPathExpr",
        "subPathExpr and subPath are mutually exclusive",
    ),
    ("Pod", f"{MOUNT}.mountPropagation", "Both", f"{MOUNT}.mountPropagation", "Unsupported value"),
    (
        "Pod",
        f"{MOUNT}.mountPropagation",
        "Bidirectional",
        f"{MOUNT}.mountPropagation",
        "available only to privileged containers",
    ),
    ("Pod", f"{MOUNT}.recursiveReadOnly", "Always", f"{MOUNT}.recursiveReadOnly", "Unsupported value"),
    ("Pod", f"{MOUNT}.recursiveReadOnly", "Enabled", f"{MOUNT}.recursiveReadOnly", "when readOnly is true"),
    (
        "Pod",
        f"{C}.volumeMounts",
        [
            {
                "name": "data",
                "mountPath": "/a",
                "readOnly": True,
                "recursiveReadOnly": "Enabled",
                "mountPropagation": "HostToContainer",
            }
        ],
        f"{MOUNT}.recursiveReadOnly",
        "may only be specified when mountPropagation is None or not specified",
    ),
    *(
        ("Pod", f"{C}.volumeDevices", devices, f"{C}.volumeDevices[{index}].{field}", words)
        for devices, index, field, words in (
            ([{"name": "gone", "devicePath": "/d"}], 0, "name", 'Not found: "gone"'),
            ([{"name": "data", "devicePath": "/d"}], 0, "name", "can only use volume source type of"),
            ([{"name": "data", "devicePath": "/d"}], 0, "name", "must not already exist in volumeMounts"),
            (
                [{"name": "x", "devicePath": "/data"}],
                0,
                "devicePath",
                "must not already exist as a path in volumeMounts",
            ),
            ([{"name": "x", "devicePath": ""}], 0, "devicePath", "Required value"),
            ([{"name": "x", "devicePath": "/../d"}], 0, "devicePath", "can not contain backsteps ('..')"),
            ([{"name": "x", "devicePath": "/d"}] * 2, 1, "name", "must be unique"),
            ([{"name": "x", "devicePath": "/d"}] * 2, 1, "devicePath", "must be unique"),
        )
    ),
    (
        "Pod",
        f"{C}.volumeDevices",
        [{"name": "data", "devicePath": "/data"}],
        f"{MOUNT}.mountPath",
        "must not already exist as a path in volumeDevices",
    ),
    ("Pod", f"{C}.terminationMessagePolicy", "Log", f"{C}.terminationMessagePolicy", '"FallbackToLogsOnError"'),
    ("Pod", f"{C}.restartPolicy", "Sometimes", f"{C}.restartPolicy", 'values: "Always", "Never", "OnFailure"'),
    ("Pod", f"{C}.restartPolicyRules", [{"action": "Restart"}], f"{C}.restartPolicy", "must specify restartPolicy"),
    (
        "Pod",
        f"{C}.restartPolicyRules",
        [{"action": "Stop", "exitCodes": {"operator": "Is"}}],
        f"{C}.restartPolicyRules[0].exitCodes.operator",
        'Unsupported value: "Is"',
    ),
    (
        "Pod",
        f"{C}.restartPolicyRules",
        [{"action": "Stop"}],
        f"{C}.restartPolicyRules[0].exitCodes",
        "Required value: must be specified",
    ),
    ("Pod", "spec.ephemeralContainers", [{"name": "a", "image": "b"}], "spec.ephemeralContainers", "set on create"),
    (
        "Deployment",
        "spec.template.spec.ephemeralContainers",
        [{"name": "a", "image": "b"}],
        "spec.template.spec.ephemeralContainers",
        "ephemeral containers not allowed in pod template",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]}={str(case[2])[:60]}:{case[4][:20]}")
def test_a_spoiled_container_is_rejected(case: tuple[str, str, Any, str, str]) -> None:
    assert_rejected(case)


def test_names_of_variables_were_stricter_before_1_32() -> None:
    variables = [{"name": "A B", "value": ""}]
    assert problems_of("Pod", f"{C}.env", variables, "1.32") == {}
    assert list(problems_of("Pod", f"{C}.env", variables, "1.31")) == [f"{ENV}.name"]


def test_a_sleep_may_be_of_no_length_since_1_33() -> None:
    lifecycle = {"preStop": {"sleep": {"seconds": 0}}}
    assert problems_of("Pod", f"{C}.lifecycle", lifecycle, "1.33") == {}
    assert list(problems_of("Pod", f"{C}.lifecycle", lifecycle, "1.32")) == [f"{C}.lifecycle.preStop.sleep"]


def test_init_containers_only_run_always_or_to_their_end_before_1_35() -> None:
    place = "spec.initContainers[0].restartPolicy"
    assert problems_of("Pod", place, "Never", "1.35") == {}
    assert list(problems_of("Pod", place, "Never", "1.34")) == [place]
    assert problems_of("Pod", place, "Never", "1.28") == {}
    assert problems_of("Pod", place, "Always", "1.34") == {}


def test_a_container_that_keeps_running_may_have_probes_though_it_is_an_init_container() -> None:
    init = [{"name": "a", "image": "b", "restartPolicy": "Always", "startupProbe": {"exec": {"command": ["a"]}}}]
    assert problems_of("Pod", "spec.initContainers", init) == {}


def test_the_image_of_a_template_may_have_spaces_around_it() -> None:
    assert problems_of("Deployment", "spec.template.spec.containers[0].image", " x") == {}


def test_ports_of_a_pod_on_the_host_network_are_those_of_the_node() -> None:
    ports = [{"containerPort": 80}, {"containerPort": 80, "name": "a"}]
    spec = {"hostNetwork": True, "containers": [{"name": "a", "image": "b", "ports": ports}]}
    assert list(problems_of("Pod", "spec", spec)) == [f"{C}.ports[1].hostPort"]
    assert problems_of("PodTemplate", "template.spec", spec) == {}


def test_each_init_container_has_the_ports_of_the_node_for_itself() -> None:
    ports = [{"containerPort": 80, "hostPort": 80}]
    init = [{"name": "a", "image": "b", "ports": ports}, {"name": "c", "image": "b", "ports": ports}]
    assert problems_of("Pod", "spec.initContainers", init) == {}
    init[0]["ports"] = ports * 2
    assert list(problems_of("Pod", "spec.initContainers", init)) == ["spec.initContainers[0].ports[1].hostPort"]
