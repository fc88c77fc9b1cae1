"""Names that people write for the ends of attack paths, into vertices."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from firedoor.errors import UsageError
from firedoor.model.access import SERVICE_ACCOUNT
from firedoor.model.attack import Kind, Standing
from firedoor.usecases.ends import resolve_end

if TYPE_CHECKING:
    from firedoor.engine.attack.building import Attack

_FORMS = (
    "internet, cluster-admin, secrets, secrets:NAMESPACE, namespace:NAME, nodes, node:NAME, user:NAME, group:NAME, "
    "serviceaccount:NAMESPACE/NAME, or a workload as NAMESPACE/NAME"
)
_WORDS = {"internet": Kind.INTERNET, "cluster-admin": Kind.CLUSTER_ADMIN, "secrets": Kind.SECRETS}
_NAMED = {
    "user": Kind.USER,
    "group": Kind.GROUP,
    "node": Kind.NODE,
    "namespace": Kind.NAMESPACE,
    "secrets": Kind.SECRETS,
    "serviceaccount": Kind.SERVICE_ACCOUNT,
}
_OF_BINDINGS = (Kind.USER, Kind.GROUP)


def resolve(attack: Attack, text: str, namespace: str, *, is_source: bool) -> list[int]:
    """
    Return the vertices of an end.

    None may be there, where nobody comes to hold what is meant. Raises ``UsageError`` for
    what is no end, or names something that is not in the cluster.
    """
    if is_source and (text in {"secrets", "cluster-admin"} or text.lower().startswith("secrets:")):
        raise UsageError(f"--from {text}: paths lead there, and none begins there", remedy=f"write one of {_FORMS}")
    if not is_source and text == "internet":
        raise UsageError("--to internet: paths begin there, and none leads there", remedy=f"write one of {_FORMS}")
    if text == "nodes":
        return attack.graph.of_standing(lambda each: each.kind is Kind.NODE)
    if text in _WORDS:
        return _vertices(attack, Standing(_WORDS[text]))
    if text.startswith(SERVICE_ACCOUNT):
        return _account(attack, text, text.removeprefix(SERVICE_ACCOUNT).replace(":", "/", 1))
    word, colon, name = text.partition(":")
    kind = _NAMED.get(word.lower()) if colon else None
    if kind is not None and name:
        return _account(attack, text, name) if kind is Kind.SERVICE_ACCOUNT else _named(attack, text, kind, name)
    return _pods(attack, text, namespace)


def _named(attack: Attack, text: str, kind: Kind, name: str) -> list[int]:
    wanted = Standing(kind, name) if kind is Kind.SECRETS else Standing(kind, name=name)
    found = _vertices(attack, wanted)
    if kind in {Kind.SECRETS, Kind.NAMESPACE}:
        _require(text, name, list(attack.network.namespaces), "namespace")
    elif not found:
        what = "binding names it" if kind in _OF_BINDINGS else "node of that name is known"
        raise UsageError(f"{text}: no {what}{_near(name, _names(attack, kind))}", remedy="check the name")
    return found


def _account(attack: Attack, text: str, name: str) -> list[int]:
    namespace, _, account = name.partition("/")
    found = _vertices(attack, Standing(Kind.SERVICE_ACCOUNT, namespace, account))
    if not found:
        known = [f"{each.namespace}/{each.name}" for each in _standings(attack) if each.kind is Kind.SERVICE_ACCOUNT]
        raise UsageError(f"{text}: there is no such service account{_near(name, known)}", remedy="check the name")
    return found


def _pods(attack: Attack, text: str, namespace: str) -> list[int]:
    try:
        members = resolve_end(attack.network, text, namespace)
    except UsageError as error:
        near = _near(text, [*_WORDS, "nodes"])
        if not near:
            raise
        raise UsageError(f"{text}: there is no such end{near}", remedy=f"write one of {_FORMS}") from error
    if isinstance(members, str):
        raise UsageError(f"{text} is no pod of the cluster", remedy=f"write one of {_FORMS}")
    wanted = set(members)
    return [group.vertex for group in attack.groups if wanted.intersection(group.members)]


def _vertices(attack: Attack, wanted: Standing) -> list[int]:
    return attack.graph.of_standing(lambda each: each == wanted)


def _require(text: str, name: str, known: list[str], what: str) -> None:
    if name not in known:
        raise UsageError(f"{text}: there is no {what} {name}{_near(name, known)}", remedy="check the name")


def _names(attack: Attack, kind: Kind) -> list[str]:
    return [each.name for each in _standings(attack) if each.kind is kind]


def _standings(attack: Attack) -> list[Standing]:
    return [each for each in attack.graph.vertices if isinstance(each, Standing)]


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f" (did you mean {near[0]}?)" if near else ""
