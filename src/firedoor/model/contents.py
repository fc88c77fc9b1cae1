"""
Objects that hold what nobody may see: of their contents only the names of what is suspicious are kept.

ConfigMaps are kept where a value of theirs looks like a secret or names a host: of the
latter the host and port are kept as well. Secrets are kept where they are tokens of a
service account. All others are only counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from firedoor.model.launching import reveals
from firedoor.model.mentions import Mention, mentions_in
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN_TYPE = "kubernetes.io/service-account-token"  # noqa: S105 - a type
ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name"
_KEPT_ANNOTATIONS = (ACCOUNT_ANNOTATION, "firedoor.dev/ignore")
_LINE = re.compile(
    r"[\s{]{0,100}(?:export\s{1,10})?[\"']?([\w.-]{1,100})[\"']?\s{0,20}[:=]\s{0,20}[\"']?([^\"'\s,]{1,500})[\"']?[\s,}]{0,100}"
)
_MOST_LINES = 10_000
_MOST_NAMED = 20


class ConfigMap(Struct, frozen=True, gc=False):
    """
    A ConfigMap that has values which look like secrets, or name hosts.

    `revealing` names the keys of the former, and lines in them; `mentions` are the latter.
    """

    metadata: ObjectMeta
    revealing: tuple[str, ...]
    place: Place = NOWHERE
    mentions: tuple[Mention, ...] = ()


class TokenSecret(Struct, frozen=True, gc=False):
    """A Secret of type ``kubernetes.io/service-account-token``: a token of `account` that never expires."""

    metadata: ObjectMeta
    account: str
    place: Place = NOWHERE

    @property
    def kind(self) -> str:
        """The kind that the object has in the API."""
        return "Secret"


def config_map(document: dict[str, Any], metadata: ObjectMeta, place: Place) -> ConfigMap | None:
    """Return a ConfigMap, None where no value of ``data`` looks like a secret or names a host."""
    data = document.get("data")
    pairs = data.items() if isinstance(data, dict) else ()
    texts = {str(key): value for key, value in pairs if isinstance(value, str)}
    found = [name for key, value in texts.items() for name in _revealing(key, value)]
    mentions = mentions_in(texts)
    if not found and not mentions:
        return None
    return ConfigMap(_reduced(metadata), tuple(found[:_MOST_NAMED]), place, mentions)


def token_secret(document: dict[str, Any], metadata: ObjectMeta, place: Place) -> TokenSecret | None:
    """Return a Secret that is a token of a service account, None for all others."""
    if document.get("type") != TOKEN_TYPE:
        return None
    return TokenSecret(_reduced(metadata), metadata.annotations.get(ACCOUNT_ANNOTATION, ""), place)


def _revealing(key: str, value: str) -> Iterator[str]:
    """Yield the key if its value is a secret, else the lines of the value that hold one."""
    if reveals(key, value):
        yield key
        return
    for number, line in enumerate(value.splitlines()[:_MOST_LINES], 1):
        found = _LINE.fullmatch(line)
        if found is not None and reveals(found[1], found[2]):
            yield f"{key}, line {number}"


def _reduced(metadata: ObjectMeta) -> ObjectMeta:
    """Return metadata without annotations, in which tools keep whole objects."""
    kept = {name: metadata.annotations[name] for name in _KEPT_ANNOTATIONS if name in metadata.annotations}
    return msgspec.structs.replace(metadata, annotations=kept)
