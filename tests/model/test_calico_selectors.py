"""Calico's selector expressions: what they mean, how they are written, and what is said about those that are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.calico_selector_parser import DEEPEST_NESTING, SelectorError, parse_selector
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
    Selector,
    StartsWith,
    matches,
)

KEYS = st.sampled_from(["a", "b", "in", "contains", "not", "has", "all", "k8s-app", "example.com/x_y", "9"])
VALUES = st.text("ab \"'{}!&|(),=\t\n\u00e9", max_size=3).filter(lambda text: not ('"' in text and "'" in text))
SETS = st.lists(VALUES, max_size=3).map(lambda values: tuple(sorted(set(values))))
LEAVES = st.one_of(
    st.builds(Equal, KEYS, VALUES),
    st.builds(NotEqual, KEYS, VALUES),
    st.builds(In, KEYS, SETS),
    st.builds(NotIn, KEYS, SETS),
    st.builds(Has, KEYS),
    st.builds(Contains, KEYS, VALUES),
    st.builds(StartsWith, KEYS, VALUES),
    st.builds(EndsWith, KEYS, VALUES),
    st.just(All()),
    st.just(Global()),
)


def _compounds(parts: st.SearchStrategy[Selector]) -> st.SearchStrategy[Selector]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, parts), st.builds(And, several), st.builds(Or, several))


SELECTORS: st.SearchStrategy[Selector] = st.recursive(LEAVES, _compounds, max_leaves=10)
LABELS = st.dictionaries(KEYS, VALUES, max_size=3)


@given(SELECTORS)
def test_the_text_of_a_selector_parses_into_the_same_selector(selector: Selector) -> None:
    assert parse_selector(str(selector)) == selector


@given(SELECTORS, LABELS)
def test_connectives_mean_what_they_mean_in_logic(selector: Selector, labels: dict[str, str]) -> None:
    match selector:
        case Not(operand):
            expected = not matches(operand, labels)
        case And(operands):
            expected = False not in [matches(operand, labels) for operand in operands]
        case Or(operands):
            expected = True in [matches(operand, labels) for operand in operands]
        case _:
            expected = not matches(Not(selector), labels)
    assert matches(selector, labels) is expected


@given(st.text("ab \"'{}!&|(),=\tin_not has(all)global()startswith", max_size=40) | st.text())
def test_any_text_is_parsed_or_refused_at_a_place_inside_of_it(text: str) -> None:
    found: Selector | SelectorError
    try:
        found = parse_selector(text)
    except SelectorError as error:
        found = error
    if isinstance(found, SelectorError):
        assert 0 <= found.position <= len(text)
        assert found.expected in str(found)
    else:
        assert parse_selector(str(found)) == found


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("", All()),
        (" \t", All()),
        ("all()", All()),
        ("( all( ) )", All()),
        ("global()", Global()),
        ("has(calico/k8s_NS-.1/role)", Has("calico/k8s_NS-.1/role")),
        ("has( a )", Has("a")),
        ("a=='b'", Equal("a", "b")),
        ("a != ''", NotEqual("a", "")),
        ('a contains"b"', Contains("a", "b")),
        ("contains contains 'contains'", Contains("contains", "contains")),
        ("a startswith 'b'", StartsWith("a", "b")),
        ("a starts \t with 'b'", StartsWith("a", "b")),
        ("a ends with 'b'", EndsWith("a", "b")),
        ("in in {'b'}", In("in", ("b",))),
        ("a in {'c', \"b\", 'c',}", In("a", ("b", "c"))),
        ("a not in {}", NotIn("a", ())),
        ("a notin{'b'}", NotIn("a", ("b",))),
        ("!has(a)", Not(Has("a"))),
        ("!!! has(a)", Not(Has("a"))),
        ("!!has(a)", Has("a")),
        ("!(!has(a))", Not(Not(Has("a")))),
        ("!a == 'b'", Not(Equal("a", "b"))),
        ("has(a) || has(b) && has(c)", Or((Has("a"), And((Has("b"), Has("c")))))),
        ("(has(a) || has(b)) && has(c)", And((Or((Has("a"), Has("b"))), Has("c")))),
        ("has(a)&&(has(b)&&has(c))", And((Has("a"), And((Has("b"), Has("c")))))),
        ("has(a) && has(b) && has(c)", And((Has("a"), Has("b"), Has("c")))),
        ("hasty == 'a'", Equal("hasty", "a")),
        ("a == 'all()'", Equal("a", "all()")),
    ],
)
def test_an_expression_is_read_as_calico_reads_it(text: str, selector: Selector) -> None:
    assert parse_selector(text) == selector


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("a", 1, "=="),
        ("a b", 2, "=="),
        ("a 'b'", 2, "=="),
        ("a = 'b'", 2, "=="),
        ("a == b", 5, "a text"),
        ("a contains", 10, "a text"),
        ("a in 'b'", 5, "a set"),
        ("a in {b}", 6, "a text in quotation marks or }"),
        ("a in {,}", 6, "a text in quotation marks or }"),
        ("a in {'b' 'c'}", 10, "a text in quotation marks or }"),
        ("a starts 'b'", 2, "=="),
        ("'a' == b", 0, "a label"),
        ("a == 'b", 5, "closing quotation mark '"),
        ('"', 0, 'closing quotation mark "'),
        ("has(a) &", 7, "&&"),
        ("has(a) |", 7, "||"),
        ("has(a) &&", 9, "a label"),
        ("has(a) has(b)", 7, "&&, || or the end"),
        ("has()", 0, "has(label)"),
        ("has(a", 0, "has(label)"),
        ("all(", 0, "all()"),
        ("global(a)", 0, "global()"),
        ("has (a)", 4, "=="),
        ("(has(a)", 7, "&&, || or )"),
        ("(has(a) has(b))", 8, "&&, || or )"),
        ("()", 1, "a label"),
        (")", 0, "a label"),
        ("!", 1, "a label"),
        ("%", 0, "a label"),
        ("a\n== 'b'", 1, "=="),
        ("has(a)\n", 6, "a label"),
    ],
)
def test_a_wrong_expression_is_refused_where_it_goes_wrong(text: str, position: int, expected: str) -> None:
    with pytest.raises(SelectorError) as caught:
        parse_selector(text)
    assert caught.value.position == position
    assert caught.value.expected.startswith(expected) or expected in caught.value.expected
    assert str(caught.value).startswith("found ")
    assert f"at character {position + 1}, expected" in str(caught.value)


def test_an_error_quotes_what_stands_there() -> None:
    for text, found in (("a ~= 'b'", "'~='"), ("a\n", "'\\n'"), ("a ==", "the end"), ("has(a) 'b'", "\"'b'\"")):
        with pytest.raises(SelectorError, match="found") as caught:
            parse_selector(text)
        assert str(caught.value).startswith(f"found {found} at ")


def test_nesting_ends_before_the_stack_does() -> None:
    layers = "has(a) || has(b) && !("
    deep = layers * DEEPEST_NESTING + "a == 'b'" + ")" * DEEPEST_NESTING
    selector = parse_selector(deep)
    assert parse_selector(str(selector)) == selector
    assert matches(selector, {}) is matches(parse_selector(str(selector)), {})
    for too_deep in (f"({deep})", "(" * 10_000, "!(" * 10_000):
        with pytest.raises(SelectorError, match="at most 100 nested parentheses"):
            parse_selector(too_deep)
    assert parse_selector("!" * 10_000 + "has(a)") == Has("a")


@pytest.mark.parametrize(
    ("selector", "with_web", "with_webby", "without"),
    [
        (Equal("app", "web"), True, False, False),
        (NotEqual("app", "web"), False, True, True),
        (In("app", ("web", "db")), True, False, False),
        (In("app", ()), False, False, False),
        (NotIn("app", ("web", "db")), False, True, True),
        (NotIn("app", ()), True, True, True),
        (Has("app"), True, True, False),
        (Contains("app", "eb"), True, True, False),
        (Contains("app", ""), True, True, False),
        (StartsWith("app", "web"), True, True, False),
        (StartsWith("app", "eb"), False, False, False),
        (EndsWith("app", "by"), False, True, False),
        (All(), True, True, True),
        (Global(), True, True, True),
    ],
)
def test_each_leaf_looks_at_the_label(selector: Selector, with_web: bool, with_webby: bool, without: bool) -> None:
    found = [matches(selector, labels) for labels in ({"app": "web"}, {"app": "webby"}, {"tier": "web"})]
    assert found == [with_web, with_webby, without]


def test_a_value_is_quoted_by_the_mark_that_it_does_not_hold() -> None:
    assert str(Equal("a", "it's")) == 'a == "it\'s"'
    assert str(NotIn("a", ("x", 'y"'))) == 'a not in {"x", \'y"\'}'


def test_parentheses_stand_only_where_they_are_needed() -> None:
    text = "!(has(a) && has(b)) || has(c) && (has(d) || has(e)) && !(!has(f)) && !has(g)"
    assert str(parse_selector(f"(({text}))")) == text
