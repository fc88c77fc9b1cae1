"""The reference of roles and bindings answers as the documentation does."""

from __future__ import annotations

import pytest

from tests.reference.manifests import Manifest
from tests.reference.rbac import MASTERS, holders, is_allowed
from tests.reference.rbac_cases import AGGREGATION, BINDINGS, COVERAGE, HOLDERS, RULES
from tests.reference.rbac_escalation import may_create_binding, may_write_role, uncovered
from tests.reference.rbac_escalation_cases import BINDING, WRITING
from tests.reference.rbac_samples import Can, Case, Covers, MayBind, WhoCan, rule

CASES = RULES | BINDINGS | AGGREGATION | HOLDERS | COVERAGE | BINDING | WRITING
PODS: Manifest = rule("get list", "pods pods/log", names=("a", "b"))


def answer(case: Case) -> object:
    match case:
        case Can():
            return is_allowed(case.cluster, case.user, case.request)
        case WhoCan():
            return holders(case.cluster, case.request) - {f"Group {MASTERS}"}
        case Covers():
            return not uncovered(case.held, case.wanted)
        case MayBind():
            return may_create_binding(case.cluster, case.user, case.binding).allowed
        case _:
            return may_write_role(case.cluster, case.user, case.role, case.verb).allowed


@pytest.mark.parametrize("sentence", CASES)
def test_what_is_documented(sentence: str) -> None:
    assert answer(CASES[sentence]) == CASES[sentence].expected


def test_no_sentence_stands_in_two_tables() -> None:
    tables = (RULES, BINDINGS, AGGREGATION, HOLDERS, COVERAGE, BINDING, WRITING)
    assert len(CASES) == sum(map(len, tables)) > 60


def test_what_is_missing_is_said_part_by_part() -> None:
    held = [rule("get", "pods"), rule("list", "*/log", names=("a",))]
    missing = [(each["verbs"], each["resources"], each["resourceNames"]) for each in uncovered(held, [PODS])]
    list_pods = [(["list"], ["pods"], ["a"]), (["list"], ["pods"], ["b"])]
    get_log = [(["get"], ["pods/log"], ["a"]), (["get"], ["pods/log"], ["b"])]
    assert missing == [*get_log, *list_pods, (["list"], ["pods/log"], ["b"])]
