"""What is said of intents and rules that are exported, and what the objects look like."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml

from firedoor.algebra.ports import ALL_TRAFFIC, Traffic
from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.model.admission import Mode, Rule
from firedoor.model.admission_export import AdmissionExport, Expressed, Extent
from firedoor.model.findings import Severity
from firedoor.model.icmp import IcmpMessage
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator
from firedoor.render.admission_policies import PolicyForm, admission_policies, admission_policies_yaml
from firedoor.usecases.admission_export import exported

GOLDEN = Path(__file__).parent / "golden"
SHOP = EndTerm("shop", namespace="shop")
RED_SHOP = EndTerm("red shop", namespace="shop", namespace_labels=LabelSelector({"team": "red"}))
DATA = EndTerm("data", namespace="data")
OUTSIDE, ANY, NODES = (EndTerm(word.value, word) for word in (Word.OUTSIDE, Word.ANY, Word.NODES))
DENY, ONLY, ALLOW = IntentKind.MUST_DENY, IntentKind.ONLY_THESE, IntentKind.MUST_ALLOW
TWO = LabelSelector(match_expressions=(LabelSelectorRequirement("app", Operator.IN, ("web", "api")),))
PING = IcmpMessage(4, 8)


def export(
    kind: IntentKind,
    sources: tuple[EndTerm, ...],
    destinations: tuple[EndTerm, ...],
    ports: Traffic = ALL_TRAFFIC,
    *,
    cni: CniProfile = SPEC,
    mode: Mode = Mode.DENY,
    icmp: tuple[IcmpMessage, ...] = (),
) -> AdmissionExport:
    intent = Intent("Keep it (closed)", kind, sources, destinations, ports, icmp=icmp)
    return exported([intent], cni, {Rule.FORBIDDEN: mode}, Severity.HIGH)


def told(found: AdmissionExport) -> Expressed:
    (only,) = found.expressed
    return only


@pytest.mark.parametrize(
    ("kind", "sources", "destinations", "extent", "policies", "words"),
    [
        (DENY, (SHOP,), (DATA,), Extent.EXACT, 1, ""),
        (DENY, (ANY,), (DATA,), Extent.EXACT, 1, ""),
        (DENY, (OUTSIDE,), (DATA,), Extent.STRICTER, 1, "blocks of addresses"),
        (DENY, (EndTerm("w", namespace="shop", workload="web"),), (DATA,), Extent.STRICTER, 1, "the whole namespace"),
        (DENY, (SHOP,), (EndTerm("two", labels=TWO),), Extent.STRICTER, 1, "only those with one value"),
        (DENY, (SHOP,), (ANY,), Extent.EXACT, 2, ""),
        (DENY, (RED_SHOP,), (DATA,), Extent.STRICTER, 1, "the namespace of red shop is taken to have the labels"),
        (DENY, (SHOP,), (RED_SHOP,), Extent.EXACT, 1, ""),
        (DENY, (SHOP, OUTSIDE), (EndTerm("10.0.0.1", addresses="10.0.0.1"),), Extent.STRICTER, 1, "blocks of"),
        (DENY, (SHOP,), (EndTerm("a.example", domain="a.example"),), Extent.STRICTER, 1, "may mean a.example"),
        (DENY, (SHOP,), (NODES,), Extent.NONE, 0, "on the network of their node"),
        (DENY, (NODES,), (DATA,), Extent.EXACT, 1, ""),
        (ONLY, (SHOP, NODES), (DATA,), Extent.STRICTER, 1, "cover only together"),
        (ONLY, (EndTerm("w", namespace="shop", workload="web"),), (DATA,), Extent.LOOSER, 1, "only namespace and"),
        (ONLY, (SHOP,), (OUTSIDE,), Extent.NONE, 0, "all pods but some"),
        (ALLOW, (SHOP,), (DATA,), Extent.NONE, 0, "no single policy says"),
    ],
)
def test_it_is_said_how_much_of_an_intent_is_expressed(
    kind: IntentKind,
    sources: tuple[EndTerm, ...],
    destinations: tuple[EndTerm, ...],
    extent: Extent,
    policies: int,
    words: str,
) -> None:
    found = export(kind, sources, destinations)
    only = told(found)
    assert (only.extent, len(only.policies)) == (extent, policies)
    assert tuple(each.name for each in found.checks) == only.policies
    assert words in " ".join((*only.stricter, *only.looser, *only.unseen))
    assert found.is_complete is (extent in {Extent.EXACT, Extent.STRICTER})


def test_messages_of_icmp_are_let_pass() -> None:
    assert told(export(DENY, (SHOP,), (DATA,), icmp=(PING,))).looser == ("messages of ICMP, which no rule names",)
    assert told(export(DENY, (SHOP,), (DATA,), (), icmp=(PING,))).extent is Extent.NONE


def test_where_blocks_match_pods_and_not_nodes_they_are_taken_to() -> None:
    (check,) = export(DENY, (SHOP,), (DATA,)).checks
    (by_address,) = export(DENY, (SHOP,), (DATA,), cni=dataclasses.replace(SPEC, ipblock_matches_pods=True)).checks
    assert "(has(f.ipBlock))" not in check.validations[0][0]
    assert "(has(f.ipBlock))" in by_address.validations[0][0]
    (nodes,) = export(DENY, (NODES,), (DATA,), cni=dataclasses.replace(SPEC, ipblock_matches_nodes=False)).checks
    assert "r.from.exists(f, false)" in nodes.validations[0][0]


def test_nothing_is_made_of_intents_where_they_are_off_and_rules_that_no_object_tells_are_named() -> None:
    intent = Intent("one", DENY, (SHOP,), (DATA,))
    modes = {Rule.FORBIDDEN: Mode.OFF, Rule.UNISOLATED: Mode.WARN, Rule.USED: Mode.DENY}
    found = exported([intent], SPEC, modes, Severity.HIGH)
    assert found.checks == ()
    assert [(each.name, each.extent) for each in found.expressed] == [
        ("unisolated", Extent.NONE),
        ("used", Extent.NONE),
    ]


def test_only_roles_hold_what_is_so_severe_in_a_namespace() -> None:
    found = exported([], SPEC, {Rule.RISKY: Mode.WARN}, Severity.CRITICAL)
    roles = next(each for each in found.checks if each.name == "firedoor-risky-clusterroles")
    assert any(message.startswith("everything-permitted (critical)") for _, message in roles.validations)
    assert "firedoor-risky-roles" not in {each.name for each in found.checks}


def test_roles_are_judged_by_whoever_asks_and_where_that_is_not_said() -> None:
    found = exported([], SPEC, {Rule.RISKY: Mode.DENY}, Severity.HIGH)
    for check in found.checks:
        ((name, text),) = check.conditions
        assert name == "not-by-the-control-plane"
        assert text.startswith("!has(request.userInfo.username) || !(request.userInfo.username in [")


def test_the_objects_are_policies_with_their_bindings_or_those_of_kyverno() -> None:
    labelled = EndTerm(
        "two", namespace="data", namespace_labels=LabelSelector({"team": "a"}, TWO.match_expressions), labels=TWO
    )
    found = export(DENY, (SHOP,), (labelled,), (("TCP", 80, 90),), mode=Mode.WARN)
    policy, binding = admission_policies(found, PolicyForm.VAP)
    assert (policy["kind"], binding["kind"]) == ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    (kyverno,) = admission_policies(found, PolicyForm.KYVERNO)
    risky = exported([], SPEC, {Rule.RISKY: Mode.DENY}, Severity.HIGH)
    texts = [admission_policies_yaml(each, PolicyForm.KYVERNO) for each in (found, risky)]
    specs = [each["spec"] for text in texts for each in yaml.safe_load_all(text)]
    assert [each["evaluation"]["background"]["enabled"] for each in specs] == [True, False, False, False]
    assert (kyverno["apiVersion"], kyverno["kind"]) == ("policies.kyverno.io/v1", "ValidatingPolicy")
    assert admission_policies_yaml(found, PolicyForm.VAP) == (GOLDEN / "admission-export.yaml").read_text()
