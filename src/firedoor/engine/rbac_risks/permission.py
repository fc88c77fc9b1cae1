"""One thing that a rule may permit, and whether it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from firedoor.engine.rbac.matching import ALL, rule_allows
from firedoor.engine.rbac_risks.releases import release_of, release_text
from firedoor.model.access import AccessRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac_risks.releases import Release
    from firedoor.model.rbac import PolicyRule

_NAMELESS = frozenset({"create", "deletecollection"})
_ANY = "?"


class Hit(NamedTuple):
    """What a rule permits of a permission; `names` are the only objects that it does so for, empty for all."""

    verbs: tuple[str, ...]
    resources: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Permission:
    """
    Verbs on resources of one API group, any of which is dangerous.

    Resources are written as in rules (``pods/exec``); one that begins with ``/`` is a URL,
    and ``?`` at the end stands for any name there.
    `is_clustered` says that objects of these resources have no namespace, so that a
    RoleBinding grants nothing of it. `names` are the only objects that matter, `home` is
    the only namespace that does. `beginning` stands for all verbs that begin so, on any
    resource. It is a permission from release `since` on, before release `until`, and on
    clusters whose version names `platform`.
    """

    verbs: tuple[str, ...]
    resources: tuple[str, ...] = ()
    group: str = ""
    is_clustered: bool = False
    names: tuple[str, ...] = ()
    home: str = ""
    beginning: str = ""
    since: Release | None = None
    until: Release | None = None
    platform: str = ""

    def applies(self, version: str) -> bool | None:
        """Return whether the permission has this meaning for an API server; None where its version is not known."""
        if self.since is None and self.until is None and not self.platform:
            return True
        release = release_of(version)
        if release is None:
            return None
        return (
            self.platform in version
            and (self.since is None or release >= self.since)
            and (self.until is None or release < self.until)
        )

    @property
    def remark(self) -> str:
        """What to say where the release is not known."""
        what = f"{', '.join(self.verbs)} {', '.join(self.resources)}".strip()
        if self.until is not None:
            return (
                f"the version of the API server is not known: {what} is enough before {release_text(self.until)} only"
            )
        if self.since is not None:
            since = release_text(self.since)
            return (
                f"the version of the API server is not known: {what or self.beginning} means something from {since} on"
            )
        return f"the version of the API server is not known: this matters on {self.platform} only" * bool(self.platform)

    def is_about(self, verb: str) -> bool:
        """Return whether a verb, not the star, is one of this."""
        return verb in self.verbs or (bool(self.beginning) and verb.startswith(self.beginning))

    def hit(self, rule: PolicyRule) -> Hit | None:
        """Return what a rule permits of this; None where that is nothing."""
        if self.beginning:
            verbs = tuple(each for each in rule.verbs if each == ALL or each.startswith(self.beginning))
            return Hit(verbs, rule.resources, rule.resource_names) if verbs and rule.resources else None
        found = list(self._found(rule)) if self._may_hit(rule) else []
        if not found:
            return None
        verbs, resources, names = zip(*found, strict=True)
        limits = () if () in names else tuple(dict.fromkeys(name for each in names for name in each))
        return Hit(tuple(dict.fromkeys(verbs)), tuple(dict.fromkeys(resources)), limits)

    def _may_hit(self, rule: PolicyRule) -> bool:
        """Return quickly whether a closer look is worth it: most rules and permissions have nothing in common."""
        if self.resources[0].startswith("/"):
            return bool(rule.non_resource_urls)
        if self.group not in rule.api_groups and ALL not in rule.api_groups:
            return False
        return any(each in rule.resources for each in self.resources) or any(
            each.startswith(ALL) or each.endswith(_ANY) for each in (*rule.resources, *self.resources)
        )

    def _found(self, rule: PolicyRule) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for verb in self.verbs if ALL in rule.verbs else [each for each in self.verbs if each in rule.verbs]:
            for resource in self._resources(rule):
                names = self._resource(rule, verb, resource)
                if names is not None:
                    yield verb, resource, names

    def _resources(self, rule: PolicyRule) -> Iterator[str]:
        """Yield the resources, each that stands for many as those that the rule has of them."""
        for each in self.resources:
            if not each.endswith(_ANY):
                yield each
                continue
            beginning = each.removesuffix(_ANY)
            for resource in rule.resources:
                if resource == ALL or resource.startswith(beginning):
                    yield resource
                elif resource.startswith("*/") and "/" in beginning:
                    yield beginning + resource.removeprefix("*/")

    def _resource(self, rule: PolicyRule, verb: str, resource: str) -> tuple[str, ...] | None:
        """Return for which names a rule permits a verb, empty for all; None where it does not."""
        if resource.startswith("/"):
            return () if rule_allows(rule, AccessRequest(verb, path=resource)) else None
        name, _, subresource = resource.partition("/")
        request = AccessRequest(verb, name, subresource, self.group)
        limits = rule.resource_names
        if verb in _NAMELESS and not subresource:
            # Such a request names no object, so that a rule for named ones never permits it.
            return () if rule_allows(rule, request) else None
        chosen = self.names or limits[:1] or ("",)
        allowed = tuple(each for each in chosen if rule_allows(rule, replace(request, name=each)))
        if not allowed:
            return None
        return allowed if self.names and limits else limits
