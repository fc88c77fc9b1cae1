"""How files are recognised by their first bytes: by words that only one format has, in its first lines."""

from __future__ import annotations

import re
from collections.abc import Callable

_FIRST = 32
_OPENING = re.compile(rb"\s*(?:\xef\xbb\xbf)?(?:\d{4}-\d\d-\d\dT\S+ std(?:out|err) [FP] )?[\[{]")


def json_with(*sets: tuple[bytes, ...]) -> Callable[[bytes], bool]:
    """Return a sniff for JSON of which one line, or the whole document, has all words of one of the sets."""

    def sniff(head: bytes) -> bool:
        lines = head.split(b"\n", _FIRST)[:_FIRST]
        found = [each for each in lines if _OPENING.match(each)]
        if not found:
            return False
        if found[0].strip() in {b"{", b"["}:
            found.append(head)
        return any(all(word in each for word in words) for each in found for words in sets)

    return sniff


def lines_like(pattern: bytes) -> Callable[[bytes], bool]:
    """Return a sniff for text of which one of the first lines has a match for the pattern."""
    search = re.compile(pattern).search

    def sniff(head: bytes) -> bool:
        return any(search(each[:4096]) for each in head.split(b"\n", _FIRST)[:_FIRST])

    return sniff
