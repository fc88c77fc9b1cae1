"""Objects of ``cilium.io`` for tests, parsed."""

from __future__ import annotations

from typing import Any

from firedoor.model.cilium import CidrGroup, CiliumDirectionRule, CiliumPolicy, CiliumRule
from firedoor.model.cilium_parsing import parse_cilium
from firedoor.model.faults import Fault
from firedoor.model.metadata import ObjectMeta
from firedoor.model.policies import PolicyObject

CNP, CCNP, GROUP = "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "CiliumCIDRGroup"
EVERYONE: dict[str, Any] = {"endpointSelector": {}}


def parse(spec: Any, kind: str = CNP, specs: Any = None) -> tuple[CiliumPolicy | CidrGroup | None, tuple[Fault, ...]]:
    """Return what is read of an object with these fields; a list for ``spec`` is that of ``specs``."""
    namespace = "shop" if kind == CNP else ""
    first, rest = (None, spec) if isinstance(spec, list) else (spec, specs)
    return parse_cilium(PolicyObject("cilium.io/v2", kind, ObjectMeta("p", namespace), first, specs=rest))


def policy(spec: Any, kind: str = CNP) -> CiliumPolicy:
    """Return a policy with which nothing is wrong."""
    parsed, faults = parse(spec, kind)
    assert faults == ()
    assert isinstance(parsed, CiliumPolicy)
    return parsed


def only_rule(spec: Any, kind: str = CNP) -> CiliumRule:
    (found,) = policy(spec, kind).rules
    return found


def ingress(**fields: Any) -> CiliumDirectionRule:
    """Return an ingress rule with these fields."""
    (found,) = only_rule({**EVERYONE, "ingress": [fields]}).ingress
    return found


def egress(**fields: Any) -> CiliumDirectionRule:
    (found,) = only_rule({**EVERYONE, "egress": [fields]}).egress
    return found


def refused(spec: Any, kind: str = CNP) -> Fault:
    """Return the only fault for which a policy is refused."""
    parsed, faults = parse(spec, kind)
    assert parsed is None
    (fault,) = [each for each in faults if each.rejects]
    assert fault.reason
    return fault


def let_through(spec: Any, kind: str = CNP) -> tuple[CiliumPolicy, Fault]:
    """Return a policy that is accepted with one fault."""
    parsed, (fault,) = parse(spec, kind)
    assert isinstance(parsed, CiliumPolicy)
    assert not fault.rejects
    return parsed, fault
