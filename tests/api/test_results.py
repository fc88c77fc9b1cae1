"""What an answer is made into, and that names from a cluster stay names."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from typing import Any

import pytest

from firedoor.api import Cluster, ColumnKind, Result, UsageError, load
from firedoor.api.shapes.judgements import MAP
from firedoor.api.shapes.network import REACH
from firedoor.api.tables import MOST_LETTERS, MOST_ROWS, arrow_table, html_table, pandas_frame, table
from firedoor.demo import shop
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd
from firedoor.model.namespace_map import DrawnMap, MapEdge, MapNode, NamespaceMap
from firedoor.model.places import Gap, GapKind, ObjectRef

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x1b[31m"
TAGS = {"div", "p", "b", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}


class Shown(HTMLParser):
    """The tags, attributes, cells and text of a piece of HTML, each tag closed that is opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows = 0
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.rows += tag == "tr"
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    with shop() as path:
        return load(path)


def evil() -> Result[Connectivity]:
    """An answer in which every name, place and note is an attack."""
    end = PeerEnd(ObjectRef(EVIL, EVIL, EVIL))
    gap = Gap(GapKind.FOREIGN, EVIL, EVIL)
    pair = PeerConnection(end, PeerEnd(domain=EVIL), (("TCP", 80, 80),))
    return Result(Connectivity((pair,), (gap,), "spec", (EVIL,)), REACH)


def test_a_notebook_shows_names_as_text() -> None:
    shown = Shown(evil()._repr_html_())
    assert set(shown.tags) <= TAGS
    assert shown.attributes == []
    assert "<script>alert(1)</script>" in shown.text
    assert "\\x1b[31m" in shown.text
    assert "\x1b" not in repr(evil())


def test_names_stay_names_in_the_frame_of_the_map() -> None:
    nodes = (MapNode(EVIL, 1), MapNode("x]]>--></style></svg></iframe>", 1))
    edge = MapEdge(nodes[0].namespace, nodes[1].namespace, 1)
    shown = Shown(Result(DrawnMap(NamespaceMap(nodes, (edge,))), MAP)._repr_html_())
    assert set(shown.tags) <= {*TAGS, "iframe"}
    assert shown.tags.count("iframe") == 1
    attributes = dict(shown.attributes)
    assert attributes["sandbox"] is None
    inner = attributes["srcdoc"] or ""
    assert "default-src 'none'" in inner
    assert "<script" not in inner
    assert "<img" not in inner
    assert inner.count("</svg>") == inner.count("</style>") == 1


def test_a_large_table_is_cut_and_the_count_is_said() -> None:
    found = table("name number:number", [(f"pod-{number}", number) for number in range(1234)])
    shown = Shown(html_table(found))
    assert shown.rows == MOST_ROWS + 1
    assert f"{MOST_ROWS} of 1,234 rows are shown" in shown.text
    assert "rows are shown" not in html_table(table("name", [("a",)] * MOST_ROWS))
    assert len(html_table(table("name", [("x" * 100_000,)]))) < MOST_LETTERS + 200


def test_cells_are_told_by_what_they_are() -> None:
    row = ("a & b", 1234, 12.5, True, ("x", "<y>"), None)
    shown = Shown(
        html_table(table("one two:number three:share four:flag five:texts six", [row, (*row[:3], False, (), "")]))
    )
    lines = [line for line in shown.text.splitlines() if line]
    assert lines[1:] == ["a & b1,23412.5yesx, <y>", "a & b1,23412.5no"]


def test_gaps_are_said_and_the_first_are_shown(cluster: Cluster) -> None:
    gaps = tuple(Gap(GapKind.FOREIGN, f"f.yaml:{number}", "is no object") for number in range(9))
    found = Result(Connectivity((), gaps), REACH)
    text = Shown(found._repr_html_()).text
    assert "9 gaps in what was read" in text
    assert "f.yaml:4: is no object" in text
    assert "f.yaml:5: is no object" not in text
    assert "and 4 more" in text
    assert found.gaps == gaps
    assert found.rows() == []
    assert "gaps in what" not in cluster.summary()._repr_html_()


def test_what_has_a_page_makes_it_and_all_else_what_a_notebook_shows(cluster: Cluster) -> None:
    assert cluster.reach().to_html().startswith("<!DOCTYPE html>")
    assert cluster.diagnose().to_html().startswith("<!DOCTYPE html>")
    assert cluster.summary().to_html() == cluster.summary()._repr_html_()


def test_every_answer_shows_itself(cluster: Cluster) -> None:
    answers: list[Result[Any]] = [
        cluster.reach(),
        cluster.explain("shop/frontend", "shop-data/redis", 6379),
        cluster.summary(),
        cluster.exposure(),
        cluster.diagnose(),
        cluster.blast(),
        cluster.blast_from("shop/frontend"),
        cluster.paths("internet", "shop-data/redis", any_port=True),
        cluster.rank(),
        cluster.policies(),
        cluster.score(),
        cluster.diff(cluster),
        cluster.rbac.who_can("get", "secrets", indirect=True),
        cluster.rbac.risks(),
    ]
    for each in answers:
        shown = Shown(each._repr_html_())
        assert set(shown.tags) <= TAGS
        assert each.headline in shown.text
        assert shown.rows == (min(len(each.rows()), MOST_ROWS) + 1 if each.rows() else 0)


def test_the_formatter_of_ipython_takes_the_last_line_of_a_cell(cluster: Cluster) -> None:
    pytest.importorskip("IPython", reason="IPython is not installed")
    from IPython.core.formatters import DisplayFormatter  # noqa: PLC0415

    data, _ = DisplayFormatter().format(cluster.blast())
    assert data["text/plain"].startswith("<Blast radius: 20 workloads")
    assert Shown(data["text/html"]).rows == 21
    assert "20 workloads" in DisplayFormatter().format(cluster)[0]["text/html"]


def test_arrow_has_types_where_there_is_no_row(cluster: Cluster) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
    found = cluster.diff(cluster).to_arrow()
    assert (found.num_rows, str(found.schema.field("change").type)) == (0, "string")
    kinds = arrow_table(table("a b:number c:share d:flag e:texts", [("x", 1, 0.5, True, ("y", "z")), (None,) * 5]))
    assert [str(each.type) for each in kinds.schema][:4] == ["string", "int64", "double", "bool"]
    assert kinds.to_pylist()[0] == {"a": "x", "b": 1, "c": 0.5, "d": True, "e": ["y", "z"]}
    assert pyarrow.types.is_list(kinds.schema.field("e").type)


def test_pandas_knows_of_what_is_empty(cluster: Cluster) -> None:
    pandas = pytest.importorskip("pandas", reason="the extra pandas is not installed")
    frame = pandas_frame(table("a b:number c:share d:flag e:texts", [("x", 1, 0.5, True, ("y",)), (None,) * 5]))
    assert [str(each) for each in frame.dtypes] == ["string", "Int64", "Float64", "boolean", "object"]
    assert pandas.isna(frame["b"][1])
    assert len(cluster.reach().to_pandas()) == len(cluster.reach().rows())


def test_a_name_that_is_no_text_goes_through() -> None:
    pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
    assert arrow_table(table("a", [("bad\udcff.yaml",)])).to_pylist() == [{"a": "bad\\udcff.yaml"}]


@pytest.mark.parametrize(
    ("module", "method", "extra"), [("pyarrow", "to_arrow", "arrow"), ("pandas", "to_pandas", "pandas")]
)
def test_what_is_not_installed_is_said_in_one_line(
    module: str, method: str, extra: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError) as raised:
        getattr(cluster.summary(), method)()
    assert str(raised.value).endswith(f"; install firedoor[{extra}]")
    assert "\n" not in str(raised.value)


def test_kinds_of_columns_are_named(cluster: Cluster) -> None:
    columns = {each.name: each.kind for each in cluster.score().table().columns}
    assert (columns["low"], columns["met"], columns["measure"]) == (
        ColumnKind.SHARE,
        ColumnKind.NUMBER,
        ColumnKind.TEXT,
    )
