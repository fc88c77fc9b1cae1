"""Who may probe, and how commands reach a real API server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from firedoor.adapters.cluster.config import connect
from firedoor.adapters.cluster.probes import open_prober
from firedoor.adapters.cluster.probes.channel import Channel
from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from tests.lab.api import Api, Manifest, as_token_of, until
from tests.lab.probing import SHORT, as_account, documented, left, site


def test_the_documented_role_is_enough_to_make_and_to_remove_probe_pods(
    api: Api, kubeconfig: Path, make: Callable[..., str], tmp_path: Path
) -> None:
    namespace = make()
    rules = documented("firedoor-prober-pods")
    account = as_account(api, kubeconfig, namespace, rules, tmp_path / "config")
    with open_prober(str(account), None, SHORT) as prober:
        faults = prober.prepare([site(namespace)], Silent())
        assert "did not start" in faults[0], faults
    assert left(api, namespace) == []


def lacking(missing: str) -> list[Manifest]:
    """Return the rules of the page without those for one resource."""
    rules = documented("firedoor-prober-pods")
    less = [{**each, "resources": [one for one in each["resources"] if one != missing]} for each in rules]
    return [each for each in less if each["resources"]]


@pytest.mark.parametrize("missing", ["jobs", "services"])
def test_a_permission_that_is_missing_is_named(
    api: Api, kubeconfig: Path, make: Callable[..., str], tmp_path: Path, missing: str
) -> None:
    namespace = make()
    account = as_account(api, kubeconfig, namespace, lacking(missing), tmp_path / "config")
    with open_prober(str(account), None, SHORT) as prober:
        faults = prober.prepare([site(namespace)], Silent())
        assert missing in faults[0]
        assert "is forbidden" in faults[0]
    assert left(api, namespace) == []


@pytest.mark.parametrize("missing", ["pods", "deployments"])
def test_what_cannot_be_looked_for_may_be_left(
    api: Api, kubeconfig: Path, make: Callable[..., str], tmp_path: Path, missing: str
) -> None:
    namespace = make()
    account = as_account(api, kubeconfig, namespace, lacking(missing), tmp_path / "config")
    faults: list[str] = []

    def probe() -> None:
        with open_prober(str(account), None, SHORT) as prober:
            faults.extend(prober.prepare([site(namespace)], Silent()).values())

    with pytest.raises(SourceError, match=f"every {missing[:-1].capitalize()} of namespace {namespace} .*is forbidden"):
        probe()
    assert "is forbidden" in faults[0]
    until(lambda: left(api, namespace) == [], "all else is removed")
    with open_prober(str(account), None, SHORT) as prober:
        prober.prepare([site(namespace)], Silent())
        with pytest.raises(SourceError, match="may be left in part"):
            prober.close()
        # Who has heard of it is not told again at the end.


def test_what_cannot_be_reached_is_told_before_anything_is_made(tmp_path: Path, kubeconfig: Path) -> None:
    config = json.loads(kubeconfig.read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    (tmp_path / "config").write_text(json.dumps(config), encoding="utf-8")
    with (
        open_prober(str(tmp_path / "config"), None, SHORT) as prober,
        pytest.raises(SourceError, match="the server does not answer"),
    ):
        prober.prepare([site("default")], Silent())


def test_commands_are_sent_over_verified_tls_alone(kubeconfig: Path, tmp_path: Path) -> None:
    ran = Channel(connect(str(kubeconfig), None)).run("default", "nowhere", "c", ("true",), 10)
    assert (ran.code, ran.trouble) == (None, 'pods "nowhere" not found')
    config = json.loads(kubeconfig.read_text(encoding="utf-8"))
    del config["clusters"][0]["cluster"]["certificate-authority"]
    (tmp_path / "config").write_text(json.dumps(config), encoding="utf-8")
    ran = Channel(connect(str(tmp_path / "config"), None)).run("default", "nowhere", "c", ("true",), 10)
    assert "CERTIFICATE_VERIFY_FAILED" in ran.trouble
    config["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    (tmp_path / "config").write_text(json.dumps(config), encoding="utf-8")
    ran = Channel(connect(str(tmp_path / "config"), None)).run("default", "nowhere", "c", ("true",), 10)
    assert ran.trouble == 'pods "nowhere" not found'


def test_refused_credentials_stop_everything(kubeconfig: Path, tmp_path: Path) -> None:
    account = as_token_of(kubeconfig, "nonsense", tmp_path / "config")
    with pytest.raises(SourceError, match="credentials were refused"):
        Channel(connect(str(account), None)).run("default", "nowhere", "c", ("true",), 10)
