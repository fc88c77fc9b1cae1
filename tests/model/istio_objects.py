"""Objects of ``security.istio.io`` for tests, parsed."""

from __future__ import annotations

from typing import Any

from firedoor.model.faults import Fault
from firedoor.model.istio import AuthorizationPolicy, AuthorizationRule, PeerAuthentication
from firedoor.model.istio_parsing import parse_istio
from firedoor.model.metadata import ObjectMeta
from firedoor.model.policies import PolicyObject

AUTHORIZATION, AUTHENTICATION = "AuthorizationPolicy", "PeerAuthentication"
META = ObjectMeta("p", "shop")


def parse(
    spec: Any, kind: str = AUTHORIZATION, metadata: ObjectMeta = META
) -> tuple[AuthorizationPolicy | PeerAuthentication | None, tuple[Fault, ...]]:
    return parse_istio(PolicyObject("security.istio.io/v1", kind, metadata, spec))


def policy(spec: Any, metadata: ObjectMeta = META) -> AuthorizationPolicy:
    """Return an authorization policy with which nothing is wrong."""
    parsed, faults = parse(spec, metadata=metadata)
    assert faults == ()
    assert isinstance(parsed, AuthorizationPolicy)
    return parsed


def only_rule(rule: Any, **fields: Any) -> AuthorizationRule:
    rules = policy({"rules": [rule], **fields}).rules
    assert rules is not None
    (found,) = rules
    return found


def peers(spec: Any) -> PeerAuthentication:
    """Return a peer authentication with which nothing is wrong."""
    parsed, faults = parse(spec, AUTHENTICATION)
    assert faults == ()
    assert isinstance(parsed, PeerAuthentication)
    return parsed


def refused(spec: Any, kind: str = AUTHORIZATION) -> str:
    """Return the path of the only fault, for which a policy is refused."""
    parsed, (fault,) = parse(spec, kind)
    assert parsed is None
    assert fault.rejects
    assert fault.reason
    return fault.path
