"""What rules of Istio's policies say, in a few words for explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.dialects.istio.layer import ELSE
from firedoor.model.istio import Action, PeerAuthentication, api_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.istio import AuthorizationPolicy, AuthorizationRule, Operation, Source


def rule_words(policy: AuthorizationPolicy | PeerAuthentication, path: str) -> str:
    """Return ports and peers of the rule at `path`, or of what else a policy says, after a word such as denies."""
    if isinstance(policy, PeerAuthentication):
        port = path.partition("[")[2].removesuffix("]")
        ports = f"TCP/{port}" if port else "TCP"
        return f"{ports} from whoever presents no certificate of the mesh (mutual TLS is STRICT)"
    if path == ELSE:
        return "TCP from anyone whom no rule of the ALLOW policies for the pod matches"
    found = next((rule for rule in policy.rules or () if rule.path == path), None)
    words = "TCP" if found is None else _rule(found)
    return f"{words}, if the provider {policy.provider} says so" if policy.action is Action.CUSTOM else words


def _rule(rule: AuthorizationRule) -> str:
    ports = " or ".join(filter(None, map(_ports, rule.operations))) or "TCP"
    whom = " or ".join(" and ".join(_source(each)) for each in rule.sources) or "anyone"
    conditions = "".join(f", where {each}" for each in rule.conditions)
    asked = f", as far as requests are {rule.requests}" if rule.requests else ""
    return f"{ports} from {whom}{conditions}{asked}"


def _ports(operation: Operation) -> str:
    listed = ", ".join(f"TCP/{port}" for port in operation.ports)
    without = ", ".join(map(str, operation.not_ports))
    return " ".join(filter(None, (listed, f"{'' if listed else 'TCP '}other than {without}" if without else "")))


def _source(source: Source) -> Iterator[str]:
    for field in source.__struct_fields__:
        values = getattr(source, field)
        if values:
            yield f"{api_name(field)} {', '.join(values)}"
