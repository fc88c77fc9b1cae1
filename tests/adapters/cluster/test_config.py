"""The cluster and the credentials are those that kubectl would use, and every mistake is said in one line."""

import sys
from pathlib import Path

import pytest

from firedoor.adapters.cluster.config import connect, without_credentials
from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from tests.adapters.cluster.worlds import names, small_cluster, source, write_kubeconfig
from tests.fake_api_server import TOKEN, FakeAPIServer, Manifest

PLUGIN = """
import json, os, sys
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["kind"] == "ExecCredential", info
status = {"token": sys.argv[1]}
print(json.dumps({"apiVersion": info["apiVersion"], "kind": "ExecCredential", "status": status}))
"""


def _plugin(folder: Path, script: str) -> Manifest:
    path = folder / "plugin.py"
    path.write_text(script)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": [str(path), TOKEN],
            "interactiveMode": "Never",
        }
    }


@pytest.fixture(autouse=True)
def _no_kubeconfig_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_credential_plugin_gives_the_token(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        kubeconfig = write_kubeconfig(tmp_path, server.url, _plugin(tmp_path, PLUGIN))
        snapshot = source(kubeconfig).load(Silent())
    assert names(snapshot.pods) == ["data/db", "shop/web"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit('please log in')", "please log in"),
        ("print('{}')", "missing key"),
        ("", "decode"),
    ],
)
def test_a_credential_plugin_that_fails_is_quoted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], script: str, said: str
) -> None:
    kubeconfig = write_kubeconfig(tmp_path, "http://127.0.0.1:9", _plugin(tmp_path, script))
    with pytest.raises(SourceError, match="credential plugin of context 'here' failed") as caught:
        source(kubeconfig).load(Silent())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_the_variable_kubeconfig_is_read_when_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeAPIServer(small_cluster()) as server:
        monkeypatch.setenv("KUBECONFIG", write_kubeconfig(tmp_path, server.url))
        snapshot = source("").load(Silent())
    assert len(snapshot.pods) == 2


def test_the_first_of_several_files_decides_the_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write_kubeconfig(tmp_path, "http://first.test", name="first")
    second = Path(write_kubeconfig(tmp_path, "http://second.test", name="second"))
    renamed = second.read_text().replace("here", "there").replace("cluster: c", "cluster: d")
    second.write_text(renamed.replace("name: c\n", "name: d\n"))
    monkeypatch.setenv("KUBECONFIG", f"{first}:{second}")
    assert connect(None, None).server == "http://first.test"
    assert connect(None, "there").server == "http://second.test"


def test_an_unknown_context_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no context 'prod'.*the file has: here"):
        connect(write_kubeconfig(tmp_path, "http://x.test"), "prod")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "a: [", "contexts: 3", "contexts: [{name: x, context: 3}]", "\x00",
        "{current-context: x, contexts: [{name: x, context: {cluster: c}}]}",
        "{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c}]}",
        "{current-context: x, contexts: [{name: x}], clusters: 3}",
        "kind: Config",
    ],
)  # fmt: skip
def test_a_broken_kubeconfig_is_an_error_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        connect(str(path), None)
    assert caught.value.place == str(path)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_a_missing_kubeconfig_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="no such kubeconfig file"):
        connect(str(tmp_path / "none"), None)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(SourceError, match="from the variable KUBECONFIG"):
        connect(None, None)
    monkeypatch.delenv("KUBECONFIG")
    with pytest.raises(SourceError, match="no cluster is configured"):
        connect(None, None)


def test_inside_a_pod_without_its_account_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(SourceError, match="the pod's service account"):
        connect(None, None)
    with pytest.raises(SourceError, match="no context 'x'"):
        connect(None, "x")


def test_a_server_url_is_shown_without_credentials() -> None:
    assert without_credentials("https://me:secret@api.test:6443/k8s/?token=x") == "https://api.test:6443/k8s"
