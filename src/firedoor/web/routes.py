"""The routes of the page."""

from __future__ import annotations

from asyncio import Lock
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from firedoor.errors import FiredoorError, NothingInScopeError, SourceError
from firedoor.render.json_text import compact_json
from firedoor.web import questions
from firedoor.web.guard import Guard
from firedoor.web.proposals import judged

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from starlette.requests import Request

    from firedoor.web.guard import Pass
    from firedoor.web.subject import Subject

MOST_BODY_BYTES = 1024 * 1024
"""How much a proposal may be."""

_NOBODY_WAITS = 499
_ASKED = {
    "about": questions.about,
    "map": questions.connection_map,
    "pairs": questions.pairs,
    "explain": questions.explanation,
    "findings": questions.findings,
    "fix": questions.fix,
    "policy": questions.policy,
    "who-can": questions.who_can,
    "risks": questions.risks,
    "paths": questions.paths,
    "score": questions.score,
    "review": questions.review,
}
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def application(subject: Subject, entry: Pass) -> Guard:
    """Return the page about a cluster, with a guard before it."""
    routes = [Route(f"/api/{name}", _answering(subject, ask), methods=["GET"]) for name, ask in _ASKED.items()]
    routes += [
        Route("/api/what-if", _judging(subject), methods=["POST"]),
        Route("/api/read-anew", _reading(subject), methods=["POST"]),
    ]
    routes += [Route(path, _serving(*file), methods=["GET"]) for path, file in static_files().items()]
    return Guard(Starlette(routes=routes), entry)


def static_files() -> dict[str, tuple[bytes, str]]:
    """Return the files of the built page with their types, by path."""
    found: dict[str, tuple[bytes, str]] = {}
    for each in files("firedoor.web").joinpath("static").iterdir():
        kind = _TYPES.get(each.name[each.name.rfind(".") :])
        if kind is not None:
            found["/" if each.name == "index.html" else f"/{each.name}"] = (each.read_bytes(), kind)
    return found


def _serving(content: bytes, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:  # noqa: ARG001 - an endpoint is called with it
        return Response(content, media_type=kind)

    return serve


def _answering(
    subject: Subject, ask: Callable[[Subject, questions.Parameters], dict[str, Any]]
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        given = dict(request.query_params)
        return await run_in_threadpool(_told, lambda: ask(subject, given))

    return answer


def _judging(subject: Subject) -> Callable[[Request], Awaitable[Response]]:
    # A page asks anew as somebody types: what nobody waits for any more is not worked out.
    turn = Lock()

    async def judge(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return PlainTextResponse("send application/json\n", 415)
        body = await _body(request)
        if body is None:
            return _failed(413, f"more than {MOST_BODY_BYTES:,} bytes are no policy", "", "judge fewer at once")
        async with turn:
            if await request.is_disconnected():
                return Response(status_code=_NOBODY_WAITS)
            return await run_in_threadpool(_told, lambda: judged(subject, body))

    return judge


def _reading(subject: Subject) -> Callable[[Request], Awaitable[Response]]:
    def read() -> dict[str, Any]:
        subject.read_anew()
        return questions.about(subject, {})

    async def answer(request: Request) -> Response:  # noqa: ARG001 - an endpoint is called with it
        return await run_in_threadpool(_told, read)

    return answer


async def _body(request: Request) -> bytes | None:
    """Return the body of a request, None where it is too large."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MOST_BODY_BYTES:
            return None
    return bytes(found)


def _told(work: Callable[[], dict[str, Any]]) -> Response:
    try:
        return Response(compact_json(work()), media_type="application/json")
    except NothingInScopeError as error:
        return _failed(404, error.problem, error.place, error.remedy)
    except SourceError as error:
        return _failed(502, error.problem, error.place, error.remedy)
    except FiredoorError as error:
        return _failed(400, error.problem, error.place, error.remedy)


def _failed(status: int, problem: str, place: str, remedy: str) -> Response:
    document = {"schema": "firedoor/error/v1", "problem": problem, "place": place, "remedy": remedy}
    return Response(compact_json(document), status, media_type="application/json")
