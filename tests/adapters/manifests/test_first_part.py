"""The first part of a large list is read by a process of its own, and what goes wrong there changes nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from firedoor.adapters.manifests import first_part, json_lists
from firedoor.adapters.manifests.first_part import Reading
from firedoor.adapters.manifests.source import ManifestSource
from firedoor.interfaces import Silent
from firedoor.model.snapshot import Snapshot

POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "p", "namespace": "a", "uid": "u"},
    "spec": {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]},
}


def _pod(name: str, **others: Any) -> dict[str, Any]:
    token = f"kube-api-access-{name[-5:]}"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "labels": {"app": "web", "padding": "x" * 60},
            "annotations": {"note": "ä" * 40},
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "w", "controller": True}
            ],
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {
            "nodeName": f"node-{int(name[-5:]) % 7}",
            "containers": [
                {
                    "name": "main",
                    "image": "registry.test/app:1",
                    "env": [{"name": "DATABASE_URL", "value": "postgres://u:secret-word@db.shop.svc:5432/x"}],
                    "ports": [{"containerPort": 80, "name": "http"}],
                    "volumeMounts": [{"name": token, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
                }
            ],
            "volumes": [{"name": token, "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}],
        },
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}],
            "hostIP": "10.9.9.9",
        },
        **others,
    }


def _items() -> list[dict[str, Any]]:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1", "uid": "n"}}
    found = [_pod(f"web-{number:05}") for number in range(1500)]
    return [node, *found[:700], POLICY, *found[700:], {**POLICY, "metadata": {"name": "unserved", "namespace": "a"}}]


def _text(items: list[dict[str, Any]], indent: int | None = None, *, lines: bool = False) -> str:
    if lines:
        return '{"apiVersion":"v1","items":[\n' + ",\n".join(map(json.dumps, items)) + '\n],"kind":"List"}'
    return json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=indent)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Parts every large list; tells of each whether the other process gave its part."""
    found: list[bool] = []
    result = Reading.result

    def told(reading: Reading) -> Any:
        part = result(reading)
        found.append(part is not None)
        return part

    monkeypatch.setattr(first_part, "SMALLEST_BYTES", 1)
    monkeypatch.setattr(first_part, "_processors", lambda: 2)
    monkeypatch.setattr(Reading, "result", told)
    return found


def _load(file: Path) -> Snapshot:
    return ManifestSource((str(file),)).load(Silent())


def _load_whole(file: Path) -> Snapshot:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_lists, "is_worth_parting", lambda _: False)
        return _load(file)


@pytest.mark.parametrize(("indent", "lines"), [(None, False), (4, False), (None, True)])
def test_two_processes_read_what_one_reads(
    tmp_path: Path, parts: list[bool], indent: int | None, *, lines: bool
) -> None:
    file = tmp_path / "list.json"
    file.write_text(_text(_items(), indent, lines=lines))
    found = _load(file)
    assert parts == [True]
    assert len(found.pods) == 1500
    assert found == _load_whole(file)
    first, second = found.pods[:2]
    assert first.metadata.labels is second.metadata.labels
    assert first.spec.containers is second.spec.containers
    assert found.pods[0].spec.containers[0].env[0].value == ""


def test_an_element_that_holds_others_is_not_parted(tmp_path: Path, parts: list[bool]) -> None:
    holder = {"apiVersion": "v1", "kind": "Holder", "metadata": {"uid": "h"}, "items": _items()}
    file = tmp_path / "list.json"
    file.write_text(_text([holder, _pod("web-99999"), holder, _pod("web-99998"), holder]))
    found = _load(file)
    assert found == _load_whole(file)
    assert not any(parts)
    assert [each.metadata.name for each in found.pods] == ["web-99998", "web-99999"]


@pytest.mark.parametrize("broken", ['{"apiVersion" "v1", "kind": "Pod"', '{"apiVersion":"v1","kind":tru}', "\0"])
def test_a_fault_of_the_first_part_is_told_as_of_any_file(tmp_path: Path, parts: list[bool], broken: str) -> None:
    file = tmp_path / "list.json"
    text = _text(_items())
    file.write_text(text.replace('{"apiVersion": "v1", "kind": "Pod"', broken, 1))
    assert file.stat().st_size > 1024 * 1024
    with pytest.raises(Exception, match=r"list\.json") as parted:
        _load(file)
    with pytest.raises(type(parted.value)) as whole:
        _load_whole(file)
    assert str(parted.value) == str(whole.value)
    assert not any(parts)


def test_what_is_no_utf_8_in_the_first_part_is_told(tmp_path: Path, parts: list[bool]) -> None:
    file = tmp_path / "list.json"
    file.write_bytes(_text(_items()).encode().replace(b"registry.test", b"registry\xff", 1))
    with pytest.raises(Exception, match="UTF-8"):
        _load(file)
    assert not any(parts)


@pytest.mark.parametrize("program", ["/bin/false", "/nowhere/python"])
def test_without_the_other_process_one_reads_all(
    tmp_path: Path, parts: list[bool], monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    file = tmp_path / "list.json"
    file.write_text(_text(_items()))
    monkeypatch.setattr(sys, "executable", program)
    assert _load(file) == _load_whole(file)
    assert not any(parts)


def test_a_file_that_is_not_large_or_one_processor_means_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "list.json"
    file.write_text(_text(_items()))
    monkeypatch.setattr(first_part, "_processors", lambda: 2)
    with file.open("rb") as stream:
        assert not first_part.is_worth_parting(stream)
        monkeypatch.setattr(first_part, "SMALLEST_BYTES", 1)
        assert first_part.is_worth_parting(stream)
        monkeypatch.setattr(first_part, "_processors", lambda: 1)
        assert not first_part.is_worth_parting(stream)
