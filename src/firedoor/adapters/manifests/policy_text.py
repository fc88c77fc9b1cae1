"""What can be told of a document that cannot be parsed: is it a policy, and of which namespace."""

from __future__ import annotations

import re

from firedoor.model.places import Scope

_POLICY = re.compile(
    r"(?:^\s*(?:-\s+)?|[{,]\s*)[\"']?kind[\"']?\s*:\s*[\"']?(\w*(?:NetworkPolicy|AuthorizationPolicy))\b",
    re.MULTILINE,
)
_NAMESPACE = re.compile(r"(?:^\s+|[{,]\s*)[\"']?namespace[\"']?\s*:\s*([^\n,}]*|\{\{.*)", re.MULTILINE)
_NAME = re.compile(r"[\"']?([a-z0-9][a-z0-9.-]*)[\"']?\s*(?:#.*)?")
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\$\{[A-Z_][A-Z0-9_]*\}|<<[A-Z_]+>>", re.DOTALL)


def scope_of(text: str, namespace: str) -> Scope | None:
    """Return whose verdicts become unknown because this text could not be read; None when it is no policy."""
    kind = _POLICY.search(text)
    if kind is None:
        return None
    if kind[1] != "NetworkPolicy" and not kind[1].startswith("CiliumNetwork"):
        return Scope()
    found = _NAMESPACE.search(text)
    if found is None:
        return Scope(namespace)
    name = _NAME.fullmatch(found[1].rstrip())
    return Scope(name[1]) if name else Scope()


def template_in(text: str) -> str:
    """Return the first piece of template syntax in the text; empty when there is none."""
    found = _TEMPLATE.search(text)
    return " ".join(found[0].split())[:60] if found else ""
