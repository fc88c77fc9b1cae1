"""Whatever way manifests arrive, the answer is the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.command import SETS, Ran, firedoor

RENDERED = SETS / "helm-output" / "rendered.yaml"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: c, image: c}]}\n"


def counted(ran: Ran) -> tuple[Any, Any]:
    """The findings without their places, and the numbers."""
    document = ran.document
    return [(each["check"], each["object"], each["message"]) for each in document["findings"]], document["summary"]


def test_a_file_its_folder_and_standard_input_give_the_same_answer() -> None:
    direct = counted(firedoor("diagnose", "helm-output/rendered.yaml", "-o", "json"))
    assert direct[0]
    assert counted(firedoor("diagnose", "-", "-o", "json", stdin=RENDERED.read_bytes())) == direct
    assert counted(firedoor("diagnose", "-f", "helm-output/rendered.yaml", "-o", "json")) == direct


def test_standard_input_is_named_as_the_place() -> None:
    document = firedoor("diagnose", "-", "-o", "json", stdin=RENDERED.read_bytes()).document
    assert {each["source"].partition(":")[0] for each in document["findings"]} == {"<stdin>"}


def test_several_paths_are_one_cluster(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(POD % name)
    ran = firedoor("reach", "a.yaml", "-f", "b.yaml", "-f", "c.yaml", "-o", "json", cwd=tmp_path)
    ends = {each["src"].get("workload") for each in ran.document["connections"]}
    assert ends == {None, "default/a", "default/b", "default/c"}


def test_every_way_to_split_a_set_over_files_gives_the_same_connections(tmp_path: Path) -> None:
    # Helm glues comments to separators, which YAML does not allow and Kubernetes' own readers accept.
    text = RENDERED.read_text().replace("---#", "--- #")
    documents = [each for each in yaml.safe_load_all(text) if each]
    (tmp_path / "list.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": documents}))
    (tmp_path / "kustomized.yaml").write_text(yaml.safe_dump_all(documents))
    expected = firedoor("reach", str(RENDERED), "-o", "json").document["connections"]
    for name in ("list.yaml", "kustomized.yaml"):
        assert firedoor("reach", name, "-o", "json", cwd=tmp_path).document["connections"] == expected


@pytest.mark.parametrize("given", ["shop", "live-dump", "broken"])
def test_a_saved_snapshot_answers_as_what_it_was_made_of(tmp_path: Path, given: str) -> None:
    file = str(tmp_path / "saved.fds")
    assert firedoor("snapshot", "save", file, given).code == 0
    for command in ("diagnose", "reach"):
        for output in ("json", "yaml"):
            assert firedoor(command, file, "-o", output) == firedoor(command, given, "-o", output)


def test_manifests_without_a_namespace_are_taken_to_be_in_the_one_given(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD % "web")
    document = firedoor("reach", "pod.yaml", "-n", "team", "-o", "json", cwd=tmp_path).document
    assert {each["src"].get("workload") for each in document["connections"]} == {None, "team/web"}


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    files = sorted(str(path.relative_to(SETS)) for path in (SETS / "shop").rglob("*.y*ml"))
    forward = firedoor("reach", *files, "-o", "json").out
    assert firedoor("reach", *reversed(files), "-o", "json").out == forward


def test_a_folder_may_be_named_from_anywhere(tmp_path: Path) -> None:
    shutil.copytree(SETS / "shop", tmp_path / "copy")
    assert counted(firedoor("diagnose", str(tmp_path / "copy"), "-o", "json")) == counted(
        firedoor("diagnose", "copy", "-o", "json", cwd=tmp_path)
    )
