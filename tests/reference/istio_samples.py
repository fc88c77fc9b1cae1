"""Minimal valid Istio objects for the examples, which change one thing at a time."""

from __future__ import annotations

from typing import Any

from tests.reference.endpoints import RefPod
from tests.reference.istio import decide_istio
from tests.reference.istio_pods import pod_object
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Options, Verdict
from tests.reference.samples import connection, end


def authorization(namespace: str | None = None, *, metadata: Any = None, **spec: Any) -> Manifest:
    """Return an AuthorizationPolicy with the fields of its ``spec``."""
    return _istio("AuthorizationPolicy", namespace, metadata, spec)


def peer_authentication(namespace: str | None = None, *, metadata: Any = None, **spec: Any) -> Manifest:
    """Return a PeerAuthentication with the fields of its ``spec``."""
    return _istio("PeerAuthentication", namespace, metadata, spec)


def allow(source: Any = None, operation: Any = None, **rule: Any) -> Manifest:
    """Return a policy for the namespace ``default`` that allows one source and one operation."""
    return authorization(rules=[_rule(source, operation, rule)])


def deny(source: Any = None, operation: Any = None, **rule: Any) -> Manifest:
    """Return a policy for the namespace ``default`` that denies one source and one operation."""
    return authorization(action="DENY", rules=[_rule(source, operation, rule)])


def custom(source: Any = None, operation: Any = None, **rule: Any) -> Manifest:
    """Return a policy for the namespace ``default`` that hands one source and one operation to an extension."""
    return authorization(action="CUSTOM", provider={"name": "judge"}, rules=[_rule(source, operation, rule)])


def mesh_verdict(cluster: list[Manifest], src: str, dst: str, port: int = 80, protocol: str = "TCP") -> Verdict:
    """Return what the mesh alone says between two ends."""
    return decide_istio(cluster, connection(cluster, src, dst, port, protocol), Options())


def object_of(cluster: list[Manifest], text: str) -> Manifest:
    """Return the manifest that a pod was read from."""
    found = end(cluster, text)
    assert isinstance(found, RefPod)
    return pod_object(cluster, found)


def _istio(kind: str, namespace: str | None, metadata: Any, spec: Manifest) -> Manifest:
    described = {"name": "sample", **({} if namespace is None else {"namespace": namespace}), **(metadata or {})}
    return {"apiVersion": "security.istio.io/v1", "kind": kind, "metadata": described, "spec": spec}


def _rule(source: Any, operation: Any, rule: Manifest) -> Manifest:
    sources = {} if source is None else {"from": [{"source": source}]}
    operations = {} if operation is None else {"to": [{"operation": operation}]}
    return {**sources, **operations, **rule}
