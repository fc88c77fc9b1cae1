"""Calico objects for tests, and what parsing made of them."""

from __future__ import annotations

from typing import Any

from firedoor.model.calico import CalicoObject, CalicoPolicy, CalicoRule
from firedoor.model.calico_parsing import parse_calico
from firedoor.model.faults import Fault
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import Place
from firedoor.model.policies import PolicyObject

API, STORED = "projectcalico.org/v3", "crd.projectcalico.org/v1"
HERE = Place("calico.yaml", 7)


def parse(
    spec: Any, kind: str = "NetworkPolicy", api: str = API, metadata: ObjectMeta | None = None
) -> tuple[CalicoObject | None, tuple[Fault, ...]]:
    """Return what becomes of a specification: a policy of the namespace shop, unless something else is asked for."""
    own = ObjectMeta("p", "" if "Global" in kind else "shop") if metadata is None else metadata
    return parse_calico(PolicyObject(api, kind, own, spec, HERE))


def policy(spec: Any, kind: str = "NetworkPolicy", api: str = API, metadata: ObjectMeta | None = None) -> CalicoPolicy:
    """Return a policy that nothing is wrong with."""
    found, faults = parse(spec, kind, api, metadata)
    assert isinstance(found, CalicoPolicy)
    assert faults == ()
    return found


def refused(spec: Any, kind: str = "NetworkPolicy", api: str = API, metadata: ObjectMeta | None = None) -> Fault:
    """Return the only fault of an object that is refused."""
    found, faults = parse(spec, kind, api, metadata)
    assert found is None
    (fault,) = faults
    assert fault.rejects
    return fault


def doubted(
    spec: Any, kind: str = "NetworkPolicy", api: str = API, metadata: ObjectMeta | None = None
) -> tuple[Any, Fault]:
    """Return an object that stands, and its only fault."""
    found, faults = parse(spec, kind, api, metadata)
    assert found is not None
    (fault,) = faults
    assert not fault.rejects
    return found, fault


def ingress(**fields: Any) -> dict[str, Any]:
    """Return a specification with one ingress rule, which allows."""
    return {"ingress": [{"action": "Allow", **fields}]}


def egress(**fields: Any) -> dict[str, Any]:
    """Return a specification with one egress rule, which allows."""
    return {"egress": [{"action": "Allow", **fields}]}


def rule(api: str = API, **fields: Any) -> CalicoRule:
    """Return the one ingress rule of a policy that nothing is wrong with."""
    return policy(ingress(**fields), api=api).ingress[0]
