"""Expressions asked about objects, one object after the other, with a limit on the time of each."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TYPE_CHECKING, TypeVar

import msgspec

from firedoor.adapters.cel.wire import FAULT, Answer, CompileFault, Program, Question
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from firedoor.interfaces import ExpressionAnswer
    from firedoor.model.custom_checks import CustomCheck

Form = TypeVar("Form")

START_SECONDS = 30.0
"""How long the process may take to start and to compile all expressions."""
EACH_SECONDS = 5.0
"""How long an expression may take for one object."""
ALL_SECONDS = 60.0
"""How long an expression may take for all objects."""


_GONE = Answer(FAULT, "it took too long, or more memory than there is")


class _Silent(Exception):  # noqa: N818 - a turn of events
    """The process did not answer in time, or is gone."""


@dataclass(slots=True)
class _Process:
    """A process that evaluates, and the lines that it has said."""

    handle: subprocess.Popen[bytes]
    said: Queue[bytes]

    def tell(self, what: object) -> None:
        stdin = self.handle.stdin
        try:
            if stdin is not None:
                stdin.write(msgspec.json.encode(what) + b"\n")
                stdin.flush()
        except OSError as error:
            raise _Silent from error

    def hear(self, form: type[Form], seconds: float) -> Form:
        try:
            line = self.said.get(timeout=seconds)
        except Empty as error:
            raise _Silent from error
        if not line:
            raise _Silent
        return msgspec.json.decode(line, type=form)

    def end(self) -> None:
        self.handle.kill()
        self.handle.wait()
        for stream in (self.handle.stdin, self.handle.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


class CelExpressions:
    """
    The expressions of custom checks, compiled; a context manager, because a process evaluates them.

    Raises ``UsageError`` for the first expression that cannot be compiled.
    """

    def __init__(
        self, checks: Sequence[CustomCheck], *, each_seconds: float = EACH_SECONDS, all_seconds: float = ALL_SECONDS
    ) -> None:
        self._checks = checks
        self._each_seconds = each_seconds
        self._left = [all_seconds] * len(checks)
        self._process = self._started()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.end()

    def evaluate(
        self, value: bytes, namespace: bytes, numbers: Sequence[int]
    ) -> Iterator[tuple[int, ExpressionAnswer]]:
        """
        Yield what the checks with these numbers say about an object (JSON), whose namespace is `namespace`.

        A check that has used up its time for all objects is told as a fault, once for each object.
        """
        spent = [each for each in numbers if self._left[each] <= 0]
        yield from ((each, Answer(FAULT, "it has taken too long for other objects")) for each in spent)
        waiting = [each for each in numbers if each not in spent]
        found = self._ask(value, namespace, waiting) if waiting else []
        if found is None and len(waiting) > 1:
            # One of them does not end: asked alone, each shows whether it is the one.
            found = [(self._ask(value, namespace, [each]) or [_GONE])[0] for each in waiting]
        for number, answer in zip(waiting, found or [_GONE] * len(waiting), strict=True):
            self._left[number] -= self._left[number] if answer is _GONE else answer.seconds
            yield number, answer

    def _ask(self, value: bytes, namespace: bytes, numbers: Sequence[int]) -> list[Answer] | None:
        """Return the answers of checks; None, with a new process, where there are none in time."""
        try:
            self._process.tell(Question(msgspec.Raw(value), msgspec.Raw(namespace), tuple(numbers)))
            return self._process.hear(list[Answer], self._each_seconds)
        except _Silent:
            # Nothing but the end of the process stops an expression; the others go on in a new one.
            self._process.end()
            self._process = self._started()
            return None

    def _started(self) -> _Process:
        process = _start()
        try:
            process.tell([Program(each.expression, each.message_expression, each.params) for each in self._checks])
            faults = process.hear(list[CompileFault], START_SECONDS)
        except _Silent:
            process.end()
            raise UsageError(
                "the process that evaluates the expressions of custom checks does not answer",
                remedy="install cel-expr-python, or shorten the expressions",
            ) from None
        for fault in faults:
            process.end()
            check = self._checks[fault.number]
            place = check.message_place if fault.field == "messageExpression" else check.expression_place
            raise UsageError(
                f"{fault.field} of {check.id} is no CEL expression over object, namespaceObject and params: "
                f"{fault.problem}",
                place=place,
                remedy="the numbers are line and column in the expression",
            )
        return process


def _start() -> _Process:
    # -P: what lies in the current folder is not imported.
    handle = subprocess.Popen(
        [sys.executable, "-P", "-m", "firedoor.adapters.cel.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    said: Queue[bytes] = Queue()

    def listen() -> None:
        # Line after line, and an empty one at the end.
        with suppress(ValueError, OSError):
            for line in handle.stdout or ():
                said.put(line)
        said.put(b"")

    threading.Thread(target=listen, daemon=True).start()
    return _Process(handle, said)
