from __future__ import annotations

import re
from pathlib import Path

from firedoor.engine.attack import techniques
from firedoor.engine.attack.techniques import BY_ID

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/howto/attack-paths.md").read_text()


def test_every_technique_stands_on_the_page_and_nothing_else() -> None:
    tables = PAGE.partition("## The techniques")[2]
    rows = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    told = [name for row in rows for name in re.findall(r"`([a-z-]+)`", row)]
    assert sorted(told) == sorted(BY_ID)


def test_every_technique_is_used_somewhere() -> None:
    names = [name for name, each in vars(techniques).items() if isinstance(each, techniques.Technique)]
    source = "".join(
        path.read_text() for path in (ROOT / "src/firedoor/engine/attack").glob("*.py") if path.stem != "techniques"
    )
    assert [name for name in names if not re.search(rf"\bby\.{name}\b", source)] == []


def test_techniques_have_numbers_of_att_and_ck() -> None:
    assert [each.id for each in BY_ID.values() if not re.fullmatch(r"T\d{4}(\.\d{3})?", each.mitre)] == []
    assert len({each.does for each in BY_ID.values()}) == len(BY_ID)
