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
