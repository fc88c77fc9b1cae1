from __future__ import annotations

from pathlib import Path

import click
import pytest

from firedoor.cli.main import cli
from firedoor.engine.posture import CHECKS
from firedoor.engine.reach.cni import PROFILES

ROOT = Path(__file__).parents[2]
CHECK_FILES = sorted(
    path.stem.replace("_", "-")
    for path in (ROOT / "src/firedoor/engine/posture/checks").glob("*.py")
    if path.stem != "__init__"
)


def test_every_check_file_is_registered_and_nothing_else() -> None:
    assert sorted(check.id for check in CHECKS) == CHECK_FILES


@pytest.mark.parametrize("check", CHECK_FILES)
def test_every_check_has_fixtures_and_a_page(check: str) -> None:
    fixtures = ROOT / "tests/engine/posture/fixtures" / check
    assert sorted(path.stem for path in fixtures.iterdir()) == ["bad", "good"]
    assert (ROOT / "docs/checks" / f"{check}.md").read_text().startswith(f"# {check}\n")


def test_every_command_is_in_the_readme_or_the_reference() -> None:
    reference = (ROOT / "docs/reference/cli.md").read_text()
    readme = (ROOT / "README.md").read_text()
    for name in cli.list_commands(click.Context(cli)):
        assert f"## firedoor {name}\n" in reference
        assert name == "completion" or f"firedoor {name}" in readme


def test_every_cni_profile_is_documented() -> None:
    page = (ROOT / "docs/reference/cni-profiles.md").read_text()
    assert [name for name in PROFILES if f"`{name}`" not in page] == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "index.md").read_text()
    assert [path.name for path in sorted(folder.glob("*.md")) if f"({path.name})" not in index] == ["index.md"]


def test_every_package_says_what_it_is() -> None:
    packages = (ROOT / "src/firedoor").rglob("__init__.py")
    assert [str(path) for path in packages if not path.read_text().lstrip().startswith('"""')] == []
