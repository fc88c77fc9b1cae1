"""Steps that need several permissions at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.single import MAKES_PODS, everything_in
from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.model.access import MASTERS
from firedoor.model.attack import ADMIN, Kind, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.attack.ground import Ground, Names
    from firedoor.engine.attack.techniques import Technique
    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.rbac import RoleBinding, Subject

_CLIENT_SIGNERS = ("kubernetes.io/kube-apiserver-client", "kubernetes.io/*")


Held = Mapping[str, tuple["Names", ...]]
"""The needs that somebody meets, each with the names that rules limit it to: once for each rule."""

Part = tuple[str, tuple["Names", ...]]
"""A need, and those of the names above with which it is of use."""


class Joint(NamedTuple):
    """
    A technique by its vertex, and the needs that it takes: one of each set of alternatives.

    `binding` is one that it takes besides.
    """

    means: int | None
    needs: tuple[tuple[Part, ...], ...]
    binding: RoleBinding | None = None


class Had(NamedTuple):
    """
    A role that somebody has, and the namespace that it is bound in, empty for the whole cluster.

    `binding` is what gives it, none where it is what the holder is.
    """

    namespace: str
    kind: str
    name: str
    binding: RoleBinding | None = None


_ESCALATING = frozenset({"escalate-clusterroles", "escalate-roles"})
_PARTS = frozenset(
    {
        "create-secrets",
        "impersonate-users",
        "impersonate-groups",
        "create-volumes",
        "change-namespaces",
        "approve-csr",
        "bind-clusterroles",
        "bind-roles",
        *_ESCALATING,
    }
)
"""Every joint step needs one of these."""


def is_part(needs: Iterable[str]) -> bool:
    """Return whether any joint step can come of some needs."""
    return not _PARTS.isdisjoint(needs)


def may_escalate(needs: Iterable[str]) -> bool:
    """Return whether some needs may let who meets them change a role of its own."""
    return not _ESCALATING.isdisjoint(needs)


class JointSteps:
    """What several permissions together lead to."""

    def __init__(self, ground: Ground, authorizer: Authorizer, subjects: Sequence[Subject]) -> None:
        """`subjects` are those that somebody can be taken for."""
        self._ground = ground
        self._authorizer = authorizer
        self._users = [each for each in subjects if each.kind == "User"]
        self._groups = [each for each in subjects if each.kind == "Group" and each.name != MASTERS]

    def steps(self, namespace: str, held: Held, roles: Sequence[Had]) -> Iterator[Joint]:
        """
        Yield the steps that the needs met in a namespace, those of the cluster among them, open there.

        `roles` are those that the holder has.
        """
        if "create-secrets" in held and None in held.get("read-secrets", ()):
            needs = (_any(held, "create-secrets"), (("read-secrets", (None,)),))
            yield Joint(self._ground.take(by.TOKEN_SECRET, namespace, None), needs)
        yield from self._to_nodes(namespace, held)
        if not namespace:
            yield from self._by_names(held)
        yield from self._as_groups(namespace, held)
        yield from self._by_binding(namespace, held)
        if not namespace and ("create-rolebindings" in held or "change-rolebindings" in held):
            for each in self._ground.namespaces:
                yield from self._by_binding(each, held)
        yield from self._by_escalating(namespace, held, roles)

    def users(self, names: Names) -> int | None:
        """Return the technique of taking the name of users, of some names or of any."""
        wanted = [each for each in self._users if names is None or each.name in names]
        return self._taken(by.IMPERSONATE, wanted)

    def groups(self) -> int | None:
        """Return the technique of taking the name of any group."""
        return self._taken(by.IMPERSONATE, self._groups)

    def _taken(self, technique: Technique, subjects: Iterable[Subject]) -> int | None:
        standings = [Standing(Kind(each.kind), each.namespace, each.name) for each in subjects]
        return self._ground.to(technique, *standings) if standings else None

    def _to_nodes(self, namespace: str, held: Held) -> Iterator[Joint]:
        making = self._making(namespace, held)
        if making and "create-volumes" in held and "create-claims" in held:
            means = self._ground.to_nodes(by.CREATE_VOLUME)
            yield Joint(means, (_any(held, "create-volumes"), _any(held, "create-claims"), making))
        if making and "change-namespaces" in held:
            # Most namespaces ask for the same.
            yield from dict.fromkeys(self._relabelling(namespace, held))

    def _relabelling(self, namespace: str, held: Held) -> Iterator[Joint]:
        for each in [namespace] if namespace else self._ground.namespaces:
            names, there = _for(held, "change-namespaces", each), self._making(each, held)
            if names and there:
                yield Joint(self._past_admission(each), ((("change-namespaces", names),), there))

    def _past_admission(self, namespace: str) -> int | None:
        """Return the technique of a privileged pod whatever a namespace enforces, or comes to enforce."""
        if self._ground.is_open.get(namespace, True):
            return self._ground.to_nodes(by.PRIVILEGED_POD, "whatever is enforced")
        return self._ground.to_nodes(by.RELABEL)

    def _making(self, namespace: str, held: Held) -> tuple[Part, ...]:
        """Return what makes pods in a namespace, or in any: what changes workloads only where there are some."""
        found = []
        for need in MAKES_PODS:
            verb, _, kind = need.partition("-")
            names = held.get(need, ())
            if verb == "change":
                names = tuple(each for each in names if self._ground.workloads_named(kind, namespace, each))
            if names:
                found.append((need, names))
        return tuple(found)

    def _by_names(self, held: Held) -> Iterator[Joint]:
        """Yield what is asked for the whole cluster only: other names, by request or by certificate."""
        for names in held.get("impersonate-users", ()):
            yield Joint(self.users(names), ((("impersonate-users", (names,)),),))
        signers = tuple(
            each for each in held.get("approve-signer", ()) if each is None or not each.isdisjoint(_CLIENT_SIGNERS)
        )
        if signers and "create-csr" in held and "approve-csr" in held:
            needs = (_any(held, "create-csr"), _any(held, "approve-csr"), (("approve-signer", signers),))
            yield Joint(self._taken(by.CERTIFICATE, (*self._users, *self._groups)), needs)
            # The name of a service account is signed like any other.
            yield Joint(self._ground.take(by.CERTIFICATE, "", None), needs)

    def _as_groups(self, namespace: str, held: Held) -> Iterator[Joint]:
        """Yield the names of groups, which can only be taken together with that of a user or of a service account."""
        if namespace and "impersonate-accounts" not in held:
            return
        somebody = (*_any(held, "impersonate-users"), *_any(held, "impersonate-accounts"))
        for names in held.get("impersonate-groups", ()) if somebody else ():
            needs: tuple[tuple[Part, ...], ...] = ((("impersonate-groups", (names,)),), somebody)
            groups = [each for each in self._groups if names is None or each.name in names]
            yield Joint(self._taken(by.IMPERSONATE, groups), needs)
            if names is None or MASTERS in names:
                yield Joint(self._ground.to(by.IMPERSONATE, ADMIN), needs)

    def _by_binding(self, namespace: str, held: Held) -> Iterator[Joint]:
        kind = "rolebindings" if namespace else "clusterrolebindings"
        creating = _any(held, f"create-{kind}")
        for plural, role in (("bind-clusterroles", CLUSTER_ROLE), ("bind-roles", "Role")):
            for names in held.get(plural, ()) if namespace or role == CLUSTER_ROLE else ():
                binding = ((plural, (names,)),)
                if creating and names is None and role == CLUSTER_ROLE:
                    yield Joint(self._ground.to(by.BIND, everything_in(namespace)), (binding, creating))
                elif creating:
                    for each in self._roles(role, namespace, names):
                        yield Joint(self._bound(role, each, namespace), (binding, creating))
                for some in held.get(f"change-{kind}", ()):
                    for each in self._roles_bound(role, namespace, names, some):
                        needs = (binding, ((f"change-{kind}", (some,)),))
                        yield Joint(self._bound(role, each, namespace), needs)

    def _bound(self, kind: str, name: str, namespace: str) -> int | None:
        return self._ground.to(by.BIND, Standing(Kind.ROLE, namespace, name, kind))

    def _roles(self, kind: str, namespace: str, names: Names) -> list[str]:
        roles = self._authorizer.roles
        if names is None:
            return [
                each.metadata.name for each in roles.all if (each.kind, each.metadata.namespace) == (kind, namespace)
            ]
        return [each for each in sorted(names) if roles.get(kind, namespace, each) is not None]

    def _roles_bound(self, kind: str, namespace: str, names: Names, changeable: Names) -> list[str]:
        """Return the roles that existing bindings give which can be changed: a subject can be added to those."""
        scope = self._authorizer.local.get(namespace) if namespace else self._authorizer.cluster
        found = {
            each.role.name: None
            for each in (scope.all if scope is not None else ())
            if each.role.kind == kind
            and (names is None or each.role.name in names)
            and (changeable is None or each.metadata.name in changeable)
        }
        return list(found)

    def _by_escalating(self, namespace: str, held: Held, roles: Sequence[Had]) -> Iterator[Joint]:
        for role in roles:
            if namespace and role.namespace != namespace:
                continue
            plural = "clusterroles" if role.kind == CLUSTER_ROLE else "roles"
            escalating, changing = (_for(held, f"{verb}-{plural}", role.name) for verb in ("escalate", "change"))
            if escalating and changing:
                needs = (((f"escalate-{plural}", escalating),), ((f"change-{plural}", changing),))
                yield Joint(self._ground.to(by.ESCALATE, everything_in(role.namespace)), needs, role.binding)


def _any(held: Held, need: str) -> tuple[Part, ...]:
    """Return a need that is of use whatever names it is met for; nothing where it is not met."""
    return ((need, held[need]),) if need in held else ()


def _for(held: Held, need: str, name: str) -> tuple[Names, ...]:
    """Return those of the names that a need is met for which have one among them."""
    return tuple(each for each in held.get(need, ()) if each is None or name in each)
