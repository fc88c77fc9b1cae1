"""Generated questions: half of them at or beside what some rule permits, the others anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tools.access_reviews.held import Held, held
from tools.access_reviews.vocabulary import (
    ACCOUNTS,
    GROUPS,
    NAMESPACES,
    OBJECT_NAMES,
    OTHER_SUBRESOURCES,
    PATHS,
    RESOURCES,
    SUBRESOURCES,
    UNKNOWN_NAMESPACE,
    USERS,
    VERBS,
)

from firedoor.model.access import User, account_name, user_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.access_reviews.chance import Chance
    from tools.access_reviews.held import Manifest

NEAR, EXACT = 88, 48
"""How many of a hundred questions start from what a rule permits, and how many of these are not changed then."""
SAMPLES = ("GET", "*", "", "proxy", "post", "head", "escalate")
UNKNOWN_GROUPS = ("*", "extensions", "no.such.group")
OTHER_RESOURCES = ("*", "pod", "Pods", "pods/log", "gadgets", "")


class Question(NamedTuple):
    """Who asks for what; `path` is set where it is no resource."""

    user: User
    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


def questions(chance: Chance, cluster: list[Manifest], count: int) -> list[Question]:
    """Return so many different questions."""
    roles: dict[tuple[str, str, str], list[Held]] = {}
    for each in held(cluster):
        home = each.namespace if each.role["kind"] == "Role" else ""
        roles.setdefault((each.role["kind"], home, each.role["name"]), []).append(each)
    pools = list(roles.values())
    found: dict[Question, None] = {}
    while len(found) < count:
        if not chance.percent(NEAR):
            found[_anything(chance)] = None
            continue
        # By role first: those that the API server makes have many more rules than the others.
        asked = _permitted(chance, chance.choice(chance.choice(pools)))
        found[asked if chance.percent(EXACT) else _changed(chance, asked)] = None
    return list(found)


def _permitted(chance: Chance, given: Held) -> Question:
    """Return a question that a rule permits, as far as the one word of each field goes."""
    user, rule = _user(chance, given), given.rule
    verb = _one(chance, rule["verbs"], VERBS)
    if rule.get("nonResourceURLs"):
        pattern = chance.choice(rule["nonResourceURLs"])
        path = pattern.rstrip("*") + chance.choice(("", "x", "/deep/er")) if pattern.endswith("*") else pattern
        return Question(user, verb, path=path or "/")
    group = _one(chance, rule["apiGroups"], [each for each, _ in RESOURCES])
    resource, _, subresource = chance.choice(rule["resources"]).partition("/")
    if resource == "*":
        resource = chance.choice(RESOURCES)[1]
    name = chance.choice(rule.get("resourceNames") or ["", "", *OBJECT_NAMES])
    namespace = given.namespace or chance.choice(("", *NAMESPACES))
    return Question(user, verb, group, resource, subresource, namespace, name)


def _changed(chance: Chance, asked: Question) -> Question:
    """Return a question with one field changed."""
    if chance.percent(25):
        return asked._replace(user=_other_user(chance, asked.user))
    if asked.path:
        path = chance.choice((asked.path + "/", asked.path + "x", asked.path[:-1] or "/", *PATHS[:4]))
        return chance.choice((asked._replace(path=path), asked._replace(verb=_verb(chance))))
    group = chance.choice((*UNKNOWN_GROUPS, chance.choice(RESOURCES)[0]))
    resource = chance.choice((*OTHER_RESOURCES, chance.choice(RESOURCES)[1]))
    namespace = chance.choice(("", UNKNOWN_NAMESPACE, *NAMESPACES))
    return chance.choice(
        (
            asked._replace(verb=_verb(chance)),
            asked._replace(group=group),
            asked._replace(resource=resource),
            asked._replace(subresource=_subresource(chance, asked.resource)),
            asked._replace(namespace=namespace),
            asked._replace(name=chance.choice(("", "other", *OBJECT_NAMES))),
        )
    )


def _anything(chance: Chance) -> Question:
    user = _other_user(chance, user_named(chance.choice(USERS)))
    if chance.percent(20):
        return Question(user, _verb(chance), path=chance.choice(PATHS))
    group, resource = chance.choice(RESOURCES)
    namespace, name = chance.choice(("", *NAMESPACES)), chance.choice(("", *OBJECT_NAMES))
    return Question(user, _verb(chance), group, resource, _subresource(chance, resource), namespace, name)


def _user(chance: Chance, given: Held) -> User:
    """Return a user that a subject means."""
    kind, name = given.subject["kind"], given.subject["name"]
    if kind == "ServiceAccount":
        return user_named(account_name(given.subject.get("namespace") or given.namespace, name))
    if kind == "User":
        return user_named(name)
    if name.startswith("system:serviceaccounts"):
        home = name.partition("system:serviceaccounts:")[2] or chance.choice(NAMESPACES)
        return user_named(account_name(home, chance.choice(ACCOUNTS)))
    if name == "system:unauthenticated":
        return user_named("system:anonymous")
    return user_named(chance.choice(USERS[:6]), () if name == "system:authenticated" else (name,))


def _other_user(chance: Chance, user: User) -> User:
    """Return another user, or the same in other groups than its name implies."""
    account = account_name(chance.choice(NAMESPACES), chance.choice(ACCOUNTS))
    return chance.choice(
        [
            user_named(chance.choice(USERS)),
            user_named(chance.choice(USERS), (chance.choice(GROUPS[:5]),)),
            user_named(account),
            user_named(account, (chance.choice(GROUPS[:5]),)),
            User(user.name),
            User(account, ("system:serviceaccounts:beta",)),
            User("", user.groups or ("devs",)),
            User(user.name.lower() if user.name != user.name.lower() else user.name.capitalize(), user.groups),
            User(f"{user.name}:more", user.groups),
            user_named(user.name, ("system:masters",)) if chance.percent(15) else User("system:masters"),
        ]
    )


def _verb(chance: Chance) -> str:
    return chance.choice((*VERBS, *SAMPLES))


def _subresource(chance: Chance, resource: str) -> str:
    return chance.choice(("", "", "*", *OTHER_SUBRESOURCES, *SUBRESOURCES.get(resource, ())))


def _one(chance: Chance, words: list[str], instead_of_all: Sequence[str]) -> str:
    word = chance.choice(words)
    return chance.choice(instead_of_all) if word == "*" else word
