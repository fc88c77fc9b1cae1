from __future__ import annotations

import stat
from pathlib import Path

from tests.cli.command import firedoor

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {tier: %s}}\n"


def test_saving_says_what_was_saved(tmp_path: Path) -> None:
    file = tmp_path / "saved.fds"
    document = firedoor("snapshot", "save", str(file), "shop", "-o", "json").document
    assert document["saved"] == str(file)
    assert document["objects"]["Deployment"] == 11
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_info_says_the_same_and_load_is_its_other_name(tmp_path: Path) -> None:
    file = str(tmp_path / "saved.fds")
    saved = firedoor("snapshot", "save", file, "shop", "-o", "json").document
    info = firedoor("snapshot", "info", file, "-o", "json").document
    assert info == {key: value for key, value in saved.items() if key != "saved"}
    assert info["origin"]["sources"] == ["shop"]
    assert firedoor("snapshot", "load", file) == firedoor("snapshot", "info", file)
    assert "Deployment: 11" in firedoor("snapshot", "info", file).out


def test_a_file_is_replaced_only_if_asked(tmp_path: Path) -> None:
    file = tmp_path / "saved.fds"
    assert firedoor("snapshot", "save", str(file), "shop").code == 0
    before = file.read_bytes()
    assert firedoor("snapshot", "save", str(file), "tenants").code == 2
    assert file.read_bytes() == before
    assert firedoor("snapshot", "save", str(file), "tenants", "--overwrite").code == 0
    assert file.read_bytes() != before


def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "saved.fds"
    assert firedoor("snapshot", "save", str(file), "shop").code == 0
    file.write_bytes(file.read_bytes()[:-40])
    for command in (("diagnose",), ("reach",), ("snapshot", "info")):
        ran = firedoor(*command, str(file))
        assert ran.code == 2
        assert ran.error.startswith(f"{file}: ")


def test_a_snapshot_is_a_whole_cluster_by_itself(tmp_path: Path) -> None:
    file = str(tmp_path / "saved.fds")
    assert firedoor("snapshot", "save", file, "shop").code == 0
    assert "give it as the only path" in firedoor("reach", file, "shop").error


def test_a_difference_names_object_and_fields(tmp_path: Path) -> None:
    for name, text in {
        "old": (NAMESPACE % ("a", "x")) + "---\n" + NAMESPACE % ("b", "x"),
        "new": (NAMESPACE % ("a", "z")) + "---\n" + NAMESPACE % ("c", "x"),
    }.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    assert firedoor("snapshot", "save", "old.fds", "old.yaml", cwd=tmp_path).code == 0
    ran = firedoor("snapshot", "diff", "old.fds", "new.yaml", cwd=tmp_path)
    lines = ran.out.splitlines()
    assert lines[-1] == "3 objects differ."
    assert {line.partition(" ")[0] for line in lines[:-1]} == {"added", "removed", "changed"}
    document = firedoor("snapshot", "diff", "old.fds", "new.yaml", "-o", "json", cwd=tmp_path).document
    assert document["schema"] == "firedoor/snapshot-diff/v1"
    changes = {each["name"]: each for each in document["changes"]}
    assert {name: each["change"] for name, each in changes.items()} == {"a": "changed", "b": "removed", "c": "added"}
    assert any("labels" in field for field in changes["a"]["fields"])
    assert firedoor("snapshot", "diff-info", "old.fds", "old.yaml", cwd=tmp_path).out == "0 objects differ.\n"
