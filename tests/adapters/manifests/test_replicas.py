"""Compiled code tells replicas by the pod before them; whatever differs between two pods, Python reads the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firedoor import native
from firedoor.adapters.manifests import source as manifests
from firedoor.errors import FiredoorError
from firedoor.interfaces import Silent
from firedoor.model.snapshot import Snapshot

pytestmark = pytest.mark.skipif(not native.is_there(), reason="firedoor's compiled part is not built")

POD = (
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"@name","namespace":"shop","uid":"@uid","generateName":"web-",'
    '"labels":{"app":"web","pod-template-hash":"@hash"},"annotations":{"note":"@note"},'
    '"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-@hash","uid":"w","controller":true}],'
    '"creationTimestamp":"@time"},\n'
    '"spec":{"nodeName":"@node","serviceAccountName":"@account","containers":[{"name":"main","image":"app:1",'
    '"ports":[{"containerPort":80,"name":"@port"}],'
    '"volumeMounts":[{"name":"kube-api-access-@token","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],'
    '"volumes":[{"name":"kube-api-access-@other","projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}}]},'
    '"status":{"phase":"@phase","podIP":"@ip","podIPs":[{"ip":"@ip"},{"ip":"@second"}],"hostIP":"10.9.9.9",'
    '"message":"@message"}}'
)
USUAL = {
    "hash": "5d8f",
    "note": "",
    "time": "2026-01-01T00:00:00Z",
    "node": "node-1",
    "account": "web",
    "port": "http",
    "phase": "Running",
    "ip": "10.0.0.1",
    "second": "fd00::1",
    "message": "",
}
VALUES = {
    "hash": ["5d8f", "77", ""],
    "note": ["", "a", "ä€", "\\u00e4", 'a \\"b\\"', "x\ny", "kube-api-access-zz", "},{"],
    "time": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:09Z"],
    "node": ["", "node-1", "node-22"],
    "account": ["", "web", "web-2"],
    "port": ["", "http", "http-2", "kube-api-access-1"],
    "phase": ["", "Running", "Pending", "Failed"],
    "ip": ["", "10.0.0.1", "10.0.0.22", "nowhere"],
    "second": ["", "fd00::1", "fd00::22"],
    "message": ["", "plain", "\\n", "\t", "x" * 300],
}
EDITS = [
    ("", ""),
    ('"kind":"Pod"', '"kind":"Pods"'),
    ('"kind":"Pod"', '"kind": "Pod"'),
    ('"apiVersion":"v1"', '"apiVersion":"v2"'),
    ('"app":"web"', '"app":"web","tier":"front"'),
    ('"app":', '"apps":'),
    ('"hostIP":', '"hostIPs":'),
    ('"uid":"', '"uid":null,"other":"'),
    ('"containerPort":80', '"containerPort":8080'),
    ('"containerPort":80', '"containerPort":"80"'),
    ('"nodeName":', '"hostNetwork":true,"nodeName":'),
    ('"volumes":[', '"volumes":[{"name":"kube-api-access-zzzzz","emptyDir":{}},'),
    ('"labels":{', '"labels":{},"finalizers":["'),
    ("},\n", "},\n\n"),
    ('"phase":', '"phase":7,"phases":'),
]


@st.composite
def _pods(draw: st.DrawFn) -> str:
    """Draw a list of pods, of which most differ from the one before in few texts."""
    found: list[str] = []
    values: dict[str, str] = dict(USUAL)
    for number in range(draw(st.integers(2, 14))):
        for name in draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=2)):
            values[name] = draw(st.sampled_from(VALUES[name]))
        token = draw(st.sampled_from([f"{number:05}", "abcde", "", "a-b"]))
        own = {**values, "name": f"web-{number:02}", "uid": f"u{number}", "token": token}
        own["other"] = draw(st.sampled_from([token, token, token, "other"]))
        text = POD
        for name in sorted(own, key=len, reverse=True):
            text = text.replace(f"@{name}", own[name])
        if draw(st.integers(0, 5)) == 0:
            before, after = draw(st.sampled_from(EDITS))
            text = text.replace(before, after, 1) if before else text
        found.append(text)
    return '{"apiVersion":"v1","kind":"List","items":[' + ",\n".join(found) + "]}"


def _read(file: Path) -> Snapshot | str:
    try:
        return manifests.ManifestSource((str(file),)).load(Silent())
    except FiredoorError as error:
        return str(error)


def _read_in_python(file: Path) -> Snapshot | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(native.SWITCH, "0")
        return _read(file)


@pytest.fixture(autouse=True)
def _every_list_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "LARGE_JSON", 1)


@given(_pods())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_replicas_are_what_python_makes_of_them(tmp_path: Path, text: str) -> None:
    file = tmp_path / "list.json"
    file.write_text(text, encoding="utf-8")
    assert _read(file) == _read_in_python(file)


def _list(*changes: tuple[str, Any]) -> str:
    pods = []
    for number, (name, value) in enumerate([*changes] * 4):
        pod = json.loads(POD.replace("\n", ""))
        pod["metadata"] |= {"name": f"web-{number:02}", name: value}
        pods.append(pod)
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": pods})


def test_a_pod_that_changes_its_kind_or_loses_its_uid_is_none_of_the_replicas(tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text(_list(("uid", "a"), ("uid", ""), ("uid", "b")))
    found = _read(file)
    assert isinstance(found, Snapshot)
    assert [each.metadata.uid for each in found.pods] == ["a", "", "b"] * 4
    assert found == _read_in_python(file)
