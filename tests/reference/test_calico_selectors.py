"""What a selector expression of Calico means, corner by corner, written down by hand."""

from __future__ import annotations

import pytest

from tests.reference.calico_selectors import selects, selects_place

LABELS = {"app": "web", "empty": "", "example.com/a-b_c.d": "x", "in": "y", "has": "z"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", True),
        (" \t", True),
        ("all()", True),
        ("all( )", True),
        ("!all()", False),
        ("app == 'web'", True),
        ('app=="web"', True),
        ("app == 'we'", False),
        ("empty == ''", True),
        ("missing == ''", False),
        ("app != 'web'", False),
        ("app != 'db'", True),
        ("missing != 'web'", True),
        ("missing != ''", True),
        ("app in {'db', 'web'}", True),
        ("app in {'db'}", False),
        ("app in {}", False),
        ("app in {'web',}", True),
        ("missing in {''}", False),
        ("app not in {'db'}", True),
        ("app not in {'web'}", False),
        ("app notin{'web'}", False),
        ("app not in {}", True),
        ("missing not in {'web'}", True),
        ("has(app)", True),
        ("has( app )", True),
        ("has(missing)", False),
        ("has(empty)", True),
        ("!has(missing)", True),
        ("! ! has(missing)", False),
        ("app contains 'e'", True),
        ("app contains ''", True),
        ("app contains 'x'", False),
        ("missing contains ''", False),
        ("app starts with 'we'", True),
        ("app startswith'we'", True),
        ("app starts with 'eb'", False),
        ("missing starts with ''", False),
        ("app ends with 'eb'", True),
        ("app ends  with 'we'", False),
        ("missing ends with ''", False),
        ("example.com/a-b_c.d == 'x'", True),
        ("in in {'y'}", True),
        ("has == 'z'", True),
        ("app == 'it\"s'", False),
    ],
)
def test_one_comparison(expression: str, *, expected: bool) -> None:
    assert selects(expression, LABELS) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("has(app) && has(missing)", False),
        ("has(app) || has(missing)", True),
        ("has(app) || has(missing) && has(missing)", True),
        ("(has(app) || has(missing)) && has(missing)", False),
        ("!has(app) || has(app)", True),
        ("!(has(app) || has(missing))", False),
        ("!has(missing) && has(app)", True),
        ("!(has(missing) && has(app)) && has(app)", True),
        ("app=='web'&&(in=='y'||in=='n')", True),
        ("((all()))", True),
    ],
)
def test_not_binds_before_and_which_binds_before_or(expression: str, *, expected: bool) -> None:
    assert selects(expression, LABELS) is expected


@pytest.mark.parametrize(
    ("expression", "of_namespace", "outside"),
    [
        ("all()", True, False),
        ("!all()", False, True),
        ("global()", False, True),
        ("env == 'prod'", True, False),
        ("env != 'dev'", True, True),
        ("env not in {'dev'}", True, True),
        ("!has(other)", True, True),
        ("has(env)", True, False),
        ("all() && env != 'dev'", True, False),
    ],
)
def test_a_namespace_selector_sees_what_lies_in_no_namespace_as_unlabelled(
    expression: str, *, of_namespace: bool, outside: bool
) -> None:
    assert selects_place(expression, {"env": "prod"}) is of_namespace
    assert selects_place(expression, None) is outside


@pytest.mark.parametrize(
    "expression",
    [
        "app",
        "app =",
        "app = 'web'",
        "app == web",
        "app == 'web",
        "app == 'it\\'s'",
        "== 'web'",
        "app ! = 'web'",
        "app in 'web'",
        "app in {'web' 'db'}",
        "app in {,}",
        "app in {'web'",
        "has (app)",
        "has()",
        "has(app",
        "all(x)",
        "(has(app)",
        "has(app))",
        "has(app) has(in)",
        "has(app) &",
        "has(app) &&",
        "|| has(app)",
        "has(app) | has(in)",
        "app starts 'w'",
        "app not 'w'",
        "app\n== 'web'",
    ],
)
def test_what_is_no_expression_is_an_error(expression: str) -> None:
    with pytest.raises(ValueError, match="selector"):
        selects(expression, LABELS)
