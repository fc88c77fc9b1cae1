"""The compiled part is built where that can be, and nothing fails where it cannot."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _program(folder: Path, text: str) -> None:
    (folder / "cargo").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "cargo").chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the path, and an empty project."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("FIREDOOR_BUILD_NATIVE", raising=False)
    monkeypatch.setenv("CARGO_TARGET_DIR", str(tmp_path / "target"))
    (tmp_path / "src" / "firedoor").mkdir(parents=True)
    return tmp_path


def test_without_a_compiler_it_says_so(hook: ModuleType, path: Path) -> None:
    assert hook.build(path) == (None, "there is no Rust compiler (cargo); see https://rustup.rs")


def test_it_can_be_forbidden(hook: ModuleType, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(path, "exit 0")
    monkeypatch.setenv("FIREDOOR_BUILD_NATIVE", "0")
    assert hook.build(path) == (None, "FIREDOOR_BUILD_NATIVE=0 forbids it")


def test_a_failing_compiler_is_told_with_its_last_words(hook: ModuleType, path: Path) -> None:
    _program(path, "echo 'error: one' >&2; echo 'error: two' >&2; exit 101")
    assert hook.build(path) == (None, "cargo: error: two")


def test_what_was_built_replaces_what_was_there(hook: ModuleType, path: Path) -> None:
    library = path / "target" / "release" / hook.LIBRARIES[hook.platform.system()]
    library.parent.mkdir(parents=True)
    library.write_text("new")
    (path / hook.TARGET).write_text("old")
    _program(path, 'test "$1 $2 $3" = "build --release --locked"')
    assert hook.build(path) == (path / hook.TARGET, "")
    assert (path / hook.TARGET).read_text() == "new"


class _Hook:
    """What the build backend gives the hook."""

    def __init__(self, root: Path) -> None:
        self.root, self.target_name, self.app = str(root), "wheel", self
        self.warnings: list[str] = []

    def display_warning(self, text: str) -> None:
        self.warnings.append(text)


def test_a_wheel_without_it_is_pure_and_the_builder_is_told(hook: ModuleType, path: Path) -> None:
    data: dict[str, Any] = {"artifacts": []}
    given = _Hook(path)
    hook.NativeBuildHook.initialize(given, "standard", data)
    assert data == {"artifacts": []}
    assert given.warnings == [
        "firedoor without its compiled part: there is no Rust compiler (cargo); see https://rustup.rs"
    ]


def test_a_wheel_without_it_can_be_refused(hook: ModuleType, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREDOOR_BUILD_NATIVE", "1")
    with pytest.raises(RuntimeError, match=r"was demanded .* no Rust compiler"):
        hook.NativeBuildHook.initialize(_Hook(path), "standard", {"artifacts": []})


def test_a_wheel_with_it_is_of_a_platform(hook: ModuleType, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "build", lambda _: (path / hook.TARGET, ""))
    data: dict[str, Any] = {"artifacts": []}
    hook.NativeBuildHook.initialize(_Hook(path), "standard", data)
    assert data["artifacts"] == [hook.TARGET]
    assert data["pure_python"] is False
    assert data["tag"].startswith("cp311-abi3-")


def test_the_lock_is_of_the_crates_that_are_named() -> None:
    names = (ROOT / "native" / "Cargo.toml").read_text().partition("[dependencies]")[2].partition("[")[0]
    locked = (ROOT / "native" / "Cargo.lock").read_text()
    for line in filter(None, names.splitlines()):
        assert f'name = "{line.partition(" ")[0]}"' in locked
