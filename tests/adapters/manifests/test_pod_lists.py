"""Large lists are read by compiled code, in two parts, and what goes wrong there changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from firedoor import native
from firedoor.adapters.manifests import json_lists, pod_lists
from firedoor.adapters.manifests.json_stream import ListStream
from firedoor.adapters.manifests.pod_lists import PodsApart, read_apart
from firedoor.adapters.manifests.source import ManifestSource
from firedoor.adapters.store.writing import pack
from firedoor.interfaces import Silent
from firedoor.model.pod_table import PodTable
from firedoor.model.snapshot import Snapshot
from firedoor.native import is_there

pytestmark = pytest.mark.skipif(not is_there(), reason="firedoor's compiled part is not built: tools/build_native.py")

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
def parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Parts every large list; tells of each into how many, and none where it was left to Python."""
    found: list[int] = []

    def told(*args: Any) -> PodsApart | None:
        read = read_apart(*args)
        args[0].seek(0)
        found.append(0 if read is None else len(pod_lists._parts(args[0], ListStream(args[0]))))
        return read

    monkeypatch.setattr(pod_lists, "SMALLEST_BYTES", 1)
    monkeypatch.setattr(pod_lists, "_processors", lambda: 2)
    monkeypatch.setattr(json_lists, "read_apart", told)
    return found


def _load(file: Path) -> Snapshot:
    return ManifestSource((str(file),)).load(Silent())


def _load_in_python(file: Path) -> Snapshot:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(native.SWITCH, "0")
        return _load(file)


@pytest.mark.parametrize(("indent", "lines"), [(None, False), (4, False), (None, True)])
def test_two_threads_read_what_python_reads(
    tmp_path: Path, parts: list[int], indent: int | None, *, lines: bool
) -> None:
    file = tmp_path / "list.json"
    file.write_text(_text(_items(), indent, lines=lines))
    found = _load(file)
    assert parts == [2]
    assert len(found.pods) == 1500
    assert found == _load_in_python(file)
    first, second = found.pods[:2]
    assert first.metadata.labels is second.metadata.labels
    assert first.spec.containers is second.spec.containers
    assert found.pods[0].spec.containers[0].env[0].value == ""


def test_a_list_that_was_parted_inside_of_an_element_is_read_in_one_part(tmp_path: Path, parts: list[int]) -> None:
    holder = {"apiVersion": "v1", "kind": "Holder", "metadata": {"uid": "h"}, "items": _items()}
    file = tmp_path / "list.json"
    file.write_text(_text([holder, _pod("web-99999"), holder, _pod("web-99998"), holder]))
    found = _load(file)
    assert parts == [2]
    assert isinstance(found.pods, PodTable)
    assert found == _load_in_python(file)
    assert [each.metadata.name for each in found.pods] == ["web-99998", "web-99999"]


@pytest.mark.parametrize("broken", ['{"apiVersion" "v1", "kind": "Pod"', '{"apiVersion":"v1","kind":tru}', "\0"])
def test_a_fault_of_the_first_part_is_told_as_of_any_file(tmp_path: Path, parts: list[int], broken: str) -> None:
    file = tmp_path / "list.json"
    text = _text(_items())
    file.write_text(text.replace('{"apiVersion": "v1", "kind": "Pod"', broken, 1))
    assert file.stat().st_size > 1024 * 1024
    with pytest.raises(Exception, match=r"list\.json") as parted:
        _load(file)
    with pytest.raises(type(parted.value)) as whole:
        _load_in_python(file)
    assert str(parted.value) == str(whole.value)
    assert not any(parts)


def test_what_is_no_utf_8_in_the_first_part_is_told(tmp_path: Path, parts: list[int]) -> None:
    file = tmp_path / "list.json"
    file.write_bytes(_text(_items()).encode().replace(b"registry.test", b"registry\xff", 1))
    with pytest.raises(Exception, match="UTF-8"):
        _load(file)
    assert not any(parts)


def test_pods_that_are_sorted_and_there_once_are_made_when_somebody_asks(tmp_path: Path, parts: list[int]) -> None:
    file = tmp_path / "list.json"
    file.write_text(_text([_pod(f"web-{number:05}") for number in range(1500, 0, -1)]))
    found = _load(file).pods
    assert isinstance(found, PodTable)
    assert parts == [2]
    assert [each.metadata.name for each in found][:2] == ["web-00001", "web-00002"]
    assert found[-1].place.line == 1
    assert found[7] is found[7:8][0]


def test_a_snapshot_with_a_table_of_pods_is_saved_as_any_other(tmp_path: Path, parts: list[int]) -> None:
    file = tmp_path / "list.json"
    file.write_text(_text(_items()))
    found = _load(file)
    assert isinstance(found.pods, PodTable)
    assert parts == [2]
    assert pack(found) == pack(_load_in_python(file))


@pytest.mark.parametrize("odd", [{"name": "web-00003"}, {"name": ""}, {"name": "web-00003", "uid": ""}])
def test_of_pods_that_are_there_twice_or_without_name_the_order_of_the_list_counts(
    tmp_path: Path, parts: list[int], odd: dict[str, str]
) -> None:
    items = [_pod(f"web-{number:05}") for number in range(1500)]
    items[1400] = {**items[1400], "metadata": {**items[1400]["metadata"], **odd}}
    file = tmp_path / "list.json"
    file.write_text(_text(items))
    found = _load(file)
    assert found == _load_in_python(file)
    assert isinstance(found.pods, tuple)
    assert sum(parts) == 2


def test_a_name_that_stands_for_more_than_the_volume_of_the_token_is_left_to_python(
    tmp_path: Path, parts: list[int]
) -> None:
    items = [_pod(f"web-{number:05}") for number in range(1500)]
    for each in items:
        token = each["spec"]["volumes"][0]["name"]
        each["spec"]["containers"][0]["image"] = token
    file = tmp_path / "list.json"
    file.write_text(_text(items))
    found = _load(file)
    assert parts == [0]
    assert found == _load_in_python(file)
    assert len({each.spec.containers[0].image for each in found.pods}) == 1500


def test_pods_of_the_same_text_but_two_such_volumes_are_told_apart(tmp_path: Path, parts: list[int]) -> None:
    items = [_pod(f"web-{number:05}") for number in range(1500)]
    for number, each in enumerate(items):
        each["spec"]["volumes"].append({"name": f"kube-api-access-b{number}", "emptyDir": {}})
    file = tmp_path / "list.json"
    file.write_text(_text(items))
    found = _load(file)
    assert parts == [2]
    assert found == _load_in_python(file)


def test_a_file_that_shrinks_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "list.json"
    text = _text(_items())
    file.write_text(text)
    begun = pod_lists._Reading.begun

    def shrunk(*args: Any) -> Any:
        os.truncate(file, len(text) // 3)
        return begun(*args)

    monkeypatch.setattr(pod_lists._Reading, "begun", shrunk)
    with pytest.raises(Exception, match=r"list\.json"):
        _load(file)


def test_the_compiled_part_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_there()
    monkeypatch.setenv(native.SWITCH, "0")
    assert not is_there()


def test_a_file_that_is_not_large_or_one_processor_means_one_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "list.json"
    file.write_text(_text(_items()))
    with file.open("rb") as stream:
        for smallest, processors, expected in ((1, 2, 2), (1, 1, 1), (64 * 1024 * 1024, 2, 1)):
            monkeypatch.setattr(pod_lists, "_processors", lambda count=processors: count)
            monkeypatch.setattr(pod_lists, "SMALLEST_BYTES", smallest)
            stream.seek(0)
            assert len(pod_lists._parts(stream, ListStream(stream))) == expected
