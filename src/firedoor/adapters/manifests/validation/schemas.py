"""The strict schemas of the built-in kinds, as one compressed resource that is read when first needed."""

import json
import lzma
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from firedoor.adapters.manifests.validation.releases import OLDEST_WITH_SCHEMA

RESOURCE = "schemas.json.xz"


@dataclass(frozen=True, slots=True)
class ServedKind:
    """One kind of one API version: its definition, and the releases that serve it."""

    definition: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Schemas:
    """Every shipped definition, by the releases it holds for."""

    releases: tuple[int, ...]
    kinds: dict[tuple[str, str], ServedKind]
    definitions: dict[str, list[tuple[int, dict[str, Any] | None]]]

    def definition(self, name: str, minor: int) -> dict[str, Any]:
        """Return a definition as it is in a release; before the oldest known one, as it is there."""
        wanted = max(minor, OLDEST_WITH_SCHEMA)
        current: dict[str, Any] = {}
        for since, schema in self.definitions.get(name, ()):
            if since <= wanted and schema is not None:
                current = schema
        return current

    def closed(self, name: str, minor: int) -> dict[str, Any]:
        """Return the schema of a definition with all that it refers to, complete in itself."""
        found: dict[str, Any] = {}
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found[current] = self.definition(current, minor)
                waiting.extend(_references(found[current]))
        return {"$ref": f"#/$defs/{name}", "$defs": found}


def _references(schema: dict[str, Any]) -> list[str]:
    """Return the definitions that a schema refers to directly."""
    if "$ref" in schema:
        return [referred(schema)]
    parts = list(schema.get("properties", {}).values())
    parts += [schema[word] for word in ("items", "additionalProperties") if isinstance(schema.get(word), dict)]
    return [name for part in parts for name in _references(part)]


def referred(schema: dict[str, Any]) -> str:
    """Return the name of the definition that a schema stands for; empty when it stands for itself."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


@cache
def load() -> Schemas:
    """Return the shipped schemas, read once."""
    data = resources.files(__package__).joinpath(RESOURCE).read_bytes()
    document = json.loads(lzma.decompress(data))
    kinds = {
        (api_version, kind): ServedKind(*entry)
        for api_version, entries in document["kinds"].items()
        for kind, entry in entries.items()
    }
    definitions = {
        name: [(since, schema) for since, schema in history] for name, history in document["definitions"].items()
    }
    return Schemas(tuple(document["releases"]), kinds, definitions)
