"""
Fields that a server drops before it looks at them, because the feature behind them is off by default.

A release may know a field that it does not keep: what is written there cannot be wrong.
"""

from typing import Any

KEPT_SINCE = {
    "appArmorProfile": 30,
    "backoffLimitPerIndex": 29,
    "hostUsers": 33,
    "hostnameOverride": 35,
    "managedBy": 32,
    "maxFailedIndexes": 29,
    "podReplacementPolicy": 29,
    "procMount": 33,
    "resourceClaims": 34,
    "schedulingGates": 27,
    "seLinuxChangePolicy": 33,
    "successPolicy": 31,
    "supplementalGroupsPolicy": 33,
    "trafficDistribution": 31,
}
"""The first release that keeps each field by default."""

NEWEST = max(KEPT_SINCE.values())


def kept(spec: dict[str, Any], minor: int) -> dict[str, Any]:
    """Return an object with the fields only that a release keeps by default."""
    if minor >= NEWEST:
        return spec
    return {field: value for field, value in spec.items() if KEPT_SINCE.get(field, 0) <= minor}
