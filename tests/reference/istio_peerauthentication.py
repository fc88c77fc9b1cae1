"""
The reference semantics of ``security.istio.io`` PeerAuthentication: how a workload wants to be spoken to.

The narrowest scope that sets a mode decides: a port of the workload, the
workload, its namespace, the mesh. In each scope only the oldest policy counts.
"""

from __future__ import annotations

from itertools import product

from tests.reference.endpoints import RefPod
from tests.reference.istio_pods import root_namespace
from tests.reference.manifests import Manifest, namespace_of, objects, section
from tests.reference.networkpolicy import selector_matches


def possible_modes(cluster: list[Manifest], pod: RefPod, port: int) -> set[str]:
    """
    Return the modes that may hold on a port: ``DISABLE``, ``PERMISSIVE`` or ``STRICT``.

    There is more than one only where the manifests do not tell which of several
    policies is the oldest.
    """
    policies = list(objects(cluster, "security.istio.io", "PeerAuthentication"))
    root = root_namespace(cluster)
    wide = [policy for policy in policies if not _labels(policy)]
    mesh = [policy for policy in wide if namespace_of(policy) == root]
    namespace = [policy for policy in wide if namespace_of(policy) == pod.namespace != root]
    workload = [
        policy
        for policy in policies
        if _labels(policy)
        and namespace_of(policy) == pod.namespace != root
        and selector_matches({"matchLabels": _labels(policy)}, pod.labels)
    ]
    scopes = product(*(_maybe_oldest(scope) for scope in (mesh, namespace, workload)))
    return {_mode(mesh, namespace, workload, port) for mesh, namespace, workload in scopes}


def _mode(mesh: Manifest, namespace: Manifest, workload: Manifest, port: int) -> str:
    """Return the mode that the narrowest scope sets; one that sets none inherits, and the mesh is permissive."""
    wanted = [
        _of_port(workload, port),
        *(section(policy, "spec").get("mtls") for policy in (workload, namespace, mesh)),
    ]
    modes = [(setting or {}).get("mode") or "UNSET" for setting in wanted]
    return next((mode for mode in modes if mode != "UNSET"), "PERMISSIVE")


def _of_port(policy: Manifest, port: int) -> Manifest | None:
    """Return the setting of one port (``portLevelMtls``), whose keys are strings in JSON and numbers in YAML."""
    settings = section(section(policy, "spec"), "portLevelMtls")
    return next((setting for key, setting in settings.items() if int(key) == port), None)


def _labels(policy: Manifest) -> dict[str, str]:
    return section(section(section(policy, "spec"), "selector"), "matchLabels")


def _maybe_oldest(policies: list[Manifest]) -> list[Manifest]:
    """Return the policies that may be the oldest of a scope; that without any fields where there are none."""
    dated = [policy for policy in policies if _created(policy)]
    undated = [policy for policy in policies if not _created(policy)]
    # Of two that are equally old, the first by name counts.
    oldest = sorted(dated, key=lambda policy: (_created(policy), policy["metadata"]["name"]))[:1]
    return oldest + undated or [{}]


def _created(policy: Manifest) -> str:
    return str(section(policy, "metadata").get("creationTimestamp") or "")
