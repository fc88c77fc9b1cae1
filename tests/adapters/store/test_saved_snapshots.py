"""A saved snapshot comes back as it was, or the error says what is wrong with the file."""

import os
import stat
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.store import SavedSnapshotSource, describe, is_saved_snapshot, load, save
from firedoor.adapters.store.writing import pack
from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from firedoor.model.places import Gap, GapKind, ObjectRef, Scope
from firedoor.model.snapshot import Origin, Snapshot
from tests.adapters.store.samples import snapshot_of
from tests.examples import some
from tests.strategies.clusters import clusters

ORIGIN = Origin("cluster", ("https://api.test:6443",), "2026-01-02T03:04:05Z", "v1.34.2")
JSON = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.snapshot"
    save(snapshot_of([], ORIGIN), path)
    return path


@some
@given(clusters(), JSON, st.text())
def test_any_snapshot_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, cluster: list[dict[str, Any]], spec: object, text: str
) -> None:
    custom = {
        "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "x", "annotations": {"note": text}}, "spec": spec,
    }  # fmt: skip
    gap = Gap(
        GapKind.FORBIDDEN,
        text,
        "reason",
        "remedy",
        ObjectRef("Pod", "a", text),
        Scope("a", egress=False),
        "p",
    )
    snapshot = snapshot_of([*cluster, custom], ORIGIN, gap)
    path = tmp_path_factory.mktemp("saved") / "s"
    save(snapshot, path)
    assert load(path) == snapshot
    assert pack(load(path)) == path.read_bytes()


def test_a_saved_snapshot_is_a_source_of_its_own_kind(tmp_path: Path) -> None:
    snapshot = snapshot_of([], ORIGIN)
    save(snapshot, tmp_path / "s")
    loaded = SavedSnapshotSource(tmp_path / "s").load(Silent())
    assert loaded.origin == msgspec.structs.replace(ORIGIN, kind="snapshot")
    assert msgspec.structs.replace(loaded, origin=ORIGIN) == snapshot


def test_a_saved_snapshot_is_told_from_manifests_by_its_first_bytes(saved: Path) -> None:
    assert is_saved_snapshot(saved.read_bytes()[:64])
    assert not is_saved_snapshot(b"")
    assert not is_saved_snapshot(b'{"schema"')
    assert not is_saved_snapshot(b"apiVersion: v1\nkind: Pod\n")


def test_the_first_line_tells_the_origin_and_the_rest_is_gzip(saved: Path) -> None:
    line, _, body = saved.read_bytes().partition(b"\n")
    header = msgspec.json.decode(line)
    assert header["schema"] == "firedoor/snapshot/v3"
    assert (header["kind"], header["sources"]) == ("cluster", ["https://api.test:6443"])
    assert msgspec.json.decode(zlib.decompress(body, 31), type=Snapshot).origin == ORIGIN


@pytest.mark.parametrize("version", [b"v1", b"v2"])
def test_a_snapshot_of_an_older_firedoor_is_read_and_says_what_it_lacks(saved: Path, version: bytes) -> None:
    saved.write_bytes(saved.read_bytes().replace(b"snapshot/v3", b"snapshot/" + version, 1))
    old = load(saved)
    assert not old.has_pod_details
    (gap,) = old.gaps
    assert (gap.kind, gap.source, gap.scope) == (GapKind.INCOMPLETE, str(saved), None)
    assert "volumes, variables, probes and security contexts of pods, and persistent volumes" in gap.reason
    save(old, saved, overwrite=True)
    assert load(saved) == old


def test_volumes_and_security_contexts_come_back_as_they_were(tmp_path: Path) -> None:
    volumes = [{"name": "h", "hostPath": {"path": "/"}}, {"name": "e", "emptyDir": {}}]
    container = {
        "name": "main",
        "securityContext": {"privileged": True, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "h", "mountPath": "/host"}],
        "env": [{"name": "A", "value": "x"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s"}}}],
    }
    spec = {"hostPID": True, "volumes": volumes, "containers": [container]}
    claim = {"metadata": {"name": "c", "namespace": "a"}, "spec": {"volumeName": "v"}}
    snapshot = snapshot_of(
        [
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "a"}, "spec": spec},
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **claim},
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": "v"},
                "spec": {"local": {"path": "/"}},
            },
        ],
        ORIGIN,
    )
    save(snapshot, tmp_path / "s")
    found = load(tmp_path / "s")
    assert found == snapshot
    assert [each.source for each in found.pods[0].spec.volumes] == ["hostPath", "emptyDir"]
    assert found.pods[0].spec.containers[0].secret_names == ("s",)
    assert describe(found)["objects"] == {"PersistentVolume": 1, "PersistentVolumeClaim": 1, "Pod": 1}


def test_very_many_sources_leave_the_first_line_short(tmp_path: Path) -> None:
    origin = Origin("manifests", tuple(f"{number:0100}.yaml" for number in range(1000)))
    save(snapshot_of([], origin), tmp_path / "s")
    assert load(tmp_path / "s").origin == origin
    assert len((tmp_path / "s").read_bytes().partition(b"\n")[0]) < 1000


def test_an_existing_file_is_kept_unless_told_otherwise(saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(SourceError, match="exists already"):
        save(snapshot_of([], Origin()), saved)
    assert saved.read_bytes() == before
    save(snapshot_of([], Origin()), saved, overwrite=True)
    assert load(saved).origin == Origin()


def test_only_the_owner_may_read_the_file_and_nothing_else_is_left_behind(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert list(saved.parent.iterdir()) == [saved]


def test_a_failed_save_leaves_the_old_file_and_no_rest(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = saved.read_bytes()
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(SourceError, match=r"cannot be written: No space left on device.*choose a folder"):
        save(snapshot_of([], Origin()), saved, overwrite=True)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_a_symbolic_link_keeps_leading_to_the_file(saved: Path) -> None:
    link = saved.parent / "latest"
    link.symlink_to(saved)
    save(snapshot_of([], Origin()), link, overwrite=True)
    assert link.is_symlink()
    assert load(saved).origin == Origin()


@pytest.mark.parametrize("target", ["", "/dev/null", "missing/folder/s"])
def test_places_where_no_file_can_be_are_errors(tmp_path: Path, target: str) -> None:
    with pytest.raises(SourceError) as caught:
        save(snapshot_of([], Origin()), tmp_path / target, overwrite=True)
    assert caught.value.remedy
    assert Path("/dev/null").is_char_device()


def test_a_file_cut_short_anywhere_is_an_error(saved: Path) -> None:
    content = saved.read_bytes()
    for length in range(len(content)):
        saved.write_bytes(content[:length])
        with pytest.raises(SourceError, match=r"truncated|not a saved snapshot"):
            load(saved)


def test_a_changed_byte_anywhere_in_the_body_is_found(saved: Path) -> None:
    content = saved.read_bytes()
    start = content.index(b"\n") + 1
    # The bytes 4 to 9 of a gzip header are a date and hints, and mean nothing for the content.
    for index in (*range(start, start + 4), *range(start + 10, len(content))):
        saved.write_bytes(content[:index] + bytes([content[index] ^ 0xFF]) + content[index + 1 :])
        with pytest.raises(SourceError, match=r"corrupted|truncated"):
            load(saved)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not a saved snapshot"),
        (b"apiVersion: v1\n", "not a saved snapshot"),
        (b'{"schema":"firedoor/snapshot/v4","firedoor":"9.9"}\nxyz', r"newer firedoor \(9.9\); upgrade"),
        (b'{"schema":"firedoor/snapshot/v0"}\n', "corrupted"),
        (b'{"schema":"firedoor/snapshot/vx"}\n', "corrupted"),
        (b'{"schema":"firedoor/snapshot/v1" oops\n', "corrupted"),
        (b'{"schema":"firedoor/snapshot/v1"}\nplain text', "corrupted"),
        (b'{"schema":"firedoor/snapshot/v1"}\n' + zlib.compress(b'{"pods":3}', wbits=31), "corrupted"),
    ],
)
def test_other_files_are_refused_by_name_and_reason(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "s"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=problem) as caught:
        load(path)
    assert caught.value.place == str(path)
    assert caught.value.remedy


def test_something_after_the_end_is_an_error(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes() + b"more")
    with pytest.raises(SourceError, match="something follows"):
        load(saved)


def test_a_missing_file_and_a_folder_are_errors(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(SourceError, match="cannot be read"):
            load(path)


def test_unpacking_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    bomb = zlib.compress(b" " * 50_000_000, 9, 31)
    path.write_bytes(b'{"schema":"firedoor/snapshot/v1"}\n' + bomb)
    assert path.stat().st_size < 100_000
    with pytest.raises(SourceError, match="larger than 5,000,000 bytes"):
        load(path, most_body_bytes=5_000_000)
    with pytest.raises(SourceError, match="corrupted"):
        load(path)
