"""The reference stays a second reading: it shares no code with what it is held against."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MODULES = sorted([*TESTS.glob("reference/*.py"), *TESTS.glob("strategies/*.py")])


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the names of all modules that a module imports."""
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield statement.module or ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_reference_and_the_strategies_do_not_import_the_product(module: Path) -> None:
    packages = {name.partition(".")[0] for name in imported(ast.parse(module.read_text(encoding="utf-8")))}
    assert "firedoor" not in packages
