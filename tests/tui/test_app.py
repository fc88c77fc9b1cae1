"""The application itself, without a terminal, by the keys that a person presses."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the extra tui is not installed")

from rich.text import Text
from textual.pilot import Pilot
from textual.widgets import Input, Static

from firedoor.api import Cluster, SourceError, load
from firedoor.demo import shop
from firedoor.interfaces import Progress
from firedoor.tui.app import FiredoorApp
from firedoor.tui.hanging import Hanging
from firedoor.tui.lines_table import LinesTable
from firedoor.tui.screens import Detail

Act = Callable[[FiredoorApp, Pilot[None]], Awaitable[None]]
Read = Callable[[Progress], Cluster]

PATIENCE = 2_000
"""Looks at a screen before what is waited for counts as missing; each gives the loop time."""


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    with shop() as path:
        return load(path)


def play(read: Read, act: Act, *, size: tuple[int, int] = (80, 24), namespace: str = "") -> FiredoorApp:
    app = FiredoorApp(read, "lantern", namespace)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await act(app, pilot)

    asyncio.run(run())
    return app


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    for _ in range(PATIENCE):
        if holds():
            return
        await pilot.pause(0.01)
    pytest.fail(f"it never was so; the screen says: {status(pilot.app)}")


async def read_first(app: FiredoorApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: app.world is not None and "namespace" in status(app))


def said(app: object, name: str) -> str:
    assert isinstance(app, FiredoorApp)
    return plain(app.query_one(name, Static))


def plain(part: Static) -> str:
    found = part.content
    text = found.text if isinstance(found, Hanging) else found
    return text.plain if isinstance(text, Text) else str(text)


def status(app: object) -> str:
    return said(app, "#status")


def shown(app: FiredoorApp, view: str = "#map") -> list[str]:
    table = app.query_one(f"{view} LinesTable", LinesTable)
    return [" ".join(cell.plain for cell in table.get_row_at(number)) for number in range(table.row_count)]


async def to_cart(app: FiredoorApp, pilot: Pilot[None]) -> None:
    await read_first(app, pilot)
    await pilot.press("down", "down", "down", "enter")
    await until(pilot, lambda: status(app) == "namespace shop: 11 workloads")
    await pilot.press("enter")
    await until(pilot, lambda: "6 connections" in status(app))


def test_the_map_leads_from_namespaces_to_an_explanation(cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await to_cart(app, pilot)
        assert "-> to shop-data/redis TCP 6379 " in shown(app)
        await pilot.press("G", "enter")
        await until(pilot, lambda: status(app).startswith("accepted"))
        answer = said(app, "#answer")
        assert answer.startswith("ACCEPTED  shop/cart -> shop-data/redis TCP/6379")
        assert "shop-data/policies/redis-ingress.yaml:" in answer
        await pilot.press("1", "escape")
        await until(pilot, lambda: status(app) == "namespace shop: 11 workloads")
        await pilot.press("backspace")
        await until(pilot, lambda: status(app) == "5 namespaces")
        await pilot.press("escape")

    assert play(lambda _progress: cluster, act).failure is None


def test_ends_are_chosen_on_the_map_and_the_port_is_typed(cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: "11 workloads" in status(app))
        await pilot.press(*["down"] * 4, "f")
        await until(pilot, lambda: app.query_one("#source", Input).value == "shop/frontend")
        await pilot.press("escape", "1", "escape")
        await until(pilot, lambda: status(app) == "5 namespaces")
        await pilot.press("end", "enter")
        await until(pilot, lambda: status(app) == "namespace shop-data: 4 workloads")
        await pilot.press("down", "t")
        await until(pilot, lambda: app.query_one("#destination", Input).value == "shop-data/orders-db")
        await pilot.press(*"5432", "enter")
        await until(pilot, lambda: status(app).startswith("denied"))
        assert "orders-db-ingress.yaml" in said(app, "#answer")

    play(lambda _progress: cluster, act)


def test_a_question_is_typed_with_what_is_proposed(cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press("2", *"shop/fr")
        await until(pilot, lambda: app.query_one("#source", Input)._suggestion == "shop/frontend")
        await pilot.press("right", "enter")
        await until(pilot, lambda: app.focused is app.query_one("#destination"))
        await pilot.press(*"shop-data/redis", "down", *"icmp", "enter")
        await until(pilot, lambda: "ICMP type 8" in said(app, "#answer"))
        await pilot.press("i", "end", "x", "enter")
        await until(pilot, lambda: "did you mean shop/frontend" in said(app, "#answer"))
        assert status(app) == "there is no answer"

    play(lambda _progress: cluster, act)


def test_findings_are_narrowed_by_severity_namespace_and_text(cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: status(app).startswith("31 findings and gaps: no NetworkPolicy selects"))
        await pilot.press("s", "s", "s")
        await until(pilot, lambda: "6 findings and gaps (high or worse)" in status(app))
        await pilot.press("n", *"shop", "enter")
        await until(pilot, lambda: "4 findings and gaps (high or worse; namespace shop)" in status(app))
        await pilot.press("slash", *"payment")
        await until(pilot, lambda: "2 of 4 findings" in status(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, LinesTable))
        assert status(app).endswith("filter: payment") or "filter" in said(app, "#status")
        await pilot.press("escape")
        await until(pilot, lambda: status(app).startswith("4 findings"))
        await pilot.press("escape")
        await until(pilot, lambda: status(app).startswith("31 findings"))
        await pilot.press("slash", *"zzz", "escape")
        await until(pilot, lambda: status(app).startswith("31 findings"))

    play(lambda _progress: cluster, act)


def test_a_finding_tells_its_remedy(cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press("3", "enter")
        await until(pilot, lambda: isinstance(app.screen, Detail))
        text = plain(app.screen.query(Static).first())
        assert "pod-unprotected  Deployment monitoring/prometheus" in text
        assert "kind: NetworkPolicy" in text
        await pilot.press("j", "k", "escape")
        await until(pilot, lambda: not isinstance(app.screen, Detail))

    play(lambda _progress: cluster, act)


def test_a_gap_is_told_like_a_finding(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: c, image: i}]}\n"
        "---\nkind: Nonsense\n[red]: 1\n"
    )

    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.world is not None and "namespace" in status(app))
        await pilot.press("3", "end", "enter")
        await until(pilot, lambda: isinstance(app.screen, Detail))
        text = plain(app.screen.query(Static).first())
        assert text.startswith("gap: ")
        await pilot.press("escape")

    play(lambda progress: load(tmp_path, progress=progress), act)


def test_names_are_text_and_no_markup(tmp_path: Path) -> None:
    (tmp_path / "[red]evil[bold]").mkdir()
    (tmp_path / "[red]evil[bold]" / "x.yaml").write_text("kind: [bold]\n")
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: c, image: i}]}\n"
    )

    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: any("[red]evil[bold]" in each for each in shown(app, "#findings")))

    play(lambda progress: load(tmp_path, progress=progress), act)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("findings", "31 findings"),
        ("map", "5 namespaces"),
        ("explain", "Fill in all three"),
        ("ns shop-data", "namespace shop-data: 4 workloads"),
        ("ns nowhere", "there is no namespace nowhere"),
        ("severity high", "6 findings and gaps (high or worse)"),
        ("severity bad", "there is no severity bad"),
        ("fly", "there is no 'fly' to go to"),
        ("", "5 namespaces"),
        ("reload", "5 namespaces"),
    ],
)
def test_a_place_is_gone_to_by_name(command: str, expected: str, cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press("colon", *command, "enter")
        await until(pilot, lambda: status(app).startswith(expected))

    play(lambda _progress: cluster, act)


def test_help_tells_every_key_in_80_columns(cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Detail))
        text = plain(app.screen.query(Static).first())
        lines = text.splitlines()
        assert max(map(len, lines)) <= 76
        assert len(lines) <= 22
        assert all(key in text for key in ("Esc", "Enter", " q ", " r ", " / ", " : "))
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(app.screen, Detail))
        await pilot.press("q")

    assert play(lambda _progress: cluster, act).return_code == 0


def test_reloading_shows_what_changed_and_keeps_the_place(tmp_path: Path) -> None:
    with shop() as source:
        shutil.copytree(source, tmp_path / "lantern")

    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await to_cart(app, pilot)
        shutil.rmtree(tmp_path / "lantern/monitoring")
        await pilot.press("r")
        await until(pilot, lambda: "4 connections" in status(app))
        shutil.rmtree(tmp_path / "lantern")
        await pilot.press("r")
        await until(pilot, lambda: status(app).startswith("error: "))
        assert "no such file or folder" in status(app)
        assert len(shown(app)) == 4

    play(lambda progress: load(tmp_path / "lantern", progress=progress), act)


def test_keys_work_while_the_cluster_is_read(cluster: Cluster) -> None:
    go_on = threading.Event()

    def read(progress: Progress) -> Cluster:
        progress.step("pods", 3, 7)
        assert go_on.wait(25)
        return cluster

    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: status(app) == "reading pods 3 of 7 ...")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Detail))
        await pilot.press("escape", "r", "3")
        go_on.set()
        await until(pilot, lambda: status(app).startswith("31 findings"))

    play(read, act)


def test_who_leaves_while_the_cluster_is_read_need_not_wait() -> None:
    go_on = threading.Event()

    def read(_progress: Progress) -> Cluster:
        go_on.wait(25)
        raise SourceError("nobody asks any more")

    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await pilot.press("q")

    assert play(read, act).return_code == 0
    assert not go_on.is_set()
    go_on.set()


def test_a_cluster_that_cannot_be_read_ends_it_with_the_reason() -> None:
    def read(_progress: Progress) -> Cluster:
        raise SourceError("no such file", place="x")

    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.failure is not None)

    assert str(play(read, act).failure) == "x: no such file"


def test_a_namespace_without_pods_is_not_shown(cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.failure is not None)

    failure = play(lambda _progress: cluster, act, namespace="nowhere").failure
    assert str(failure) == "there is no pod in a namespace nowhere; leave -n out to see all"


@pytest.mark.parametrize("before", [(), ("2",), ("slash", "a"), ("question_mark",)])
def test_interrupting_leaves_from_everywhere(before: tuple[str, ...], cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press(*before, "ctrl+c")

    assert play(lambda _progress: cluster, act).return_code == 0


def test_it_begins_in_the_namespace_that_is_named(cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: status(app) == "namespace shop: 11 workloads")
        await pilot.press("3")
        await until(pilot, lambda: "namespace shop" in status(app))

    play(lambda _progress: cluster, act, namespace="shop")


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (200, 60)])
def test_all_fits_on_small_and_large_screens(size: tuple[int, int], cluster: Cluster) -> None:
    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        for key in ("1", "2", "escape", "3"):
            await pilot.press(key)
            await pilot.pause()
            assert app.query_one("#title").region.y == 0
            assert app.query_one("#status").region.bottom <= size[1]
            assert app.query_one("ContentSwitcher").region.height >= size[1] - 4

    play(lambda _progress: cluster, act, size=size)


def test_there_is_no_colour_where_none_is_wanted(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        assert app.no_color
        assert app.native_ansi_color

    play(lambda _progress: cluster, act)


def test_only_the_first_lines_of_very_many_are_shown(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firedoor.tui.lines_table.MOST_LINES", 10)

    async def act(app: FiredoorApp, pilot: Pilot[None]) -> None:
        await read_first(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: status(app).startswith("the first 10 of 31 findings"))
        assert len(shown(app, "#findings")) == 10
        await pilot.press("slash", *"payment", "enter")
        await until(pilot, lambda: status(app).startswith("2 of 31 findings"))

    play(lambda _progress: cluster, act)
