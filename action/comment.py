"""
Keep one comment on a pull request: the one that begins with the same mark is changed, or a new one is made.

`FIREDOOR_COMMENT` names the file with the text, `FIREDOOR_NUMBER` the pull request, `FIREDOOR_TOKEN` the token;
`GITHUB_API_URL` and `GITHUB_REPOSITORY` are set by the runner. A token that may not comment, as that of pull requests
from forks, is told of and no failure: the text is in the summary of the job anyway.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any

PAGE = 100
MOST_PAGES = 30
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


def call(method: str, path: str, body: dict[str, str] | None = None) -> Any:
    """Ask the API of GitHub."""
    request = urllib.request.Request(  # noqa: S310 - the runner names the API
        os.environ["GITHUB_API_URL"].rstrip("/") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['FIREDOOR_TOKEN']}",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


def earlier(comments: str, mark: str) -> int | None:
    """Return the comment to change: of a bot, so that nobody can have us write into a comment of their own."""
    for page in range(1, MOST_PAGES + 1):
        found = call("GET", f"{comments}?per_page={PAGE}&page={page}")
        for each in found:
            if each["user"]["type"] == "Bot" and each["body"].startswith(mark):
                return int(each["id"])
        if len(found) < PAGE:
            return None
    return None


def main() -> None:
    """Change the comment, or make it."""
    text = Path(os.environ["FIREDOOR_COMMENT"]).read_text(encoding="utf-8")
    mark = text.partition("\n")[0]
    issues = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    comments = f"{issues}/{int(os.environ['FIREDOOR_NUMBER'])}/comments"
    try:
        number = earlier(comments, mark)
        if number is None:
            call("POST", comments, {"body": text})
        else:
            call("PATCH", f"{issues}/comments/{number}", {"body": text})
    except urllib.error.HTTPError as error:
        if error.code not in _REFUSED:
            sys.exit(f"error: GitHub answered {error.code} to the comment; see the summary of the job for its text")
        print("::notice::firedoor may not comment here (pull-requests: write is missing): see the summary of the job")
    except urllib.error.URLError as error:
        sys.exit(f"error: GitHub could not be asked to comment: {error.reason}; run the job again")
    else:
        print("made a comment" if number is None else "changed the comment")


if __name__ == "__main__":
    main()
