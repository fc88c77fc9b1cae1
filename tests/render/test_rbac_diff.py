from __future__ import annotations

from io import StringIO

from msgspec.structs import replace
from rich.console import Console

from firedoor.model.access import Grant
from firedoor.model.access_difference import (
    AccessDifference,
    BindingChange,
    NewRisk,
    RightChange,
    RightChangeKind,
    RoleDoubt,
    Side,
)
from firedoor.model.findings import Severity
from firedoor.model.places import Gap, GapKind, ObjectRef, Place
from firedoor.model.rbac import PolicyRule, Subject
from firedoor.render.rbac_diff_json import rbac_diff_document
from firedoor.render.rbac_diff_markdown import rbac_diff_markdown
from firedoor.render.rbac_diff_table import print_rbac_diff
from firedoor.render.rbac_diff_words import (
    binding_texts,
    chain_texts,
    doubt_text,
    gap_lines,
    right_text,
    rights_summary,
    risks_text,
    told_together,
    where_text,
)

JANE = Subject("User", "jane|`")
RULE = PolicyRule(("get",), ("",), ("pods",))
ROLE = ObjectRef("ClusterRole", "", "view")
GAP = Gap(GapKind.INCOMPLETE, "a.yaml:3", "there is no view", "add it")


def grant(namespace: str) -> Grant:
    binding = ObjectRef("RoleBinding", namespace, "b")
    role = Place("r.yaml", 1, 0, {"rules[0]": 4})
    return Grant(RULE, JANE, namespace, binding, ROLE, "rules[0]", None, Place("b.yaml", 2), role)


def change(namespace: str = "shop", kind: RightChangeKind = RightChangeKind.GAINED, **fields: object) -> RightChange:
    return RightChange(kind, JANE, namespace, fields.pop("rule", RULE), (grant(namespace),), **fields)  # type: ignore[arg-type]


def test_what_differs_in_the_namespace_alone_is_told_together() -> None:
    spaces = [f"n{number}" for number in range(6)]
    (told,) = told_together(map(change, spaces))
    assert where_text(told) == "n0, n1, n2, n3 and 2 more"
    chains = list(chain_texts(told))
    assert chains[0] == "RoleBinding n0/b (b.yaml:2) -> ClusterRole view rules[0] (r.yaml:4)"
    assert (len(chains), chains[-1]) == (5, "and 2 more")
    assert [where_text(each) for each in told_together([change(""), change("shop")])] == ["everywhere", "shop"]
    assert len(told_together([change(), change(kind=RightChangeKind.LOST)])) == 2


def test_a_right_says_what_of_it_is_not_new() -> None:
    part = PolicyRule(("get",), ("",), ("pods",), ("a",))
    assert right_text(change(unchanged=(part,))) == "get on pods (before already: get on pods named a)"
    lost = change("", RightChangeKind.LOST, unchanged_in=("a", "b"))
    assert right_text(lost) == "get on pods (still in a, b)"
    assert right_text(change(unchanged=(part,) * 6)).endswith("get on pods named a and 2 more)")


def test_everything_is_told_in_words() -> None:
    rules = {
        PolicyRule(("*",), ("*",), ("*",)): "* on every resource",
        PolicyRule(("get",), ("", "apps"), ("*",), ("a",)): "get on every resource of the core group, apps named a",
        PolicyRule(("get",), non_resource_urls=("*",)): "get on URL *",
        PolicyRule(("get",), ("apps",), ("deployments", "*/scale")): "get on deployments.apps, *.apps/scale",
    }
    assert {rule: right_text(change(rule=rule)) for rule in rules} == rules


def test_the_worst_risks_are_told() -> None:
    risks = tuple(NewRisk(f"r-{number}", Severity.HIGH) for number in range(5))
    assert risks_text(change(risks=risks)) == "r-0 (high), r-1 (high), r-2 (high), r-3 (high) and 1 more"


def test_what_is_not_known_says_where_when_and_why() -> None:
    doubt = RoleDoubt(Side.BOTH, JANE, "", ROLE, (GAP, GAP))
    assert doubt_text(doubt) == "User jane|` everywhere, ClusterRole view, before and now: there is no view (a.yaml:3)"
    found = AccessDifference("old", "new", old_gaps=(GAP,), new_gaps=(Gap(GapKind.UNREADABLE, "b.yaml", "no YAML"),))
    assert list(gap_lines(found)) == [
        "of anybody, before: there is no view (a.yaml:3); add it",
        "of anybody, now: no YAML (b.yaml)",
    ]
    assert rights_summary(found) == "nobody may do more or less; gaps: 1 before, 1 after"


def test_live_and_dead_bindings_are_told_and_no_name_breaks_the_markdown() -> None:
    binding = ObjectRef("RoleBinding", "shop", "b")
    changes = tuple(BindingChange(binding, ROLE, each, Place("b.yaml", 2)) for each in (True, False))
    found = AccessDifference("old", "new", (change(),), bindings=changes)
    assert list(binding_texts(found)) == [
        "RoleBinding shop/b (b.yaml:2): ClusterRole view exists now, and what it permits is granted",
        "RoleBinding shop/b (b.yaml:2): ClusterRole view does not exist, and nothing is granted",
    ]
    text = rbac_diff_markdown(found)
    assert "| gained | `User jane\\|'` | `shop` | `get on pods` |" in text
    assert "**Notes (2)**" in text
    document = rbac_diff_document(found)
    assert document["bindings"] == [
        {
            "binding": {"kind": "RoleBinding", "namespace": "shop", "name": "b", "source": "b.yaml:2"},
            "role": {"kind": "ClusterRole", "namespace": "", "name": "view"},
            "live": each,
        }
        for each in (True, False)
    ]


def test_a_right_through_two_bindings_has_its_risks_beside_the_first() -> None:
    found = change(risks=(NewRisk("pod-exec", Severity.HIGH),))
    found = replace(found, via=(grant("shop"), replace(grant("shop"), binding=ObjectRef("RoleBinding", "shop", "c"))))
    out = StringIO()
    print_rbac_diff(AccessDifference("old", "new", (found,)), Console(file=out, width=20))
    first, second = out.getvalue().splitlines()[1:3]
    assert first.endswith("pod-exec (high)")
    assert second.strip().startswith("RoleBinding shop/c")
