"""Names in Istio's logs: of clusters of Envoy, of services, and of the policies that denied."""

from __future__ import annotations

import re

from msgspec.structs import replace

from firedoor.model.flows import FlowEnd

_SERVICE = re.compile(r"([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?", re.ASCII)
_POLICY = re.compile(r"ns\[([^\]\[]*)\]-policy\[([^\]\[]*)\]", re.ASCII)
_CLUSTER_PARTS = 4


def service_end(end: FlowEnd, cluster: str, server_name: str) -> FlowEnd:
    """
    Return the end with the host of ``outbound|443||api.example.com``, else with the name that TLS asked for.

    A host of the cluster (``reviews.shop.svc.cluster.local``) makes it a service.
    """
    parts = cluster.split("|")
    host = parts[3] if len(parts) == _CLUSTER_PARTS else ""
    if not host and not server_name.startswith("outbound_"):
        host = server_name
    match = _SERVICE.fullmatch(host)
    if match is not None:
        return replace(end, namespace=match[2], workload=f"Service/{match[1]}", role="service")
    return replace(end, names=(host,)) if host else end


def denied_by(details: str) -> tuple[str, ...]:
    """Return the policy of ``rbac_access_denied_matched_policy[ns[shop]-policy[deny]-rule[0]]``, if one matched."""
    match = _POLICY.search(details)
    return () if match is None else (f"AuthorizationPolicy/{match[1]}/{match[2]}",)
