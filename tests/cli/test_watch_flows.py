"""Options of ``firedoor watch`` about flows that make no sense, told before a cluster is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import firedoor


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--learn", "1d"), "are about flows"),
        (("--flows", "a.log", "--flows", "a.log"), "is given twice"),
        (("--flows", "a.log", "--learn", "long"), "is no duration"),
        (("--flows", "a.log", "--flows-format", "csv", "--flows-mapping", "m"), "were both given"),
        (("--flows", "a.log", "--flows-mapping", "nowhere"), "no such file"),
        (("--flows", "a.log", "--store", "nowhere"), "there is no store of flows"),
        (("--flows", "a.log", "--flows-format", "hubbel"), "there is no format 'hubbel'"),
        (("--flows", "a.log", "--flows-format", "pcap"), "has no lines that could be followed"),
        (("--flows", "a.log", "--tls"), "are for Hubble Relay and Goldmane"),
        (("--hubble-relay", "--flows-format", "hubble"), "are about lines of flows"),
        (("--flows-otlp", "here"), "is no HOST:PORT"),
        (("--flows-otlp", "nowhere.invalid:1"), "nothing can be served at nowhere.invalid:1"),
        (("--hubble-relay", "--goldmane"), "were both given"),
        (("--goldmane", "a/b"), "'a/b' is no address of a Goldmane; write it as HOST:PORT, as in localhost:7443"),
        (("--hubble-relay", "a/b"), "'a/b' is no address of a Hubble Relay; write it as HOST:PORT"),
        (("--hubble-relay", "--tls-client-key-file", "k"), "a client certificate needs its key"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    ran = firedoor("watch", "--kubeconfig", str(tmp_path / "none"), "--state", str(tmp_path), *options)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert told in ran.err
