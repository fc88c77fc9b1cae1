"""Kubernetes releases: which one a text names, and which rules came with which."""

import re

LATEST = "1.37"
"""The newest release whose schemas are shipped."""

NEWEST_MINOR = 37
OLDEST_WITH_SCHEMA = 25

STRICT_ADDRESSES_SINCE = 36
"""The release in which ``StrictIPCIDRValidation`` became true by default (alpha and off from 1.33)."""

SELECTOR_VALUES_SINCE = 25
"""The release from which the values of ``matchExpressions`` must be label values on new objects."""

RELAXED_SERVICE_NAMES_SINCE = 36
"""The release in which the name of a Service may begin with a digit (``RelaxedServiceNameValidation``)."""

LABEL_NAMES_OF_STATEFULSETS_SINCE = 27
"""The release from which the name of a StatefulSet must be a DNS label, as the host names of its pods are."""

SPREAD_SELECTORS_SINCE = 27
"""The release from which the selectors of ``topologySpreadConstraints`` are checked."""

RELAXED_VARIABLES_SINCE = 32
"""The release in which a variable may have any printable name (``RelaxedEnvironmentVariableValidation``)."""

RELAXED_SEARCHES_SINCE = 33
"""The release in which search domains may have underscores (``RelaxedDNSSearchValidation``)."""

SLEEP_OF_ZERO_SINCE = 33
"""The release in which the sleep of a lifecycle handler may be of no length (``PodLifecycleSleepActionAllowZero``)."""

SERVICE_NAMES_OF_STATEFULSETS_SINCE = 33
"""The release from which ``serviceName`` of a StatefulSet must be a DNS label."""

NODE_AFFINITY_VALUES_SINCE = 33
"""The release from which the values of a required node affinity must be label values."""

SIDECARS_SINCE = 29
"""The release in which init containers may keep running by default (``SidecarContainers``)."""

ZONES_IN_SCHEDULES_UNTIL = 28
"""The last release in which the schedule of a CronJob may begin with a time zone."""

ENV_FILES_SINCE = 35
"""The release in which variables come from files by default (``EnvFiles``)."""

CONTAINER_RESTARTS_SINCE = 35
"""The release in which every container may have a restart policy of its own (``ContainerRestartRules``)."""

CLAIM_TEMPLATES_SINCE = 35
"""The release from which the claims in ``volumeClaimTemplates`` are checked."""

RELEASE = re.compile(r"^v?1\.(\d{1,4})(?:[.+-].*)?$")


def minor_of(version: str) -> int:
    """
    Return the minor number of a release such as ``1.29``, ``v1.29.3`` or ``v1.29.3-gke.1``.

    A release newer than any that is known is taken as the newest known one.
    """
    match = RELEASE.match(version.strip())
    if match is None:
        raise ValueError(f"not a Kubernetes release: {version!r}; write it like 1.31 or v1.31.2")
    return min(int(match[1]), NEWEST_MINOR)
