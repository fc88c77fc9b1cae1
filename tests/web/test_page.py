"""The page as somebody uses it: in a real browser, by pointer and by keyboard."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.web.driving import LONGEST, accessibility, at_place, is_done, map_is_drawn, press, tab
from tests.web.running import Page, page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

REDIS = "#/map?ask-from=shop/Deployment/frontend&ask-to=shop-data/StatefulSet/redis&port=6379&protocol=TCP"
PLACES = [
    "#/map",
    "#/map?as=table&expand=shop",
    "#/map?expand=shop&place=shop/Deployment/frontend",
    REDIS + "&expand=shop,shop-data&from=shop&to=shop-data",
    "#/findings?severity=high",
    "#/what-if?policy=NetworkPolicy+shop-data/redis-ingress",
    "#/rbac?verb=get&resource=secrets",
    "#/rbac?part=risks",
    "#/rbac?part=paths",
    "#/score",
]


def test_the_link_opens_the_page_in_a_browser(browser: Browser) -> None:
    with page("--demo") as found:
        context = browser.new_context()
        try:
            opened = context.new_page()
            opened.goto(found.url)
            opened.wait_for_selector(".canvas[data-ready]", timeout=LONGEST)
            # Neither the address nor the history holds the token.
            assert "token" not in opened.url
            cookies = context.cookies()
            assert [(each["httpOnly"], each["sameSite"]) for each in cookies] == [(True, "Strict")]
        finally:
            context.close()


def test_a_namespace_opens_and_a_workload_tells_its_links(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, "#/map") as opened:
        map_is_drawn(opened)
        press(opened, "shop", "expand=shop")
        press(opened, "shop/Deployment/frontend", "frontend")
        panel = opened.get_by_role("region", name="Place")
        panel.get_by_role("heading", name="shop/frontend").wait_for()
        panel.get_by_role("button", name="shop/cart").click()
        link = opened.get_by_role("region", name="Link")
        link.get_by_role("button", name="Explain shop/frontend to shop/cart on TCP 7070").click()
        told = opened.get_by_role("region", name="Explanation")
        told.get_by_text("entering the destination").wait_for()
        assert "cart-ingress" in told.inner_text()
        assert ".yaml:" in told.inner_text()


def test_a_line_is_chosen_by_a_click(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, "#/map") as opened:
        map_is_drawn(opened)
        source, target = at_place(opened, "shop"), at_place(opened, "shop-data")
        # The line bends beside the middle; look for it as a person would, by what the pointer becomes.
        dx, dy = target["x"] - source["x"], target["y"] - source["y"]
        for step in range(-80, 81):
            x = (source["x"] + target["x"]) / 2 + dy * step / 400
            y = (source["y"] + target["y"]) / 2 - dx * step / 400
            opened.mouse.move(x, y)
            opened.wait_for_timeout(60)
            if opened.locator(".canvas").evaluate("(map) => map.style.cursor") == "pointer":
                break
        opened.mouse.click(x, y)
        opened.wait_for_url("**from=*")
        opened.get_by_role("region", name="Link").locator("li").first.wait_for()


def test_the_table_is_used_by_keyboard(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, "#/map?as=table&expand=shop,shop-data") as opened:
        search = opened.get_by_role("searchbox", name="Search links")
        search.fill("frontend redis")
        opened.get_by_text("1 links", exact=True).wait_for()
        row = opened.get_by_role("button", name="shop/frontend", exact=True)
        row.focus()
        opened.keyboard.press("Enter")
        opened.wait_for_url("**from=shop*")
        opened.get_by_role("region", name="Link").get_by_role("button", name="Explain").first.focus()
        opened.keyboard.press("Enter")
        opened.get_by_role("region", name="Explanation").wait_for()
        # Each column is sorted by its heading.
        search.fill("")
        heading = opened.get_by_role("columnheader", name="Denied")
        heading.get_by_role("button").press("Enter")
        assert heading.get_attribute("aria-sort") == "ascending"


def test_the_map_is_moved_by_keyboard_and_things_are_found_by_name(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, "#/map") as opened:
        map_is_drawn(opened)
        before = at_place(opened, "shop")
        opened.locator(".canvas").focus()
        opened.keyboard.press("ArrowRight")
        moved = at_place(opened, "shop", other_than=before)
        assert moved["x"] < before["x"]
        opened.keyboard.press("0")
        assert at_place(opened, "shop", other_than=moved) == before
        opened.get_by_role("combobox", name="Find a namespace or workload").fill("monitor")
        opened.keyboard.press("Enter")
        opened.get_by_role("region", name="Place").get_by_role("heading", name="monitoring").wait_for()


def test_a_link_into_the_page_shows_what_it_showed(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, REDIS) as opened:
        told = opened.get_by_role("region", name="Explanation")
        told.get_by_text("allows TCP/6379").wait_for()
        assert opened.get_by_role("textbox", name="Port").input_value() == "6379"
        opened.get_by_role("link", name="Findings").click()
        opened.wait_for_url("**#/findings")
        opened.go_back()
        told.wait_for()


def test_the_map_is_kept_as_a_picture(browser: Browser, demo: Page, tmp_path: Path) -> None:
    with tab(browser, demo, "#/map?expand=shop") as opened:
        map_is_drawn(opened)
        at_place(opened, "shop/Deployment/frontend")
        for kind in ("SVG", "PNG"):
            with opened.expect_download() as waiting:
                opened.get_by_role("button", name=kind).click()
            waiting.value.save_as(tmp_path / kind)
    drawing = ET.parse(tmp_path / "SVG").getroot()  # noqa: S314 - the page made it
    texts = {each.text for each in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"shop", "frontend", "shop-data", "outside"} <= texts
    assert len(list(drawing.iter("{http://www.w3.org/2000/svg}path"))) > 30
    picture = (tmp_path / "PNG").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture[16:24])
    assert min(width, height) > 400


def test_findings_are_filtered_and_tell_their_remedy(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, "#/findings") as opened:
        opened.get_by_text("31 of 31 findings").wait_for()
        opened.get_by_role("combobox", name="Severity").select_option("high")
        opened.get_by_role("combobox", name="Namespace").select_option("shop")
        opened.get_by_text("4 of 31 findings").wait_for()
        opened.get_by_role("button", name="high no NetworkPolicy selects the pods of Deployment shop/payment").click()
        opened.get_by_role("heading", name="Evidence").wait_for()
        assert "kind: NetworkPolicy" in opened.get_by_label("Remedy").inner_text()


def test_a_policy_is_judged_while_it_is_typed(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, "#/what-if") as opened:
        opened.get_by_role("combobox", name="Edit a policy").select_option("NetworkPolicy shop-data/redis-ingress")
        text = opened.get_by_role("textbox", name="Policies as YAML")
        opened.get_by_text("Nobody could connect to more or less than now.").wait_for()
        text.fill(text.input_value().replace("port: 6379", "port: 6380"))
        opened.get_by_text("that were seen would break").wait_for()
        opened.get_by_role("table", name="Connections that were seen").get_by_text("would break").first.wait_for()
        opened.get_by_role("table", name="Who could connect to whom").get_by_text("shop/cart").wait_for()
        text.fill(text.input_value().replace("podSelector", "podSelecto"))
        opened.get_by_role("list", name="Problems").get_by_role("button", name="line 7").click()
        assert (
            text.evaluate("(area) => area.value.slice(area.selectionStart, area.selectionEnd).trim()") == "podSelecto:"
        )
        opened.get_by_role("button", name="Clear").click()
        opened.get_by_text("Nothing is proposed.").wait_for()


def test_who_can_and_attack_paths_are_asked_by_forms(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, "#/rbac") as opened:
        opened.get_by_role("button", name="Who can?").click()
        opened.get_by_text("3 may do it").wait_for()
        opened.get_by_role("button", name="Dangerous permissions").click()
        opened.get_by_text("6 of 6 dangerous permissions").wait_for()
        opened.get_by_role("button", name="Attack paths").click()
        opened.get_by_role("combobox", name="From", exact=True).fill("shop/frontend")
        opened.get_by_role("combobox", name="To", exact=True).fill("secrets:shop")
        opened.get_by_role("button", name="Show paths").click()
        opened.get_by_role("heading", name="What closes all paths").wait_for()
        opened.get_by_text("shop/rbac/frontend.yaml").first.wait_for()


def test_score_and_review_are_shown(browser: Browser, demo: Page) -> None:
    with tab(browser, demo, "#/score") as opened:
        opened.get_by_role("heading", name="2. All communication is secured").wait_for()
        opened.get_by_text("Of 36 rules 29 were used").wait_for()


def test_what_goes_wrong_is_told_and_the_page_goes_on(browser: Browser, demo: Page) -> None:
    # A browser logs an answer that is no success.
    with tab(browser, demo, "#/map", expected="status of 400") as opened:
        map_is_drawn(opened)
        opened.get_by_role("combobox", name="From").fill("shop/none")
        opened.get_by_role("combobox", name="To", exact=True).fill("shop/cart")
        opened.get_by_role("textbox", name="Port").fill("1")
        opened.get_by_role("button", name="Explain", exact=True).click()
        opened.get_by_role("alert").get_by_text("no pod or workload of that name").wait_for()
        opened.get_by_role("combobox", name="From").fill("shop/frontend")
        opened.get_by_role("button", name="Explain", exact=True).click()
        opened.get_by_role("region", name="Explanation").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES)
def test_it_is_accessible(browser: Browser, demo: Page, place: str, scheme: str) -> None:
    with tab(browser, demo, place, scheme) as opened:
        opened.wait_for_selector("main :is(.canvas[data-ready], table, .cards, .whatif)")
        is_done(opened)
        assert accessibility(opened) == []


EVIL = "<img src=x onerror=alert(1)>"
STRANGE = f"""
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: shop}}
spec: {{containers: [{{name: a, image: "{EVIL}"}}]}}
---
{{apiVersion: v1, kind: "{EVIL}", metadata: {{name: "{EVIL}", namespace: "{EVIL}"}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: "{EVIL}", namespace: shop}}
spec: {{podSelector: {{}}}}
"""


def test_what_objects_hold_is_text(browser: Browser, tmp_path: Path) -> None:
    """Violations of the policy, and dialogs, would be failures: nothing of an object becomes a part of the page."""
    file = tmp_path / f"{EVIL.replace('/', '')}.yaml"
    file.write_text(STRANGE)
    with page(str(file)) as found:
        found.enter()
        for place in ("#/findings", "#/map?as=table&expand=shop", f"#/map?place={EVIL}&ask-from={EVIL}", "#/rbac"):
            with tab(browser, found, place) as opened:
                is_done(opened)
                assert opened.locator("img").count() == 0
        with tab(browser, found, "#/what-if") as opened:
            opened.get_by_role("textbox", name="Policies as YAML").fill(STRANGE)
            opened.get_by_role("list", name="Problems").get_by_text(EVIL).first.wait_for()
            assert opened.locator("img").count() == 0
