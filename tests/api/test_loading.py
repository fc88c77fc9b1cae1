"""What can be read, and what is said where it cannot."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest

from firedoor.api import SourceError, UsageError, load
from firedoor.demo import shop
from tests.adapters.cluster.worlds import small_cluster, write_kubeconfig
from tests.cli.command import SETS, firedoor
from tests.fake_api_server import FakeAPIServer

POD = b"apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: c, image: i}]}\n"


class Told:
    """Somebody who wants to know how far reading is."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int | None]] = []

    def step(self, what: str, done: int, total: int | None) -> None:
        self.steps.append((what, done, total))


def test_progress_is_told_to_who_asks_for_it(capfd: pytest.CaptureFixture[str]) -> None:
    told = Told()
    load(SETS / "shop", progress=told)
    assert told.steps
    assert capfd.readouterr() == ("", "")


def test_a_live_cluster_is_read(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        config = write_kubeconfig(tmp_path, server.url)
        cluster = load(kubeconfig=config)
        expected = firedoor("diagnose", "--kubeconfig", str(config), "-o", "json").document
    assert cluster.snapshot.origin.kind == "cluster"
    # The server is gone: what was read is all that answers.
    assert cluster.diagnose().to_dict()["findings"] == expected["findings"]


def test_a_saved_snapshot_is_the_same_cluster(tmp_path: Path) -> None:
    saved = tmp_path / "shop.fds"
    assert firedoor("snapshot", "save", str(saved), "shop").code == 0
    first, second = load(SETS / "shop"), load(saved)
    assert [row["traffic"] for row in second.reach().rows()] == [row["traffic"] for row in first.reach().rows()]


def test_a_revision_is_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "pod.yaml").write_bytes(POD)
    author = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for command in (("init", "-q"), ("add", "."), (*author, "commit", "-qm", "x")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)  # noqa: S607
    monkeypatch.chdir(tmp_path)
    assert [each.metadata.name for each in load("git:HEAD:k8s").snapshot.pods] == ["web"]


def test_standard_input_is_read_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(POD)))
    assert len(load("-").snapshot.pods) == 1


def test_the_profile_and_the_release_are_those_that_are_named() -> None:
    assert load(SETS / "shop", cni="calico").summary().to_dict()["cni"] == "calico"
    assert load(SETS / "shop", kubernetes_version="1.30").snapshot.origin.meant_for == "1.30"


def test_custom_checks_of_a_configuration_are_made(tmp_path: Path) -> None:
    config = tmp_path / "settings.yaml"
    config.write_text(
        "custom-checks:\n- id: custom/no-web\n  severity: low\n  title: No web\n  why: it says nothing\n"
        "  fix: call it otherwise\n  match: {kinds: {apiVersion: v1, kind: Pod}}\n"
        "  expression: object.metadata.name != 'web'\n"
    )
    (tmp_path / "pod.yaml").write_bytes(POD)
    found = load(tmp_path / "pod.yaml", config=config).diagnose()
    assert "custom/no-web" in {row["check"] for row in found.rows()}


@pytest.mark.parametrize(
    ("paths", "options", "problem"),
    [
        (("nothing",), {}, "nothing: no such file or folder"),
        (("shop",), {"context": "x"}, "are for the live cluster"),
        (("shop",), {"cni": "weavenet"}, "there is no CNI profile 'weavenet'"),
        (("shop",), {"config": "nothing.yaml"}, "nothing.yaml: "),
        (("shop",), {"kubernetes_version": "new"}, "new"),
        ((), {"kubeconfig": "nothing"}, "nothing"),
    ],
)
def test_what_cannot_be_read_is_an_error_for_people(
    paths: tuple[str, ...], options: dict[str, str], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SETS)
    with pytest.raises((SourceError, UsageError)) as raised:
        load(
            *paths,
            context=options.get("context"),
            cni=options.get("cni", "spec"),
            config=options.get("config"),
            kubernetes_version=options.get("kubernetes_version", ""),
            kubeconfig=options.get("kubeconfig"),
        )
    assert problem in str(raised.value)


def test_the_command_starts_without_it() -> None:
    program = (
        "import sys; from firedoor.cli.main import cli\n"
        "cli.main(['diagnose', '--help'], standalone_mode=False)\n"
        "late = ('firedoor.api', 'firedoor.tui', 'textual', 'pandas', 'pyarrow')\n"
        "print('LOADED', *sorted(each for each in sys.modules if each.startswith(late)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED"


def test_the_demo_is_read() -> None:
    with shop() as path:
        assert load(str(path)).gaps == ()


def test_its_types_are_told_to_type_checkers() -> None:
    assert (files("firedoor") / "py.typed").is_file()
