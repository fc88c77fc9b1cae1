"""A watch that is to keep custom resources where their kinds are not installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.command import firedoor
from tests.lab.api import Api
from tests.lab.custom_resources import install, reports, uninstall
from tests.lab.test_watch_command import deployment


def test_without_the_kinds_it_says_how_to_install_them(
    api: Api, kubeconfig: Path, tmp_path: Path, make: Callable[..., str]
) -> None:
    home = make()
    api.create(deployment(home, "db"))
    where = ("--kubeconfig", str(kubeconfig), "--state", str(tmp_path / "state"))
    ran = firedoor("watch", "--resources", "--for", "0s", *where)
    assert ran.code == 0
    assert "zerotrustbaselines.firedoor.dev is not installed; install it with `firedoor watch --print" in ran.err
    install(api)
    try:
        ran = firedoor("watch", "--resources", "--for", "0s", *where)
        assert (ran.code, "sink" in ran.err) == (0, False)
        assert api.send("GET", reports(home, "firedoor"))[0] == 200
    finally:
        uninstall(api)
