"""
Derives the strict schemas of the built-in kinds from the package `kubernetes-validate`.

Run it after raising that package in the dependency group ``schemas``:

    uv run --group schemas python tools/build_schemas.py

The result is one compressed file that the package ships. It is the same, byte for byte, for the
same input. What is changed on the way, and why:

* descriptions go, and every definition is kept once for the whole run of releases that share it;
* any value may be null, which the API reads as absent, except a value that is required;
* a field is required only where the server itself insists: the published schemas also require
  fields that the server fills in by default, or judges later by a rule with its own wording;
* 32-bit integers get their bounds, because the server cannot decode a larger number.
"""

import argparse
import importlib.util
import json
import lzma
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "src/firedoor/adapters/manifests/validation/schemas.json.xz"
FOLDER = re.compile(r"^v1\.(\d+)\.\d+-local-strict$")
PREFIXES = ("io.k8s.api.", "io.k8s.apimachinery.pkg.", "io.k8s.")
INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}

# Not objects of their own: options and answers of the API itself.
NOT_OBJECTS = frozenset(
    {"APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "DeleteOptions", "Status", "WatchEvent"}
)

# Definitions whose required fields the value rules judge, in the words of the server.
JUDGED_BY_RULES = frozenset(
    {
        "apis.meta.v1.LabelSelectorRequirement",
        "apis.meta.v1.OwnerReference",
        "api.core.v1.Container",
        "api.core.v1.ContainerPort",
        "api.core.v1.EndpointPort",
        "api.core.v1.EphemeralContainer",
        "api.core.v1.PodSpec",
        "api.core.v1.ServicePort",
        "api.networking.v1.HTTPIngressPath",
        "api.networking.v1.HTTPIngressRuleValue",
        "api.networking.v1.IPBlock",
        "api.networking.v1.IngressClassParametersReference",
        "api.networking.v1.IngressServiceBackend",
        "api.networking.v1.NetworkPolicySpec",
        "api.rbac.v1.ClusterRoleBinding",
        "api.rbac.v1.PolicyRule",
        "api.rbac.v1.RoleBinding",
        "api.rbac.v1.RoleRef",
        "api.rbac.v1.Subject",
        "api.apps.v1.DaemonSetSpec",
        "api.apps.v1.DeploymentSpec",
        "api.apps.v1.ReplicaSetSpec",
        "api.apps.v1.StatefulSetSpec",
        "api.batch.v1.CronJobSpec",
        "api.batch.v1.JobSpec",
    }
)
# Fields that the published schema requires and the server does not.
NOT_ENFORCED = {
    "api.batch.v1.PodFailurePolicyOnPodConditionsPattern": {"status"},
    "api.core.v1.HTTPHeader": {"value"},
    "api.core.v1.ISCSIPersistentVolumeSource": {"lun"},
    "api.core.v1.ISCSIVolumeSource": {"lun"},
    "api.core.v1.LimitRangeSpec": {"limits"},
    "api.core.v1.PreferredSchedulingTerm": {"preference"},
    "api.core.v1.SleepAction": {"seconds"},
    "api.core.v1.Sysctl": {"value"},
    "api.storage.v1.TokenRequest": {"audience"},
}
# Parts of a status, which the server drops when an object is created.
IN_STATUS = re.compile(
    r"(Status|Condition|ContainerState\w*|NodeSystemInfo|NodeAddress|DaemonEndpoint|AttachedVolume|PodIP|HostIP"
    r"|LinuxContainerUser|ResourceHealth|PodVolumeHealth|VolumeHealthCondition|StorageHealth\w*"
    r"|NodeAllocatable\w*|ContainerExtendedResourceRequest)$"
)

Json = Any


def source_folders() -> dict[int, Path]:
    """Return the folder of strict schemas of each minor release, from the installed package."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        sys.exit("kubernetes-validate is not installed: run this with `uv run --group schemas`")
    root = Path(spec.origin).parent / "kubernetes-json-schema"
    found = {int(match[1]): folder for folder in root.iterdir() if (match := FOLDER.match(folder.name))}
    if not found:
        sys.exit(f"no folder named like v1.37.0-local-strict in {root}: has the package changed its layout?")
    return dict(sorted(found.items()))


def short_name(reference: str) -> str:
    """Return the name of a definition without the prefixes that all share."""
    name = reference.rsplit("/", 1)[-1]
    for prefix in PREFIXES:
        if name.startswith(prefix):
            keep_group = "api." if prefix == "io.k8s.api." else ""
            return keep_group + name.removeprefix(prefix)
    return name


def required_fields(name: str, schema: Json) -> list[str]:
    """Return the fields of a definition that the server insists on when it decodes or validates."""
    if name in JUDGED_BY_RULES or IN_STATUS.search(name) or "x-kubernetes-group-version-kind" in schema:
        return []
    return sorted(set(schema.get("required", ())) - NOT_ENFORCED.get(name, set()))


def compact(schema: Json, name: str = "", *, nullable: bool = True) -> Json:
    """Return a schema reduced to what decides: types, fields, references, and 32-bit bounds."""
    if "$ref" in schema:
        reference = {"$ref": "#/$defs/" + short_name(schema["$ref"])}
        return reference if nullable else {**reference, "not": {"type": "null"}}
    types = {kind for part in (schema, *schema.get("oneOf", ())) for kind in listed(part.get("type"))} - {"null"}
    result: dict[str, Json] = {}
    if types:
        result["type"] = sorted(types) + (["null"] if nullable else [])
    if schema.get("format") == "int32" or name == "util.intstr.IntOrString":
        result |= INT32
    if "items" in schema:
        result["items"] = compact(schema["items"])
    required = required_fields(name, schema)
    if required:
        result["required"] = required
    if "properties" in schema:
        result["properties"] = {
            field: compact(part, nullable=field not in required) for field, part in sorted(schema["properties"].items())
        }
        result["additionalProperties"] = False
    elif isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = compact(schema["additionalProperties"])
    return result


def listed(value: Json) -> list[str]:
    """Return a schema's type as a list, however it was written."""
    return [value] if isinstance(value, str) else list(value or ())


def references(schema: Json) -> set[str]:
    """Return the names of the definitions that a schema refers to directly."""
    if isinstance(schema, list):
        return set().union(*map(references, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].rsplit("/", 1)[-1]} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*map(references, schema.values()))


def closure(roots: set[str], definitions: dict[str, Json]) -> set[str]:
    """Return the definitions that the roots need, directly or through others."""
    found: set[str] = set()
    waiting = sorted(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(sorted(references(definitions[name]) - found))
    return found


def kinds_of(raw: dict[str, Json]) -> dict[tuple[str, str], str]:
    """Return the definition of each (apiVersion, kind) that a release knows, lists left out."""
    kinds = {}
    for reference, schema in raw.items():
        for entry in schema.get("x-kubernetes-group-version-kind", ()):
            if entry["kind"] in NOT_OBJECTS or entry["kind"].endswith("List"):
                continue
            group = entry["group"]
            kinds[f"{group}/{entry['version']}" if group else entry["version"], entry["kind"]] = short_name(reference)
    return kinds


def build(folders: dict[int, Path]) -> Json:
    """Return the document that the package ships: releases, kinds, and definitions by release."""
    kinds: dict[str, dict[str, list[Json]]] = {}
    definitions: dict[str, list[list[Json]]] = {}
    for minor, folder in folders.items():
        raw = json.loads((folder / "_definitions.json").read_text())["$defs"]
        reduced = {short_name(name): compact(schema, short_name(name)) for name, schema in raw.items()}
        roots = set()
        for (api_version, kind), name in kinds_of(raw).items():
            roots.add(name)
            kinds.setdefault(api_version, {}).setdefault(kind, [name, minor, minor])[2] = minor
        needed = closure(roots, reduced)
        for name in sorted(needed | definitions.keys()):
            current = reduced[name] if name in needed else None
            history = definitions.setdefault(name, [])
            if not history or history[-1][1] != current:
                history.append([minor, current])
    return {"releases": sorted(folders), "kinds": kinds, "definitions": definitions}


def encode(document: Json) -> bytes:
    """Return a document as compressed JSON, the same bytes for the same document."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return lzma.compress(text.encode(), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, preset=9 | lzma.PRESET_EXTREME)


def main() -> None:
    """Write the schemas, or with ``--check`` only say whether they are up to date."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if the shipped file differs; write nothing")
    arguments = parser.parse_args()
    document = build(source_folders())
    data = encode(document)
    if arguments.check:
        if not TARGET.exists() or TARGET.read_bytes() != data:
            sys.exit(f"{TARGET} is out of date: run python tools/build_schemas.py")
        return
    TARGET.write_bytes(data)
    releases = document["releases"]
    print(f"{TARGET.name}: {len(data)} bytes, releases 1.{releases[0]} to 1.{releases[-1]}, ", end="")
    print(f"{sum(map(len, document['kinds'].values()))} kinds, {len(document['definitions'])} definitions")


if __name__ == "__main__":
    main()
