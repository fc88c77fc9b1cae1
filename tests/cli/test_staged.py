"""``--staged``: verdicts as if the staged policies of Calico were enforced."""

from __future__ import annotations

from tests.cli.command import firedoor

CLUSTER = b"""
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}},
 spec: {containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}},
 spec: {containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop},
 spec: {type: LoadBalancer, selector: {app: db}, ports: [{port: 80}]}}
---
apiVersion: projectcalico.org/v3
kind: StagedGlobalNetworkPolicy
metadata: {name: guard}
spec:
  selector: app == 'db'
  ingress:
  - action: Deny
"""
QUESTION = ("-", "--from", "shop/web", "--to", "shop/db", "--port", "80")


def test_explain_judges_as_if_staged_policies_were_enforced_only_when_asked() -> None:
    as_it_is = firedoor("explain", *QUESTION, "-o", "json", stdin=CLUSTER).document
    as_it_would_be = firedoor("explain", *QUESTION, "-o", "json", "--staged", stdin=CLUSTER).document
    assert (as_it_is["verdict"], as_it_would_be["verdict"]) == ("accepted", "denied")
    text = firedoor("explain", *QUESTION, "--staged", stdin=CLUSTER).out
    assert "denies all ports from anyone" in text
    assert "<stdin>:17" in text


def test_reach_lists_what_would_be_left() -> None:
    def connected(*options: str) -> bool:
        ran = firedoor("reach", "-", "--from", "shop/web", "--to", "shop/db", "-o", "json", *options, stdin=CLUSTER)
        return bool(ran.document["connections"])

    assert connected()
    assert not connected("--staged")


def test_what_the_outside_would_reach() -> None:
    as_it_is = firedoor("reach", "-", "--exposed", "-o", "json", stdin=CLUSTER).document
    as_it_would_be = firedoor("reach", "-", "--exposed", "-o", "json", "--staged", stdin=CLUSTER).document
    assert as_it_is != as_it_would_be


def test_diagnose_says_that_staged_policies_are_not_enforced() -> None:
    findings = firedoor("diagnose", "-", "-o", "json", stdin=CLUSTER).document["findings"]
    (found,) = [each for each in findings if each["check"] == "policy-staged"]
    assert found["severity"] == "info"
    assert "not in force" in found["message"]
