"""
The process that evaluates: programs on the first line of its input, then one question on each.

It answers the first line with the faults of the programs, and every question with one
line that has the answers of its checks. It reads no file and asks for nothing else.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec
from cel_expr_python import cel

from firedoor.adapters.cel.environment import ExpressionError, compiled, environment
from firedoor.adapters.cel.kubernetes_functions import Shape
from firedoor.adapters.cel.wire import FALSE, FAULT, TRUE, Answer, CompileFault, Program, Question

if TYPE_CHECKING:
    from cel_expr_python.cel import Activation, Env, Expression

MOST_BYTES = 2 << 30
"""The memory that the process may have, where the system can hold it to that."""
_MOST_TEXT = 500


def main() -> None:
    """Answer until the input ends."""
    _bound()
    lines, answers = sys.stdin.buffer, sys.stdout.buffer

    def say(each: object) -> None:
        answers.write(msgspec.json.encode(each) + b"\n")
        answers.flush()

    env = environment()
    programs = msgspec.json.decode(lines.readline(), type=list[Program])
    checks, faults = _compiled(env, programs)
    say(faults)
    decode = msgspec.json.Decoder(Question).decode
    for line in lines:
        question = decode(line)
        values = {"object": _native(question.object), "namespaceObject": _native(question.namespace)}
        plain = env.Activation({**values, "params": None})
        found: list[Answer] = []
        for number in question.checks:
            params = programs[number].params
            found.append(
                _timed(checks[number], plain if params is None else env.Activation({**values, "params": params}))
            )
        say(found)


Check = tuple["Expression", "Expression | None"]


def _compiled(env: Env, programs: list[Program]) -> tuple[dict[int, Check], list[CompileFault]]:
    found: dict[int, Check] = {}
    faults: list[CompileFault] = []
    for number, each in enumerate(programs):
        field = "expression"
        try:
            test = compiled(env, each.expression, Shape.TRUTH)
            field = "messageExpression"
            found[number] = test, compiled(env, each.message, Shape.TEXT) if each.message else None
        except ExpressionError as error:
            faults.append(CompileFault(number, field, str(error)))
    return found, faults


def _native(raw: msgspec.Raw) -> Any:
    return msgspec.json.decode(raw)


def _timed(check: Check, activation: Activation) -> Answer:
    began = perf_counter()
    found = _answer(check, activation)
    return Answer(found.result, found.text, perf_counter() - began)


def _answer(check: Check, activation: Activation) -> Answer:
    test, message = check
    try:
        found = test.eval(activation)
        kind = found.type()
        if kind == cel.Type.ERROR:
            return Answer(FAULT, _words(str(found.value())))
        if kind != cel.Type.BOOL:
            return Answer(FAULT, f"it gives {str(kind).lower()}, expected true or false")
        if found.value():
            return Answer(TRUE)
        return Answer(FALSE, "" if message is None else _message(message, activation))
    except (RuntimeError, ValueError, TypeError, MemoryError, OverflowError) as error:
        return Answer(FAULT, _words(str(error) or "it needs too much memory"))


def _message(expression: Expression, activation: Activation) -> str:
    """Return what a message expression gives; nothing, as in Kubernetes, where it fails or gives no line of text."""
    with suppress(RuntimeError, ValueError, TypeError, MemoryError):
        found = expression.eval(activation)
        text = found.value() if found.type() == cel.Type.STRING else ""
        if isinstance(text, str) and "\n" not in text:
            return text.strip()[:_MOST_TEXT]
    return ""


def _words(text: str) -> str:
    known, _, rest = text.partition(": ")
    text = rest if known.isupper() else text
    return "it needs too much memory" if "bad_alloc" in text else " ".join(text.split())[:_MOST_TEXT]


def _bound() -> None:
    """Bound the memory of this process, where the system does that."""
    try:
        import resource  # noqa: PLC0415 - not every system has it
    except ImportError:
        return
    with suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, hard))


if __name__ == "__main__":
    main()
