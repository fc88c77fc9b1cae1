"""The steps by which somebody can take on the rights of another, and what each step needs."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from firedoor.model.access import AUTHENTICATED, MASTERS, UNAUTHENTICATED, AccessRequest, User
from firedoor.model.rbac import Subject
from firedoor.model.server_version import minor_version
from firedoor.model.workloads import FINISHED_PHASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.places import ObjectRef


class Technique(StrEnum):
    """What somebody does to be able to do what another can."""

    IMPERSONATE = "impersonate"
    """Send requests in the name of the holder (verb ``impersonate``)."""
    IMPERSONATE_CONSTRAINED = "impersonate-constrained"
    """The same with the verbs ``impersonate:MODE`` and ``impersonate-on:MODE:VERB`` (KEP-5284)."""
    CREATE_TOKEN = "create-token"  # noqa: S105
    """Ask for a token of the service account."""
    READ_SECRETS = "read-secrets"
    """Read the Secrets around the service account, where a token of it may be."""
    CREATE_PODS = "create-pods"
    """Start a pod that runs as the service account."""
    WRITE_WORKLOADS = "write-workloads"
    """Make or change a workload so that its pods run as the service account."""
    CHANGE_PODS = "change-pods"
    """Give a pod that runs as the service account another image."""
    EXEC = "exec"
    """Run a command in a pod that runs as the service account."""
    ATTACH = "attach"
    """Attach to a process in such a pod."""
    EPHEMERAL_CONTAINERS = "ephemeral-containers"
    """Add a container to such a pod."""
    BIND = "bind"
    """Bind a role that permits it."""
    ESCALATE = "escalate"
    """Put the permission into a role that one already has."""


class Need(NamedTuple):
    """A request that must be permitted for an object of one of `names`; None stands for any name."""

    request: AccessRequest
    names: frozenset[str] | None = frozenset({""})


class Step(NamedTuple):
    """A technique, whose rights or which role it is about, and all that it needs."""

    technique: Technique
    target: Subject | ObjectRef
    needs: tuple[Need, ...]


_AUTHENTICATION = "authentication.k8s.io"
WORKLOADS = {
    "Deployment": ("apps", "deployments"),
    "DaemonSet": ("apps", "daemonsets"),
    "StatefulSet": ("apps", "statefulsets"),
    "ReplicaSet": ("apps", "replicasets"),
    "Job": ("batch", "jobs"),
    "CronJob": ("batch", "cronjobs"),
    "ReplicationController": ("", "replicationcontrollers"),
}
"""The kinds that make pods, each with its API group and its name in rules."""
_NO_NAME = frozenset({""})
_EVERYBODY = (AUTHENTICATED, UNAUTHENTICATED)
_NODE = "system:node:"
_CONSTRAINED_SINCE = 36
_WEBSOCKETS_CREATE_SINCE = 35


class Steps:
    """The steps that lead to the rights of a subject in one snapshot."""

    def __init__(self, authorizer: Authorizer, request: AccessRequest) -> None:
        """Collect the pods and workloads by what they run as, and what the version of the server decides."""
        self._authorizer = authorizer
        self._request = request
        snapshot = authorizer.snapshot
        minor = minor_version(snapshot.origin.server_version)
        self._is_constrained = minor is None or minor >= _CONSTRAINED_SINCE
        self._opens_by_get = minor is None or minor < _WEBSOCKETS_CREATE_SINCE
        self._running: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._workloads: dict[tuple[str, str], set[str]] = defaultdict(set)
        for pod in snapshot.pods:
            if pod.status.phase not in FINISHED_PHASES:
                self._running[pod.metadata.namespace, pod.spec.account].add(pod.metadata.name)
        for workload in snapshot.workloads:
            namespace = workload.metadata.namespace
            # The names of its pods are not known, so that only rules without resourceNames are for them.
            self._running[namespace, workload.template.spec.account].add("")
            self._workloads[namespace, workload.kind].add(workload.metadata.name)

    def to(self, holder: Subject) -> Iterator[Step]:
        """Yield the steps to the rights of a subject."""
        account = User(holder.name).service_account if holder.kind == "User" else None
        if account is not None:
            holder = Subject("ServiceAccount", account[1], account[0])
        match holder.kind:
            case "Group":
                if holder.name not in _EVERYBODY:
                    yield from self._to_group(holder)
            case "User":
                yield from self._to_user(holder)
            case _:
                yield from self._to_account(holder)

    def _to_group(self, group: Subject) -> Iterator[Step]:
        """Yield the ways into a group, which can only be impersonated together with some user."""
        name = frozenset({group.name})
        target = Need(AccessRequest("impersonate", "groups"), name)
        yield Step(Technique.IMPERSONATE, group, (target, Need(AccessRequest("impersonate", "users"), None)))
        for namespace in ("", *self._authorizer.local):
            some = Need(AccessRequest("impersonate", "serviceaccounts", namespace=namespace), None)
            yield Step(Technique.IMPERSONATE, group, (target, some))
        if group.name != MASTERS:
            verb, needs = "impersonate:user-info", self._on("user-info")
            needs += tuple(
                Need(AccessRequest(verb, plural, group=_AUTHENTICATION), names)
                for plural, names in (("groups", name), ("users", None))
            )
            yield from self._constrained(group, needs)

    def _to_user(self, user: Subject) -> Iterator[Step]:
        names = frozenset({user.name})
        yield Step(Technique.IMPERSONATE, user, (Need(AccessRequest("impersonate", "users"), names),))
        mode, plural = "user-info", "users"
        if user.name.startswith(_NODE):
            mode, plural, names = "arbitrary-node", "nodes", frozenset({user.name.removeprefix(_NODE)})
        taken = Need(AccessRequest(f"impersonate:{mode}", plural, group=_AUTHENTICATION), names)
        yield from self._constrained(user, (taken, *self._on(mode)))

    def _to_account(self, account: Subject) -> Iterator[Step]:
        names, namespace = frozenset({account.name}), account.namespace
        taken = AccessRequest("impersonate", "serviceaccounts", namespace=namespace)
        yield Step(Technique.IMPERSONATE, account, (Need(taken, names),))
        mode = "serviceaccount"
        taken = AccessRequest(f"impersonate:{mode}", "serviceaccounts", group=_AUTHENTICATION, namespace=namespace)
        yield from self._constrained(account, (Need(taken, names), *self._on(mode)))
        token = AccessRequest("create", "serviceaccounts", "token", namespace=namespace)
        yield Step(Technique.CREATE_TOKEN, account, (Need(token, names),))
        for verb in ("get", "list", "watch"):
            read = AccessRequest(verb, "secrets", namespace=namespace)
            yield Step(Technique.READ_SECRETS, account, (Need(read, self._token_names(read, account)),))
        yield Step(Technique.CREATE_PODS, account, (Need(AccessRequest("create", "pods", namespace=namespace)),))
        yield from self._by_workloads(account)
        yield from self._by_pods(account)

    def _by_workloads(self, account: Subject) -> Iterator[Step]:
        namespace = account.namespace
        for kind, (group, plural) in WORKLOADS.items():
            made = AccessRequest("create", plural, group=group, namespace=namespace)
            yield Step(Technique.WRITE_WORKLOADS, account, (Need(made),))
            existing = frozenset(self._workloads.get((namespace, kind), ()))
            for verb in ("update", "patch") if existing else ():
                changed = AccessRequest(verb, plural, group=group, namespace=namespace)
                yield Step(Technique.WRITE_WORKLOADS, account, (Need(changed, existing),))

    def _by_pods(self, account: Subject) -> Iterator[Step]:
        """Yield the ways into pods that run as a service account, if there are any."""
        pods = frozenset(self._running.get((account.namespace, account.name), ()))
        opening = ("create", "get") if self._opens_by_get else ("create",)
        ways = (
            (Technique.CHANGE_PODS, "", ("update", "patch")),
            (Technique.EXEC, "exec", opening),
            (Technique.ATTACH, "attach", opening),
            (Technique.EPHEMERAL_CONTAINERS, "ephemeralcontainers", ("update", "patch")),
        )
        for technique, subresource, verbs in ways if pods else ():
            for verb in verbs:
                request = AccessRequest(verb, "pods", subresource, namespace=account.namespace)
                yield Step(technique, account, (Need(request, pods),))

    def _token_names(self, read: AccessRequest, account: Subject) -> frozenset[str]:
        """Return the names in rules that a token Secret of a service account can have, and the empty one."""
        listed = self._authorizer.index.matching(read)
        homes = (listed.get(home, {}) for home in ("", account.namespace))
        rules = (each for home in homes for held in home.values() for each, _, _ in held)
        prefix = f"{account.name}-token-"
        return _NO_NAME | {name for rule in rules for name in rule.resource_names if name.startswith(prefix)}

    def _on(self, mode: str) -> tuple[Need, ...]:
        """Return the need to be permitted the request itself in a mode of constrained impersonation."""
        asked = self._request
        verb = f"impersonate-on:{mode}:{asked.verb}"
        request = AccessRequest(
            verb, asked.resource, asked.subresource, asked.group, namespace=asked.namespace, path=asked.path
        )
        return (Need(request, frozenset({asked.name})),)

    def _constrained(self, target: Subject, needs: tuple[Need, ...]) -> Iterator[Step]:
        if self._is_constrained:
            yield Step(Technique.IMPERSONATE_CONSTRAINED, target, needs)
