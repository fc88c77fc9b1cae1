from __future__ import annotations

from io import StringIO

from rich.console import Console

from firedoor.model.attack import (
    AttackPath,
    AttackPaths,
    AttackStep,
    Change,
    ChangeKind,
    Cut,
    Evidence,
    Kind,
    Ranking,
    RankRow,
    Standing,
)
from firedoor.model.places import ObjectRef
from firedoor.render.attack_json import attack_paths_document, attack_ranking_document
from firedoor.render.attack_markdown import attack_paths_markdown, attack_ranking_markdown
from firedoor.render.attack_table import print_attack_paths, print_attack_ranking
from firedoor.render.attack_words import change_text, cut_text, standing_text

EVIL = Standing(Kind.PODS, "shop", "[red]\x1b|`", "Pod")
CHANGES = tuple(Change(ChangeKind.BINDING, ObjectRef("RoleBinding", "shop", f"b{number:02}")) for number in range(12))
STEP = AttackStep(
    EVIL,
    "exec",
    Standing(Kind.CLUSTER_ADMIN),
    (Evidence("a fact", "a.yaml:3"), Evidence("another")),
    ((CHANGES[0],),),
    is_possible=True,
)
PATH = AttackPath((STEP,))
CUT = Cut((CHANGES[0], CHANGES[1]), is_least=False, breaks=tuple((each, 2) for each in CHANGES))
PATHS = AttackPaths("shop/x", "cluster-admin", (PATH, PATH), 8, True, CUT, notes=("take note",))


def _table(paths: AttackPaths) -> str:
    out = StringIO()
    print_attack_paths(paths, Console(file=out, width=20))
    return out.getvalue()


def test_the_table_is_safe_and_complete() -> None:
    text = _table(PATHS)
    assert "\x1b" not in text
    assert "-> cluster-admin: possibly runs a command in the pod [exec, T1609]" in text
    assert "a fact  (a.yaml:3)" in text
    assert "2 changes close all paths (enough, not proved to be the fewest):" in text
    assert "of the 2 paths shown, one change alone closes:" in text
    assert "and 2 further changes, with -o json" in text
    assert text.endswith("2 paths of at most 8 steps; there are more: raise --limit; 0 gaps\n")


def test_what_nothing_stops_is_said() -> None:
    text = _table(AttackPaths("a", "b", (PATH,), 8, is_cut_short=False, cut=Cut(None, is_least=True, breaks=())))
    assert "no change that firedoor knows of closes all paths" in text
    assert "one change alone closes" not in text


def test_an_attacker_who_is_there_already_takes_no_step() -> None:
    paths = AttackPaths("a", "a", (AttackPath(()),), 8, is_cut_short=False)
    assert "path 1: 0 steps\n  a\n" in _table(paths)


def test_markdown_cannot_be_broken_out_of() -> None:
    text = attack_paths_markdown(PATHS)
    assert "`shop/[red]" in text
    assert "\x1b" not in text
    assert "\\|'" in text
    assert "`a fact (a.yaml:3)`<br>`another`" in text
    assert "_take note_" in text
    none = attack_paths_markdown(AttackPaths("a", "b", (), 8, is_cut_short=False))
    assert none.startswith("**no path from")


def test_json_has_the_changes_in_words_and_as_objects() -> None:
    document = attack_paths_document(PATHS)
    assert document["more"] is True
    cut = document["cut"]
    assert isinstance(cut, dict)
    assert cut["changes"][0] == {
        "kind": "binding",
        "object": {"kind": "RoleBinding", "namespace": "shop", "name": "b00"},
        "text": "remove RoleBinding shop/b00, its subject, or the right in its role",
    }
    assert attack_paths_document(AttackPaths("a", "b", (), 8, is_cut_short=False))["cut"] is None


def test_the_ranking_shows_what_is_not_reached_as_such() -> None:
    rows = (RankRow(ObjectRef("Deployment", "shop", "web"), 1, 2, 3, 4, 5, None, 1),)
    ranking = Ranking(rows, 2, 3, 4, 5, 6, notes=("take note",))
    out = StringIO()
    print_attack_ranking(ranking, Console(file=out, width=200))
    assert out.getvalue().splitlines()[1].split() == ["shop/web", "1", "step", "-", "1", "2", "3", "4", "5"]
    assert "note: take note" in out.getvalue()
    assert "| `shop/web` | 1 | - | 1 | 2 | 3 | 4 | 5 |" in attack_ranking_markdown(ranking)
    document = attack_ranking_document(ranking)
    assert document["total"] == {"workloads": 2, "pods": 3, "nodes": 4, "identities": 5, "secretNamespaces": 6}


def test_every_change_and_standing_has_its_words() -> None:
    ref = ObjectRef("Deployment", "shop", "web")
    assert len({change_text(Change(kind, ref)) for kind in ChangeKind}) == len(ChangeKind)
    names = {standing_text(Standing(kind, "shop", "x", "Role")) for kind in Kind}
    assert len(names) == len(Kind)
    assert standing_text(Standing(Kind.NODE)) == "some node"
    assert standing_text(Standing(Kind.ROLE, "", "edit", "ClusterRole")) == "ClusterRole edit in the cluster"
    assert cut_text(PATHS).startswith("2 changes close")
