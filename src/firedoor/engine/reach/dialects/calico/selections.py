"""Which pods, sets of networks and host endpoints the selectors of Calico stand for."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.dialects.calico.vocabulary import SERVICE_ACCOUNT, host_cidr
from firedoor.model.calico_selectors import (
    All,
    And,
    Contains,
    EndsWith,
    Equal,
    Global,
    Has,
    In,
    Not,
    NotEqual,
    NotIn,
    Or,
    StartsWith,
)
from firedoor.model.labels import NAMESPACE_NAME_LABEL
from firedoor.model.networkpolicy import IPBlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from firedoor.engine.reach.scene import Scene
    from firedoor.model.calico import HostEndpoint, NetworkSet
    from firedoor.model.calico_selectors import Selector
    from firedoor.model.typed_policies import TypedPolicies

    Leaf = Equal | In | Has | Contains | StartsWith | EndsWith

NAME = "projectcalico.org/name"
"""The label of every namespace and service account with its name."""
NAMESPACE = "projectcalico.org/namespace"
ORCHESTRATOR = "projectcalico.org/orchestrator"
ACCOUNT = "projectcalico.org/serviceaccount"
OF_NAMESPACE, OF_ACCOUNT = "pcns.", "pcsa."
"""What precedes the keys of the labels that pods inherit from their namespace, and from their service account."""


class Labelled:
    """Something with labels that is no pod: a set of networks or a host endpoint, with its addresses."""

    def __init__(self, labels: Mapping[str, str], namespace: str, cidrs: Iterable[str], *, unsure: bool) -> None:
        """Take its labels, its namespace (empty for none) and its addresses, all of them unless it is `unsure`."""
        self.labels = labels
        self.namespace = namespace
        self.blocks = tuple(IPBlock(cidr) for cidr in cidrs)
        self.unsure = unsure


class Selections:
    """The answers to selectors over the profiles of a scene, each found once."""

    def __init__(self, scene: Scene, typed: TypedPolicies) -> None:
        """Index what selectors look at besides pods."""
        self._scene = scene
        self._masks: dict[tuple[str, Selector], NDArray[np.bool_]] = {}
        self.namespace_labels = {
            name: {**labels, NAME: name} for name, labels in scene.snapshot.namespace_labels().items()
        }
        self.others = (*map(self._of_set, typed.network_sets), *map(_of_host, typed.host_endpoints))
        self._accounts = {
            (each.metadata.namespace, each.metadata.name): each.metadata.labels
            for each in scene.snapshot.service_accounts
        }
        self._account = scene.trait(SERVICE_ACCOUNT)

    def labels_of_namespace(self, name: str) -> Mapping[str, str]:
        """Return the labels of a namespace, which may be one that only sets of networks lie in."""
        return self.namespace_labels.get(name) or {NAMESPACE_NAME_LABEL: name, NAME: name}

    def everyone(self) -> NDArray[np.bool_]:
        """Return all profiles that are pods with endpoints of their own."""
        return self._scene.index.is_pod

    def labelled(self, selector: Selector | None) -> NDArray[np.bool_]:
        """Return which profiles are pods that the selector selects; all pods without one."""
        if selector is None:
            return self.everyone()
        return self.everyone() & self._once("labels", selector, self._evaluate)

    def in_namespaces(
        self, selector: Selector, test: Callable[[Selector, Mapping[str, str]], bool]
    ) -> NDArray[np.bool_]:
        """Return which profiles lie in a namespace that passes `test`."""

        def find(wanted: Selector) -> NDArray[np.bool_]:
            index = self._scene.index
            return index.spread(index.namespaces_where(lambda name: test(wanted, self.namespace_labels[name])))

        return self._once(f"namespaces {test.__name__}", selector, find)

    def with_account(self, selector: Selector | None, names: tuple[str, ...] = ()) -> NDArray[np.bool_]:
        """Return which pods have a service account with one of the names, if any, whose labels are selected."""
        index, number = self._scene.index, self._account
        found = self.everyone()
        if names:
            found = found & index.trait(number, lambda name: name in names)
        if selector is not None:
            found = found & self._once("accounts", selector, self._of_accounts)
        return found

    def _of_accounts(self, selector: Selector) -> NDArray[np.bool_]:
        return self._where_account(selector.matches)

    def _where_account(self, test: Callable[[Mapping[str, str]], bool]) -> NDArray[np.bool_]:
        """Return which profiles have a service account whose labels pass."""
        known: dict[tuple[str, str], bool] = {}
        found = []
        for profile in self._scene.index.profiles:
            key = (profile.namespace, profile.traits[self._account])
            if key not in known:
                known[key] = test({**self._accounts.get(key, {}), NAME: key[1]})
            found.append(known[key])
        return np.asarray(found, dtype=bool)

    def _once(self, what: str, selector: Selector, find: Callable[[Selector], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        found = self._masks.get((what, selector))
        if found is None:
            found = self._masks[what, selector] = find(selector)
        return found

    def _evaluate(self, selector: Selector) -> NDArray[np.bool_]:
        match selector:
            case Not(operand):
                return ~self._evaluate(operand)
            case And(operands):
                return reduce(and_, map(self._evaluate, operands))
            case Or(operands):
                return reduce(or_, map(self._evaluate, operands))
            case All() | Global():
                return np.ones(len(self._scene.index.profiles), dtype=bool)
            case NotEqual(key, value):
                return ~self._evaluate(Equal(key, value))
            case NotIn(key, values):
                return ~self._evaluate(In(key, values))
            case _:
                return self._leaf(selector)

    def _of_set(self, each: NetworkSet) -> Labelled:
        """Return a set of networks, which inherits the labels of the namespace that it lies in."""
        if not each.namespace:
            return Labelled(each.labels, "", each.nets, unsure=each.unsure)
        inherited = {f"{OF_NAMESPACE}{key}": value for key, value in self.labels_of_namespace(each.namespace).items()}
        labels = {**inherited, **each.labels, NAMESPACE: each.namespace}
        return Labelled(labels, each.namespace, each.nets, unsure=each.unsure)

    def _leaf(self, leaf: Leaf) -> NDArray[np.bool_]:
        index, key = self._scene.index, leaf.key
        if key == NAMESPACE:
            return index.in_named_namespaces(lambda name: leaf.matches({key: name}))
        if key == ORCHESTRATOR:
            return np.full(len(index.profiles), leaf.matches({key: "k8s"}))
        if key == ACCOUNT:
            return index.trait(self._account, lambda name: leaf.matches({key: name}))
        if key.startswith((OF_NAMESPACE, OF_ACCOUNT)):
            # A label of the pod itself goes before one that it inherits.
            own = index.labels.has(key)
            return (own & self._of_pods(leaf)) | (~own & self._inherited(leaf))
        return self._of_pods(leaf)

    def _inherited(self, leaf: Leaf) -> NDArray[np.bool_]:
        index, bare = self._scene.index, leaf.key[len(OF_NAMESPACE) :]

        def passes(labels: Mapping[str, str]) -> bool:
            return leaf.matches({leaf.key: labels[bare]} if bare in labels else {})

        if leaf.key.startswith(OF_ACCOUNT):
            return self._where_account(passes)
        return index.spread(index.namespaces_where(lambda name: passes(self.namespace_labels[name])))

    def _of_pods(self, leaf: Leaf) -> NDArray[np.bool_]:
        index, key = self._scene.index, leaf.key
        match leaf:
            case Equal(_, value):
                return index.labels.is_in(key, (value,))
            case In(_, values):
                return index.labels.is_in(key, values)
            case Has():
                return index.labels.has(key)
            case _:
                return index.labels.where(key, lambda value: leaf.matches({key: value}))


def is_place(selector: Selector, namespace_labels: Mapping[str, str] | None) -> bool:
    """
    Return whether the ``namespaceSelector`` of a rule matches a namespace, or what lies in none.

    There ``all()`` stands for every namespace, and ``global()`` for what lies in none.
    """
    match selector:
        case All():
            return namespace_labels is not None
        case Global():
            return namespace_labels is None
        case Not(operand):
            return not is_place(operand, namespace_labels)
        case And(operands):
            return all(is_place(each, namespace_labels) for each in operands)
        case Or(operands):
            return any(is_place(each, namespace_labels) for each in operands)
        case _:
            return selector.matches(namespace_labels or {})


def is_selected(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Return whether a selector of a policy matches labels."""
    return selector.matches(labels)


def _of_host(each: HostEndpoint) -> Labelled:
    return Labelled(each.metadata.labels, "", map(host_cidr, each.expected_ips), unsure=each.unsure)
