"""A user whom the machine does not know, as in a container, has no home: that is no reason for a traceback."""

from __future__ import annotations

import os

import pytest

from tests.cli.command import firedoor


@pytest.mark.parametrize("arguments", [("watch",), ("flows", "status"), ("rollback",)], ids=" ".join)
def test_a_user_whom_nobody_knows_gets_one_line(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    for name in ("HOME", "KUBECONFIG", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        # What the command sets is taken back afterwards.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "getuid", lambda: 1_000_680_000)
    ran = firedoor(*arguments)
    assert ran.error
    assert os.environ["HOME"] == "/"


def test_a_user_with_a_home_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    firedoor("--version")
    assert "HOME" not in os.environ
