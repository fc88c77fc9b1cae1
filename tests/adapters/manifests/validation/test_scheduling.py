"""Pods are rejected for what the API server rejects: where they run, how they resolve names, what they may do."""

from typing import Any

import pytest

from .samples import assert_rejected, problems_of

C = "spec.containers[0].securityContext"
S = "spec.securityContext"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
NODES = "spec.affinity.nodeAffinity"
TERMS = f"{NODES}.{REQUIRED}.nodeSelectorTerms"
PODS = "spec.affinity.podAntiAffinity"
SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}


def nodes(**expression: Any) -> dict[str, Any]:
    return {REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}


def fields(**expression: Any) -> dict[str, Any]:
    return {REQUIRED: {"nodeSelectorTerms": [{"matchFields": [expression]}]}}


def pods(**term: Any) -> dict[str, Any]:
    return {REQUIRED: [{"topologyKey": "zone", **term}]}


PLACES: list[tuple[str, Any, str, str]] = [
    ("tolerations", [{"key": "a b", "operator": "Exists"}], "tolerations[0].key", "name part must consist of"),
    ("tolerations", [{"operator": "Equal"}], "tolerations[0].operator", "operator must be Exists when `key` is empty"),
    ("tolerations", [{"key": "a", "operator": "In"}], "tolerations[0].operator", 'supported values: "Equal", "Exists"'),
    ("tolerations", [{"key": "a", "operator": "Lt"}], "tolerations[0].operator", '"Equal", "Exists", "Lt", "Gt"'),
    (
        "tolerations",
        [{"key": "a", "operator": "Exists", "value": "b"}],
        "tolerations[0].operator",
        "value must be empty when `operator` is 'Exists'",
    ),
    ("tolerations", [{"key": "a", "value": "a b"}], "tolerations[0].operator", "a valid label must be"),
    ("tolerations", [{"key": "a", "effect": "Never"}], "tolerations[0].effect", '"NoSchedule", "PreferNoSchedule"'),
    (
        "tolerations",
        [{"key": "a", "effect": "NoSchedule", "tolerationSeconds": 1}],
        "tolerations[0].effect",
        "effect must be 'NoExecute' when `tolerationSeconds` is set",
    ),
    *(
        ("topologySpreadConstraints", constraints, f"topologySpreadConstraints[0].{place}", words)
        for constraints, place, words in (
            ([SPREAD | {"maxSkew": 0}], "maxSkew", "must be greater than zero"),
            ([SPREAD | {"topologyKey": ""}], "topologyKey", "can not be empty"),
            ([SPREAD | {"whenUnsatisfiable": "No"}], "whenUnsatisfiable", '"DoNotSchedule", "ScheduleAnyway"'),
            ([SPREAD] * 2, "{topologyKey, whenUnsatisfiable}", 'Duplicate value: "{zone, ScheduleAnyway}"'),
            ([SPREAD | {"minDomains": 0}], "minDomains", "must be greater than zero"),
            ([SPREAD | {"minDomains": 1}], "minDomains", "can only use minDomains if whenUnsatisfiable=DoNotSchedule"),
            ([SPREAD | {"nodeTaintsPolicy": "No"}], "nodeTaintsPolicy", '"Honor", "Ignore"'),
            ([SPREAD | {"matchLabelKeys": ["a"]}], "matchLabelKeys", "when labelSelector is not set"),
            (
                [SPREAD | {"labelSelector": {"matchLabels": {"a b": ""}}}],
                "labelSelector.matchLabels",
                "name part must consist of",
            ),
        )
    ),
    ("affinity", {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": []}}}, "", "at least one node selector term"),
    *(
        ("affinity", {"nodeAffinity": affinity}, place, words)
        for affinity, place, words in (
            (nodes(key="a", operator="In"), "matchExpressions[0].values", "when `operator` is 'In' or 'NotIn'"),
            (
                nodes(key="a", operator="Exists", values=["b"]),
                "matchExpressions[0].values",
                "may not be specified when",
            ),
            (nodes(key="a", operator="Gt", values=["1", "2"]), "matchExpressions[0].values", "single value when"),
            (nodes(key="a", operator="Like"), "matchExpressions[0].operator", "not a valid selector operator"),
            (nodes(key="a b", operator="Exists"), "matchExpressions[0].key", "name part must consist of"),
            (nodes(key="a", operator="In", values=["b c"]), "matchExpressions[0].values[0]", "a valid label must be"),
            (fields(key="metadata.name", operator="Exists"), "matchFields[0].operator", "not a valid selector"),
            (fields(key="metadata.name", operator="In"), "matchFields[0].values", "must be only one value when"),
            (fields(key="metadata.uid", operator="In", values=["a"]), "matchFields[0].key", "field selector key"),
            (
                fields(key="metadata.name", operator="In", values=["A"]),
                "matchFields[0].values[0]",
                "RFC 1123 subdomain",
            ),
        )
    ),
    *(
        ("affinity", {"podAntiAffinity": affinity}, f"|{PODS}.{place}", words)
        for affinity, place, words in (
            (pods(topologyKey=""), f"{REQUIRED}[0].topologyKey", "Required value: can not be empty"),
            (pods(topologyKey="a b"), f"{REQUIRED}[0].topologyKey", "name part must consist of"),
            (pods(namespaces=["A"]), f"{REQUIRED}[0].namespace", "RFC 1123 label"),
            (
                pods(labelSelector={"matchLabels": {"a": "b c"}}),
                f"{REQUIRED}[0].labelSelector.matchLabels",
                "label must",
            ),
            (pods(matchLabelKeys=["a"]), f"{REQUIRED}[0].matchLabelKeys", "when labelSelector is not set"),
            (pods(labelSelector={}, matchLabelKeys=["a b"]), f"{REQUIRED}[0].matchLabelKeys[0]", "name part must"),
            (
                pods(labelSelector={}, matchLabelKeys=["a"], mismatchLabelKeys=["a"]),
                f"{REQUIRED}[0].matchLabelKeys[0]",
                "exists in both matchLabelKeys and mismatchLabelKeys",
            ),
            (
                pods(
                    labelSelector={
                        "matchLabels": {"a": "b"},
                        "matchExpressions": [{"key": "a", "operator": "Exists"}],
                    },
                    matchLabelKeys=["a"],
                ),
                f"{REQUIRED}[0][0]",
                "exists in both matchLabelKeys and labelSelector",
            ),
            (
                {PREFERRED: [{"weight": 0, "podAffinityTerm": {"topologyKey": "a"}}]},
                f"{PREFERRED}[0].weight",
                "must be in the range 1-100",
            ),
            (
                {PREFERRED: [{"weight": 1, "podAffinityTerm": {"topologyKey": ""}}]},
                f"{PREFERRED}[0].podAffinityTerm.topologyKey",
                "can not be empty",
            ),
        )
    ),
    (
        "affinity",
        {"nodeAffinity": {PREFERRED: [{"weight": 101, "preference": {}}]}},
        f"|{NODES}.{PREFERRED}[0].weight",
        "must be in the range 1-100",
    ),
    ("dnsPolicy", "None", "dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None"),
    ("dnsConfig", {"nameservers": ["a"]}, "dnsConfig.nameservers[0]", "must be a valid IP address"),
    ("dnsConfig", {"nameservers": ["10.0.0.1"] * 4}, "dnsConfig.nameservers", "must not have more than 3 nameservers"),
    ("dnsConfig", {"searches": ["a b"]}, "dnsConfig.searches[0]", "RFC 1123 subdomain"),
    ("dnsConfig", {"searches": ["a"] * 33}, "dnsConfig.searches", "must not have more than 32 search paths"),
    ("dnsConfig", {"searches": ["a" * 250] * 9}, "dnsConfig.searches", "must not have more than 2048 characters"),
    ("dnsConfig", {"options": [{"value": "1"}]}, "dnsConfig.options[0]", "must not be empty"),
    ("hostAliases", [{"ip": "x"}], "hostAliases[0].ip", "must be a valid IP address"),
    ("hostAliases", [{"ip": "10.0.0.1", "hostnames": ["A"]}], "hostAliases[0].hostnames[0]", "RFC 1123 subdomain"),
    ("hostnameOverride", "A", "hostnameOverride", "RFC 1123 subdomain"),
    ("hostnameOverride", "a" * 65, "hostnameOverride", "may not be more than 64 bytes"),
    ("hostname", "a.b", "hostname", "must not contain dots"),
    ("subdomain", "A", "subdomain", "RFC 1123 label"),
    ("nodeName", "A", "nodeName", "RFC 1123 subdomain"),
    ("priorityClassName", "A", "priorityClassName", "RFC 1123 subdomain"),
    ("runtimeClassName", "", "runtimeClassName", "RFC 1123 subdomain"),
    ("preemptionPolicy", "", "preemptionPolicy", "Required value"),
    ("preemptionPolicy", "Always", "preemptionPolicy", '"PreemptLowerPriority", "Never"'),
    ("os", {"name": "macos"}, "os.name", '"linux", "windows"'),
    ("os", {"name": ""}, "os.name", "Required value"),
    ("activeDeadlineSeconds", 0, "activeDeadlineSeconds", "must be between 1 and 2147483647, inclusive"),
    ("readinessGates", [{"conditionType": "a b"}], "readinessGates[0].conditionType", "name part must consist of"),
    ("schedulingGates", [{"name": "a b"}], "schedulingGates[0]", "name part must consist of"),
    ("schedulingGates", [{"name": "a"}] * 2, "schedulingGates[1]", 'Duplicate value: "a"'),
    *(
        ("securityContext", {field: 2**31}, f"securityContext.{field}", "must be between 0 and 2147483647, inclusive")
        for field in ("runAsUser", "runAsGroup", "fsGroup")
    ),
    ("securityContext", {"supplementalGroups": [0, -1]}, "securityContext.supplementalGroups[1]", "must be between 0"),
    (
        "securityContext",
        {"fsGroupChangePolicy": ""},
        "securityContext.fsGroupChangePolicy",
        '"Always", "OnRootMismatch"',
    ),
    (
        "securityContext",
        {"supplementalGroupsPolicy": "x"},
        "securityContext.supplementalGroupsPolicy",
        '"Merge", "Strict"',
    ),
    (
        "securityContext",
        {"seLinuxChangePolicy": "x"},
        "securityContext.seLinuxChangePolicy",
        '"MountOption", "Recursive"',
    ),
    *(
        ("securityContext", {"seccompProfile": profile}, f"securityContext.seccompProfile.{place}", words)
        for profile, place, words in (
            ({}, "type", "type is required when seccompProfile is set"),
            ({"type": "None"}, "type", '"Localhost", "RuntimeDefault", "Unconfined"'),
            ({"type": "Localhost"}, "localhostProfile", "must be set when seccomp type is Localhost"),
            ({"type": "Localhost", "localhostProfile": "/a"}, "localhostProfile", "must be a relative path"),
            (
                {"type": "Unconfined", "localhostProfile": "a"},
                "localhostProfile",
                "can only be set when seccomp type is Localhost",
            ),
        )
    ),
    *(
        ("securityContext", {"appArmorProfile": profile}, f"securityContext.appArmorProfile.{place}", words)
        for profile, place, words in (
            ({}, "type", "type is required when appArmorProfile is set"),
            ({"type": "Localhost", "localhostProfile": ""}, "localhostProfile", "when AppArmor type is Localhost"),
            ({"type": "Localhost", "localhostProfile": " a"}, "localhostProfile", "must not be padded with whitespace"),
            ({"type": "Localhost", "localhostProfile": "a" * 4096}, "localhostProfile", "must have at most 4095 bytes"),
            ({"type": "Unconfined", "localhostProfile": "a"}, "localhostProfile", "can only be set when AppArmor"),
        )
    ),
    *(
        ("securityContext", {"sysctls": sysctls}, f"securityContext.sysctls[{index}].name", words)
        for sysctls, index, words in (
            ([{"name": "", "value": "1"}], 0, "Required value"),
            ([{"name": "A", "value": "1"}], 0, "must have at most 253 characters and match regex"),
            ([{"name": "a.b", "value": "1"}] * 2, 1, 'Duplicate value: "a.b"'),
        )
    ),
]


@pytest.mark.parametrize("case", PLACES, ids=lambda case: f"{case[0]}={str(case[1])[:90]}:{case[3][:15]}")
def test_a_spoiled_pod_is_rejected(case: tuple[str, Any, str, str]) -> None:
    field, value, place, words = case
    path = f"spec.{place}"
    if place.startswith("|"):
        path = place[1:]
    elif place.startswith("match"):
        path = f"{TERMS}[0].{place}"
    elif not place:
        path = TERMS
    assert_rejected(("Pod", f"spec.{field}", value, path, words))


@pytest.mark.parametrize(
    ("context", "place", "words"),
    [
        ({"runAsUser": -1}, ".runAsUser", "must be between 0 and 2147483647"),
        ({"procMount": "Some"}, ".procMount", '"Default", "Unmasked"'),
        ({"procMount": "Unmasked"}, ".procMount", "`hostUsers` must be false to use `Unmasked`"),
        ({"allowPrivilegeEscalation": False, "privileged": True}, "", "to false and `privileged` to true"),
        (
            {"allowPrivilegeEscalation": False, "capabilities": {"add": ["CAP_SYS_ADMIN"]}},
            "",
            "`capabilities.Add` CAP_SYS_ADMIN",
        ),
        ({"seccompProfile": {"type": "x"}}, ".seccompProfile.type", "Unsupported value"),
    ],
)
def test_a_spoiled_security_context_of_a_container_is_rejected(context: Any, place: str, words: str) -> None:
    assert_rejected(("Pod", C, context, f"{C}{place}", words))


def pod(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "a", "image": "b"}], **fields}


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        (pod(hostUsers=False, hostPID=True), "spec.hostPID", "when `hostUsers` is false"),
        (pod(shareProcessNamespace=True, hostPID=True), f"{S}.shareProcessNamespace", "cannot both be enabled"),
        (pod(hostnameOverride="a", hostNetwork=True), "spec.hostnameOverride", "when hostNetwork is true"),
        (pod(nodeName="a", schedulingGates=[{"name": "a"}]), "spec.nodeName", "until all schedulingGates"),
        (pod(dnsPolicy="None", dnsConfig={}), "spec.dnsConfig.nameservers", "at least one DNS nameserver"),
        (
            pod(hostNetwork=True, securityContext={"sysctls": [{"name": "net/ipv4/x", "value": "1"}]}),
            f"{S}.sysctls[0].name",
            "may not be specified when 'hostNetwork' is true",
        ),
        (
            pod(hostIPC=True, securityContext={"sysctls": [{"name": "kernel.shmmax", "value": "1"}]}),
            f"{S}.sysctls[0].name",
            "may not be specified when 'hostIPC' is true",
        ),
    ],
)
def test_fields_that_exclude_each_other_are_rejected(spec: dict[str, Any], path: str, words: str) -> None:
    assert_rejected(("Pod", "spec", spec, path, words))


def test_devices_exclude_users_of_the_pods_own() -> None:
    devices = [{"name": "d", "devicePath": "/d"}]
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "d"}}]
    spec = {"containers": [{"name": "a", "image": "b", "volumeDevices": devices}], "volumes": volumes}
    assert problems_of("Pod", "spec", spec) == {}
    found = problems_of("Pod", "spec", spec | {"hostUsers": False})
    assert list(found) == ["spec.containers[0].volumeDevices"]
    assert problems_of("Pod", "spec", spec | {"hostUsers": False}, "1.32") == {}


def test_rules_that_came_later_are_not_applied_to_older_releases() -> None:
    for since, field, value in (
        (27, "topologySpreadConstraints", [SPREAD | {"labelSelector": {"matchLabels": {"a": "b c"}}}]),
        (33, "affinity", {"nodeAffinity": nodes(key="a", operator="In", values=["b c"])}),
        (35, "hostnameOverride", "A"),
    ):
        assert problems_of("Pod", f"spec.{field}", value, f"1.{since}"), field
        older = problems_of("Pod", f"spec.{field}", value, f"1.{since - 1}")
        assert all("unknown field" in problem.message for found in older.values() for problem in found), older
    mount = [{"name": "a", "image": "b", "securityContext": {"procMount": "Unmasked"}}]
    assert problems_of("Pod", "spec.containers", mount, "1.33")
    assert problems_of("Pod", "spec.initContainers", mount, "1.32") == {}


def test_search_domains_may_have_underscores_since_1_33() -> None:
    config = {"searches": ["_a.example.com", "."]}
    assert problems_of("Pod", "spec.dnsConfig", config, "1.33") == {}
    assert len(problems_of("Pod", "spec.dnsConfig", config, "1.32")) == 2


def test_the_workload_names_the_hosts_of_a_stateful_set() -> None:
    assert problems_of("StatefulSet", "spec.template.spec.hostname", "A") == {}
    assert problems_of("Deployment", "spec.template.spec.hostname", "A")
