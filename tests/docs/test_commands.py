"""Every command that the documentation names, run or not, exists with all of its options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from firedoor.cli.main import cli
from tests.docs.pages import DOCS, ROOT, fences

PAGES = [ROOT / "README.md", *sorted(path for path in DOCS.rglob("*.md") if path.name != "cli.md")]


def _commands(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the words of each call of ``firedoor`` in the shell blocks of a page, with its line."""
    for fence in fences(text):
        if fence.language not in {"sh", "console"}:
            continue
        lines = [line.removeprefix("$ ") for line in fence.lines]
        for number, line in enumerate(lines):
            whole = line
            following = number
            while whole.endswith("\\"):
                following += 1
                whole = whole.removesuffix("\\") + lines[following].removeprefix("> ")
            for call in re.findall(r"(?:^|\| )firedoor [^|]*", whole):
                lexer = shlex.shlex(call.removeprefix("| "), posix=True, punctuation_chars=True)
                lexer.whitespace_split = True
                yield fence.first + 1 + number, list(lexer)


def _unknown(words: list[str]) -> str | None:
    """Return the first word that no command or option is, of ``firedoor`` and what follows."""
    command: click.Command = cli
    context = click.Context(cli)
    names = set(context.help_option_names) | {"--version"}
    for word in words[1:]:
        if set(word) & set("<>&;"):
            return None
        if isinstance(command, click.Group) and not word.startswith("-"):
            inner = command.get_command(context, word)
            if inner is None:
                return word
            command, context = inner, click.Context(inner, context)
            names = {name for option in command.get_params(context) for name in (*option.opts, *option.secondary_opts)}
        elif re.match(r"--|-[a-zA-Z]$", word) and word.split("=")[0] not in names:
            return word
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_exist(page: Path) -> None:
    calls = _commands(page.read_text(encoding="utf-8"))
    unknown = [f"line {line}: {word} in {shlex.join(words)}" for line, words in calls if (word := _unknown(words))]
    assert not unknown


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("firedoor diagnose k8s/ --fail-on high > report", None),
        ("kubectl get ns -o json | firedoor diagnose - --nope", "--nope"),
        ("firedoor rbac who-kan get pods", "who-kan"),
        ("firedoor reach -q", "-q"),
        ("firedoor --version", None),
    ],
)
def test_what_does_not_exist_is_told(line: str, expected: str | None) -> None:
    ((_, words),) = _commands(f"```sh\n{line}\n```")
    assert _unknown(words) == expected
