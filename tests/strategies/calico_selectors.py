"""Strategies for the selector expressions of Calico, over the labels that the other strategies give."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.strategies.selectors import (
    LABEL_KEYS,
    LABEL_VALUES,
    NAMESPACE_NAME_LABEL,
    NAMESPACES,
)

ACCOUNTS = ("default", "robot")
CALICO_NAME = "projectcalico.org/name"
Vocabulary = tuple[tuple[str, tuple[str, ...]], ...]

OWN: Vocabulary = tuple((key, (*LABEL_VALUES, "b")) for key in LABEL_KEYS)
ADDED: Vocabulary = (
    ("projectcalico.org/namespace", NAMESPACES),
    ("projectcalico.org/orchestrator", ("k8s", "other")),
    ("projectcalico.org/serviceaccount", ACCOUNTS),
)
INHERITED: Vocabulary = (
    *((f"{prefix}{key}", values) for prefix in ("pcns.", "pcsa.") for key, values in OWN),
    (f"pcns.{CALICO_NAME}", NAMESPACES),
    (f"pcsa.{CALICO_NAME}", ACCOUNTS),
)
OF_NAMESPACES: Vocabulary = (*OWN, (CALICO_NAME, NAMESPACES), (NAMESPACE_NAME_LABEL, NAMESPACES))
OF_ACCOUNTS: Vocabulary = (*OWN, (CALICO_NAME, ACCOUNTS))


@cache
def endpoint_selectors() -> st.SearchStrategy[str]:
    """Generate selectors over the labels of pods and of sets of networks, those that they inherit too."""
    return _selectors((*OWN, *OWN, *OWN, *OWN, *ADDED, *ADDED, *INHERITED))


@cache
def namespace_selectors() -> st.SearchStrategy[str]:
    """Generate selectors over the labels of namespaces, which select no more than that."""
    return _selectors(OF_NAMESPACES)


@cache
def scopes() -> st.SearchStrategy[str]:
    """Generate selectors for the ``namespaceSelector`` of a rule, where ``global()`` may stand alone."""
    return st.just("global()") | namespace_selectors() | namespace_selectors()


@cache
def account_selectors() -> st.SearchStrategy[str]:
    """Generate selectors over the labels of service accounts."""
    return _selectors(OF_ACCOUNTS)


def mostly(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Generate the usual three times out of four; ``|`` would count the alternatives within each."""
    return st.sampled_from((False, False, False, True)).flatmap(lambda unusual: other if unusual else usual)


def _selectors(vocabulary: Vocabulary) -> st.SearchStrategy[str]:
    compared = st.sampled_from(vocabulary).flatmap(lambda entry: _comparisons(*entry))
    leaves = mostly(compared, st.just("all()"))
    return mostly(leaves, st.recursive(leaves, _compounds, max_leaves=3))


def _compounds(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.builds(
        lambda left, operator, right: f"{left} {operator} {right}", inner, st.sampled_from(("&&", "||")), inner
    )
    return joined | inner.map(lambda text: f"!({text})") | inner.map(lambda text: f"( {text} )")


@cache
def _comparisons(key: str, values: tuple[str, ...]) -> st.SearchStrategy[str]:
    present = st.sampled_from((f"has({key})", f"!has({key})", f"! has( {key} )"))
    value = st.sampled_from(values)
    text = st.tuples(value, st.sampled_from("'\"")).map(lambda drawn: f"{drawn[1]}{drawn[0]}{drawn[1]}")
    operators = st.sampled_from(("==", "!=", "contains", "starts with", "ends with"))
    one = st.builds(lambda operator, operand: f"{key} {operator} {operand}", operators, text)
    several = st.lists(text, max_size=2).map(lambda texts: "{" + ", ".join(texts) + "}")
    listed = st.builds(
        lambda operator, operand: f"{key} {operator} {operand}", st.sampled_from(("in", "not in")), several
    )
    return one | present | listed
