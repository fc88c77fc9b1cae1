"""
The rules on the values of workloads: the selector, the template it must match, and how pods restart.

The pods of a StatefulSet are held to the rules of pods as well: the server takes such a StatefulSet,
and then rejects every pod of it.
"""

import re
from collections.abc import Callable
from typing import Any

from firedoor.adapters.manifests.validation.labels import selects, validate_labels, validate_selector
from firedoor.adapters.manifests.validation.pods import validate_template
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    forbidden,
    invalid,
    missing,
    quoted,
    shown,
    unsupported,
)
from firedoor.adapters.manifests.validation.shapes import mapping, number, objects, part, text, text_map

JOB_RESTART_POLICIES = ("OnFailure", "Never")
CONCURRENCY_POLICIES = ("Allow", "Forbid", "Replace")
CRON_MACROS = re.compile(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly|every .+)")
CRON_FIELDS = 5
MISMATCH = "`selector` does not match template `labels`"
# The server's words for an empty selector: those of a ReplicaSet were copied from the Deployment.
EMPTY_SELECTOR = {
    "Deployment": "empty selector is invalid for deployment",
    "ReplicaSet": "empty selector is invalid for deployment",
    "DaemonSet": "empty selector is invalid for daemonset",
    "StatefulSet": "empty selector is invalid for statefulset",
}


def workload(kind: str) -> Callable[[dict[str, Any], int], list[Problem]]:
    """Return the rules of a kind of apps/v1 whose pods run for ever."""

    def validate(document: dict[str, Any], minor: int) -> list[Problem]:
        spec = part(document, "spec")
        problems = _validate_counts(spec, "spec", ("replicas", "minReadySeconds", "revisionHistoryLimit"))
        problems += _validate_selector(spec, kind, minor)
        claims = objects(spec.get("volumeClaimTemplates"), "")
        volumes = tuple(text(part(claim, "metadata").get("name")) for claim, _ in claims)
        problems += validate_template(spec.get("template"), "spec.template", volumes)
        return problems + _validate_endless(spec.get("template"), "spec.template") + _validate_strategy(spec)

    return validate


def _validate_counts(spec: dict[str, Any], path: str, fields: tuple[str, ...]) -> list[Problem]:
    """Return the problems of numbers that may not be negative."""
    return [
        invalid(
            child(path, field),
            number(spec.get(field)),
            "must be greater than or equal to 0",
            remedy="use 0 or more",
        )
        for field in fields
        if number(spec.get(field)) < 0
    ]


def _validate_selector(spec: dict[str, Any], kind: str, minor: int) -> list[Problem]:
    """Return the problems of the selector of a workload, which must match its own template."""
    selector = spec.get("selector")
    remedy = "repeat the labels of the template: selector.matchLabels must be among template.metadata.labels"
    if selector is None and kind != "DaemonSet":
        return [missing("spec.selector", remedy=remedy)]
    problems = validate_selector(selector, "spec.selector", minor)
    if selector is not None and not any(mapping(selector).get(field) for field in ("matchLabels", "matchExpressions")):
        problems.append(invalid("spec.selector", selector, EMPTY_SELECTOR[kind], remedy=remedy))
        return problems
    labels = text_map(part(spec, "template", "metadata").get("labels"))
    if selector is None or selects(selector, labels) is False:
        problems.append(
            invalid("spec.template.metadata.labels", labels, MISMATCH, remedy=_label_remedy(selector, labels))
        )
    return problems


def _label_remedy(selector: Any, labels: dict[str, str]) -> str:
    """Return which labels the template lacks for its selector to match it."""
    lacking = [
        f"{key}: {shown(value)}"
        for key, value in sorted(text_map(mapping(selector).get("matchLabels")).items())
        if labels.get(key) != value
    ]
    if lacking:
        return f"add to the labels of the template: {', '.join(lacking)}; or correct spec.selector"
    return "set spec.selector so that it matches the labels of the template"


def _validate_endless(template: Any, path: str) -> list[Problem]:
    """Return the problem of pods that are to stop, in a workload that keeps them running."""
    policy = part(template, "spec").get("restartPolicy")
    if text(policy) in {"OnFailure", "Never"}:
        remedy = "remove restartPolicy, or use a Job for pods that finish"
        return [unsupported(child(path, "spec.restartPolicy"), policy, ("Always",), remedy=remedy)]
    return []


def _validate_strategy(spec: dict[str, Any]) -> list[Problem]:
    """Return the problem of settings for a rolling update where the strategy is another."""
    strategy = part(spec, "strategy")
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [forbidden("spec.strategy.rollingUpdate", detail, remedy="remove rollingUpdate, or the type Recreate")]
    return []


def validate_replication_controller(document: dict[str, Any], _minor: int) -> list[Problem]:
    """Return the problems of a ReplicationController; its selector defaults to the template's labels."""
    spec = part(document, "spec")
    problems = _validate_counts(spec, "spec", ("replicas", "minReadySeconds"))
    labels = text_map(part(spec, "template", "metadata").get("labels"))
    selector = text_map(spec.get("selector")) or labels
    if not selector:
        problems.append(missing("spec.selector", remedy="give the template labels; the selector follows them"))
    if spec.get("template") is None:
        return [*problems, missing("spec.template", remedy="describe the pods under template")]
    if any(labels.get(key) != value for key, value in selector.items()):
        remedy = _label_remedy({"matchLabels": selector}, labels)
        problems.append(invalid("spec.template.metadata.labels", labels, MISMATCH, remedy=remedy))
    problems += validate_labels(spec.get("selector"), "spec.selector")
    problems += validate_template(spec.get("template"), "spec.template")
    return problems + _validate_endless(spec.get("template"), "spec.template")


def validate_pod_template(document: dict[str, Any], _minor: int) -> list[Problem]:
    """Return the problems of a PodTemplate."""
    return validate_template(document.get("template"), "template")


def validate_job(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of a Job: its pods must be able to finish, and its selector is the server's."""
    spec = part(document, "spec")
    problems = _validate_job_spec(spec, "spec")
    selector = spec.get("selector")
    problems += validate_selector(selector, "spec.selector", minor)
    created = bool(part(document, "metadata").get("uid"))
    if selector is not None and spec.get("manualSelector") is not True and not created:
        remedy = "remove the selector: a Job gets one that is its own"
        problems.append(invalid("spec.selector", selector, "`selector` not auto-generated", remedy=remedy))
    return problems


def _validate_job_spec(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems that a Job and the template of a CronJob can share."""
    counts = (
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
    )
    problems = _validate_counts(spec, path, counts)
    template, where = spec.get("template"), child(path, "template")
    problems += validate_template(template, where)
    policy, where = part(template, "spec").get("restartPolicy"), child(where, "spec.restartPolicy")
    if text(policy) in {"", "Always"}:
        choices = ", ".join(map(quoted, JOB_RESTART_POLICIES))
        remedy = "write restartPolicy: Never, or OnFailure to restart the container in its pod"
        problems.append(missing(where, f"valid values: {choices}", remedy=remedy))
    return problems


def validate_cron_job(document: dict[str, Any], _minor: int) -> list[Problem]:
    """Return the problems of a CronJob: its schedule, what happens to overlapping runs, and its jobs."""
    spec = part(document, "spec")
    problems = _validate_schedule(text(spec.get("schedule")))
    problems += _validate_counts(
        spec, "spec", ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    )
    policy = spec.get("concurrencyPolicy")
    if isinstance(policy, str) and policy and policy not in CONCURRENCY_POLICIES:
        problems.append(unsupported("spec.concurrencyPolicy", policy, CONCURRENCY_POLICIES))
    job = part(spec, "jobTemplate", "spec")
    problems += _validate_job_spec(job, "spec.jobTemplate.spec")
    if job.get("selector") is not None:
        detail, remedy = (
            "`selector` will be auto-generated",
            "remove the selector: each Job gets one of its own",
        )
        problems.append(invalid("spec.jobTemplate.spec.selector", job["selector"], detail, remedy=remedy))
    return problems


def _validate_schedule(schedule: str) -> list[Problem]:
    """Return the problems of a cron schedule: five fields, or one of the names for a common one."""
    if not schedule:
        return [missing("spec.schedule", remedy='say when to run, such as "0 3 * * *"')]
    fields = re.sub(r"^(CRON_)?TZ=\S+\s+", "", schedule).split()
    if CRON_MACROS.fullmatch(schedule.strip()) or len(fields) == CRON_FIELDS:
        return []
    detail = f"expected exactly {CRON_FIELDS} fields, found {len(fields)}: [{' '.join(fields)}]"
    remedy = 'write minute, hour, day, month and weekday, such as "0 3 * * *"'
    return [invalid("spec.schedule", schedule, detail, remedy=remedy)]
