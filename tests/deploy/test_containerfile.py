"""The image: what its file says, and that the commands in it make an installation that runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import settings
from lab import containerfile
from lab.containerfile import Stage

from firedoor import __version__
from tests.deploy.charting import CHART, PLAIN, ROOT
from tests.examples import THOROUGH

FILE = ROOT / "Containerfile"
HOME = "/opt/firedoor"
_PINNED = re.compile(r"[a-z0-9.-]+\.[a-z]+/[a-z0-9/-]+:[a-z0-9.-]+@sha256:[0-9a-f]{64}")
_CHECKED_BY_TIME = 0
"""The flags in the head of byte code that goes by the time of its source."""


def stages() -> list[Stage]:
    return containerfile.stages(FILE)


def test_every_base_is_pinned_by_name_and_digest() -> None:
    assert [each.base for each in stages() if not _PINNED.fullmatch(each.base)] == []
    assert [each.name for each in stages()] == ["uv", "build", ""]


def test_nothing_is_fetched_but_by_the_lock_and_no_shell_is_needed() -> None:
    names = {name for each in stages() for name, _ in each.steps}
    assert names == {"ARG", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "RUN", "USER", "WORKDIR"}
    runs = [json.loads(rest) for each in stages() for rest in each.all("RUN")]
    assert all(isinstance(each, list) for each in runs)
    assert [each[0] for each in runs] == ["uv", f"{HOME}/venv/bin/python"]
    assert {"--locked", "--no-dev", "--no-build", "--no-install-project", "--compile-bytecode"} <= set(runs[0])
    # The chart lets watch ask a Hubble Relay or a Goldmane, which takes gRPC.
    assert runs[0][runs[0].index("--extra") + 1] == "hubble"
    assert not {word for each in runs for word in each} & {"curl", "wget", "apt-get", "pip", "sh", "-c"}
    sources = {
        rest.rpartition("--from=")[2].split()[0] for each in stages() for rest in each.all("COPY") if "--from" in rest
    }
    assert sources == {"uv", "build"}


def test_it_runs_as_nobody_in_particular_and_owns_nothing() -> None:
    last = stages()[-1]
    assert last.all("USER") == ["65532:65532"]
    assert last.steps[-1][0] == "ENTRYPOINT"
    assert all("--chown=0:0" in each for each in last.all("COPY"))
    assert last.all("RUN") == []
    assert "distroless" in last.base
    assert last.base.partition("@")[0].endswith(":nonroot")
    users = [yaml.safe_load_all((PLAIN / f"{part}.yaml").read_text()) for part in ("watch", "admission")]
    pods = [each["spec"]["template"]["spec"] for part in users for each in part if each["kind"] == "Deployment"]
    assert {f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" for pod in pods} == {
        "65532:65532"
    }
    ports = {str(port["containerPort"]) for pod in pods for port in pod["containers"][0]["ports"]}
    assert set(last.all("EXPOSE")[0].split()) == ports


def test_what_is_built_and_what_runs_have_one_python() -> None:
    build, last = stages()[1:]
    (version,) = re.findall(r"python:(3\.\d+)-slim-trixie@", build.base)
    assert "python3-debian13" in last.base
    assert json.loads(last.all("ENTRYPOINT")[0]) == [f"/usr/bin/python{version}", "-P", "-m", "firedoor"]
    assert any(f"/lib/python{version}/site-packages " in each for each in last.all("COPY"))


def test_labels_say_what_it_is() -> None:
    last = stages()[-1]
    labels = {key: value.strip('"') for key, _, value in (each.partition("=") for each in last.all("LABEL"))}
    prefix = "org.opencontainers.image."
    assert {each.removeprefix(prefix) for each in labels} == {
        "title", "description", "licenses", "version", "revision", "base.name", "base.digest",
    }  # fmt: skip
    assert f"{labels[f'{prefix}base.name']}@{labels[f'{prefix}base.digest']}" == last.base
    defaults = dict(each.split("=") for each in last.all("ARG"))
    assert (labels[f"{prefix}version"], defaults["VERSION"]) == ("${VERSION}", __version__)
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == __version__


def test_only_what_is_copied_gets_to_the_builder() -> None:
    lines = [each for each in (ROOT / ".dockerignore").read_text().splitlines() if not each.startswith("#")]
    assert lines[0] == "*"
    let_in = {each.removeprefix("!") for each in lines if each.startswith("!")}
    copied = {name for each in stages()[1].all("COPY") if "--from" not in each for name in each.split()[:-1]}
    assert let_in == copied
    assert all((ROOT / each).exists() for each in copied)


def uv() -> str:
    """Return uv; skip where it is not there."""
    found = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        pytest.skip("no uv")
    return found


@pytest.mark.skipif(settings().max_examples < THOROUGH, reason="takes a minute: runs with the thorough profile")
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_its_commands_make_an_installation_that_runs(tmp_path: Path) -> None:
    program, build, last = uv(), *stages()[1:]
    # The same commands, with another folder and with the Python that is here.
    base = str(getattr(sys, "_base_executable", sys.executable))
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"

    def moved(text: str) -> str:
        return re.sub(r"python3\.\d+", here, text.replace(HOME, str(tmp_path)))

    given = {key: moved(value) for key, value in build.environment().items() if key != "UV_NO_CACHE"}
    hidden = {"PYTHONPATH", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "COVERAGE_PROCESS_START"}
    clean = {key: each for key, each in os.environ.items() if key not in hidden and not key.startswith("UV_PROJECT")}
    for name, rest in build.steps:
        if name == "COPY" and "--from" not in rest:
            for each in rest.split()[:-1]:
                ignored = shutil.ignore_patterns("__pycache__")
                if (ROOT / each).is_dir():
                    shutil.copytree(ROOT / each, tmp_path / each, ignore=ignored)
                else:
                    shutil.copy(ROOT / each, tmp_path / each)
        elif name == "RUN":
            command = [program if each == "uv" else moved(each) for each in json.loads(rest)]
            done = subprocess.run(
                command,
                cwd=tmp_path,
                env={**clean, **given, "UV_PYTHON": base},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    packages = tmp_path / "venv/lib" / here / "site-packages"
    # What is on PYTHONPATH is not looked through for such files.
    assert list(packages.glob("*.pth")) == []
    heads = [path.read_bytes()[:8] for path in [*packages.rglob("*.pyc"), *(tmp_path / "src").rglob("*.pyc")]]
    assert len(heads) > 1000
    assert {struct.unpack("<4xI", head)[0] for head in heads} == {0b01}
    assert _CHECKED_BY_TIME not in {struct.unpack("<4xI", head)[0] for head in heads}
    python, *rest = json.loads(last.all("ENTRYPOINT")[0])
    assert python.startswith("/usr/bin/python3")
    path = moved(last.environment()["PYTHONPATH"]).replace(f"{tmp_path}/packages", str(packages))
    run = [base, "-S", *rest, "diagnose", "-o", "json", *(str(PLAIN / f"{each}.yaml") for each in ("watch", "shared"))]
    done = subprocess.run(run, cwd=tmp_path, env={"PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["findings"] == []
