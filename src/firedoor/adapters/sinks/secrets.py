"""Secrets from where they are kept; no message holds one."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import TYPE_CHECKING

from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.model.alerting import Secret

_MOST_BYTES = 64 * 1024
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)


def reveal(secret: Secret, place: str) -> str:
    """Return the text of a secret; raises ``UsageError``, with the `place` where it is asked for."""
    if secret.env:
        found = os.environ.get(secret.env, "").strip()
        if not found:
            raise UsageError(
                f"the environment variable {secret.env} is not set, or empty",
                place=place,
                remedy="set it where firedoor runs",
            )
    elif secret.file:
        found = _content(secret.file, place)
    else:
        return secret.text
    if not found.isprintable():
        raise UsageError(
            f"what is in {secret.env or secret.file} has line breaks or control characters inside",
            place=place,
            remedy="give a single line",
        )
    return found


def _content(path: str, place: str) -> str:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}",
            place=place,
            remedy="check the path and who may read it",
        ) from error
    try:
        text = data.decode().strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(data) > _MOST_BYTES:
        raise UsageError(
            f"{path} is empty, or no text", place=place, remedy="write the secret into it, and nothing else"
        )
    return text


def signing_keys(text: str, place: str) -> list[bytes]:
    """Return the keys in a secret of Standard Webhooks, ``whsec_`` and Base64, several between spaces."""
    return [_key(each, place) for each in text.split()]


def _key(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise UsageError(
            "the signing secret is none of Standard Webhooks: whsec_ and the Base64 of 24 to 64 random bytes",
            place=place,
            remedy='make one with `echo "whsec_$(head -c 32 /dev/urandom | base64)"`',
        )
    return key
