"""The rules on the values of Jobs and CronJobs: pods that are to finish, and when they run."""

from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice, validate_counts
from firedoor.adapters.manifests.validation.dropped import kept
from firedoor.adapters.manifests.validation.job_policies import validate_failure_policy, validate_success_policy
from firedoor.adapters.manifests.validation.labels import validate_selector
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import HTTP_PATH, dns_label, dns_subdomain, matches, regex_error
from firedoor.adapters.manifests.validation.pods import validate_template
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    invalid,
    missing,
    quoted,
    unsupported,
)
from firedoor.adapters.manifests.validation.schedules import validate_schedule, validate_time_zone
from firedoor.adapters.manifests.validation.shapes import number, part, text

RESTART_POLICIES = ("OnFailure", "Never")
CONCURRENCY_POLICIES = ("Allow", "Forbid", "Replace")
MODES = ("NonIndexed", "Indexed")
COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
MOST_IN_PARALLEL = 100_000
LONGEST_MANAGER = 63


def validate_job(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of a Job: its pods must be able to finish, and its selector is the server's."""
    spec, metadata = part(document, "spec"), part(document, "metadata")
    problems = _validate_job_spec(spec, "spec", minor)
    selector = spec.get("selector")
    problems += validate_selector(selector, "spec.selector", minor)
    created, by_hand = bool(metadata.get("uid")), spec.get("manualSelector") is True
    if selector is not None and not by_hand and not created:
        remedy = "remove the selector: a Job gets one that is its own"
        problems.append(invalid("spec.selector", selector, "`selector` not auto-generated", remedy=remedy))
    if selector is None and by_hand:
        problems.append(missing("spec.selector", remedy="write the selector, or remove manualSelector"))
    completions = number(spec.get("completions"))
    if spec.get("completionMode") == "Indexed" and completions > 0 and text(metadata.get("name")):
        last = f"{metadata['name']}-{completions - 1}"
        if dns_label(last):
            detail = f"will not able to create pod with invalid DNS label: {last}"
            problems.append(invalid("metadata.name", metadata["name"], detail, remedy="shorten the name, without dots"))
    return problems


def _validate_job_spec(spec: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems that a Job and the template of a CronJob can share."""
    spec = kept(spec, minor)
    problems = validate_counts(spec, path, COUNTS) + _validate_completion(spec, path)
    problems += _validate_manager(spec.get("managedBy"), child(path, "managedBy"))
    problems += validate_failure_policy(spec, path) + validate_success_policy(spec, path)
    template, where = spec.get("template"), child(path, "template")
    problems += validate_template(template, where, minor)
    policy, where = text(part(template, "spec").get("restartPolicy")), child(where, "spec.restartPolicy")
    if policy in {"", "Always"}:
        choices = ", ".join(map(quoted, RESTART_POLICIES))
        remedy = "write restartPolicy: Never, or OnFailure to restart the container in its pod"
        problems.append(missing(where, f"valid values: {choices}", remedy=remedy))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        problems.append(invalid(where, policy, detail, remedy="write restartPolicy: Never"))
    return problems


def _validate_completion(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of when a Job is complete: after some of its pods, or after one for each index."""
    mode = spec.get("completionMode")
    problems = validate_choice(mode, child(path, "completionMode"), MODES, may_be_empty=False)
    per_index, failed = spec.get("backoffLimitPerIndex"), spec.get("maxFailedIndexes")
    if failed is not None and per_index is None:
        where = child(path, "backoffLimitPerIndex")
        problems.append(missing(where, "when maxFailedIndexes is specified", remedy="write backoffLimitPerIndex"))
    if mode == "Indexed":
        if spec.get("completions") is None:
            where = child(path, "completions")
            problems.append(
                missing(where, "when completion mode is Indexed", remedy="write how many indexes there are")
            )
        elif number(failed) > number(spec.get("completions")):
            where, detail = child(path, "maxFailedIndexes"), "must be less than or equal to completions"
            problems.append(invalid(where, number(failed), detail, remedy="lower it"))
        if number(spec.get("parallelism")) > MOST_IN_PARALLEL:
            where = child(path, "parallelism")
            detail = f"must be less than or equal to {MOST_IN_PARALLEL} when completion mode is Indexed"
            problems.append(invalid(where, number(spec.get("parallelism")), detail, remedy="lower it"))
        return problems
    if mode is None or mode == "NonIndexed":
        detail, remedy = "requires indexed completion mode", "write completionMode: Indexed"
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(field) is not None:
                problems.append(invalid(child(path, field), number(spec[field]), detail, remedy=remedy))
    return problems


def _validate_manager(value: Any, path: str) -> list[Problem]:
    """Return the problems of the name of another controller for a Job."""
    if not isinstance(value, str):
        return []
    remedy = "write the name that the controller documents, such as kueue.x-k8s.io/multikueue"
    domain, _, rest = value.partition("/")
    if not value:
        return [missing(path, remedy=remedy)]
    if not domain or not rest:
        detail = 'must be a domain-prefixed path (such as "acme.io/foo")'
        return [invalid(path, value, detail, remedy=remedy)]
    problems = validate_name(domain, path, dns_subdomain)
    if not matches(HTTP_PATH, rest):
        problems.append(invalid(path, rest, regex_error("Invalid path", HTTP_PATH), remedy=remedy))
    if len(value) > LONGEST_MANAGER:
        problems.append(invalid(path, value, f"may not be more than {LONGEST_MANAGER} bytes", remedy=remedy))
    return problems


def validate_cron_job(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of a CronJob: its schedule, what happens to overlapping runs, and its jobs."""
    spec = part(document, "spec")
    problems = validate_schedule(text(spec.get("schedule")), "spec.schedule", minor)
    if isinstance(spec.get("timeZone"), str):
        problems += validate_time_zone(spec["timeZone"], "spec.timeZone")
    counts = ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    problems += validate_counts(spec, "spec", counts)
    problems += validate_choice(spec.get("concurrencyPolicy"), "spec.concurrencyPolicy", CONCURRENCY_POLICIES)
    job, where = part(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec"
    problems += _validate_job_spec(job, where, minor)
    if job.get("selector") is not None:
        detail, remedy = "`selector` will be auto-generated", "remove the selector: each Job gets one of its own"
        problems.append(invalid(f"{where}.selector", job["selector"], detail, remedy=remedy))
    if job.get("manualSelector") is True:
        remedy = "remove manualSelector"
        problems.append(unsupported(f"{where}.manualSelector", value=True, supported=("nil", "false"), remedy=remedy))
    return problems
