"""Workloads and Jobs are rejected for what the API server rejects: how they are replaced, and when they run."""

from typing import Any

import pytest

from firedoor.adapters.manifests.validation import validate
from firedoor.adapters.manifests.validation.schedules import validate_schedule, validate_time_zone

from .samples import BY_KIND, assert_rejected, problems_of

POLICY = "spec.podFailurePolicy"
RULE = f"{POLICY}.rules[0]"
CODES = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1]}}
NEVER = "Invalid value: -1: must be greater than or equal to 0"


def rolling(**rollingUpdate: Any) -> dict[str, Any]:  # noqa: N803 - the field's own name
    return {"type": "RollingUpdate", "rollingUpdate": rollingUpdate}


def codes(**fields: Any) -> dict[str, Any]:
    return {"rules": [CODES | {"onExitCodes": CODES["onExitCodes"] | fields}]}  # type: ignore[operator]


CASES: list[tuple[str, str, Any, str, str]] = [
    ("Deployment", "spec.strategy", {"type": "Blue"}, "spec.strategy", '"Recreate", "RollingUpdate"'),
    ("Deployment", "spec.strategy", rolling(maxUnavailable=-1), "spec.strategy.rollingUpdate.maxUnavailable", NEVER),
    (
        "Deployment",
        "spec.strategy",
        rolling(maxSurge="a"),
        "spec.strategy.rollingUpdate.maxSurge",
        "a valid percent string",
    ),
    (
        "Deployment",
        "spec.strategy",
        rolling(maxUnavailable="101%"),
        "spec.strategy.rollingUpdate.maxUnavailable",
        "must not be greater than 100%",
    ),
    (
        "Deployment",
        "spec.strategy",
        rolling(maxUnavailable=0, maxSurge="0%"),
        "spec.strategy.rollingUpdate.maxUnavailable",
        "may not be 0 when `maxSurge` is 0",
    ),
    ("Deployment", "spec.minReadySeconds", 600, "spec.progressDeadlineSeconds", "must be greater than minReadySeconds"),
    (
        "Deployment",
        "spec.template.spec.activeDeadlineSeconds",
        5,
        "spec.template.spec.activeDeadlineSeconds",
        "activeDeadlineSeconds in ReplicaSet is not Supported",
    ),
    ("DaemonSet", "spec.updateStrategy", {"type": "Recreate"}, "spec.updateStrategy", '"RollingUpdate", "OnDelete"'),
    (
        "DaemonSet",
        "spec.updateStrategy",
        rolling(maxUnavailable=1, maxSurge=1),
        "spec.updateStrategy.rollingUpdate.maxSurge",
        "may not be set when maxUnavailable is non-zero",
    ),
    (
        "DaemonSet",
        "spec.updateStrategy",
        rolling(maxUnavailable=0),
        "spec.updateStrategy.rollingUpdate.maxUnavailable",
        "cannot be 0 when maxSurge is 0",
    ),
    ("StatefulSet", "spec.updateStrategy", {"type": "Recreate"}, "spec.updateStrategy", "must be 'RollingUpdate' or"),
    (
        "StatefulSet",
        "spec.updateStrategy",
        {"type": "OnDelete", "rollingUpdate": {}},
        "spec.updateStrategy.rollingUpdate",
        "only allowed for updateStrategy 'RollingUpdate'",
    ),
    ("StatefulSet", "spec.updateStrategy", rolling(partition=-1), "spec.updateStrategy.rollingUpdate.partition", NEVER),
    (
        "StatefulSet",
        "spec.podManagementPolicy",
        "Any",
        "spec.podManagementPolicy",
        "must be 'OrderedReady' or 'Parallel'",
    ),
    ("StatefulSet", "spec.ordinals", {"start": -1}, "spec.ordinals.start", NEVER),
    (
        "StatefulSet",
        "spec.persistentVolumeClaimRetentionPolicy",
        {"whenScaled": "Keep"},
        "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
        '"Retain", "Delete"',
    ),
    ("StatefulSet", "spec.serviceName", "a.b", "spec.serviceName", "must not contain dots"),
    ("Job", "spec.manualSelector", True, "spec.selector", "Required value"),
    ("Job", "spec.backoffLimitPerIndex", 1, "spec.backoffLimitPerIndex", "requires indexed completion mode"),
    ("Job", "spec.maxFailedIndexes", 1, "spec.backoffLimitPerIndex", "when maxFailedIndexes is specified"),
    ("Job", "spec.completionMode", "Some", "spec.completionMode", '"NonIndexed", "Indexed"'),
    ("Job", "spec.completionMode", "Indexed", "spec.completions", "when completion mode is Indexed"),
    ("Job", "spec.managedBy", "a", "spec.managedBy", "must be a domain-prefixed path"),
    ("Job", "spec.managedBy", "", "spec.managedBy", "Required value"),
    ("Job", "spec.managedBy", "A/b", "spec.managedBy", "RFC 1123 subdomain"),
    ("Job", "spec.managedBy", "a/b c", "spec.managedBy", "Invalid path"),
    ("Job", "spec.managedBy", "a/" + "b" * 62, "spec.managedBy", "may not be more than 63 bytes"),
    ("Job", "spec.podReplacementPolicy", "Never", "spec.podReplacementPolicy", '"Failed", "TerminatingOrFailed"'),
    ("Job", POLICY, {"rules": [CODES | {"action": ""}]}, f"{RULE}.action", 'valid values: ["Count" "FailIndex"'),
    ("Job", POLICY, {"rules": [CODES | {"action": "Stop"}]}, f"{RULE}.action", 'Unsupported value: "Stop"'),
    (
        "Job",
        POLICY,
        {"rules": [CODES | {"action": "FailIndex"}]},
        f"{RULE}.action",
        "requires the backoffLimitPerIndex",
    ),
    ("Job", POLICY, {"rules": [{"action": "Count"}]}, RULE, "one of OnExitCodes and OnPodConditions is required"),
    (
        "Job",
        POLICY,
        {"rules": [CODES | {"onPodConditions": [{"type": "A", "status": "True"}]}]},
        RULE,
        "both OnExitCodes and OnPodConditions is not supported",
    ),
    (
        "Job",
        POLICY,
        {"rules": [{"action": "Count", "onPodConditions": [{"type": "a b", "status": "Yes"}]}]},
        f"{RULE}.onPodConditions[0].status",
        'Unsupported value: "Yes"',
    ),
    (
        "Job",
        POLICY,
        {"rules": [{"action": "Count", "onPodConditions": [{"type": "a b", "status": "True"}]}]},
        f"{RULE}.onPodConditions[0].type",
        "name part must consist of",
    ),
    ("Job", POLICY, codes(operator=""), f"{RULE}.onExitCodes.operator", 'valid values: ["In" "NotIn"]'),
    ("Job", POLICY, codes(containerName="x"), f"{RULE}.onExitCodes.containerName", "must be one of the container or"),
    ("Job", POLICY, codes(values=[]), f"{RULE}.onExitCodes.values", "at least one value is required"),
    ("Job", POLICY, codes(values=[0]), f"{RULE}.onExitCodes.values[0]", "must not be 0 for the In operator"),
    ("Job", POLICY, codes(values=[1, 1]), f"{RULE}.onExitCodes.values[1]", "Duplicate value: 1"),
    ("Job", POLICY, codes(values=[2, 1]), f"{RULE}.onExitCodes.values", "must be ordered"),
    ("Job", "spec.successPolicy", {"rules": []}, "spec.successPolicy", "requires indexed completion mode"),
    ("CronJob", "spec.timeZone", "", "spec.timeZone", "timeZone must be nil or non-empty string"),
    ("CronJob", "spec.timeZone", "Mars/Base", "spec.timeZone", "unknown time zone Mars/Base"),
    ("CronJob", "spec.schedule", "TZ=UTC 0 3 * * *", "spec.schedule", "cannot use TZ or CRON_TZ in schedule"),
    (
        "CronJob",
        "spec.jobTemplate.spec.manualSelector",
        True,
        "spec.jobTemplate.spec.manualSelector",
        'Unsupported value: true: supported values: "nil", "false"',
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}:{case[1]}={str(case[2])[:80]}")
def test_a_spoiled_workload_is_rejected(case: tuple[str, str, Any, str, str]) -> None:
    assert_rejected(case)


def indexed(**fields: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "app", "image": "app"}]}}
    return {"completionMode": "Indexed", "completions": 4, "template": template, **fields}


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"parallelism": 100_001}, "spec.parallelism", "must be less than or equal to 100000"),
        (
            {"backoffLimitPerIndex": 1, "maxFailedIndexes": 5},
            "spec.maxFailedIndexes",
            "less than or equal to completions",
        ),
        ({"successPolicy": {"rules": []}}, "spec.successPolicy.rules", "at least one rules must be specified"),
        ({"successPolicy": {"rules": [{}]}}, "spec.successPolicy.rules[0]", "at least one of succeededCount or"),
        (
            {"successPolicy": {"rules": [{"succeededCount": 5}]}},
            "spec.successPolicy.rules[0].succeededCount",
            "must be less than or equal to 4",
        ),
        (
            {"podReplacementPolicy": "TerminatingOrFailed", "podFailurePolicy": {"rules": []}},
            "spec.podReplacementPolicy",
            "",
        ),
    ],
)
def test_a_spoiled_indexed_job_is_rejected(fields: dict[str, Any], path: str, words: str) -> None:
    assert problems_of("Job", "spec", indexed()) == {}
    assert_rejected(("Job", "spec", indexed(**fields), path, words))


def test_the_name_of_an_indexed_job_must_leave_room_for_the_index() -> None:
    metadata = {"name": "a" * 62}
    assert problems_of("Job", "metadata", metadata) == {}
    job = BY_KIND["Job"] | {"metadata": metadata, "spec": indexed()}
    assert [problem.path for problem in validate(job)] == ["metadata.name"]


def test_pods_whose_failures_have_rules_are_not_restarted_in_place() -> None:
    spec = indexed(podFailurePolicy={"rules": [CODES]})
    spec["template"]["spec"]["restartPolicy"] = "OnFailure"
    found = problems_of("Job", "spec", spec)
    assert 'only "Never" is supported when podFailurePolicy' in found["spec.template.spec.restartPolicy"][0].message


def test_the_rules_of_a_failure_policy_may_be_left_out() -> None:
    for policy in ({}, {"rules": None}):
        assert problems_of("Job", "spec.podFailurePolicy", policy) == {}


def test_names_of_services_and_zones_in_schedules_came_later() -> None:
    assert problems_of("StatefulSet", "spec.serviceName", "a.b", "1.32") == {}
    assert problems_of("CronJob", "spec.schedule", "TZ=UTC 0 3 * * *", "1.28") == {}
    assert problems_of("CronJob", "spec.schedule", "TZ=UTC 0 3 * *", "1.28")


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "? 0-23 1,15 jan-DEC sun",
        "*/15 */2 1-7 */3 1-5/2",
        "5/10 0 31 12 6",
        " 0  3 * * * ",
        "0,, 3 * * *",
        "+5 3 * * *",
        "*-3 * * * *",
        "@daily",
        "@every 1h30m",
        "@every -1.5s",
    ],
)
def test_a_schedule_is_taken(schedule: str) -> None:
    assert validate_schedule(schedule, "spec.schedule", 36) == []


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* 24 * * *", "end of range (24) above maximum (23): 24"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * foo *", "failed to parse int from foo"),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("*/2/3 * * * *", "too many slashes: */2/3"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("*/a * * * *", "failed to parse int from a"),
        ("*/-1 * * * *", "negative number (-1) not allowed"),
        ("-1 * * * *", "failed to parse int from "),
        ("@often", "unrecognized descriptor: @often"),
        ("@every day", "failed to parse duration @every day"),
        (" @daily", "expected exactly 5 fields, found 1: [@daily]"),
        ("0 3 * *", "expected exactly 5 fields, found 4: [0 3 * *]"),
    ],
)
def test_a_schedule_is_rejected(schedule: str, words: str) -> None:
    (problem,) = validate_schedule(schedule, "spec.schedule", 36)
    assert words in problem.message


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_a_time_zone_is_taken(zone: str) -> None:
    assert validate_time_zone(zone, "") == []


@pytest.mark.parametrize("zone", ["Local", "Europe/", "../UTC", "Europe/-x", "a b", "europe/Berlin", "CEST"])
def test_a_time_zone_is_rejected(zone: str) -> None:
    assert len(validate_time_zone(zone, "")) == 1


def test_fields_that_a_release_drops_are_not_looked_at() -> None:
    job = indexed(managedBy="a", podReplacementPolicy="x", backoffLimitPerIndex=-1)
    assert len(problems_of("Job", "spec", job, "1.35")) == 3
    assert [problem.path for problem in validate(BY_KIND["Job"] | {"spec": job}, "1.31")] == [
        "spec.backoffLimitPerIndex",
        "spec.podReplacementPolicy",
    ]
    assert problems_of("Job", "spec.podReplacementPolicy", "x", "1.28") == {}
    claims = [{"name": "gpu"}]
    assert problems_of("Pod", "spec.containers[0].resources.claims", claims, "1.33") == {}
    assert problems_of("Pod", "spec.containers[0].resources.claims", claims, "1.34")
