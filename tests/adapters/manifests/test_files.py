from __future__ import annotations

import os
from pathlib import Path

import pytest

from firedoor.adapters.manifests import files
from firedoor.adapters.manifests.files import manifest_files, read_bytes
from firedoor.errors import SourceError

as_ordinary_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


def _write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("kind: x\n")


def test_a_folder_gives_its_manifests_of_all_levels_in_order_and_nothing_else(tmp_path: Path) -> None:
    _write(tmp_path, "b.yml", "a.yaml", "sub/c.JSON", "sub/deep/d.yaml", "README.md", ".git/e.yaml", ".hidden.yaml")
    _write(tmp_path, "node_modules/f.yaml")
    found = [str(path.relative_to(tmp_path)) for path in manifest_files(str(tmp_path))]
    assert found == ["a.yaml", "b.yml", "sub/c.JSON", "sub/deep/d.yaml"]


def test_a_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    _write(tmp_path, "rendered.txt")
    assert manifest_files(str(tmp_path / "rendered.txt")) == [tmp_path / "rendered.txt"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    _write(tmp_path, "sub/a.yaml")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    assert manifest_files(str(tmp_path)) == [tmp_path / "sub" / "a.yaml"]


def test_a_path_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or folder") as caught:
        manifest_files(str(tmp_path / "absent"))
    assert caught.value.place == str(tmp_path / "absent")
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["a" * 5000, "a\0b"])
def test_a_path_that_the_system_refuses_is_an_error_of_the_source(text: str) -> None:
    with pytest.raises(SourceError):
        manifest_files(text)


def test_the_bytes_of_a_file_are_returned_whole(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"kind: x\n")
    (tmp_path / "b.yaml").write_bytes(b"")
    assert read_bytes(tmp_path / "a.yaml") == b"kind: x\n"
    assert read_bytes(tmp_path / "b.yaml") == b""


@pytest.mark.parametrize(("name", "problem"), [("gone.yaml", "cannot be read"), (".", "is a folder")])
def test_what_cannot_be_opened_is_an_error(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        read_bytes(tmp_path / name)


@as_ordinary_user
def test_what_may_not_be_read_is_an_error_that_says_so(tmp_path: Path) -> None:
    _write(tmp_path, "a.yaml")
    (tmp_path / "a.yaml").chmod(0)
    with pytest.raises(SourceError, match="permission denied"):
        read_bytes(tmp_path / "a.yaml")


def test_yaml_above_the_limit_is_refused_and_json_of_that_size_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_YAML_BYTES", 8)
    (tmp_path / "a.yaml").write_text("kind: Pod\n")
    (tmp_path / "a.json").write_text('{"kind": "Pod"}')
    with pytest.raises(SourceError, match="10 bytes is more than the 8") as caught:
        read_bytes(tmp_path / "a.yaml")
    assert "JSON" in caught.value.remedy
    assert read_bytes(tmp_path / "a.json") == b'{"kind": "Pod"}'


def test_a_stream_above_the_limit_is_refused_though_its_size_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_YAML_BYTES", 8)
    with pytest.raises(SourceError, match="more than the 8"):
        read_bytes(Path("/dev/zero"))
