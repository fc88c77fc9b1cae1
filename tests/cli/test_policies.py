from __future__ import annotations

import pytest
import yaml

from tests.cli.command import firedoor, process


def test_every_policy_and_rule_has_a_status_with_its_proof() -> None:
    document = firedoor("policies", "shop", "-o", "json").document
    assert document["schema"] == "firedoor/policies/v1"
    for policy in document["policies"]:
        for each in (policy["contributes"], *(rule["contributes"] for rule in policy["rules"])):
            assert each["status"] in {"effective", "redundant", "vacuous"}
            assert (each["change"] is not None) == (each["status"] == "effective")
            assert each["change"] or each["covers"] or each["other_end"] or each["detail"]


def test_what_would_change_is_what_explain_says_now() -> None:
    document = firedoor("policies", "shop", "-o", "json").document
    changes = [each["contributes"]["change"] for each in document["policies"] if each["contributes"]["change"]]
    assert changes
    for change in changes:
        ends = ("--from", change["source"], "--to", change["destination"])
        port = ("--port", str(change["port"]), "--protocol", change["protocol"])
        assert firedoor("explain", "shop", *ends, *port, "-o", "json").document["verdict"] == change["before"]


def test_the_table_ends_with_counts() -> None:
    ran = firedoor("policies", "shop")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("POLICY AND RULES")
    assert "pairs that interfere" in ran.out.splitlines()[-1]
    assert process("policies", "shop").out == ran.out
    document = firedoor("policies", "shop", "-o", "json").document
    assert yaml.safe_load(firedoor("policies", "shop", "-o", "yaml").out) == document


def test_a_namespace_keeps_its_own_policies() -> None:
    everything = firedoor("policies", "shop", "-o", "json").document["policies"]
    found = firedoor("policies", "shop", "-n", "books-data", "-o", "json").document["policies"]
    assert found == [each for each in everything if each["policy"]["namespace"] == "books-data"]
    assert found


def test_policies_that_no_plugin_enforces_are_judged_as_written() -> None:
    assert "judged as they are written" in firedoor("policies", "shop", "--cni", "none").out


def test_two_policies_are_compared() -> None:
    names = [each["policy"] for each in firedoor("policies", "shop", "-o", "json").document["policies"]]
    first = f"{names[0]['kind'].lower()}/{names[0]['namespace']}/{names[0]['name']}"
    document = firedoor("policies", "shop", "--compare", first, first, "-o", "json").document
    assert (document["schema"], document["relation"]) == ("firedoor/policy-comparison/v1", "equivalent")
    ran = firedoor("policies", "shop", "--compare", names[0]["name"], first, "-n", names[0]["namespace"])
    assert ran.out.startswith("EQUIVALENT  ")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--compare", "books/nobody", "books/other"), "there is no policy books/nobody"),
        (("--compare", "a/b/c/d", "books/other"), "there is no policy a/b/c/d"),
        (("--compare", "one"), "option '--compare' requires 2 arguments"),
        (("-n", "book"), "there is no namespace book (did you mean books?)"),
        (("-o", "csv"), "invalid value for '-o'"),
    ],
)
def test_bad_questions_are_refused_in_one_line(arguments: tuple[str, ...], problem: str) -> None:
    assert firedoor("policies", "shop", *arguments).error.startswith(problem)


def test_without_any_policy_nothing_is_in_scope() -> None:
    pod = b"{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: a, image: a}]}}"
    ran = firedoor("policies", "-", stdin=pod)
    assert ran.code == 3
    assert ran.error.startswith("no policy that firedoor evaluates was found")
