"""What an API server was recorded to answer, see tests/recorded/README.md."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from firedoor.adapters.manifests.source import ManifestSource
from firedoor.interfaces import Silent
from firedoor.model.access import AccessRequest, User
from firedoor.model.default_roles import BOOTSTRAPPING
from firedoor.model.snapshot import Origin, Snapshot

FILE = Path(__file__).parents[2] / "recorded" / "access_reviews.json"
Manifest = dict[str, Any]


class Asked(NamedTuple):
    """One question, and what the server answered."""

    user: User
    request: AccessRequest
    allowed: bool


class Tried(NamedTuple):
    """One write of a role or binding, and whether the server took it."""

    user: User
    verb: str
    manifest: Manifest
    taken: bool


class Recording(Struct, frozen=True):
    """All that was recorded from one server."""

    version: str
    objects: list[Manifest]
    implied: dict[str, set[str]]
    asked: list[Asked]
    tried: list[Tried]


@cache
def recording() -> Recording:
    """Return what the file holds."""
    return recording_of(json.loads(FILE.read_text(encoding="utf-8")))


def recording_of(found: dict[str, Any]) -> Recording:
    """Return what a server was given and answered, from the form of the file."""
    users = [User(name, tuple(groups)) for name, groups in found["users"]]
    return Recording(
        found["server"],
        found["objects"],
        {name: set(groups) for name, groups in found["implied"]},
        [_asked(users[number], *fields) for number, *fields in found["questions"]],
        [
            Tried(users[each["user"]], each["verb"], each["object"], 200 <= each["status"] < 300)
            for each in found["writes"]
        ],
    )


def snapshot(folder: Path) -> Snapshot:
    """Return what the loader makes of the objects, taken as those of a live cluster: there is no other role."""
    file = folder / "roles.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": recording().objects}), encoding="utf-8")
    loaded = ManifestSource((str(file),)).load(Silent())
    assert loaded.gaps == ()
    return replace(loaded, origin=Origin("cluster", ("https://example",), "2026-01-01T00:00:00Z", recording().version))


def unserved(snapshot: Snapshot) -> Snapshot:
    """Return the same roles as if no API server had aggregated them."""
    roles = tuple(
        replace(each, metadata=replace(each.metadata, uid=""), rules=() if each.aggregates else each.rules)
        for each in snapshot.roles
    )
    return replace(snapshot, roles=roles)


def without_defaults(snapshot: Snapshot) -> Snapshot:
    """Return the same roles as manifests of somebody who leaves out what every API server makes."""
    roles = tuple(each for each in unserved(snapshot).roles if BOOTSTRAPPING not in each.metadata.labels)
    return replace(snapshot, roles=roles, origin=Origin("manifests", meant_for=recording().version))


def _asked(user: User, verb: str, group: str, resource: str, *others: Any) -> Asked:
    subresource, namespace, name, path, allowed = others
    return Asked(user, AccessRequest(verb, resource, subresource, group, name, namespace, path), allowed)
