"""Staged policies of Calico, as if they were in force."""

from __future__ import annotations

import json

from firedoor.engine.reach.network import Network
from firedoor.model.calico_preview import with_staged
from firedoor.model.places import GapKind, Scope
from firedoor.model.snapshot import Snapshot
from firedoor.model.typed_policies import typed_policies
from firedoor.model.verdicts import Verdict
from tests.loading import snapshot_of

PODS = """
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}
"""
POLICY = """
---
{apiVersion: projectcalico.org/v3, kind: %s, metadata: {name: %s}, spec: {%s}}
"""
KUBERNETES = """
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: closed, namespace: shop},
 spec: {podSelector: {}}}
"""
STAGED_KUBERNETES = """
---
{apiVersion: projectcalico.org/v3, kind: StagedKubernetesNetworkPolicy, metadata: {name: closed, namespace: shop},
 spec: {%s}}
"""
DENY, ALLOW = "ingress: [{action: Deny}]", "ingress: [{action: Allow}]"
ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN


def _global(spec: str, name: str = "guard", kind: str = "GlobalNetworkPolicy") -> str:
    return POLICY % (kind, name, spec)


def _staged(spec: str, name: str = "guard") -> str:
    return _global(spec, name, "StagedGlobalNetworkPolicy")


def _verdict(snapshot: Snapshot) -> Verdict:
    network = Network(snapshot)
    db, web = (next(n for n, each in enumerate(network.members) if each.name == name) for name in ("db", "web"))
    return network.verdict(web, db, "TCP", 80)


def _both(*texts: str) -> tuple[Verdict, Verdict]:
    """Return the verdict as it is, and as it would be."""
    snapshot = snapshot_of(PODS + "".join(texts))
    return _verdict(snapshot), _verdict(with_staged(snapshot))


def test_a_snapshot_without_staged_policies_stays_as_it_is() -> None:
    snapshot = snapshot_of(PODS + _global(DENY) + KUBERNETES)
    assert with_staged(snapshot) == snapshot


def test_set_adds_a_policy_and_is_what_a_staged_policy_does_by_itself() -> None:
    assert _both(_staged(DENY)) == (ACCEPTED, DENIED)
    assert _both(_staged(f"stagedAction: Set, {DENY}")) == (ACCEPTED, DENIED)


def test_set_takes_the_place_of_the_policy_of_its_kind_and_name() -> None:
    assert _both(_global(DENY), _staged(ALLOW)) == (DENIED, ACCEPTED)
    assert _both(_global(DENY), _staged(ALLOW, "other")) == (DENIED, DENIED)
    namespaced = _global(DENY, "guard, namespace: shop", "NetworkPolicy")
    assert _both(namespaced, _staged(ALLOW)) == (DENIED, ACCEPTED)
    assert _both(namespaced, _staged(f"order: 9, {ALLOW}", "late"), _global("order: 1", "first")) == (DENIED, ACCEPTED)
    own = _global(ALLOW, "guard, namespace: shop", "StagedNetworkPolicy")
    assert _both(namespaced, own) == (DENIED, ACCEPTED)
    assert len(typed_policies(with_staged(snapshot_of(PODS + namespaced + own))).calico) == 1


def test_a_policy_without_a_specification_may_be_staged() -> None:
    empty = "\n---\n{apiVersion: projectcalico.org/v3, kind: StagedGlobalNetworkPolicy, metadata: {name: empty}}\n"
    assert _both(empty) == (ACCEPTED, DENIED)


def test_delete_removes_the_policy() -> None:
    assert _both(_global(DENY), _staged("stagedAction: Delete")) == (DENIED, ACCEPTED)
    assert _both(_global(DENY, "kept"), _staged("stagedAction: Delete")) == (DENIED, DENIED)


def test_learn_and_ignore_change_nothing() -> None:
    for action in ("Learn", "Ignore"):
        assert _both(_global(DENY), _staged(f"stagedAction: {action}, {ALLOW}")) == (DENIED, DENIED)
        assert _both(KUBERNETES, STAGED_KUBERNETES % f"stagedAction: {action}") == (DENIED, DENIED)


def test_a_staged_policy_of_kubernetes_stands_for_a_network_policy() -> None:
    assert _both(STAGED_KUBERNETES % "podSelector: {}") == (ACCEPTED, DENIED)
    assert _both(KUBERNETES, STAGED_KUBERNETES % "podSelector: {matchLabels: {app: web}}") == (DENIED, ACCEPTED)
    assert _both(KUBERNETES, STAGED_KUBERNETES % "stagedAction: Delete") == (DENIED, ACCEPTED)


def test_a_staged_policy_of_kubernetes_that_is_not_understood_leaves_its_namespace_unknown() -> None:
    text = STAGED_KUBERNETES % "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/99}}]}]"
    assert _both(text) == (ACCEPTED, UNKNOWN)
    (gap,) = [each for each in with_staged(snapshot_of(PODS + text)).gaps if each.scope is not None]
    assert (gap.kind, gap.scope) == (GapKind.UNSUPPORTED, Scope("shop"))


def test_a_staged_policy_that_is_refused_changes_nothing_and_stays_a_gap() -> None:
    text = _global(DENY) + _staged("stagedAction: Nothing")
    assert _both(text) == (DENIED, DENIED)
    assert [each.path for each in with_staged(snapshot_of(text)).gaps] == ["spec.stagedAction"]


def test_an_enforced_policy_that_is_refused_is_replaced_with_its_gap() -> None:
    text = _global("ingress: [{action: Perhaps}]") + _staged(DENY)
    assert [each.path for each in snapshot_of(text).gaps] == ["spec.ingress[0].action"]
    assert with_staged(snapshot_of(text)).gaps == ()
    assert _both(text) == (ACCEPTED, DENIED)


def test_gaps_are_those_of_the_policies_in_force() -> None:
    undeclared = _global(f"tier: nowhere, {DENY}")
    assert _both(undeclared, _staged(DENY)) == (UNKNOWN, DENIED)
    assert _both(_global(DENY), _staged(f"tier: nowhere, {DENY}")) == (DENIED, UNKNOWN)
    text = undeclared + "\n---\n{apiVersion: v1, kind: Pod, metadata: {}}\n" + _staged(DENY)
    before = snapshot_of(text).gaps
    assert [each for each in before if each.path != "spec.tier"] == list(with_staged(snapshot_of(text)).gaps)


def test_stored_policies_are_those_of_the_name_that_they_have_in_the_api() -> None:
    metadata = json.dumps({"name": "guard", "creationTimestamp": "2026-01-01T00:00:00Z"})
    stored = "\n---\n" + json.dumps(
        {
            "apiVersion": "crd.projectcalico.org/v1",
            "kind": "GlobalNetworkPolicy",
            "metadata": {"name": "default.guard", "annotations": {"projectcalico.org/metadata": metadata}},
            "spec": {"ingress": [{"action": "Deny"}]},
        }
    )
    assert _both(stored, _staged(ALLOW)) == (DENIED, ACCEPTED)
    staged = stored.replace("GlobalNetworkPolicy", "StagedGlobalNetworkPolicy")
    assert _both(staged) == (ACCEPTED, DENIED)


def test_an_answer_names_the_file_of_the_staged_policy() -> None:
    snapshot = with_staged(snapshot_of(PODS + _staged(DENY)))
    (policy,) = typed_policies(snapshot).calico
    assert policy.ref.kind == "GlobalNetworkPolicy"
    assert policy.place.line == PODS.count("\n") + 3
