"""
The image as its Containerfile makes it, run as the chart runs it: as nobody in particular, on a read-only filesystem.

No registry is asked: the bases are made of Debian's packages (``lab/image.py``), as root on Linux.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from lab.image import PYTHON, Built, build, lacking
from lab.troubles import LabError

from firedoor import __version__
from tests.deploy.charting import PLAIN
from tests.examples import THOROUGH

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(settings().max_examples < THOROUGH, reason="takes minutes: runs with the thorough profile"),
]
COMPILED = (
    "cel_expr_python.cel",
    "duckdb",
    "google.protobuf.internal.python_message",
    "grpc",
    "jsonschema_rs",
    "msgspec",
    "numpy",
    "rustworkx",
    "yaml._yaml",
    "zstandard",
)
"""What needs libraries of the base, and with them the base a C library and a Python that fit."""
STANDARD = ("bz2", "ctypes", "fcntl", "lzma", "readline", "sqlite3", "ssl", "zoneinfo")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Make the image; skip where that cannot be done."""
    if lacks := lacking():
        pytest.skip(f"the image cannot be made here, for that needs: {', '.join(lacks)}")
    folder = tmp_path_factory.mktemp("image")
    try:
        yield build(folder / "made")
    except LabError as error:
        if "can be reached" not in str(error):
            raise
        pytest.skip(str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ran(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [("watch",), ("admission", "serve"), ("flows", "import"), ("diagnose",)],
    ids=" ".join,
)
def test_its_commands_start(image: Built, arguments: tuple[str, ...]) -> None:
    done = ran(image.command(*arguments, "--help"), image.variables())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: firedoor {' '.join(arguments)} [OPTIONS]")


def test_it_knows_its_version(image: Built) -> None:
    assert ran(image.command("--version"), image.variables()).stdout.strip().endswith(__version__)


def test_it_is_nobody_and_can_write_nowhere_but_into_its_volume(image: Built, tmp_path: Path) -> None:
    os.chown(tmp_path, 65532, 65532)
    look = """
import os, pathlib
print(os.getuid(), os.getgid(), os.getgroups())
for place in ("/", "/opt/firedoor", "/opt/firedoor/src/firedoor", "/tmp", "/home/nonroot", "/etc", "/var/lib/firedoor"):
    try:
        (pathlib.Path(place) / "trial").write_text("")
        print(place)
    except OSError as error:
        assert error.errno in (13, 30), error
"""
    done = ran(image.other(f"/usr/bin/python{PYTHON}", "-c", look), image.variables(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["65532 65532 []", "/var/lib/firedoor"]


def test_all_that_is_compiled_finds_its_libraries(image: Built) -> None:
    names = [*COMPILED, *STANDARD]
    look = f"import importlib\nfor each in {names!r}: importlib.import_module(each)"
    done = ran(image.other(f"/usr/bin/python{PYTHON}", "-P", "-c", look), image.variables())
    assert (done.returncode, done.stderr) == (0, "")


def test_it_judges_manifests(image: Built, tmp_path: Path) -> None:
    for each in ("shared", "watch"):
        shutil.copy(PLAIN / f"{each}.yaml", tmp_path)
    os.chown(tmp_path, 65532, 65532)
    done = ran(image.command("diagnose", "-o", "json", "/var/lib/firedoor"), image.variables(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["findings"] == []


def test_it_asks_those_who_tell_flows(image: Built) -> None:
    for option in ("--hubble-relay=localhost:1", "--goldmane=localhost:1"):
        done = ran(image.command("flows", "import", option, "--store=/var/lib/firedoor/flows"), image.variables())
        assert done.returncode == 2
        assert "nothing listens there" in done.stderr
        assert "firedoor[hubble]" not in done.stderr


def test_a_user_whom_nobody_knows_is_told_in_one_line(image: Built) -> None:
    environment = {**image.variables(), "USER_OF_IMAGE": "1000680000:0"}
    done = ran(image.command("watch"), environment)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("error: ")
