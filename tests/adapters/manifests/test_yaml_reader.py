from __future__ import annotations

from typing import Any

import pytest

from firedoor.adapters.manifests import yaml_reader
from firedoor.adapters.manifests.yaml_reader import Document, UnreadableError, read


def _read(text: str, first_line: int = 1) -> Document:
    document = read(text, first_line)
    assert document is not None
    return document


def _value(text: str) -> Any:
    return _read(text).value


def test_paths_have_the_lines_of_their_keys_and_elements() -> None:
    document = _read('a:\n  - x: 1\n    "d.e": 2\n  -\n    y: 3\nb: {c: [1,\n 2]}\n', first_line=11)
    paths = {"": 11, "a": 11, "a[0]": 12, "a[0].x": 12, 'a[0]["d.e"]': 13, "a[1].y": 15, "b.c[1]": 17}
    assert {path: document.line_of(path) for path in paths} == paths


@pytest.mark.parametrize(("path", "line"), [("a.missing", 1), ("a[7]", 1), ("a.b.c.d", 2), ("z", 1)])
def test_a_path_that_is_not_there_has_the_line_of_what_is_around_it(path: str, line: int) -> None:
    assert _read("a:\n  b: 1\n").line_of(path) == line


def test_anchors_aliases_and_merge_keys_are_followed() -> None:
    text = "base: &b {w: 1, x: 2}\nother: &o\n  z: 9\none: {<<: *b, x: 3}\ntwo: {<<: [*o, *b]}\nport: &p 80\nsame: *p\n"
    value = _value(text)
    assert value["one"] == {"w": 1, "x": 3}
    assert value["two"] == {"w": 1, "x": 2, "z": 9}
    assert value["same"] == 80


def test_a_merged_key_has_the_line_of_the_mapping_that_takes_it_in() -> None:
    assert _read("a: &a\n  x: 1\nb:\n  <<: *a\n").line_of("b.x") == 4


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert _value('a: {"<<": 1}') == {"a": {"<<": 1}}


def test_quotes_and_string_tags_make_strings_and_other_tags_do_not() -> None:
    assert _value("[\"80\", '80', !!str 80, ! 80, !!int 80, !!int '80']") == ["80", "80", "80", "80", 80, 80]


def test_keys_are_strings_and_may_be_anchored() -> None:
    assert _value("{80: a, true: b, ~: c, &k name: d}\n") == {"80": "a", "true": "b", "null": "c", "name": "d"}
    assert _value("a: &k web\n*k : 1\n") == {"a": "web", "web": 1}


def test_the_last_of_two_equal_keys_counts_and_both_are_told() -> None:
    document = _read("a: 1\nb: 2\na: 3\n", first_line=5)
    assert document.value == {"a": 3, "b": 2}
    assert document.duplicates == [("a", 7)]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\n\n"])
def test_nothing_is_no_document(text: str) -> None:
    assert read(text, 1) is None


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a: &a\n  b: *a\n", "inside its own anchor", 2),
        ("a: 1\nb: *nobody\n", "nobody has no anchor", 2),
        ("a: 1\n<<: 5\n", "no mapping", 1),
        ("? [a, b]\n: 1\n", "not a scalar", 1),
        ("a: 'never\nclosed\n", "line", 3),
        ("a:\n\tb: 1\n", "tab", 2),
        ("a: 1\r---\rb: 2\r", "more after the end", 1),
        ("[" * 300 + "]" * 300, "deeper than 200", 1),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, problem: str, line: int) -> None:
    with pytest.raises(UnreadableError, match=problem) as caught:
        read(text, 1)
    assert caught.value.line == line
    assert caught.value.remedy


def test_an_alias_bomb_is_refused_before_it_is_expanded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(UnreadableError, match="aliases expand"):
        read("\n".join(lines), 1)


def test_a_document_within_the_limit_of_nodes_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "MOST_NODES", 5)
    assert _value("[1, 2, 3, 4]") == [1, 2, 3, 4]
    with pytest.raises(UnreadableError):
        read("[1, 2, 3, 4, 5]", 1)
