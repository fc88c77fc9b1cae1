"""
Runs the commands of a page in a folder of their own, with the real command.

``firedoor`` alone runs in this process, which spares half a second each; a pipe, or another program, by bash.
"""

from __future__ import annotations

import gc
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from difflib import unified_diff
from io import StringIO
from pathlib import Path
from unittest import mock

from firedoor.cli.main import main
from tests.docs.pages import Fence, Step, fences
from tests.docs.printed import agrees, renewed

LAST_CODE = "echo $?"
_OPERATORS = frozenset("();<>|&")


class Run:
    """One page being run: its folder, its home, and how the last command ended."""

    def __init__(self, folder: Path) -> None:
        self._home = folder / "home"
        self._folder = self._home / "work"
        programs = folder / "bin"
        self._folder.mkdir(parents=True)
        programs.mkdir()
        command = programs / "firedoor"
        command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m firedoor "$@"\n')
        command.chmod(0o755)
        self._environment = {
            "HOME": str(self._home),
            "XDG_DATA_HOME": str(self._home / ".local" / "share"),
            "XDG_STATE_HOME": str(self._home / ".local" / "state"),
            "KUBECONFIG": str(self._home / ".kube" / "config"),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }
        self._code = 0

    def put(self, fence: Fence) -> None:
        """Write the file that a fence with a title is."""
        path = self._folder / str(fence.title)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(fence.lines) + "\n", encoding="utf-8")

    def do(self, command: str) -> tuple[int, list[str]]:
        """Run a command; return its exit code, and the lines of both its outputs, with the home folder as ``~``."""
        if command == LAST_CODE:
            return 0, [str(self._code)]
        with mock.patch.dict(os.environ, self._environment), chdir(self._folder):
            arguments = _firedoor_alone(command)
            self._code, text = _bash(command) if arguments is None else _in_process(*arguments)
        text = text.replace(str(self._home), "~")
        return self._code, [line.rstrip() for line in text.rstrip("\n").split("\n")] if text else []


def _firedoor_alone(command: str) -> tuple[list[str], str | None] | None:
    lexer = shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    target = None
    if len(words) > 2 and words[-2] == ">":
        *words, _, target = words
    if words[0] != "firedoor" or any(set(word) & _OPERATORS or word.startswith("$") for word in words):
        return None
    return words[1:], target


def _in_process(arguments: list[str], target: str | None) -> tuple[int, str]:
    printed, written = StringIO(), StringIO()
    code: object = 0
    replaced = mock.patch.multiple(sys, argv=["firedoor", *arguments])
    with redirect_stdout(written if target else printed), redirect_stderr(printed), replaced:
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        finally:
            gc.enable()  # the command leaves collection off, for it ends a process
    if target:
        Path(target).write_text(written.getvalue(), encoding="utf-8")
    assert isinstance(code, int)
    return code, printed.getvalue()


def _bash(command: str) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607 - whatever bash is there
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


def _steps(fence: Fence) -> Iterator[tuple[Step, bool]]:
    """Yield each command, and whether the next one asks how it ended."""
    steps = list(fence.steps())
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        yield step, following is not None and following.command == LAST_CODE


@dataclass
class Ran:
    """A page that was run: with what its commands print now, and what is wrong with it as it was, to read."""

    text: str
    differences: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def run_page(text: str, folder: Path) -> Ran:
    """Run what a page says in an empty folder."""
    run = Run(folder)
    ran = Ran(text)
    changes: list[tuple[Step, list[str]]] = []
    for fence in fences(text):
        if fence.not_run:
            continue
        if fence.title:
            run.put(fence)
        if fence.language != "console":
            continue
        for step, asked in _steps(fence):
            code, printed = run.do(step.command)
            place = f"line {step.first}: $ {step.command}"
            if code and not asked:
                message = f"ended with {code}, and no '$ {LAST_CODE}' follows"
                ran.failures.append("\n".join([place, message, *printed[-5:]]))
            if not agrees(step.printed, printed):
                changes.append((step, renewed(step.printed, printed)))
                difference = unified_diff(step.printed, printed, "page", "printed", lineterm="")
                ran.differences.append("\n".join([place, *difference]))
    lines = text.split("\n")
    for step, new in reversed(changes):
        lines[step.first : step.last] = [f"{step.indent}{line}".rstrip() for line in new]
    ran.text = "\n".join(lines)
    return ran
