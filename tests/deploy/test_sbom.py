"""The bill of materials names every locked dependency of an installation, with version and hash, and nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from firedoor import __version__
from tests.deploy.charting import ROOT


def bill(*options: str, **environment: str) -> str:
    """Run the tool and return what it prints; skip where there is no uv."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if uv is None:
        pytest.skip("no uv")
    command = [sys.executable, "tools/build_sbom.py", "--uv", uv, *options]
    given = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def locked() -> dict[str, dict[str, Any]]:
    """Return the packages of the lock that an installation has, on any platform, found by following what each needs."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    by_name: dict[str, list[dict[str, Any]]] = {}
    for each in packages:
        by_name.setdefault(each["name"], []).append(each)
    found: dict[str, dict[str, Any]] = {}
    left = [("firedoor", "")]
    seen: set[tuple[str, str]] = set()
    while left:
        name, extra = wanted = left.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        for package in by_name[name]:
            found[f"{name}@{package.get('version', '')}"] = package
            needs = (
                package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
            )
            left += [(each["name"], kind) for each in needs for kind in ("", *each.get("extra", []))]
    return {key: each for key, each in found.items() if each["name"] != "firedoor"}


def test_every_locked_dependency_is_named_with_its_version_and_hashes() -> None:
    found = json.loads(bill("--without-native"))["components"]
    components = {f"{each['name']}@{each['version']}": each for each in found}
    expected = locked()
    assert len(expected) > 20
    assert set(components) == set(expected)
    for key, package in expected.items():
        files = [*([package["sdist"]] if "sdist" in package else []), *package.get("wheels", [])]
        references = components[key]["externalReferences"]
        told = {digest["content"] for each in references for digest in each["hashes"] if digest["alg"] == "SHA-256"}
        assert told == {each["hash"].removeprefix("sha256:") for each in files}, key
        assert components[key]["purl"] == f"pkg:pypi/{package['name']}@{package['version']}"


def test_what_it_is_of_is_named_and_every_name_in_it_leads_somewhere() -> None:
    document = json.loads(bill())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    product = document["metadata"]["component"]
    assert (product["type"], product["name"], product["version"]) == ("application", "firedoor", __version__)
    assert product["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    refs = {each["bom-ref"] for each in [product, *document["components"]]}
    assert len(refs) == len(document["components"]) + 1
    named = {each["ref"] for each in document["dependencies"]}
    assert named | {to for each in document["dependencies"] for to in each.get("dependsOn", [])} <= refs
    assert product["bom-ref"] in named


def test_every_locked_crate_of_the_compiled_part_is_named_with_its_checksum_and_who_needs_it() -> None:
    document, without = json.loads(bill()), json.loads(bill("--without-native"))
    crates = tomllib.loads((ROOT / "native/Cargo.lock").read_text())["package"]
    known = {each["bom-ref"] for each in without["components"]}
    found = {each["bom-ref"]: each for each in document["components"] if each["bom-ref"] not in known}
    assert set(found) == {f"crate:{each['name']}@{each['version']}" for each in crates}
    needs = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    for each in crates:
        component = found[ref := f"crate:{each['name']}@{each['version']}"]
        assert [name.partition(":")[2].partition("@")[0] for name in needs[ref]] == sorted(
            name.split()[0] for name in each.get("dependencies", [])
        )
        if "checksum" in each:
            (archive,) = component["externalReferences"]
            assert archive["hashes"] == [{"alg": "SHA-256", "content": each["checksum"]}]
            assert component["purl"] == f"pkg:cargo/{each['name']}@{each['version']}"
        else:
            assert (each["name"], component["licenses"]) == ("firedoor-native", [{"license": {"id": "Apache-2.0"}}])
    # All of them hang on the product.
    left, reached = [document["metadata"]["component"]["bom-ref"]], set[str]()
    while left:
        reached.add(ref := left.pop())
        left += set(needs[ref]) - reached
    assert set(found) <= reached
    assert not {each for each in needs if each.startswith("crate:")} & {each["ref"] for each in without["dependencies"]}


def test_the_same_lock_gives_the_same_bytes() -> None:
    first = bill(SOURCE_DATE_EPOCH="1767225600")
    assert first == bill(SOURCE_DATE_EPOCH="1767225600")
    document = json.loads(first)
    assert document["metadata"]["timestamp"] == "2026-01-01T00:00:00Z"
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", document["serialNumber"])
    assert document["serialNumber"] != json.loads(bill())["serialNumber"]


def test_optional_parts_are_in_it_where_they_are_asked_for() -> None:
    without = {each["name"] for each in json.loads(bill())["components"]}
    with_hubble = {each["name"] for each in json.loads(bill("--extra", "hubble"))["components"]}
    assert with_hubble - without == {"grpcio", "protobuf"}


def test_without_uv_it_says_so() -> None:
    command = [sys.executable, "tools/build_sbom.py", "--uv", "no-such-program"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert "install uv" in done.stderr
