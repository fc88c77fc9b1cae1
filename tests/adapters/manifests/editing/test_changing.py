from __future__ import annotations

from typing import Any

import pytest

from firedoor.adapters.manifests.editing import changing
from firedoor.adapters.manifests.editing.changing import changed_json, changed_yaml
from firedoor.adapters.manifests.yaml_reader import read
from firedoor.errors import EditRefusedError
from firedoor.model.edits import Path
from firedoor.model.patching import merged

POD = """\
# a pod
kind: Pod   # the kind
metadata: {name: 'web', labels: {}}
spec:
    # who runs
    containers:
      - name: "web"   # the first
        image: web:1
        command: [ "a",  'b' ]
        securityContext: {}   # nothing yet
        args:
          - --x  # x
          # before y
          - --y
      # the second
      - privileged: true
        name: log
    hostPID: true
    text: |
        # no comment
        line

    empty:
    last: 'x'
"""


def changed(text: str, new: Any, path: Path = ()) -> str:
    document = read(text, 1)
    assert document is not None
    old = document.value
    for step in path:
        old = old[step]
    return changed_yaml(text, path, old, new)


def patched(text: str, patch: Any) -> str:
    document = read(text, 1)
    assert document is not None
    return changed_yaml(text, (), document.value, merged(document.value, patch))


def diff(old: str, new: str) -> list[str]:
    import difflib  # noqa: PLC0415

    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_nothing_to_change_leaves_the_text() -> None:
    assert patched(POD, {}) == POD


@pytest.mark.parametrize(
    ("patch", "lines"),
    [
        ({"spec": {"last": "y"}}, ["-     last: 'x'", "+     last: 'y'"]),
        ({"spec": {"last": "it's"}}, ["-     last: 'x'", "+     last: 'it''s'"]),
        ({"spec": {"last": True}}, ["-     last: 'x'", "+     last: true"]),
        ({"kind": "Job"}, ["- kind: Pod   # the kind", "+ kind: Job   # the kind"]),
        ({"spec": {"hostPID": None}}, ["-     hostPID: true"]),
        ({"spec": {"empty": 1}}, ["-     empty:", "+     empty: 1"]),
        ({"spec": {"empty": {"a": {"b": "c: d"}}}}, ["+         a:", '+             b: "c: d"']),
        ({"spec": {"new": [{"a": 1, "b": [True]}, 2]}}, [
            "+     new:", "+       - a: 1", "+         b:", "+           - true", "+       - 2",
        ]),
        ({"metadata": {"labels": {"a": "b"}}}, [
            "- metadata: {name: 'web', labels: {}}", "+ metadata: {name: 'web', labels: {a: b}}",
        ]),
        ({"metadata": {"x": "10.0.0.0/8"}}, [
            "- metadata: {name: 'web', labels: {}}", "+ metadata: {name: 'web', labels: {}, x: 10.0.0.0/8}",
        ]),
        ({"metadata": {"labels": None}}, ["- metadata: {name: 'web', labels: {}}", "+ metadata: {name: 'web'}"]),
        ({"metadata": {"name": None}}, ["- metadata: {name: 'web', labels: {}}", "+ metadata: {labels: {}}"]),
        ({"spec": {"containers": [{"name": "web", "securityContext": {"a": 1}}]}}, [
            "-         securityContext: {}   # nothing yet", "+         securityContext:   # nothing yet",
            "+             a: 1",
        ]),
        ({"spec": {"containers": [{"name": "log", "privileged": None}]}}, [
            "-       - privileged: true", "-         name: log", "+       - name: log",
        ]),
        ({"spec": {"containers": [{"name": "log", "x": 1}]}}, ["+         x: 1"]),
        ({"spec": {"containers": [{"name": "web", "command": ["a", "c", "d"]}]}}, [
            """-         command: [ "a",  'b' ]""", """+         command: [ "a",  'c', d ]""",
        ]),
        ({"spec": {"containers": [{"name": "web", "command": ["z", "a", "b"]}]}}, [
            """-         command: [ "a",  'b' ]""", """+         command: [ z, "a",  'b' ]""",
        ]),
        ({"spec": {"containers": [{"name": "web", "command": ["b"]}]}}, [
            """-         command: [ "a",  'b' ]""", """+         command: [ 'b' ]""",
        ]),
        ({"spec": {"containers": [{"name": "web", "args": ["--x", "--y", "--z"]}]}}, ['+           - "--z"']),
        ({"spec": {"containers": [{"name": "web", "args": ["--a", "--x", "--y"]}]}}, ['+           - "--a"']),
        ({"spec": {"containers": [{"name": "web", "args": ["--x"]}]}}, ["-           - --y"]),
    ],
)  # fmt: skip
def test_only_the_lines_of_what_changes_are_touched(patch: Any, lines: list[str]) -> None:
    found = [line.rstrip() for line in diff(POD, patched(POD, patch)) if line[0] != "?"]
    assert found == lines


@pytest.mark.parametrize(
    ("patch", "problem"),
    [
        ({"spec": {"containers": [{"name": "web", "name2": 1, "args": ["--y"]}]}}, "a comment would be lost"),
        ({"kind": None}, "a comment would be lost"),
        ({"spec": {"containers": [{"name": "web", "args": []}]}}, "a comment would be lost"),
        ({"spec": {"text": "other"}}, "text of several lines stands here"),
    ],
)
def test_what_would_lose_something_is_refused(patch: Any, problem: str) -> None:
    with pytest.raises(EditRefusedError, match=problem):
        patched(POD, patch)


@pytest.mark.parametrize(
    ("text", "new", "problem"),
    [
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 2}, "c": {"b": 1}}, "an anchor"),
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 2}}, "an alias"),
        ("a: &x\n  b: 1\nc:\n  <<: *x\n  d: 1\n", {"a": {"b": 1}, "c": {"b": 2, "d": 1}}, "comes from a merge"),
        ("a: &x 1\nb: 2\n", {"a": 2, "b": 2}, "an anchor"),
        ("a: !!str 1\nb: 2\n", {"a": "2", "b": 2}, "an anchor"),
        ("a: 1\na: 2\nb: 3\n", {"a": 3, "b": 3}, "written twice"),
        ("? a\n: 1\n", {"a": {"b": 1}}, "not written as `key: value`"),
        ("a:\n- - 1\n  - 2\n", {"a": [[0, 1, 2]]}, "begins on the line of something else"),
        ("a: {b: 1, c: 2, d: 3}\n", {"a": {"d": 3}}, "two changes fall on the same place"),
        ("a: &x 1\nb: [1, *x, 2]\n", {"a": 1, "b": [1, 1]}, "an element of this list is an alias"),
        ("a: &x [1, 2]\nb: *x\n", {"a": [1, 2], "b": [1, 2, 3]}, "an alias"),
        ("a: &x 1\nb:\n- 1\n- *x\n", {"a": 1, "b": [1, 1, 3]}, "an element of this list is an alias"),
    ],
)
def test_what_is_written_in_an_odd_way_is_refused(text: str, new: Any, problem: str) -> None:
    with pytest.raises(EditRefusedError, match=problem):
        changed(text, new)


@pytest.mark.parametrize(
    ("text", "new", "found"),
    [
        ("a: 1\nb: 2", {"b": 2}, "b: 2"),
        ("a: 1\nb: 2", {"a": 1}, "a: 1"),
        ("a: 1\r\nb: 2\r\nc: 3\r\n", {"a": 1, "c": 3, "d": {"e": 1}}, "a: 1\r\nc: 3\r\nd:\r\n  e: 1\r\n"),
        ("a:\n- 1\n- 2\n", {"a": [1]}, "a:\n- 1\n"),
        ("a:\n- 1\n- 2\n", {"a": []}, "a: []\n"),
        ("a: &x 1\nb: *x\n", {"a": 1, "b": 1, "c": 2}, "a: &x 1\nb: *x\nc: 2\n"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}, (
            "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n"
        )),
        ("a: {b: 1}\n", {"a": {"c": 1}}, "a:\n  c: 1\n"),
        ("a:\n  b: 1\n", {"a": 2}, "a: 2\n"),
        ("a: [{b: 1}]\n", {"a": [{"b": {"c": "d"}}]}, "a: [{b: {c: d}}]\n"),
        ("- a\n- - b\n  - c\n", ["a", ["c"]], "- a\n- - c\n"),
        ("a: &x 1\nb:\n- *x\n- 1\n", {"a": 1, "b": [1, 2]}, "a: &x 1\nb:\n- *x\n- 2\n"),
        ("on: 1\n", {"true": 2}, "on: 2\n"),
        ("a: {b: {c: 1},\n    d: 1}\n", {"a": {"b": {"c": 1}, "d": 1, "e": "\x07"}}, (
            'a: {b: {c: 1},\n    d: 1, e: "\\u0007"}\n'
        )),
    ],
)  # fmt: skip
def test_texts_of_many_layouts_are_changed(text: str, new: Any, found: str) -> None:
    assert changed(text, new) == found


def test_an_object_inside_a_list_is_changed_in_its_place() -> None:
    text = "kind: List\nitems:\n- kind: A\n  x: 1\n- kind: B\n  x: 1\n"
    assert changed(text, {"kind": "B", "x": 2}, ("items", 1)) == text[:-2] + "2\n"


@pytest.mark.parametrize("indent", [2, 4, None])
def test_json_of_a_formatter_is_changed(indent: int | None) -> None:
    import json  # noqa: PLC0415

    text = "\n" + json.dumps({"items": [{"a": "\u00fc"}]}, indent=indent, ensure_ascii=False) + "\n\n"
    found = changed_json(text, ("items", 0), {"a": 1})
    assert found == "\n" + json.dumps({"items": [{"a": 1}]}, indent=indent) + "\n\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1,\n "b": 2}', "not laid out as a formatter would"),
        ('{"a": 1} {"a": 2}', "several JSON values"),
        ('{"a": 1, "a": 2}', "not laid out"),
    ],
)
def test_other_json_is_refused(text: str, problem: str) -> None:
    with pytest.raises(EditRefusedError, match=problem):
        changed_json(text, (), {"a": 3})


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ("a: [ # c", "would leave no YAML"),
        ("a: 2 # c\nb: 2\n", "would not mean what is intended"),
        ("a: 2 # c\na: 2\n", "would not mean what is intended"),
        ("---\na: 2 # c\n", "not be split into the same documents"),
        ("a: 2 # c", "not be split into the same documents"),
        ("a: 2 # d\n", "a comment would be lost"),
    ],
)
def test_a_net_catches_whatever_a_splice_would_damage(
    found: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "spliced", lambda *_: found)
    with pytest.raises(EditRefusedError, match=problem):
        changed("a: 1 # c\n", {"a": 2})


def test_a_field_is_not_put_into_text_that_keeps_its_last_lines() -> None:
    with pytest.raises(EditRefusedError, match="not mean what is intended"):
        changed("a: |+\n  text\n\n", {"a": "text\n\n", "c": 1})
