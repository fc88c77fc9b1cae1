from __future__ import annotations

from pathlib import Path

from tests.cli.command import firedoor


def test_the_demo_diagnoses_and_tells_the_story() -> None:
    ran = firedoor("demo")
    assert (ran.code, ran.err) == (0, "")
    for part in ("HIGH", "The story", "shop/frontend -> shop-data/redis", "smallest change that would"):
        assert part in ran.out


def test_the_demo_prints_findings_for_programs() -> None:
    document = firedoor("demo", "-o", "json").document
    assert document["schema"] == "firedoor/findings/v1"
    assert document["findings"]


def test_the_written_demo_is_diagnosed_like_the_bundled_one(tmp_path: Path) -> None:
    ran = firedoor("demo", "--write", "lantern", cwd=tmp_path)
    assert "lantern" in ran.out
    assert (tmp_path / "lantern" / "STORY.md").is_file()
    written = firedoor("diagnose", "lantern", "-o", "json", cwd=tmp_path).document
    bundled = firedoor("demo", "-o", "json").document
    assert written["summary"] == bundled["summary"]
    assert [each["message"] for each in written["findings"]] == [each["message"] for each in bundled["findings"]]


def test_the_attack_of_the_story_is_possible_and_found(tmp_path: Path) -> None:
    assert firedoor("demo", "--write", "lantern", cwd=tmp_path).code == 0
    ran = firedoor("reach", "lantern", "--from", "shop/frontend", "-o", "json", cwd=tmp_path)
    reached = {each["dst"].get("workload") for each in ran.document["connections"]}
    assert "shop-data/redis" in reached or "shop-data/orders-db" in reached
