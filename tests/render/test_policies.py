from __future__ import annotations

from io import StringIO

import msgspec
import pytest
from rich.console import Console

from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.relations import (
    AcceptedExample,
    Change,
    Comparison,
    Contributed,
    Contribution,
    Interference,
    PolicyContribution,
    Relation,
    Relations,
    RuleContribution,
    RuleName,
)
from firedoor.model.verdicts import Verdict
from firedoor.render.policies_json import comparison_document, policies_document
from firedoor.render.policies_text import policies_summary, print_comparison, print_policies

DB = ObjectRef("NetworkPolicy", "shop", "db")
GUARD = ObjectRef("ClusterNetworkPolicy", "", "guard")
GAP = Gap(GapKind.TEMPLATE, "a.yaml:3", "template syntax is left", "render the chart")
COVERS = tuple(RuleName(ObjectRef("NetworkPolicy", "shop", f"p{n}"), "", "p.yaml:1", "isolates") for n in range(5))
CHANGE = Change("shop/web", "shop/db", "TCP", 80, Verdict.ACCEPTED, Verdict.DENIED)
RULE = RuleContribution("spec.ingress[0]", "db.yaml:9", "allows", Contributed(Contribution.EFFECTIVE, CHANGE))
REDUNDANT = Contributed(Contribution.REDUNDANT, covers=COVERS, other_end=COVERS[:1], detail="and a [red]word[/red]")
CLASH = Interference(
    "ingress",
    RuleName(GUARD, "spec.ingress[0]", "g.yaml:1", "denies"),
    RuleName(DB, "spec.ingress[0]", "db.yaml:9", "allows"),
    tie=False,
    traffic=(("TCP", 80, 80),),
    source="shop/web",
    destination="shop/db",
)
RELATIONS = Relations(
    (PolicyContribution(DB, "db.yaml:1", "NetworkPolicy", 2, REDUNDANT, (RULE,), removable=True),),
    (CLASH, msgspec.structs.replace(CLASH, tie=True)),
    (GAP,),
    notes=("a note",),
)
EXAMPLE = AcceptedExample("ingress", "shop/web", "shop/db", (("TCP", 80, 80),))
COMPARISON = Comparison(
    RuleName(DB, "", "db.yaml:1", "isolates"),
    RuleName(GUARD, "", "g.yaml:1", "isolates"),
    Relation.OVERLAPPING,
    Relation.OVERLAPPING,
    Relation.EQUIVALENT,
    (1, 2, 3),
    EXAMPLE,
    EXAMPLE,
    EXAMPLE,
    uncertain=True,
    gaps=(GAP,),
    notes=("a note",),
)


def table(relations: Relations) -> str:
    out = StringIO()
    print_policies(relations, Console(file=out, width=20))
    return out.getvalue()


def told(found: Comparison) -> str:
    out = StringIO()
    print_comparison(found, Console(file=out, width=20))
    return out.getvalue()


def test_a_table_names_proofs_interference_and_what_can_go() -> None:
    text = table(RELATIONS)
    assert "without it shop/p0 (isolation), shop/p1 (isolation), shop/p2 (isolation) and 2 more decide the same" in text
    assert "at the other end shop/p0 (isolation) denies it anyway; and a [red]word[/red]" in text
    assert "without it shop/web -> shop/db TCP/80 would be denied, not accepted" in text
    assert "guard spec.ingress[0] denies, is asked before shop/db spec.ingress[0], which allows: TCP 80" in text
    assert "guard spec.ingress[0] denies, ties with" in text
    assert "without any verdict changing: NetworkPolicy shop/db\nnote: a note\n" in text


def test_counts_are_in_one_line() -> None:
    assert policies_summary(RELATIONS) == ("1 policy (1 redundant); 1 rule (1 effective); 1 pair that interfere; 1 gap")
    assert policies_summary(Relations(())) == "0 policies; 0 rules; 0 pairs that interfere; 0 gaps"


def test_many_clashes_are_cut_in_the_table_only() -> None:
    many = msgspec.structs.replace(RELATIONS, interference=(CLASH,) * 23)
    assert "and 3 more; -o json has them all" in table(many)
    assert len(policies_document(many)["interference"]) == 23  # type: ignore[arg-type]


def test_a_comparison_shows_each_part_by_an_example() -> None:
    text = told(COMPARISON)
    assert text.startswith("OVERLAPPING  shop/db and guard: they accept some of the same, and each something else\n")
    assert text.count("for example: shop/web -> shop/db TCP 80 (ingress)") == 3
    assert "1 only the first, 2 both, 3 only the second" in text
    assert "compared as it stands" in text
    assert "1 gap: see" in text
    assert comparison_document(COMPARISON)["gaps"] == [
        {"source": "a.yaml:3", "reason": "template syntax is left", "object": None}
    ]


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (Relation.EQUIVALENT, "neither accepts anything"),
        (Relation.WITHIN, "the first accepts nothing"),
        (Relation.CONTAINS, "the second accepts nothing"),
        (Relation.DISJOINT, "they accept nothing in common"),
    ],
)
def test_a_policy_that_accepts_nothing_is_called_so(relation: Relation, words: str) -> None:
    nothing = {"only_first": None, "only_second": None, "common": None}
    bare = msgspec.structs.replace(COMPARISON, relation=relation, **nothing, uncertain=False, gaps=(), notes=())
    assert told(bare).splitlines()[0].endswith(words)
    assert "gap" not in told(bare)
