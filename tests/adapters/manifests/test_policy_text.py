from __future__ import annotations

import pytest

from firedoor.adapters.manifests.policy_text import scope_of, template_in
from firedoor.model.places import Scope


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("kind: Pod\nmetadata:\n  namespace: shop\n", None),
        ("kind: NetworkPolicy\nmetadata:\n  name: p\n", Scope("default")),
        ("kind: NetworkPolicy\nmetadata:\n  namespace: shop\n", Scope("shop")),
        ("kind: NetworkPolicy\nmetadata:\n  namespace: 'shop' # here\n", Scope("shop")),
        ("kind: NetworkPolicy\nmetadata: {namespace: shop, name: p}\n", Scope("shop")),
        ("kind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n", Scope("shop")),
        ('{"kind": "NetworkPolicy", "metadata": {"namespace": "shop"', Scope("shop")),
        ("kind: NetworkPolicy\nmetadata:\n  namespace: {{ .Release.Namespace }}\n", Scope()),
        ('kind: NetworkPolicy\nmetadata:\n  namespace: "${NAMESPACE}"\n', Scope()),
        ("kind: CiliumNetworkPolicy\nmetadata:\n  namespace: shop\n", Scope("shop")),
        ("kind: GlobalNetworkPolicy\nmetadata:\n  namespace: shop\n", Scope()),
        ("kind: NetworkPolicy\nspec:\n  ingress:\n  - from: [{namespaceSelector: {}}]\n", Scope("default")),
    ],
)
def test_the_scope_is_the_namespace_that_the_text_names_and_everything_where_it_cannot_be_told(
    text: str, scope: Scope | None
) -> None:
    assert scope_of(text, "default") == scope


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("a: {{ .Values.a }}", "{{ .Values.a }}"),
        ("a: {%- if b %}", "{%- if b %}"),
        ("a: ${NAME}", "${NAME}"),
        ("a: <<PORT>>", "<<PORT>>"),
        ("a: {b: {c: d}}", ""),
        ("<<: *base", ""),
    ],
)
def test_left_over_template_syntax_is_found(text: str, piece: str) -> None:
    assert template_in(text) == piece
