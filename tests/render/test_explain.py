from __future__ import annotations

import json

from firedoor.model.explanation import DirectionExplanation, Explanation
from firedoor.model.verdicts import Reason, Verdict
from firedoor.render.explain_json import explain_json


def test_document_names_the_verdict_of_each_end() -> None:
    accepted = DirectionExplanation(Verdict.ACCEPTED, (Reason(detail="no policy selects the pod"),))
    denied = DirectionExplanation(Verdict.DENIED, (Reason("shop/deny", "spec", "a.yaml:1", "no rule"),))
    document = json.loads(explain_json(Explanation("a/b", "shop/web", "TCP", 80, Verdict.DENIED, accepted, denied)))
    assert document["schema"] == "firedoor/explain/v1"
    assert document["egress"]["verdict"] == "accepted"
    assert document["ingress"]["because"][0]["policy"] == "shop/deny"
    assert document["flip"] is None
