"""Bytes of a file into text, and text into documents, as kubectl splits them."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

_SEPARATOR = re.compile(r"^---.*$", re.MULTILINE)


class NotTextError(Exception):
    """The bytes are no text that a manifest can be written in; carries the remedy."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def decode_text(data: bytes) -> str:
    """Return UTF-8 text, with or without a byte order mark; raises `NotTextError`."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotTextError("the file is UTF-16, not UTF-8", "save it as UTF-8")
    if b"\0" in data[:8192]:
        raise NotTextError("this is a binary file, not YAML or JSON", "give manifests as text, or a saved snapshot")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotTextError(f"line {line} is not UTF-8", "save the file as UTF-8") from error


def split_documents(text: str) -> Iterator[tuple[int, str]]:
    """
    Yield the first line (from 1) and the text of every document.

    Any line that begins with ``---`` separates, whatever follows on it, as in
    kubectl's own splitter; some charts print ``---# Source``.
    """
    start = line = 0
    for separator in _SEPARATOR.finditer(text):
        yield line + 1, text[start : separator.start()]
        line += text.count("\n", start, separator.end()) + 1
        start = separator.end() + 1
    if start <= len(text):
        yield line + 1, text[start:]


def is_json(text: str) -> bool:
    """Return whether the text is meant to be JSON: its first character opens an object or a list."""
    return text.lstrip()[:1] in {"{", "["}


def split_json(text: str) -> list[tuple[int, str]]:
    """Return the first line and the text of each of several JSON values, written one after the other."""
    decoder = json.JSONDecoder()
    found: list[tuple[int, str]] = []
    position = 0
    while position < len(text.rstrip()):
        start = position + len(text[position:]) - len(text[position:].lstrip())
        try:
            _, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError:
            end = len(text)
        found.append((text.count("\n", 0, start) + 1, text[start:end]))
        position = end
    return found
