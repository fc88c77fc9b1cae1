from __future__ import annotations

from io import StringIO

from rich.console import Console

from firedoor.model.audit import AuditSummary
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.review import (
    Drift,
    Item,
    ItemKind,
    KnownItem,
    NetworkReview,
    Period,
    RbacReview,
    RegularReview,
    ReplayProof,
    RuleCounts,
    SinceLast,
)
from firedoor.render.review_json import review_document
from firedoor.render.review_markdown import review_markdown
from firedoor.render.review_text import print_review
from firedoor.render.review_yaml import review_yaml

HOSTILE = "db\x1b[31m`|<b>"
REF = ObjectRef("NetworkPolicy", "shop", HOSTILE)
WIDER = Item(
    ItemKind.RULE_WIDER,
    REF,
    "spec.ingress[0]",
    "db.yaml:9",
    "wider than what was used of it",
    "f0",
    ("ports as written: all; used: TCP/80",),
    "write the narrower rule instead",
    {"ports": [{"protocol": "TCP", "port": 80}]},
)
CHANGES = tuple(
    Item(ItemKind.CONNECTION_ADDED, REF, "", "", f"more can pass: a -> b: TCP/{number}", f"c{number}")
    for number in range(12)
)
UNDECIDED = tuple(
    Item(ItemKind.RULE_UNUSED, REF, f"spec.egress[{number}]", "", "possibly used", f"u{number}", ("1 connection",))
    for number in range(12)
)
NETWORK = NetworkReview(
    Period(1, 10**18, 3, 1, is_enough=False),
    RuleCounts(1, 12, 0, 1),
    (WIDER,),
    UNDECIDED,
    ReplayProof(4, 3, 3),
    ("1 policy of a mesh is not reviewed",),
)
LOG = AuditSummary(5, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
REVIEW = RegularReview(
    "2026-03-10T12:00:00Z",
    30,
    "shop",
    NETWORK,
    RbacReview(LOG, 1, is_enough=False, items=(), undecided=()),
    Drift("git:main:k8s", CHANGES, ("rights are not compared: no role",)),
    SinceLast(
        "review-x.json",
        "2026-02-10T12:00:00Z",
        ("f0",),
        ("c0",),
        (KnownItem(ItemKind.RULE_UNUSED, "g", "not used", REF, "spec.ingress[1]"),),
    ),
    (Gap(GapKind.TEMPLATE, "x.yaml:1", "braces"),),
)


def text_of(review: RegularReview) -> str:
    out = StringIO()
    print_review(review, Console(file=out, width=10_000, highlight=False))
    return out.getvalue()


def test_text_says_what_was_read_and_what_is_new() -> None:
    text = text_of(REVIEW)
    assert "\x1b" not in text
    for told in (
        "Review of namespace shop at 2026-03-10T12:00:00Z, by the 30 days before",
        "these records do not cover 30 days",
        "14 rules that allow: 1 used, 12 possibly used, 0 unused, 1 not known",
        "with all proposals 3 of the 3 observed connections that the policies accept are still accepted",
        "1 observed connection went through that these policies as read deny",
        "note: 1 policy of a mesh is not reviewed",
        "5 requests in the audit log from 2026-03-01T00:00:00Z to 2026-03-02T00:00:00Z; 1 granted rule judged",
        "the audit log does not cover 30 days",
        "compared with git:main:k8s: 12 connections more",
        "note: rights are not compared: no role",
        "1 gap in what was read",
        "  new: NetworkPolicy shop/db\\x1b[31m`|<b> spec.ingress[0] (db.yaml:9): wider than what was used of it",
        "         - protocol: TCP",
        "  and 2 more: -o json has all",
        "Not decided (12)",
        "Gone since 2026-02-10T12:00:00Z (1)",
        "since the review of 2026-02-10T12:00:00Z: 1 new, 1 gone, 1 unchanged",
        "13 items, 12 not decided",
    ):
        assert told in text


def test_a_review_of_nothing_is_short() -> None:
    network = NetworkReview(Period(0, 0, 0, 0, is_enough=False), RuleCounts(), (), (), ReplayProof(0, 0, 0))
    text = text_of(RegularReview("2026-03-10T12:00:00Z", 1, "", network))
    assert text.endswith("\n0 items\n")
    assert "records of connections" not in text
    quiet = RbacReview(AuditSummary(0, "", ""), 1, is_enough=True, items=(), undecided=())
    text = text_of(RegularReview("2026-03-10T12:00:00Z", 1, "", network, quiet))
    assert "0 requests in the audit log; 1 granted rule judged" in text


def test_markdown_holds_names_as_text() -> None:
    text = review_markdown(REVIEW)
    assert "\x1b" not in text
    assert "<b>" not in text.replace("<b>`", "").replace("`NetworkPolicy shop/db\\x1b[31m'\\|<b>", "")
    assert "**new** `NetworkPolicy shop/db" in text
    assert "**Gone since 2026-02-10T12:00:00Z (1)**" in text
    assert "`- protocol: TCP`" in text
    assert "`  port: 80`" in text


def test_the_document_has_everything() -> None:
    document = review_document(REVIEW)
    assert document["parts"] == ["network", "rbac", "drift"]
    assert len(document["items"]) == 13  # type: ignore[arg-type]
    assert document["since"]["gone"][0]["fingerprint"] == "g"  # type: ignore[index]
    assert document["network"]["rules"]["total"] == 14  # type: ignore[index]
    assert "firedoor/review/v1" in review_yaml(REVIEW)
