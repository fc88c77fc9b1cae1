"""
What there is to hold in a cluster, and what is known of it.

``("pods", namespace, kind, name, part)`` are the pods of a workload that are alike, and
``("node", name)`` is root on a node. A pod whose node nobody tells has one of its own,
``("node", "", namespace, kind, name)``; who may choose any node gets there too, by ``CHOICE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from tests.reference.attack_escapes import Pod, escapes, spec_of
from tests.reference.endpoints import RefPod, pods
from tests.reference.manifests import Manifest, items, name_of, namespace_of, objects, section, strings
from tests.reference.networkpolicy import Options
from tests.reference.rbac import bindings, namespace_in, roles

Thing = tuple[str, ...]
INTERNET: Thing = ("internet",)
ADMIN: Thing = ("admin",)
OF_REPLICAS = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index")
"""Labels that tell the replicas of a StatefulSet apart, which no generated policy asks for."""
CHOICE: Thing = ("node", "", "of one's choice")


@dataclass(frozen=True)
class Scene:
    """The objects of a cluster, how its network treats policies, and the version of its API server, if known."""

    cluster: list[Manifest]
    options: Options = field(default_factory=Options)
    version: tuple[int, int] | None = None

    @cached_property
    def pods(self) -> list[Pod]:
        """All pods with their specification and their workload."""
        return [_pod(self.cluster, each) for each in pods(self.cluster)]

    @cached_property
    def parts(self) -> dict[Thing, list[Pod]]:
        """The pods that are alike, by what holds them; where their node matters to what they hold, those on one."""
        found: dict[Thing, list[Pod]] = {}
        for pod in self.pods:
            part = ",".join(f"{key}={value}" for key, value in sorted(pod.end.labels.items()) if key not in OF_REPLICAS)
            if pod.end.host_network or escapes(self.cluster, pod):
                part += f"@{pod.end.node or ''}"
            found.setdefault(("pods", pod.end.namespace, pod.kind, pod.name, part), []).append(pod)
        return found

    @cached_property
    def namespaces(self) -> list[str]:
        """The namespaces that any object tells of."""
        found = {name_of(each) for each in objects(self.cluster, "", "Namespace")}
        found |= {each.end.namespace for each in self.pods}
        found |= {namespace_of(each) for each in objects(self.cluster, "", "ServiceAccount")}
        found |= {namespace_in(each) for each in [*roles(self.cluster), *bindings(self.cluster)]} - {""}
        return sorted(found)

    @cached_property
    def accounts(self) -> list[Thing]:
        """The service accounts: those written, those of pods, and ``default``, which is in every namespace."""
        found = {(namespace_of(each), name_of(each)) for each in objects(self.cluster, "", "ServiceAccount")}
        found |= {(each.end.namespace, each.account) for each in self.pods}
        found |= {(namespace, "default") for namespace in self.namespaces}
        return [("account", *each) for each in sorted(found)]

    @cached_property
    def users(self) -> list[Thing]:
        """The users whom a binding names."""
        return sorted({("user", name) for kind, name in self._subjects() if kind == "User"})

    @cached_property
    def groups(self) -> list[Thing]:
        """The groups that a binding names."""
        return sorted({("group", name) for kind, name in self._subjects() if kind == "Group"})

    @cached_property
    def nodes(self) -> list[Thing]:
        """The nodes that one may choose: those written, those that pods name, and where the other pods may be."""
        found: set[Thing] = {("node", name_of(each)) for each in objects(self.cluster, "", "Node")}
        return sorted(found | {("node", each.end.node) if each.end.node else CHOICE for each in self.pods})

    @cached_property
    def names(self) -> list[str]:
        """Names to ask for where any will do: all that some rule limits itself to, and one that none does."""
        rules = [rule for role in roles(self.cluster) for rule in items(role, "rules")]
        return sorted({"any-other", *(name for rule in rules for name in strings(rule, "resourceNames"))})

    def once(self, ask: Callable[[Scene, Thing], Iterable[Thing]], thing: Thing) -> set[Thing]:
        """Return what is asked of a thing, which is asked only once."""
        if thing not in self._answers:
            self._answers[thing] = set(ask(self, thing))
        return self._answers[thing]

    @cached_property
    def _answers(self) -> dict[Thing, set[Thing]]:
        return {}

    def is_before(self, minor: int, *, if_unknown: bool) -> bool:
        """Return whether the API server is older than 1.`minor`."""
        return if_unknown if self.version is None else self.version < (1, minor)

    def _subjects(self) -> list[tuple[str, str]]:
        subjects = (each for binding in bindings(self.cluster) for each in items(binding, "subjects"))
        return [(each["kind"], each["name"]) for each in subjects]


def node_of(pod: Pod) -> Thing:
    """Return the node of a pod."""
    return ("node", pod.end.node) if pod.end.node else ("node", "", pod.end.namespace, pod.kind, pod.name)


def _pod(cluster: list[Manifest], end: RefPod) -> Pod:
    written, spec = spec_of(cluster, end)
    owners = [each for each in items(section(written, "metadata"), "ownerReferences") if each.get("controller")]
    kind, name = (owners[0]["kind"], owners[0]["name"]) if owners else (written["kind"], name_of(written))
    return Pod(end, kind, name, spec, has_name=end.kind in {"Pod", "StatefulSet"})
