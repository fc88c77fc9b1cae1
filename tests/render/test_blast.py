from __future__ import annotations

from io import StringIO

from rich.console import Console

from firedoor.model.blast import Blast, BlastPaths, BlastRow, Hop, Reached, SpreadPath
from firedoor.model.places import ObjectRef
from firedoor.render.blast_csv import blast_csv, blast_paths_csv
from firedoor.render.blast_json import blast_paths_document
from firedoor.render.blast_table import blast_summary, print_blast, print_blast_paths

WEB, EVIL = ObjectRef("Deployment", "shop", "web"), ObjectRef("Pod", "=shop", "[red]\x1b")
BLAST = Blast(
    (
        BlastRow(WEB, 2, Reached(1, 1), Reached(1, 3), Reached(1, 3), 2),
        BlastRow(EVIL, 1, Reached(), Reached(), Reached(), 0),
    ),
    2,
    5,
    "TCP/80",
    possible=True,
)
PATHS = BlastPaths(
    "shop/web",
    is_from=True,
    reached=(
        SpreadPath(EVIL, 1, 1, (Hop("shop/web", "=shop/evil", (("TCP", 80, 80),), (("UDP", 53, 53),)),)),
        SpreadPath(WEB, 2, 2, (Hop("a", "b", ()), Hop("b", "c", (), (("TCP", 1, 65535),)))),
    ),
)


def test_the_table_is_safe_and_says_what_counts() -> None:
    out = StringIO()
    print_blast(BLAST, Console(file=out, width=20))
    assert "\x1b" not in out.getvalue()
    assert "1 workload, 3 pods" in out.getvalue()
    assert blast_summary(BLAST) == (
        "2 workloads of 2 (5 pods in all); 1 reaches every other; 1 reaches none; "
        "a hop is a connection that is accepted or unknown on TCP/80; 0 gaps"
    )


def test_paths_are_told_by_hops() -> None:
    out = StringIO()
    print_blast_paths(PATHS, Console(file=out, width=20))
    text = out.getvalue()
    assert "1 hop: 1 workload reached from shop/web\n" in text
    assert "    shop/web -> =shop/evil  TCP 80  ? UDP 53\n" in text
    assert "    b -> c  ? TCP all\n" in text
    assert text.endswith(
        "2 workloads (3 pods) reached from shop/web; a hop is a connection that is accepted on any port; 0 gaps\n"
    )


def test_csv_cells_never_start_a_formula() -> None:
    first, second = blast_csv(BLAST).splitlines()[1:]
    assert first == "shop/web,Deployment,2,1,1,1,3,1,3,2"
    assert second == "'=shop/[red]\\x1b,Pod,1,0,0,0,0,0,0,0"
    assert blast_paths_csv(PATHS).splitlines()[1] == (
        "'=shop/[red]\\x1b,Pod,1,1,shop/web -> =shop/evil (TCP 80 ? UDP 53)"
    )


def test_the_document_of_paths_has_traffic_as_reach_has() -> None:
    document = blast_paths_document(PATHS)
    assert document["from"] == "shop/web"
    assert "to" not in document
    (first, _) = document["reached"]  # type: ignore[misc]
    assert first["path"][0]["traffic"] == [{"protocol": "TCP", "from": 80, "to": 80}]  # type: ignore[has-type]
