"""Documents as indented JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

# JSON leaves these as they are, but a terminal may obey or hide them; a Unicode escape means the same.
_BEYOND_ASCII = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def json_text(document: Mapping[str, object]) -> str:
    """Return the document as JSON with a newline at its end and no character that could drive a terminal."""
    text = msgspec.json.format(compact_json(document), indent=2).decode()
    return _BEYOND_ASCII.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


def compact_json(document: Mapping[str, object]) -> bytes:
    """Return the document as JSON without spaces, for programs alone."""
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        # The name of a file can hold bytes that are no text.
        return msgspec.json.encode(_as_text(document))


def _as_text(value: object) -> object:
    """Return a document in which what is no text is written as an escape that is shown."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_as_text(key): _as_text(each) for key, each in value.items()}
    return [_as_text(each) for each in value] if isinstance(value, list | tuple) else value
