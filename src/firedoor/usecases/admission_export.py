"""Intents and rules as policies that an API server enforces without a webhook, as far as one object tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firedoor.model.admission import Mode, Rule
from firedoor.model.admission_export import AdmissionExport, Check, Expressed, Extent, Resource
from firedoor.model.intents import EndTerm, IntentKind, Word
from firedoor.model.labels import LabelSelector
from firedoor.usecases.admission_cel import (
    NAME_LABEL,
    every,
    has_more_than_labels,
    labels_of,
    may_be_for,
    peer_is_within,
    peer_may_be,
    port_met,
    rules_of,
    some,
)
from firedoor.usecases.admission_rbac import risky

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.findings import Severity
    from firedoor.model.intents import Intent

POLICIES = Resource("networking.k8s.io", "v1", ("networkpolicies",))
_UNSEEN = (
    "a policy is deleted, or a pod is in none",
    "labels of a pod or a namespace change",
    "policies of other APIs",
    "what the policies of the other end deny anyway",
)
_UNSLUGGED = re.compile("[^a-z0-9]+")
_LONGEST = 40


def exported(
    intents: Sequence[Intent], cni: CniProfile, modes: Mapping[Rule, Mode], severity: Severity
) -> AdmissionExport:
    """Return the policies of all intents, by the mode of ``forbidden``, and of the rule ``risky``."""
    checks: list[Check] = []
    told: list[Expressed] = []
    forbidden = modes.get(Rule.FORBIDDEN, Mode.OFF)
    for number, intent in enumerate(intents if forbidden is not Mode.OFF else (), 1):
        found = _Intent(intent, cni, f"firedoor-{number}-{_slug(intent.name)}", is_warning=forbidden is Mode.WARN)
        checks += found.checks
        told.append(found.expressed())
    if modes.get(Rule.RISKY, Mode.OFF) is not Mode.OFF:
        more, expressed = risky(severity, is_warning=modes[Rule.RISKY] is Mode.WARN)
        checks += more
        told.append(expressed)
    for rule, why in (
        (Rule.UNISOLATED, "whether a policy selects a pod, the pod does not say"),
        (Rule.USED, "which connections are used, no object says"),
    ):
        if modes.get(rule, Mode.OFF) is not Mode.OFF:
            told.append(Expressed(str(rule), "rule", Extent.NONE, unseen=(why,)))
    return AdmissionExport(tuple(checks), tuple(told))


class _Intent:
    """The policies of one intent, and what they let pass or refuse besides."""

    def __init__(self, intent: Intent, cni: CniProfile, name: str, *, is_warning: bool) -> None:
        self._intent = intent
        self._cni = cni
        self._name = name
        self._is_warning = is_warning
        self._stricter: dict[str, None] = {}
        self._looser: dict[str, None] = {}
        self._count = 0
        self._unseen: tuple[str, ...] = _UNSEEN
        self.checks = list(self._checks())

    def expressed(self) -> Expressed:
        """Return how much of the intent the checks are."""
        extent = Extent.EXACT
        if not self.checks:
            extent = Extent.NONE
        elif self._looser:
            extent = Extent.LOOSER
        elif self._stricter:
            extent = Extent.STRICTER
        names = tuple(each.name for each in self.checks)
        intent = self._intent
        return Expressed(
            intent.name, str(intent.kind), extent, names, tuple(self._stricter), tuple(self._looser), self._unseen
        )

    def _checks(self) -> Iterator[Check]:
        intent = self._intent
        if intent.icmp and intent.ports:
            self._looser["messages of ICMP, which no rule names"] = None
        if intent.kind is IntentKind.MUST_ALLOW or not intent.ports:
            self._unseen = ("what must be accepted, and what ICMP may do, no single policy says",)
            return
        for term in intent.destinations:
            if _is_of_pods(term):
                yield from self._into(term)
            if term.word in {Word.ANY, Word.OUTSIDE} or term.addresses or term.domain:
                yield from self._out_to(term)
            if term.word is Word.NODES:
                self._looser["policies do not select pods on the network of their node"] = None

    def _into(self, term: EndTerm) -> Iterator[Check]:
        """Yield what rules of ingress must not let in."""
        self._note(term)
        sources = self._intent.sources
        if self._intent.kind is IntentKind.ONLY_THESE:
            for each in sources:
                if each.workload or each.domain or has_more_than_labels(each):
                    self._looser[f"of the source {each.text} only namespace and labels are told apart"] = None
            self._stricter["peers that several sources cover only together"] = None
            inside = some(map(peer_is_within, sources))
            bad = f"!has(r.from) || size(r.from) == 0 || !r.from.all(f, {inside})"
        else:
            for each in sources:
                self._note(each)
                if each.namespace and each.namespace_labels is not None:
                    told = f"the namespace of {each.text} is taken to have the labels that are asked of it"
                    self._stricter[told] = None
            meant = some(peer_may_be(each, self._cni) for each in sources)
            bad = f"!has(r.from) || size(r.from) == 0 || r.from.exists(f, {meant})"
        yield self._check(term, "ingress", bad)

    def _out_to(self, term: EndTerm) -> Iterator[Check]:
        """Yield what rules of egress must not let out to what has no policies of its own."""
        if self._intent.kind is IntentKind.ONLY_THESE:
            self._looser[f"to {term.text} all pods but some may not connect, which no rule of those some says"] = None
            return
        for source in self._intent.sources:
            if not _is_of_pods(source):
                continue
            self._note(source)
            self._note(term)
            if term.domain:
                self._stricter[f"rules that name addresses may mean {term.domain}"] = None
            meant = peer_may_be(EndTerm(term.text, Word.OUTSIDE) if term.word is Word.ANY else term, self._cni)
            yield self._check(source, "egress", f"!has(r.to) || size(r.to) == 0 || r.to.exists(f, {meant})")

    def _check(self, subject: EndTerm, way: str, bad: str) -> Check:
        intent = self._intent
        rule = every((port_met(intent.ports), bad))
        is_open = every((may_be_for(labels_of(subject)), rules_of(way), f"object.spec.{way}.exists(r, {rule})"))
        message = f"intent {intent.name!r} ({intent.kind}): a rule of {way} opens what it forbids"
        self._count += 1
        name = self._name if self._count == 1 else f"{self._name}-{self._count}"
        return Check(name, POLICIES, ((f"!({is_open})", message),), _namespaces(subject), (), self._is_warning)

    def _note(self, term: EndTerm) -> None:
        """Take in what of a term cannot be said, so that more is meant."""
        if term.workload:
            self._stricter[f"of {term.text} the whole namespace is meant: an object does not say who makes a pod"] = (
                None
            )
        if has_more_than_labels(term):
            self._stricter[f"of the labels of {term.text} only those with one value are told apart"] = None
        if term.word is Word.OUTSIDE or term.addresses:
            self._stricter["blocks of addresses are taken to hold what they may hold"] = None


def _is_of_pods(term: EndTerm) -> bool:
    return term.word in {None, Word.ANY, Word.PODS} and not term.addresses and not term.domain


def _namespaces(term: EndTerm) -> LabelSelector | None:
    """Return the namespaces that a term is about; an API server labels each with its name."""
    if not term.namespace:
        return term.namespace_labels
    named = {NAME_LABEL: term.namespace}
    if term.namespace_labels is None:
        return LabelSelector(named)
    return LabelSelector({**term.namespace_labels.match_labels, **named}, term.namespace_labels.match_expressions)


def _slug(name: str) -> str:
    return _UNSLUGGED.sub("-", name.lower()).strip("-")[:_LONGEST].strip("-") or "intent"
