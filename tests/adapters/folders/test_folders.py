from __future__ import annotations

from pathlib import Path

import pytest

from firedoor.adapters.folders import write_folder
from firedoor.errors import SourceError

MARK = "# made"


def content(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_is_made_with_all_that_lies_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "policies"
    files = {"shop/10-web.yaml": f"{MARK}\na\n", "kustomization.yaml": f"{MARK}\nb\n"}
    assert write_folder(str(folder), files, MARK) == ()
    assert content(folder) == files
    assert [each.name for each in folder.parent.iterdir()] == ["policies"]


def test_what_was_made_before_is_replaced_or_removed_and_all_else_stays(tmp_path: Path) -> None:
    write_folder(str(tmp_path), {"a/one.yaml": f"{MARK}\n1\n", "two.yaml": f"{MARK}\n2\n"}, MARK)
    (tmp_path / "own.yaml").write_text("mine\n")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "two.yaml")
    assert write_folder(str(tmp_path), {"two.yaml": f"{MARK}\n3\n"}, MARK) == ("a/one.yaml",)
    assert content(tmp_path) == {"two.yaml": f"{MARK}\n3\n", "own.yaml": "mine\n", "link.yaml": f"{MARK}\n3\n"}


def test_a_file_that_somebody_else_wrote_is_in_the_way_and_nothing_is_touched(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("mine\n")
    with pytest.raises(SourceError, match="did not write"):
        write_folder(str(tmp_path), {"a.yaml": f"{MARK}\n", "b.yaml": f"{MARK}\n"}, MARK)
    assert content(tmp_path) == {"b.yaml": "mine\n"}


@pytest.mark.parametrize("name", ["../a.yaml", "b/../../a.yaml", "/a.yaml"])
def test_nothing_is_written_beside_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="no path below the folder"):
        write_folder(str(tmp_path / "out"), {name: MARK}, MARK)
    assert list(tmp_path.rglob("*")) == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="this is a file, and no folder"):
        write_folder(str(tmp_path / "file"), {"a.yaml": MARK}, MARK)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot be written"):
        write_folder(str(tmp_path / "file" / "below"), {"a.yaml": MARK}, MARK)
