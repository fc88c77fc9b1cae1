"""What krew would install: the manifest by the rules of krew, and the launcher as krew links it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
URI = "https://example.com/kubectl-firedoor-1.2.3.tar.gz"
FIELDS = {"version", "homepage", "shortDescription", "description", "caveats", "platforms"}


def a_wheel(folder: Path, version: str = "1.2.3") -> Path:
    """A wheel that pip installs without asking anybody: its command tells how it was called."""
    wheel = folder / f"firedoor-{version}-py3-none-any.whl"
    main = "import sys\ndef main():\n    print(*sys.argv, sys.flags.isolated)\n    sys.exit(13)\n"
    about = f"firedoor-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("firedoor/__init__.py", "")
        packed.writestr("firedoor/cli/__init__.py", "")
        packed.writestr("firedoor/cli/main.py", main)
        packed.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: firedoor\nVersion: {version}\n")
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{about}/RECORD", "")
    return wheel


def build(wheel: Path, out: Path, uri: str = URI) -> subprocess.CompletedProcess[str]:
    given = [str(ROOT / "tools/build_krew.py"), str(wheel), "--uri", uri, "--homepage", "https://example.com"]
    return subprocess.run([sys.executable, *given, "--out", str(out)], capture_output=True, text=True, check=False)


def test_the_manifest_is_as_krew_demands(tmp_path: Path) -> None:
    done = build(a_wheel(tmp_path), tmp_path / "out")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = yaml.safe_load((tmp_path / "out/firedoor.yaml").read_text())
    assert set(found) == {"apiVersion", "kind", "metadata", "spec"}
    assert (found["apiVersion"], found["kind"]) == ("krew.googlecontainertools.github.com/v1alpha2", "Plugin")
    spec = found["spec"]
    assert set(spec) == FIELDS
    assert found["metadata"] == {"name": "firedoor"}
    assert re.fullmatch(r"v\d+\.\d+\.\d+(-[a-z]+\.\d+)?", spec["version"])
    assert len(spec["shortDescription"]) <= 50
    (platform,) = spec["platforms"]
    data = (tmp_path / "out/kubectl-firedoor-1.2.3.tar.gz").read_bytes()
    assert platform["sha256"] == hashlib.sha256(data).hexdigest()
    assert (platform["uri"], platform["bin"]) == (URI, "kubectl-firedoor")
    assert platform["files"]
    assert {each["key"] for each in platform["selector"]["matchExpressions"]} <= {"os", "arch"}


def test_the_same_wheel_makes_the_same_archive(tmp_path: Path) -> None:
    wheel = a_wheel(tmp_path)
    for name in ("a", "b"):
        build(wheel, tmp_path / name)
    name = "kubectl-firedoor-1.2.3.tar.gz"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "uri", "words"),
    [
        ("firedoor-1.2.3-cp311-abi3-manylinux_2_17_x86_64.whl", URI, "expected a wheel named like"),
        ("other.whl", URI, "expected a wheel named like"),
        ("firedoor-1.2.3-py3-none-any.whl", "http://example.com/a.tar.gz", "https://"),
    ],
)
def test_what_krew_cannot_install_is_refused(tmp_path: Path, name: str, uri: str, words: str) -> None:
    (tmp_path / name).write_bytes(b"")
    done = build(tmp_path / name, tmp_path / "out", uri)
    assert done.returncode == 1
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("python", "semantic"), [("1.3.0rc2", "v1.3.0-rc.2"), ("1.3.0a1", "v1.3.0-alpha.1"), ("1.3.0.dev0", "v1.3.0-dev.0")]
)
def test_a_prerelease_has_its_semantic_version(tmp_path: Path, python: str, semantic: str) -> None:
    done = build(a_wheel(tmp_path, python), tmp_path / "out")
    assert done.stdout.startswith(f"firedoor.yaml: {semantic}, ")
    assert (tmp_path / f"out/kubectl-firedoor-{semantic[1:]}.tar.gz").is_file()


@pytest.mark.slow
def test_the_launcher_installs_once_and_starts_the_plugin(tmp_path: Path) -> None:
    build(a_wheel(tmp_path), tmp_path / "out")
    with tarfile.open(tmp_path / "out/kubectl-firedoor-1.2.3.tar.gz") as packed:
        packed.extractall(tmp_path / "store", filter="data")
    linked = tmp_path / "kubectl-firedoor"
    linked.symlink_to(tmp_path / "store/kubectl-firedoor")
    (tmp_path / "sys.py").write_text("raise SystemExit('imported from the current folder')")
    environment = {**os.environ, "FIREDOOR_KREW_HOME": str(tmp_path / "home"), "PIP_NO_INDEX": "1"}
    for first in (True, False):
        done = subprocess.run(
            [linked, "reach", "a b"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (13, "kubectl-firedoor reach a b 1\n")
        assert ("installed once" in done.stderr) is first
    assert [each.name for each in (tmp_path / "home").iterdir()] == ["firedoor-1.2.3-py3-none-any"]
