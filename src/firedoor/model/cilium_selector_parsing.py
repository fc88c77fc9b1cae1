"""Label selectors of Cilium from untyped objects: whom they select once Cilium has added what it adds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from firedoor.model.cilium_selector import (
    CLUSTER_LABEL,
    NAMESPACE_LABEL,
    NAMESPACE_LABELS_PREFIX,
    SERVICE_ACCOUNT_LABEL,
    CiliumSelector,
)
from firedoor.model.labels import EVERYTHING, LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.untyped import described, either

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.cilium_reading import CiliumReader, Subject

ANY, K8S, NODE, RESERVED, CIDR_GROUP = "any", "k8s", "node", "reserved", "cidrgroup"
"""Sources of labels; ``any`` is that of a key without one, and matches a label of every source."""

LONGEST_NAME = 63
LONGEST_PREFIX = 253
_SOURCE = re.compile("[A-Za-z0-9]+")
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_WITH_VALUES = (Operator.IN, Operator.NOT_IN)
_OWN_NAMESPACE = f"{K8S}:{NAMESPACE_LABEL}"
_KEY_REMEDY = "write a key like app, example.com/app or k8s:app"
_VALUE_REMEDY = "use at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or a digit"

Keyed = tuple[str, str, LabelSelectorRequirement]
"""The source and the bare key of a requirement, and the requirement as it is written."""


def read_labels(reader: CiliumReader, selector: dict[str, Any], path: str, source: str = ANY) -> LabelSelector:
    """
    Return a label selector with its keys as they are written; what Cilium or its schema refuses is refused.

    `source` is that of a key without one.
    """
    reader.unknown(selector, ("matchLabels", "matchExpressions"), path)
    labels = reader.mapping(selector, "matchLabels", path) or {}
    kept: dict[str, str] = {}
    for key, value in labels.items():
        where = f"{path}.matchLabels[{key}]"
        if value is not None and reader.is_text(value, where):
            _check_key(reader, key, where)
            _check_value(reader, value, where)
            kept[str(key)] = value
    if len({split_key(key, source) for key in kept}) < len(kept):
        reason = f"found a key with the source {source} and without a source, of which Cilium keeps one"
        reader.doubt(f"{path}.matchLabels", reason, "remove one of them")
    expressions = [_expression(reader, *each) for each in reader.mappings(selector, "matchExpressions", path)]
    return LabelSelector(kept, tuple(each for each in expressions if each is not None))


def read_subject(reader: CiliumReader, selector: dict[str, Any], path: str, namespace: str) -> CiliumSelector:
    """
    Return whom ``endpointSelector`` selects.

    Cilium adds the policy's own namespace to that of a CiliumNetworkPolicy, in the
    place of another one under ``matchLabels`` and the key with the source ``k8s``.
    """
    written = read_labels(reader, selector, path)
    if not namespace:
        return _sorted(written, _keyed(written), (ANY, K8S))
    other = written.match_labels.get(_OWN_NAMESPACE)
    if other not in {None, namespace}:
        reason = f"found the namespace {other!r}, in the place of which Cilium puts the policy's own"
        remedy = f"remove it, or move the policy to the namespace {other}"
        reader.note(f"{path}.matchLabels[{_OWN_NAMESPACE}]", reason, remedy)
    labels = {**written.match_labels, _OWN_NAMESPACE: namespace}
    keyed = _keyed(LabelSelector(labels, written.match_expressions))
    return _sorted(written, keyed, (ANY, K8S))


def read_peer_selector(reader: CiliumReader, selector: dict[str, Any], path: str, subject: Subject) -> CiliumSelector:
    """
    Return whom an element of ``fromEndpoints`` or ``toEndpoints`` selects.

    A selector with a reserved label stays as it is. To another one that does not
    speak of the namespace Cilium adds it: the policy's own, unless the selector
    speaks of labels of the namespace; or, in a cluster-wide policy, that there must
    be one, unless the policy is for endpoints that have no labels yet.
    """
    written = read_labels(reader, selector, path)
    keyed = _keyed(written)
    speaks_of_name = any(source in {ANY, K8S} and key == NAMESPACE_LABEL for source, key, _ in keyed)
    speaks_of_labels = any(source in {ANY, K8S} and key.startswith(NAMESPACE_LABELS_PREFIX) for source, key, _ in keyed)
    if speaks_of_name or any(source == RESERVED for source, _, _ in keyed):
        pass
    elif subject.namespace and not speaks_of_labels:
        own = LabelSelectorRequirement(NAMESPACE_LABEL, Operator.IN, (subject.namespace,))
        keyed.append((K8S, NAMESPACE_LABEL, own))
    elif not subject.namespace and not subject.is_init:
        keyed.append((K8S, NAMESPACE_LABEL, LabelSelectorRequirement(NAMESPACE_LABEL, Operator.EXISTS)))
    return _sorted(written, keyed, (ANY, K8S))


def read_own_nodes(reader: CiliumReader, selector: dict[str, Any], path: str) -> CiliumSelector:
    """Return whom ``nodeSelector`` selects; a node's own labels have the source ``k8s``."""
    written = read_labels(reader, selector, path)
    return _sorted(written, _keyed(written), (ANY, K8S))


def read_other_nodes(reader: CiliumReader, selector: dict[str, Any], path: str) -> CiliumSelector:
    """Return whom ``fromNodes`` and ``toNodes`` select: remote nodes, whose labels have the source ``node``."""
    written = read_labels(reader, selector, path)
    remote = LabelSelectorRequirement("remote-node", Operator.EXISTS)
    return _sorted(written, [*_keyed(written), (RESERVED, "remote-node", remote)], (ANY, NODE))


def without_source(written: LabelSelector) -> LabelSelector:
    """Return a selector with the bare keys."""
    expressions = (_renamed(each, split_key(each.key)[1]) for each in written.match_expressions)
    labels = {split_key(key)[1]: value for key, value in written.match_labels.items()}
    return LabelSelector(labels, tuple(expressions))


def split_key(key: str, default: str = ANY) -> tuple[str, str]:
    """Return the source of a key, `default` where it has none, and the bare key."""
    source, colon, bare = key.partition(":")
    return (source, bare) if colon else (default, key)


def of_pods(requirement: LabelSelectorRequirement) -> CiliumSelector:
    """Return the selector of pods by one label, its key without a source."""
    return _sorted(EVERYTHING, [(K8S, requirement.key, requirement)], (K8S,))


def _keyed(written: LabelSelector) -> list[Keyed]:
    return [(*split_key(each.key), each) for each in written.requirements]


def _renamed(requirement: LabelSelectorRequirement, key: str) -> LabelSelectorRequirement:
    return LabelSelectorRequirement(key, requirement.operator, requirement.values)


def _sorted(written: LabelSelector, keyed: Iterable[Keyed], sources: tuple[str, ...]) -> CiliumSelector:
    """Return the selector, each requirement in the place that its key tells; labels have one of `sources`."""
    found: dict[str, list[LabelSelectorRequirement]] = {}
    for source, key, requirement in keyed:
        place, name = _place(source, key, sources)
        found.setdefault(place, []).append(_renamed(requirement, name))
    return CiliumSelector(written, **{place: tuple(each) for place, each in found.items()})


def _place(source: str, key: str, sources: tuple[str, ...]) -> tuple[str, str]:
    """Return the field of the selector that a requirement belongs to, and its key there."""
    if source == RESERVED:
        return "reserved", key
    if key == CLUSTER_LABEL and source in {ANY, K8S}:
        return "clusters", key
    if source not in sources:
        return "others", f"{source}:{key}"
    if key == NAMESPACE_LABEL:
        return "namespace_names", key
    if key == SERVICE_ACCOUNT_LABEL:
        return "service_accounts", key
    if key.startswith(NAMESPACE_LABELS_PREFIX):
        return "namespace_labels", key.removeprefix(NAMESPACE_LABELS_PREFIX)
    return "labels", key


def _expression(reader: CiliumReader, expression: dict[str, Any], path: str) -> LabelSelectorRequirement | None:
    reader.unknown(expression, ("key", "operator", "values"), path)
    reader.required(expression, "key", path, "name the label that the requirement is about")
    reader.required(expression, "operator", path, f"write one of {either(tuple(Operator))}")
    key = reader.text(expression, "key", path)
    written = reader.one_of(expression, "operator", path, tuple(Operator))
    values = reader.texts(expression, "values", path)
    for value, where in values:
        _check_value(reader, value, where)
    if key is None or written is None:
        return None
    _check_key(reader, key, f"{path}.key")
    operator = Operator(written)
    if operator in _WITH_VALUES and not values:
        reader.refuse(f"{path}.values", f"found no values, and {operator} needs at least one", "list the values")
    elif operator not in _WITH_VALUES and values:
        reader.refuse(f"{path}.values", f"found values, and {operator} takes none", "remove them, or write In or NotIn")
    return LabelSelectorRequirement(key, operator, tuple(value for value, _ in values))


def _check_key(reader: CiliumReader, key: Any, path: str) -> None:
    source, colon, bare = key.partition(":") if isinstance(key, str) else ("", "", "")
    prefix, slash, name = (bare if colon else source).rpartition("/")
    is_source = not colon or _SOURCE.fullmatch(source) is not None
    is_name = len(name) <= LONGEST_NAME and _NAME.fullmatch(name) is not None
    is_prefix = not slash or (len(prefix) <= LONGEST_PREFIX and _PREFIX.fullmatch(prefix) is not None)
    if not (is_source and is_name and is_prefix):
        reader.refuse(path, f"found {described(key)}, which cannot be the key of a label", _KEY_REMEDY)


def _check_value(reader: CiliumReader, value: str, path: str) -> None:
    if value and (len(value) > LONGEST_NAME or _NAME.fullmatch(value) is None):
        reader.refuse(path, f"found {described(value)}, which cannot be the value of a label", _VALUE_REMEDY)
