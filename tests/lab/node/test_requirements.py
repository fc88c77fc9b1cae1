"""Where no node can run the lab says so, with all that is lacking."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest
from lab import requirements
from lab.__main__ import main
from lab.places import NODE_PROGRAMS, PROGRAMS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nodes are for Linux")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Have a machine that has nothing of what a node needs, and return its only folder."""
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(requirements, "PLUGINS", tmp_path)
    monkeypatch.setattr(requirements, "_COMMANDS", {"one": ("no-such-program",), "two": ("no-such-one", "nor-this")})
    return tmp_path


def test_all_that_is_lacking_is_named_at_once(bare: Path) -> None:
    assert requirements.lacking() == [
        "root",
        "the command no-such-program (package one)",
        "the commands no-such-one, nor-this (package two)",
        f"ptp, host-local, loopback in {bare} (package containernetworking-plugins)",
        f"{', '.join([*PROGRAMS, *NODE_PROGRAMS])} in {bare} (`python -m lab build --node`)",
    ]


def test_up_refuses_before_it_builds_anything(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lab", "up", "--node"])
    assert main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: no node can run here, for it needs: root; the command no-such-program")
    assert list(bare.iterdir()) == []


def test_files_where_the_node_has_its_own_are_refused(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/lib/someone")
    assert requirements.lacking()[-1] == (
        "/var/lib/someone/firedoor-lab outside of /var/lib, which the node has for itself (set XDG_CACHE_HOME)"
    )


def test_what_the_kernel_does_not_do_is_named(able: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "_TRIAL", requirements._TRIAL + 'try "to fly" test -e /no/wings\n')
    assert requirements.lacking() == [f"to fly (kernel {platform.release()})"]
