from __future__ import annotations

import json

from rich.console import Console

from firedoor.model.explanation import DirectionExplanation, Explanation
from firedoor.model.icmp import IcmpMessage
from firedoor.model.verdicts import Reason, Verdict
from firedoor.render.explain_json import explain_json
from firedoor.render.explain_text import print_explanation


def test_document_names_the_verdict_of_each_end() -> None:
    accepted = DirectionExplanation(Verdict.ACCEPTED, (Reason(detail="no policy selects the pod"),))
    denied = DirectionExplanation(Verdict.DENIED, (Reason("shop/deny", "spec", "a.yaml:1", "no rule"),))
    document = json.loads(explain_json(Explanation("a/b", "shop/web", "TCP", 80, Verdict.DENIED, accepted, denied)))
    assert document["schema"] == "firedoor/explain/v1"
    assert document["egress"]["verdict"] == "accepted"
    assert document["ingress"]["because"][0]["policy"] == "shop/deny"
    assert document["flip"] is None
    assert "icmp" not in document


def test_a_message_is_told_by_its_type_and_code() -> None:
    half = DirectionExplanation(Verdict.ACCEPTED, (Reason(detail="no policy selects the pod"),))
    message = IcmpMessage(6, 128, 0)
    found = Explanation("a/b", "shop/web", "ICMP", 0, Verdict.ACCEPTED, half, half, icmp=message)
    document = json.loads(explain_json(found))
    assert (document["protocol"], document["port"]) == ("ICMP", 0)
    assert document["icmp"] == {"version": 6, "type": 128, "code": 0}
    console = Console(record=True, width=200)
    print_explanation(found, console)
    assert "a/b -> shop/web ICMPv6 type 128 code 0" in console.export_text()
