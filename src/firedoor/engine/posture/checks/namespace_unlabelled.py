"""
Namespaces without a label that policies go by, and which the policies therefore miss or admit.

What it finds
-------------
Namespaces with pods that lack a label which other namespaces carry, and by which

- a NetworkPolicy admits all namespaces but some (`NotIn`): one without the label is
  admitted too;
- a ClusterNetworkPolicy, AdminNetworkPolicy or BaselineAdminNetworkPolicy chooses whom it
  protects, or whom it denies: one without the label escapes it. That is told where most
  namespaces carry the label.

The label `kubernetes.io/metadata.name`, which every namespace has, never counts. Rules
that allow namespaces by a label which none of them has are found by
`rule-matches-nothing`.

Why it matters
--------------
Whoever adds a namespace forgets the label, and nothing fails: the namespace is only less
protected than it looks.

Example
-------
`{key: env, operator: NotIn, values: [prod]}` admits the namespace `scratch`, which has no
label `env`.

Remedy
------
Give every namespace the label, or choose namespaces by `In` and by names.

References
----------
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.walk import rules
from firedoor.engine.posture.words import listed
from firedoor.model.clusterpolicy import Action, PodsPeer
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.labels import NAMESPACE_NAME_LABEL, Operator
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.clusterpolicy import ClusterPolicy
    from firedoor.model.findings import Finding
    from firedoor.model.labels import LabelSelector, LabelSelectorRequirement
    from firedoor.model.workloads import Namespace

_CHOOSING = frozenset({Operator.IN, Operator.EXISTS})
Uses = dict[str, list[tuple[str, str]]]
"""By the key of a label: where it is asked for, and how that reads."""


def _run(context: Context) -> Iterator[Finding]:
    spaces = [each for each in context.snapshot.namespaces if each.metadata.name in context.homes]
    refusing = list(_refusing(context))
    for namespace in spaces:
        own = context.written.namespaces[namespace.metadata.name]
        admitted, missed = _admitting(refusing, own), _missing(context, own)
        for key in sorted({*admitted, *missed}):
            carriers = [each.metadata.name for each in spaces if key in each.metadata.labels]
            # A label that few carry is a choice of those few: nothing is missing elsewhere.
            escaped = missed.get(key, []) if len(carriers) * 2 > len(spaces) else []
            if carriers and (admitted.get(key) or escaped):
                yield _finding(namespace, key, carriers, admitted.get(key, []), escaped)


def _refusing(context: Context) -> Iterator[tuple[RuleAt, LabelSelector, list[LabelSelectorRequirement]]]:
    """Yield the rules that choose namespaces by a ``NotIn``, with their selectors and what those refuse."""
    for at in rules(context):
        for peer in at.rule.peers:
            selector = peer.namespace_selector
            if selector is not None and selector.match_expressions:
                refused = [each for each in selector.requirements if each.operator is Operator.NOT_IN]
                if refused:
                    yield at, selector, refused


def _admitting(
    refusing: list[tuple[RuleAt, LabelSelector, list[LabelSelectorRequirement]]], labels: dict[str, str]
) -> Uses:
    """Return the rules that admit a namespace with these labels by a ``NotIn`` of a label that it lacks."""
    found: Uses = defaultdict(list)
    for at, selector, refused in refusing:
        lacking = [each for each in refused if each.key not in labels]
        if lacking and selector.matches(labels):
            for each in lacking:
                found[each.key].append((at.source, f"{at.path} of {at.policy.ref} admits it by {each}"))
    return found


def _missing(context: Context, labels: dict[str, str]) -> Uses:
    """Return the cluster-wide policies that leave a namespace with these labels out because it lacks one."""
    found: Uses = defaultdict(list)
    for policy in context.written.typed.cluster:
        for path, selector in _choosers(policy):
            if all(each.matches(labels) for each in selector.requirements if each.key in labels):
                for each in selector.requirements:
                    if each.operator in _CHOOSING and each.key not in labels and each.key != NAMESPACE_NAME_LABEL:
                        found[each.key].append(
                            (policy.place.at(path), f"{path} of {policy.ref} leaves it out by {each}")
                        )
    return found


def _choosers(policy: ClusterPolicy) -> Iterator[tuple[str, LabelSelector]]:
    """Yield the selectors of namespaces by which a policy protects or denies."""
    yield "spec.subject", policy.subject.namespace_selector
    for direction in Direction:
        for rule in policy.rules(direction):
            if rule.action is Action.DENY:
                for peer in rule.peers:
                    if isinstance(peer, PodsPeer):
                        yield rule.path, peer.namespace_selector


def _finding(
    namespace: Namespace, key: str, carriers: list[str], admitted: list[tuple[str, str]], missed: list[tuple[str, str]]
) -> Finding:
    name = namespace.metadata.name
    ways = " and ".join(filter(None, ("are admitted" if admitted else "", "escape policies" if missed else "")))
    has = "has" if len(carriers) == 1 else "have"
    return CHECK.finding(
        ObjectRef("Namespace", "", name),
        str(namespace.place),
        f"namespace {name} has no label {key}, as {listed(carriers)} {has}: its pods {ways} for that",
        tuple(f"{place}: {text}" for place, text in dict.fromkeys([*admitted, *missed])),
        Fix(f"give namespace {name} the label {key}, or choose namespaces by labels that all of them have"),
        severity=None if admitted else Severity.LOW,
    )


CHECK = Check(
    id="namespace-unlabelled",
    title="Namespaces without a label that policies go by",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a selector that is met by a missing label lets in, or leaves out, whatever nobody labelled",
    docs=__doc__ or "",
    mappings=Mappings(
        nist_800_53=("CM-6",),
        pci_dss_4=("1.2.7",),
    ),
    run=_run,
)
