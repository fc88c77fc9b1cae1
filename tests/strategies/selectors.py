"""Strategies for labels, label selectors, and the shapes in which YAML leaves a field out."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

Manifest = dict[str, Any]

NAMESPACES = ("alpha", "beta", "default")
NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"
LABEL_KEYS = ("app", "tier")
LABEL_VALUES = ("db", "web", "")


def shaped(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    """Generate objects in which each of the fields is absent, null or set."""
    return st.fixed_dictionaries({}, optional={name: st.none() | value for name, value in fields.items()})


@cache
def labels() -> st.SearchStrategy[Manifest]:
    """Generate label maps; a null value is read as the empty string."""
    return st.dictionaries(st.sampled_from(LABEL_KEYS), st.sampled_from((*LABEL_VALUES, None)), max_size=2)


@cache
def selectors() -> st.SearchStrategy[Manifest]:
    """Generate selectors over the labels of pods, which namespaces may carry as well."""
    expressions = _expressions(st.sampled_from(LABEL_KEYS), st.sampled_from(LABEL_VALUES))
    return shaped(matchLabels=labels(), matchExpressions=st.lists(expressions, max_size=2))


@cache
def namespace_selectors() -> st.SearchStrategy[Manifest]:
    """Generate selectors that may also name the namespace, by the label every namespace has."""
    name = st.sampled_from((*NAMESPACES, "absent"))
    by_name = st.fixed_dictionaries(
        {"matchLabels": st.fixed_dictionaries({NAMESPACE_NAME_LABEL: name})}
    ) | st.fixed_dictionaries(
        {"matchExpressions": st.lists(_expressions(st.just(NAMESPACE_NAME_LABEL), name), max_size=2)}
    )
    return selectors() | by_name


def _expressions(keys: st.SearchStrategy[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[Manifest]:
    with_values = st.fixed_dictionaries(
        {
            "key": keys,
            "operator": st.sampled_from(("In", "NotIn")),
            "values": st.lists(values, min_size=1, max_size=2, unique=True),
        }
    )
    without_values: st.SearchStrategy[Manifest] = st.fixed_dictionaries(
        {"key": keys, "operator": st.sampled_from(("Exists", "DoesNotExist"))},
        optional={"values": st.none() | st.just([])},
    )
    return with_values | without_values
