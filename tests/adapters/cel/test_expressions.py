from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from firedoor.adapters.cel.evaluating import CelExpressions
from firedoor.adapters.cel.wire import FALSE, FAULT, TRUE, Answer
from firedoor.errors import UsageError
from firedoor.model.custom_checks import CustomCheck
from firedoor.model.findings import Severity

POD: dict[str, Any] = {
    "metadata": {"name": "web", "labels": {"app": "x"}},
    "spec": {
        "replicas": 3,
        "ratio": 1.5,
        "ports": [80, 443],
        "containers": [{"name": "a", "image": "r/a:1"}, {"name": "b", "image": "r/b"}],
        "limits": {"memory": "1Gi", "cpu": "500m"},
    },
}
GROWING = "params.a.replace('a', params.a)"
for _ in range(4):
    GROWING = f"{GROWING}.replace('a', params.a)"
HOG = f"{GROWING}.size() > 5"


def check(number: int, expression: str, message: str = "", params: Any = None) -> CustomCheck:
    own = f"custom/c{number}"
    return CustomCheck(
        own,
        own,
        Severity.LOW,
        "why",
        "fix",
        (),
        expression,
        (),
        "",
        message,
        params,
        "c.yaml:1",
        "c.yaml:2",
        "c.yaml:3",
    )


@contextmanager
def asked(*checks: CustomCheck, each_seconds: float = 5.0) -> Iterator[CelExpressions]:
    with CelExpressions(checks, each_seconds=each_seconds) as expressions:
        yield expressions


def answers(expressions: CelExpressions, *numbers: int, value: Any = POD, namespace: Any = None) -> list[Answer]:
    found = list(expressions.evaluate(msgspec.json.encode(value), msgspec.json.encode(namespace), numbers))
    assert sorted(number for number, _ in found) == sorted(numbers)
    return [Answer(each.result, each.text) for _, each in found]


TRUTHS = [
    "has(object.metadata.labels) && !has(object.metadata.annotations)",
    "'app' in object.metadata.labels && !('team' in object.metadata.labels)",
    "80 in object.spec.ports && object.spec.ports.size() == 2",
    "object.spec.containers.all(c, c.image.startsWith('r/')) && object.spec.containers.exists(c, c.name == 'b')",
    "object.spec.containers.exists_one(c, c.image.matches(':[0-9]+$'))",
    "object.spec.containers.filter(c, c.name != 'a').map(c, c.name) == ['b']",
    "object.spec.?priority.orValue(7) == 7 && object.?spec.?replicas.hasValue()",
    "object.spec.replicas == 3 && object.spec.replicas < 3.5 && object.spec.ratio == 1.5",
    "object.spec.nothing || true",
    "!(object.spec.nothing && false)",
    "object.spec.containers.exists(c, c.nothing == 1 || c.name == 'a')",
    "'A-b'.lowerAscii().split('-').join('+') == 'a+b' && 'é'.size() == 1",
    "sets.contains([1, 2], [1])",
    "timestamp('2024-01-01T00:00:00Z') + duration('1h') > timestamp('2024-01-01T00:30:00Z')",
    "quantity(object.spec.limits.memory).isGreaterThan(quantity('500Mi'))",
    "quantity('1000m') == quantity('1') && quantity('1Ki').asInteger() == 1024 && !isQuantity('1 Gi')",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsCIDR('0.0.0.0/0')",
    "ip('::1').isLoopback() && ip('10.0.0.1').family() == 4 && !isIP('10.0.0.01')",
    "params == null && namespaceObject == null",
]


def test_expressions_mean_what_cel_and_kubernetes_say() -> None:
    checks = [check(number, text) for number, text in enumerate(TRUTHS)]
    with asked(*checks, *(check(number, f"!({each.expression})") for number, each in enumerate(checks))) as expressions:
        found = answers(expressions, *range(2 * len(TRUTHS)))
    assert found == [Answer(TRUE)] * len(TRUTHS) + [Answer(FALSE)] * len(TRUTHS)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("object.spec.nothing == 1", "Key not found"),
        ("object.spec.containers.all(c, c.nothing)", "Key not found"),
        ("9223372036854775807 + object.spec.replicas > 0", "integer overflow"),
        ("object.spec.replicas / 0 > 1", "divide by zero"),
        ("object.spec.replicas + 1u == 4u", "No matching overloads"),
        ("object.spec.ports[5] == 1", "index=5"),
        ("quantity('much').sign() == 1", "no quantity"),
        ("object.spec", "it gives map<dyn, dyn>, expected true or false"),
        (("object.spec.ports.map(a, object.spec.ports.map(b, b)) == [] || [1,2,3,4,5,6,7,8,9,10].all(a, "
         "[1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, d > 0))))"),
         "Iteration budget exceeded"),
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_a_fault(expression: str, problem: str) -> None:
    with asked(check(0, expression)) as expressions:
        (found,) = answers(expressions, 0)
    assert found.result == FAULT
    assert problem in found.text


def test_a_number_that_no_api_server_takes_is_a_fault() -> None:
    with asked(check(0, "object.spec == 1")) as expressions:
        (found,) = answers(expressions, 0, value={"spec": 2**70})
    assert found.result == FAULT


def test_a_message_is_made_where_an_expression_is_false_and_can_be_made() -> None:
    checks = (
        check(0, "false", "'no ' + object.metadata.name + ' in ' + namespaceObject.metadata.name + params[0]", ["!"]),
        check(1, "false", "object.nothing"),
        check(2, "false", "'a\\nb'"),
        check(3, "true", "'never'"),
        check(4, "false", "object.spec.replicas"),
    )
    with asked(*checks) as expressions:
        found = answers(expressions, *range(5), namespace={"metadata": {"name": "shop"}})
    assert found == [Answer(FALSE, "no web in shop!"), Answer(FALSE), Answer(FALSE), Answer(TRUE), Answer(FALSE)]


def test_only_the_checks_that_are_asked_answer() -> None:
    with asked(check(0, "true"), check(1, "false")) as expressions:
        assert answers(expressions, 1) == [Answer(FALSE)]
        assert answers(expressions) == []
        assert answers(expressions, 0, 1) == [Answer(TRUE), Answer(FALSE)]


@pytest.mark.parametrize(
    ("bad", "place", "field"),
    [
        (check(1, "object."), "c.yaml:2", "expression"),
        (check(1, "1 + 1"), "c.yaml:2", "expression"),
        (check(1, "(" * 60 + "true" + ")" * 60), "c.yaml:2", "expression"),
        (check(1, "true", "nobody"), "c.yaml:3", "messageExpression"),
        (check(1, "true", "true"), "c.yaml:3", "messageExpression"),
    ],
)
def test_what_does_not_compile_is_told_with_its_place(bad: CustomCheck, place: str, field: str) -> None:
    with pytest.raises(UsageError) as raised:
        CelExpressions((check(0, "true"), bad))
    assert raised.value.place == place
    assert raised.value.problem.startswith(f"{field} of custom/c1 is no CEL expression")


def test_an_expression_that_takes_all_memory_or_too_long_ends_and_the_others_go_on() -> None:
    checks = (check(0, "true"), check(1, HOG, params={"a": "a" * 100}), check(2, "false"))
    began = time.monotonic()
    with asked(*checks, each_seconds=5.0) as expressions:
        first = answers(expressions, 0, 1, 2)
        again = answers(expressions, 0, 1, 2)
    assert time.monotonic() - began < 120
    assert [each.result for each in first] == [TRUE, FAULT, FALSE]
    assert sorted(each.result for each in again) == sorted([TRUE, FAULT, FALSE])


def test_a_check_that_was_too_slow_once_is_not_asked_again() -> None:
    with asked(check(0, HOG, params={"a": "a" * 100}), check(1, "true"), each_seconds=0.001) as expressions:
        answers(expressions, 0, 1)
        (slow,) = answers(expressions, 0)
    assert slow == Answer(FAULT, "it has taken too long for other objects")


def test_an_interpreter_without_the_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firedoor.adapters.cel.evaluating.sys.executable", "/bin/false")
    with pytest.raises(UsageError, match="does not answer; install cel-expr-python"):
        CelExpressions((check(0, "true"),))
