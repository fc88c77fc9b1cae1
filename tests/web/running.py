"""The page, served by the real command, and asked as a browser or as anybody else would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Page:
    """A running page: the link that opens it, and the cookie once it was opened."""

    url: str
    cookie: str = ""
    port: int = field(init=False)

    def __post_init__(self) -> None:
        self.port = urlsplit(self.url).port or 0

    @property
    def base(self) -> str:
        return self.url.partition("?")[0]

    def request(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Ask as it is said, with the cookie if there is one; a header that is empty is left out."""
        sent = {"Host": f"127.0.0.1:{self.port}", "Cookie": self.cookie, **(headers or {})}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True)
            for name, value in sent.items():
                if value:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        finally:
            connection.close()

    def enter(self) -> Answer:
        """Open the link, and keep the cookie."""
        parts = urlsplit(self.url)
        answer = self.request("GET", f"/?{parts.query}")
        self.cookie = answer.headers.get("set-cookie", "").partition(";")[0]
        return answer

    def get(self, name: str, /, **given: str) -> Answer:
        return self.request("GET", f"/api/{name}?{urlencode({key.rstrip('_'): value for key, value in given.items()})}")

    def post(self, name: str, body: object, /, **headers: str) -> Answer:
        own = {"Origin": self.base.rstrip("/"), "Content-Type": "application/json"}
        return self.request("POST", f"/api/{name}", {**own, **headers}, json.dumps(body).encode())


@contextmanager
def page(*arguments: str, cwd: Path = ROOT, stdin: bytes | None = None) -> Iterator[Page]:
    """Run the command for as long as the context lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "firedoor", "ui", *arguments, "-o", "json"],
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        if stdin is not None:
            assert process.stdin is not None
            process.stdin.write(stdin)
            process.stdin.close()
        line = process.stdout.readline()
        assert line, process.stderr.read().decode()
        yield Page(json.loads(line)["url"])
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
        process.stderr.close()
