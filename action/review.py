"""
Judge the manifests of a checkout, and what it changes, and write what the Action shows of it.

Everything comes from environment variables, which no shell has looked at, and programs are called without one. What is
read are the files of a pull request that nobody has reviewed: nothing in them is run.

| variable | meaning |
|---|---|
| `FIREDOOR_PATH_TO_MANIFESTS` | file or folder of manifests |
| `FIREDOOR_BASE` | what `firedoor diff` takes as OLD, or a commit; nothing is compared where it is empty |
| `FIREDOOR_FAIL_ON`, `FIREDOOR_FAIL_ON_CHANGE` | when to fail |
| `FIREDOOR_INTENTS`, `FIREDOOR_CONFIG`, `FIREDOOR_BASELINE` | files, or empty |
| `FIREDOOR_CNI`, `FIREDOOR_NAMESPACE` | as `--cni` and `--namespace` |
| `FIREDOOR_OUT` | folder for `firedoor.sarif` and `comment.md` |

Ends with 0 once both are written; the code that the job is to end with is the output `code`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_CHARACTERS = 65_000
"""GitHub takes 65,536 in a comment."""
MOST_SARIF = 10 * 1024 * 1024
"""Bytes that code scanning takes, compressed."""
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_NO, _WORKED = 10, frozenset({0, 4, 10, 11, 12, 13, 14})
_LEFT_OUT = "results-left-out"


@dataclass
class Review:
    """What was found so far, and how the job is to end."""

    codes: list[int] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def judge(self, code: int) -> None:
        """Count how a command ended."""
        if code:
            self.codes.append(code)

    @property
    def code(self) -> int:
        """What could not be done comes first, then the gravest answer."""
        failed = [each for each in self.codes if each not in _WORKED]
        return failed[0] if failed else max(self.codes, default=0)


def setting(name: str) -> str:
    """Return an input without the spaces around it."""
    return os.environ.get(f"FIREDOOR_{name}", "").strip()


def firedoor(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command; the folder that it runs in holds foreign files, which `-P` keeps Python from importing."""
    command = [sys.executable, "-P", "-m", "firedoor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def options(*names: str) -> list[str]:
    """Return those options whose input is not empty."""
    return [f"--{name}={setting(name.upper())}" for name in names if setting(name.upper())]


def compare(review: Review, path: str, base: str) -> None:
    """Add what changed in who can reach whom; a state before that cannot be read is told of, and no failure."""
    if _COMMIT.fullmatch(base):
        fetch(base)
        base = f"git:{base}:{path}"
    ran = firedoor("diff", "-o", "markdown", *options("cni", "namespace"), "--", base, path)
    if ran.returncode in {0, _NO}:
        if setting("FAIL_ON_CHANGE") == "true":
            review.judge(ran.returncode)
        review.parts.append(ran.stdout)
        output("changed", "true" if ran.returncode else "false")
    else:
        review.parts.append(f"**Who can reach whom** could not be compared:\n\n{block(ran.stderr)}")


def fetch(commit: str) -> None:
    """Bring a commit that a shallow checkout lacks, where the checkout may."""
    if git("cat-file", "-e", f"{commit}^{{commit}}"):
        git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--depth=1", "origin", commit)


def git(*arguments: str) -> int:
    """Run the git of the runner, and return how it ended; what it says is not for the log."""
    return subprocess.run(["git", *arguments], capture_output=True, check=False).returncode  # noqa: S607


def hold(review: Review, path: str, intents: str) -> None:
    """Add whether the intents hold."""
    ran = firedoor("assert", "-o", "markdown", *options("cni", "namespace"), "--", intents, path)
    review.judge(ran.returncode)
    review.parts.append(ran.stdout if ran.returncode in {0, _NO} else block(ran.stderr))


def diagnose(review: Review, path: str, out: Path) -> None:
    """Add the findings, and write them as SARIF."""
    asked = options("cni", "namespace", "config", "baseline")
    fail_on = setting("FAIL_ON") or "none"
    ran = firedoor("diagnose", "-o", "markdown", f"--fail-on={fail_on}", *asked, "--", path)
    review.judge(ran.returncode)
    review.parts.append(ran.stdout if ran.returncode in _WORKED else block(ran.stderr))
    sarif = firedoor("diagnose", "-o", "sarif", *asked, "--", path)
    if sarif.returncode:
        review.judge(sarif.returncode)
        return
    document = json.loads(sarif.stdout)
    output("findings", str(len(document["runs"][0]["results"])))
    (out / "firedoor.sarif").write_text(fitted(document), encoding="utf-8")
    output("sarif", str(out / "firedoor.sarif"))


def fitted(document: dict[str, Any], most: int = MOST_SARIF) -> str:
    """Return SARIF that code scanning takes: first without the texts of fixes, then without the mildest results."""
    run = document["runs"][0]
    total = len(run["results"])
    text = json.dumps(document)
    while len(gzip.compress(text.encode())) > most and run["results"]:
        if any("fixes" in each for each in run["results"]):
            run["results"] = [{key: value for key, value in each.items() if key != "fixes"} for each in run["results"]]
        else:
            run["results"] = run["results"][: len(run["results"]) // 2]
        text = json.dumps(document)
    left = total - len(run["results"])
    if left:
        told = {"text": f"{left} results, the mildest ones, are left out: code scanning takes {most} bytes."}
        run["invocations"][0]["toolExecutionNotifications"].append(
            {"descriptor": {"id": _LEFT_OUT}, "level": "warning", "message": told}
        )
        text = json.dumps(document)
    return text


def block(text: str) -> str:
    """Return text as a code block that it cannot leave."""
    lines = (f"    {line}" for line in text[-4000:].splitlines())
    return "\n".join(lines) + "\n"


def comment(path: str, parts: list[str]) -> str:
    """Return the text of the comment; the longest parts are cut to their first line until it fits."""
    mark = hashlib.sha256(path.encode()).hexdigest()[:12]
    parts = list(parts)
    head = f"<!-- firedoor {mark} -->\n"
    while len(text := head + "\n---\n\n".join(parts)) > MOST_CHARACTERS:
        longest = max(range(len(parts)), key=lambda number: len(parts[number]))
        first = parts[longest].partition("\n")[0][:1000]
        parts[longest] = f"{first}\n\nThe rest does not fit here, and is in the summary of the job.\n"
    return text


def log(text: str) -> None:
    """Print text that others wrote: the runner obeys lines that begin with two colons, until it is told not to."""
    mark = secrets.token_hex(16)
    print(f"::stop-commands::{mark}\n{text}\n::{mark}::")


def output(name: str, value: str) -> None:
    """Set an output of the step."""
    append("GITHUB_OUTPUT", f"{name}={value}\n")


def append(variable: str, text: str) -> None:
    """Add text to the file that the runner names; elsewhere there is none."""
    if os.environ.get(variable):
        with Path(os.environ[variable]).open("a", encoding="utf-8") as stream:
            stream.write(text)


def main() -> None:
    """Do all that the inputs ask for."""
    path = setting("PATH_TO_MANIFESTS") or "."
    out = Path(setting("OUT") or ".")
    out.mkdir(parents=True, exist_ok=True)
    review = Review()
    if setting("BASE"):
        compare(review, path, setting("BASE"))
    if setting("INTENTS"):
        hold(review, path, setting("INTENTS"))
    diagnose(review, path, out)
    whole = "\n---\n\n".join(review.parts)
    append("GITHUB_STEP_SUMMARY", whole[:1_000_000])
    (out / "comment.md").write_text(comment(path, review.parts), encoding="utf-8")
    output("comment", str(out / "comment.md"))
    output("code", str(review.code))
    log(whole)


if __name__ == "__main__":
    main()
