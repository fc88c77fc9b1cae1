"""
What a fake API server does with writes: server-side apply with owners of fields, JSON patches, and deletions.

A field is a label, an annotation, or a member of ``spec``: enough to tell conflicts as a real server does for
NetworkPolicies, whose lists are atomic.
"""

import json
from typing import Any

Manifest = dict[str, Any]
Field = tuple[str, ...]
Answer = tuple[int, Manifest]
_SHARED = {"labels", "annotations"}


def status(code: int, reason: str, message: str, causes: list[Manifest] | None = None) -> Manifest:
    return {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code, "reason": reason,
        "message": message, "details": {"causes": causes or []},
    }  # fmt: skip


OVERTAKEN = (409, status(409, "Conflict", "the object has been modified; please apply your changes"))


def fields_of(manifest: Manifest) -> dict[Field, Any]:
    """Return the fields of an object that managers own, with their values."""
    found: dict[Field, Any] = {}
    for name in _SHARED:
        found |= {("metadata", name, key): each for key, each in (manifest["metadata"].get(name) or {}).items()}
    return found | {("spec", key): each for key, each in (manifest.get("spec") or {}).items()}


def owners_of(live: Manifest) -> dict[str, set[Field]]:
    """Return the fields of each manager, which is a name and an operation."""
    entries = live["metadata"].get("managedFields") or []
    return {f"{each['manager']}/{each['operation']}": set(map(tuple, each["fieldsV1"])) for each in entries}


def with_owners(live: Manifest, owners: dict[str, set[Field]]) -> Manifest:
    entries = [
        {
            "manager": name.rpartition("/")[0],
            "operation": name.rpartition("/")[2],
            "fieldsV1": sorted(map(list, fields)),
        }
        for name, fields in sorted(owners.items())
        if fields
    ]
    return {**live, "metadata": {**live["metadata"], "managedFields": entries}}


def applied(live: Manifest | None, body: Manifest, manager: str, *, force: bool) -> Answer:
    """Return what server-side apply makes of an object."""
    version = body["metadata"].get("resourceVersion")
    if live is None:
        new = {**body, "metadata": {key: each for key, each in body["metadata"].items() if key != "resourceVersion"}}
        return 201, with_owners(new, {f"{manager}/Apply": set(fields_of(body))})
    if version is not None and version != live["metadata"]["resourceVersion"]:
        return OVERTAKEN
    own, wanted, there = f"{manager}/Apply", fields_of(body), fields_of(live)
    owners = owners_of(live)
    conflicts = [
        (name.rpartition("/")[0], field)
        for field, value in wanted.items()
        for name, fields in owners.items()
        if name != own and field in fields and there.get(field) != value
    ]
    if conflicts and not force:
        causes = [
            {
                "reason": "FieldManagerConflict",
                "message": f'conflict with "{name}" using v1',
                "field": f".{'.'.join(field)}",
            }
            for name, field in conflicts
        ]
        return 409, status(409, "Conflict", f"Apply failed with {len(causes)} conflicts", causes)
    for name, fields in owners.items():
        if name != own:
            fields.difference_update({field for _, field in conflicts})
    dropped = owners.get(own, set()) - set(wanted)
    kept = {field for name, fields in owners.items() if name != own for field in fields}
    values = {field: value for field, value in there.items() if field not in dropped - kept} | wanted
    owners[own] = set(wanted)
    return 200, with_owners(_with_fields(live, values), owners)


def _with_fields(live: Manifest, values: dict[Field, Any]) -> Manifest:
    metadata = {key: each for key, each in live["metadata"].items() if key not in _SHARED}
    for name in _SHARED:
        found = {field[2]: value for field, value in values.items() if field[:2] == ("metadata", name)}
        if found:
            metadata[name] = found
    spec = {field[1]: value for field, value in values.items() if field[0] == "spec"}
    return {**live, "metadata": metadata, "spec": spec}


def patched(live: Manifest, operations: list[Manifest], manager: str) -> Answer:
    """Return what a JSON patch makes of an object."""
    new = json.loads(json.dumps(live))
    for each in operations:
        *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in each["path"].split("/")[1:]]
        target = new
        for part in parents:
            target = target[part]
        if each["op"] == "test":
            if target.get(last) != each["value"]:
                return 422, status(422, "Invalid", "the server rejected our request due to an error in our request")
        elif each["op"] == "remove":
            del target[last]
        else:
            target[last] = each["value"]
    before, after, owners = fields_of(live), fields_of(new), owners_of(new)
    changed = {field for field in before.keys() | after.keys() if before.get(field) != after.get(field)}
    for fields in owners.values():
        fields.difference_update(changed)
    if changed:
        own = owners.setdefault(f"{manager}/Update", set())
        own |= changed & after.keys()
    return 200, with_owners(new, owners)


def is_expected(live: Manifest, preconditions: Manifest) -> bool:
    return all(live["metadata"].get(key) == each for key, each in preconditions.items())
