"""The options of ``firedoor watch`` about several replicas, and taking part in an election."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from firedoor.bootstrap import open_elector
from firedoor.model.leading import Timing
from tests.adapters.cluster.test_leases import Server
from tests.cli.command import firedoor

PATIENCE = 90


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--leader-elect-renew-deadline", "20s", "must be longer than the renew deadline"),
        ("--leader-elect-retry-period", "9s", "longer than 1.2 times the retry period"),
        ("--leader-elect-lease-duration", "soon", "is no duration"),
    ],
)
def test_times_that_cannot_work_are_refused_in_one_line(option: str, value: str, told: str) -> None:
    ran = firedoor("watch", "--leader-elect", option, value)
    assert (ran.code, told in ran.error) == (2, True)


def test_who_is_alone_leads_says_so_and_gives_the_lease_back(tmp_path: Path) -> None:
    server, said = Server(), list[str]()
    config = {
        "clusters": [{"name": "a", "cluster": {"server": server.url}}],
        "users": [{"name": "a", "user": {"token": "t"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a", "namespace": "ops"}}],
        "current-context": "a",
    }
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(config))
    with open_elector(str(path), None, "", "watch", Timing(30, 20, 1), said.append) as elector:
        end = time.monotonic() + PATIENCE
        while not elector.is_leading and time.monotonic() < end:
            time.sleep(0.02)
        assert server.lease is not None
        assert server.lease["spec"]["holderIdentity"] == elector.identity
    assert server.lease["spec"]["holderIdentity"] == ""
    assert said == [f"{elector.identity} leads: it holds Lease ops/watch"]
    server.close()
