"""Who may talk to the page: asked over real connections, as another program or another site would."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.web.running import Page, page


@pytest.fixture(scope="module")
def fresh() -> Iterator[Page]:
    pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")
    with page("--demo") as found:
        yield found


def test_the_link_opens_the_page_once(fresh: Page) -> None:
    assert fresh.request("GET", "/").status == 403
    assert fresh.get("about").status == 403
    wrong = fresh.request("GET", "/?token=guess")
    assert (wrong.status, "set-cookie" in wrong.headers) == (403, False)
    entered = fresh.enter()
    assert entered.status == 200
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith(f"firedoor_{fresh.port}=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert fresh.request("GET", "/").status == 200
    assert fresh.get("about").status == 200
    # Whoever got hold of the link later gets nothing; who is inside already goes on.
    query = urlsplit(fresh.url).query
    stranger = fresh.request("GET", f"/?{query}", {"Cookie": ""})
    assert (stranger.status, "set-cookie" in stranger.headers) == (403, False)
    assert "was used before" in stranger.body.decode()
    assert fresh.request("GET", f"/?{query}").status == 200


def test_a_cookie_of_somebody_else_is_none(demo: Page) -> None:
    name = demo.cookie.partition("=")[0]
    for cookie in (f"{name}=", f"{name}=x", "firedoor_1=x", f"{name}=\xe4"):
        assert demo.request("GET", "/api/about", {"Cookie": cookie}).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}"]
)
def test_a_name_that_can_be_bent_is_refused(demo: Page, host: str) -> None:
    answer = demo.request("GET", "/api/about", {"Host": host.format(port=demo.port)})
    assert answer.status == 421
    assert b"firedoor/about" not in answer.body


def test_a_request_without_a_name_is_none(demo: Page) -> None:
    assert demo.request("GET", "/api/about", {"Host": ""}).status == 400


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}"])
def test_the_addresses_of_the_machine_are_taken(demo: Page, host: str) -> None:
    assert demo.request("GET", "/api/about", {"Host": host.format(port=demo.port)}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
    ],
)
def test_a_post_of_another_page_is_refused(demo: Page, headers: dict[str, str]) -> None:
    sent = {name: value.format(port=demo.port) for name, value in headers.items()}
    assert demo.post("what-if", {"yaml": ""}, **sent).status == 403
    assert demo.post("read-anew", {}, **sent).status == 403


def test_a_form_cannot_be_sent_as_json(demo: Page) -> None:
    assert demo.post("what-if", {"yaml": ""}, **{"Content-Type": "text/plain"}).status == 415


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_says_is_from_another_site_is_refused(demo: Page, site: str) -> None:
    assert demo.request("GET", "/api/about", {"Sec-Fetch-Site": site}).status == 403
    assert demo.request("GET", "/api/about", {"Sec-Fetch-Site": "same-origin"}).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(demo: Page, method: str) -> None:
    assert demo.request(method, "/api/about").status == 405


def test_reading_changes_nothing_and_writing_is_not_there(demo: Page) -> None:
    assert demo.request("GET", "/api/what-if").status == 405
    assert demo.request("GET", "/api/read-anew").status == 405
    assert demo.post("about", {}).status == 405


@pytest.mark.parametrize(
    "target", ["/", "/page.js", "/index.css", "/layout.js", "/api/about", "/api/nothing", "/nothing"]
)
def test_every_answer_tells_the_browser_what_it_may(demo: Page, target: str) -> None:
    answer = demo.request("GET", target)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "target", ["/../../etc/passwd", "/static/../index.html", "/built-from.json", "/licenses.txt/.."]
)
def test_nothing_but_the_page_is_served(demo: Page, target: str) -> None:
    assert demo.request("GET", target).status == 404


def test_a_body_that_is_too_large_is_refused(demo: Page) -> None:
    answer = demo.post("what-if", {"yaml": "x" * (1024 * 1024)})
    assert answer.status == 413
    assert "are no policy" in answer.document["problem"]
