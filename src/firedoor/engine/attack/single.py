"""Steps that one permission is enough for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.graph import Link
from firedoor.engine.attack.needs import CHANGEABLE, EVERYTHING
from firedoor.engine.rbac.steps import WORKLOADS
from firedoor.model.attack import ADMIN, Change, ChangeKind, Kind, Standing
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.attack.ground import Ground, Names

MAKES_PODS = (
    "create-pods",
    *(f"create-{kind}" for kind in WORKLOADS),
    *(f"change-{kind}" for kind in CHANGEABLE),
)
"""The needs any of which makes pods."""

_INTO_PODS = {
    "exec": by.EXEC,
    "attach": by.ATTACH,
    "port-forward": by.PORT_FORWARD,
    "pod-proxy": by.POD_PROXY,
    "ephemeral": by.EPHEMERAL,
    "change-pods": by.CHANGE_PODS,
}
_TOKEN_INFIX = "-token-"  # noqa: S105 - the middle of a Secret's name


class SingleSteps:
    """What each permission alone leads to."""

    def __init__(self, ground: Ground, *, has_token_secrets: bool) -> None:
        """With `has_token_secrets` the server keeps a token of each service account in a Secret (before 1.24)."""
        self._ground = ground
        self._has_token_secrets = has_token_secrets

    def means(self, need: str, namespace: str, names: Names) -> Iterator[int | None]:
        """
        Yield the techniques that a need opens in a namespace (empty: in all), for objects of some names.

        A need that is of use only together with others yields nothing.
        """
        ground = self._ground
        if need in _INTO_PODS:
            yield ground.pods(_INTO_PODS[need], namespace, names)
        elif need in MAKES_PODS:
            yield from self._by_pods(need, namespace, names)
        elif need == "create-token":
            yield ground.take(by.CREATE_TOKEN, namespace, names)
        elif need == "read-secrets":
            yield from self._by_secrets(namespace, names)
        elif need == "nodes-proxy":
            yield ground.pods_on(by.KUBELET, names)
        elif need == "impersonate-accounts":
            yield ground.take(by.IMPERSONATE, namespace, names)
        elif need in {"create-webhooks", "change-webhooks"}:
            yield ground.to(by.WEBHOOK, ADMIN)
        elif need == EVERYTHING:
            yield ground.to(by.HOLDS_ALL, everything_in(namespace))

    def _by_pods(self, need: str, namespace: str, names: Names) -> Iterator[int | None]:
        verb, _, kind = need.partition("-")
        technique = by.CREATE_PODS if kind == "pods" else by.WRITE_WORKLOADS
        spaces = self._ground.workloads_named(kind, namespace, names) if verb == "change" else [namespace]
        for each in spaces:
            yield self._ground.take(technique, each, None)
            yield self.privileged_pod(each)

    def privileged_pod(self, namespace: str) -> int | None:
        """Return the technique of a privileged pod in a namespace, or in any; None where none lets one in."""
        ground = self._ground
        if not (ground.is_open.get(namespace, True) if namespace else any(ground.is_open.values())):
            return None
        is_new = ground.graph.is_new(by.PRIVILEGED_POD, namespace)
        means = ground.graph.means(by.PRIVILEGED_POD, namespace)
        if is_new:
            change = Change(ChangeKind.POD_SECURITY, ObjectRef("Namespace", "", namespace))
            ground.nodes.reached_by(means, link=Link((frozenset({change}),)) if namespace else Link())
        return means

    def _by_secrets(self, namespace: str, names: Names) -> Iterator[int | None]:
        is_possible = not self._has_token_secrets
        if names is None:
            yield self._ground.secrets(by.READ_SECRETS, namespace)
            yield self._ground.take(by.LEGACY_TOKEN, namespace, None, possible=is_possible)
        else:
            owners = frozenset(each.rpartition(_TOKEN_INFIX)[0] for each in names if _TOKEN_INFIX in each)
            if owners:
                yield self._ground.take(by.LEGACY_TOKEN, namespace, owners, possible=is_possible)


def everything_in(namespace: str) -> Standing:
    """Return every right in a namespace, or in the cluster."""
    return Standing(Kind.NAMESPACE, name=namespace) if namespace else ADMIN
