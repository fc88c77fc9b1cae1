from __future__ import annotations

import pytest

from firedoor.adapters.manifests.texts import NotTextError, decode_text, is_json, split_documents


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode_text("\ufeffkind: Pod # ü".encode()) == "kind: Pod # ü"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("kind: Pod".encode("utf-16"), "UTF-16"),
        (b"\x7fELF\0\0", "binary"),
        (b"a: 1\nb: \xe9\n", "line 2 is not UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_a_remedy(data: bytes, problem: str) -> None:
    with pytest.raises(NotTextError, match=problem) as caught:
        decode_text(data)
    assert caught.value.remedy


def test_every_document_has_the_line_it_begins_on_whatever_follows_the_dashes() -> None:
    text = "a: 1\n---\nb: 2\n\n---# Source: chart\nc: 3\n--- # d\n"
    assert list(split_documents(text)) == [(1, "a: 1\n"), (3, "b: 2\n\n"), (6, "c: 3\n"), (8, "")]


def test_a_separator_on_the_last_line_without_a_line_end_is_no_document() -> None:
    assert [part for _, part in split_documents("a: 1\n---")] == ["a: 1\n"]


def test_dashes_inside_a_line_or_indented_do_not_separate() -> None:
    assert len(list(split_documents("a: x---y\nb: |\n  ---\n"))) == 1


@pytest.mark.parametrize(("text", "answer"), [(' \n{"a": 1}', True), ("[]", True), ("a: {}", False), ("", False)])
def test_json_begins_with_a_bracket(text: str, *, answer: bool) -> None:
    assert is_json(text) is answer
