"""The review of a network: its rules against what was observed in some days, item by item."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.programs import ACCEPT
from firedoor.engine.relations.parts import PolicyBook
from firedoor.engine.review.matching import Matcher, Rows
from firedoor.engine.review.narrowing import Narrowing
from firedoor.engine.review.observed import Observed
from firedoor.engine.review.proposing import Proposals, proved
from firedoor.engine.review.rule_documents import dialect_of, object_of
from firedoor.engine.review.shortening import WideRule, shorter_rules
from firedoor.engine.review.telling import (
    counted,
    difference_texts,
    fingerprint,
    rule_document,
    shortening_texts,
    time_text,
    written,
)
from firedoor.model.istio import Action, AuthorizationPolicy
from firedoor.model.multinetwork import MultiNetworkPolicy
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.review import DAY, Item, ItemKind, NetworkReview, Period, RuleCounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.reach.layers import Policy
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.rules import CompiledRule
    from firedoor.engine.relations.parts import Written
    from firedoor.engine.review.observed import Hits
    from firedoor.model.flows import FlowEdge
    from firedoor.model.review import Manifest

_KEYS = {Direction.INGRESS: "from", Direction.EGRESS: "to"}
_MOST_WHY = 3
_COMPILED_IN_MESH = 2
"""What a policy that allows is compiled to where all of the mesh is known: its rules, and that the rest is denied."""


def review_network(network: Network, edges: Iterable[FlowEdge], now: int, days: int, namespace: str) -> NetworkReview:
    """
    Return what the edges of the days before `now` say of the policies, or of those of one namespace.

    Rules that deny or pass are not judged: what went through tells nothing of them.
    """
    since = now - days * DAY
    recorded = _Recorded(edges, since, now)
    observed = Observed(network, recorded.of_days)
    period = recorded.period(since, now, is_about_here=observed.is_about_here)
    return _Reviewing(observed, Observed(network, recorded.before), period, days).reviewed(namespace)


class _Recorded:
    """A record, parted into what was seen in some days and what was seen before."""

    def __init__(self, edges: Iterable[FlowEdge], since: int, now: int) -> None:
        self.of_days: list[FlowEdge] = []
        self.before: list[FlowEdge] = []
        self._first: int | None = None
        self._last = 0
        for each in edges:
            self._first = each.first if self._first is None else min(self._first, each.first)
            self._last = max(self._last, each.last)
            if each.last < since:
                self.before.append(each)
            elif each.first <= now:
                self.of_days.append(each)

    def period(self, since: int, now: int, *, is_about_here: bool) -> Period:
        """Return the period; nobody connects just when the days begin and end, so up to a day may be missing."""
        first = self._first
        if first is None:
            return Period(0, 0, 0, 0, is_enough=False)
        is_enough = is_about_here and first <= since + DAY and self._last >= now - DAY
        return Period(first, self._last, len(self.of_days), sum(each.count for each in self.of_days), is_enough)


class _Reviewing:
    """Goes through the policies once."""

    def __init__(self, observed: Observed, before: Observed, period: Period, days: int) -> None:
        self._observed = observed
        self._period = period
        self._days = days
        self._matcher = Matcher(observed)
        self._before = before, Matcher(before)
        self._narrowing = Narrowing(observed, self._matcher)
        self._proposals = Proposals()
        self._items: list[Item] = []
        self._undecided: list[Item] = []
        self._counts: Counter[str] = Counter()
        self._seen: dict[tuple[str, ...], int] = defaultdict(int)
        self._wide: list[tuple[Written, WideRule]] = []

    def reviewed(self, namespace: str) -> NetworkReview:
        others = 0
        for each in PolicyBook(self._observed.network).policies:
            if not is_judged(each):
                others += 1
            elif not namespace or each.policy.ref.namespace in {"", namespace}:
                self._policy(each)
        self._shorten()
        counts = (self._counts[each] for each in ("used", "possibly", "unused", "unknown"))
        return NetworkReview(
            self._period,
            RuleCounts(*counts),
            tuple(self._items),
            tuple(self._undecided),
            proved(self._observed, self._proposals),
            (_of_mesh(others),) if others else (),
        )

    def _policy(self, policy: Written) -> None:
        if not policy.profiles and not policy.stands_alone:
            return
        if not policy.profiles:
            ref = policy.policy.ref
            self._items.append(
                Item(
                    ItemKind.POLICY_WITHOUT_PODS,
                    ref,
                    "",
                    str(policy.policy.place),
                    "it applies to no pod here",
                    fingerprint(ItemKind.POLICY_WITHOUT_PODS, ref),
                    proposal="remove it, unless it is there for pods to come",
                )
            )
            return
        for direction in Direction:
            for path, rules in policy.rules(direction).items():
                if any(each.action == ACCEPT for each in rules):
                    self._rule(policy, direction, path)

    def _rule(self, policy: Written, direction: Direction, path: str) -> None:
        pairs = [(one, rule) for one in policy.compiled[direction] for rule in one.rules if rule.path == path]
        matched = self._matcher.matched(direction, pairs)
        if not policy.stands_alone and len(policy.compiled[direction]) > _COMPILED_IN_MESH:
            # In a mesh of which not all is known a rule may mean something else in each case.
            matched = Rows(matched.sure[:0], matched.maybe)
        hits = self._observed.hits(matched.sure, matched.maybe)
        if len(hits.sure):
            self._counts["used"] += 1
            self._used(policy, direction, path, matched, hits)
        elif len(hits.maybe):
            self._counts["possibly"] += 1
            evidence = (
                f"possibly {counted(self._observed.edges[each] for each in hits.maybe.tolist())}",
                *self._why(hits),
            )
            self._undecided.append(self._item(ItemKind.RULE_UNUSED, policy, path, "possibly used", evidence))
        elif not self._period.is_enough:
            self._counts["unknown"] += 1
            self._undecided.append(
                self._item(ItemKind.RULE_UNUSED, policy, path, "whether it was used is not known", (self._covered(),))
            )
        else:
            self._counts["unused"] += 1
            proposal = "remove the rule"
            kubernetes = _kubernetes(policy)
            if kubernetes is not None:
                self._proposals.rules[id(kubernetes), direction, _number(path)] = None
                proposal = "remove the rule, and keep the policy, which isolates its pods"
            elif not policy.stands_alone:
                proposal = "remove the rule, and keep the policy: without one that allows, all is allowed"
            evidence = (
                f"nothing recorded in the {_days(self._days)} before matched it",
                *self._earlier(direction, pairs),
            )
            self._items.append(self._item(ItemKind.RULE_UNUSED, policy, path, "not used", evidence, proposal))

    def _used(self, policy: Written, direction: Direction, path: str, matched: Rows, hits: Hits) -> None:
        kubernetes = _kubernetes(policy)
        if kubernetes is None:
            self._used_of_other(policy, direction, path, hits)
            return
        rule = kubernetes.rules(direction)[_number(path)]
        narrowed = self._narrowing.narrowed(kubernetes, direction, rule, matched)
        if narrowed == rule:
            return
        edges = [self._observed.edges[each] for each in np.concatenate(hits).tolist()]
        evidence = (*difference_texts(rule, narrowed), counted(edges))
        if self._wider(policy, path, evidence, rule_document(_KEYS[direction], narrowed)):
            self._proposals.rules[id(kubernetes), direction, _number(path)] = narrowed

    def _wider(self, policy: Written, path: str, evidence: tuple[str, ...], document: Manifest) -> bool:
        """Tell that a rule is wider than its use; return whether enough was seen to say so."""
        if self._period.is_enough:
            message, proposal = "wider than what was used of it", "write the narrower rule instead"
            self._items.append(self._item(ItemKind.RULE_WIDER, policy, path, message, evidence, proposal, document))
        else:
            told = (*evidence, self._covered())
            self._undecided.append(
                self._item(ItemKind.RULE_WIDER, policy, path, "whether it is wider than its use is not known", told)
            )
        return self._period.is_enough

    def _used_of_other(self, policy: Written, direction: Direction, path: str, hits: Hits) -> None:
        """Remember a rule of another API that was used, to look at all of them together."""
        found = object_of(self._observed.network.snapshot.policy_objects, policy.policy)
        dialect = dialect_of(found) if found is not None else None
        if found is not None and dialect is not None:
            used = frozenset(np.concatenate(hits).tolist())
            is_on_ports = all(self._observed.is_on_port[each] for each in used)
            self._wide.append((policy, WideRule(found, dialect, path, direction, used, is_on_ports)))

    def _shorten(self) -> None:
        if not self._wide:
            return
        shorter = shorter_rules(self._observed, [wide for _, wide in self._wide])
        for (policy, wide), document in zip(self._wide, shorter, strict=True):
            if document is None:
                continue
            edges = [self._observed.edges[each] for each in sorted(wide.used)]
            evidence = (*shortening_texts(wide.rule, document), counted(edges))
            if self._wider(policy, wide.path, evidence, document):
                self._proposals.documents[id(wide.policy)][wide.path] = document

    def _earlier(self, direction: Direction, pairs: list[tuple[Policy, CompiledRule]]) -> tuple[str, ...]:
        """Return when the rule was used before the days, if it was."""
        observed, matcher = self._before
        found = observed.hits(*matcher.matched(direction, pairs)).sure.tolist()
        return (f"before that {counted(observed.edges[each] for each in found)}",) if found else ()

    def _item(
        self,
        kind: ItemKind,
        policy: Written,
        path: str,
        message: str,
        evidence: tuple[str, ...],
        proposal: str = "",
        manifest: dict[str, object] | None = None,
    ) -> Item:
        ref = policy.policy.ref
        said = _said(policy, path)
        self._seen[kind, str(ref), said] += 1
        # Equal rules of one policy are told apart by their order.
        mark = fingerprint(kind, ref, said, str(self._seen[kind, str(ref), said]))
        return Item(kind, ref, path, policy.policy.place.at(path), message, mark, evidence, proposal, manifest)

    def _covered(self) -> str:
        period = self._period
        if not period.last:
            return "the records hold no connection"
        if not self._observed.is_about_here:
            return "no recorded connection of these days has an end in what was read"
        return f"the records cover {time_text(period.first)} to {time_text(period.last)}, not {_days(self._days)}"

    def _why(self, hits: Hits) -> tuple[str, ...]:
        edges = (self._observed.edges[each] for each in hits.maybe.tolist())
        unknown = {
            f"{each.name or each.address or 'an end'} is not known here"
            for edge in edges
            for each in (edge.source, edge.destination)
            if not self._observed.ends.of(each).like
        }
        return tuple(sorted(unknown)[:_MOST_WHY])


def is_judged(policy: Written) -> bool:
    """Return whether the rules of a policy are reviewed: in a mesh those of policies that allow, where understood."""
    found = policy.policy
    if isinstance(found, AuthorizationPolicy):
        return found.action is Action.ALLOW and not found.unsure
    return policy.stands_alone


def _kubernetes(policy: Written) -> NetworkPolicy | None:
    """Return the NetworkPolicy that a policy is, if it is one of Kubernetes."""
    found = policy.policy
    return found if isinstance(found, NetworkPolicy) and not isinstance(found, MultiNetworkPolicy) else None


def _said(policy: Written, path: str) -> str:
    """Return what a rule says where that can be told of it, or else where it stands."""
    kubernetes = _kubernetes(policy)
    if kubernetes is None:
        return path
    direction = Direction.INGRESS if path.startswith("spec.ingress") else Direction.EGRESS
    return f"{direction}\n{written(kubernetes.rules(direction)[_number(path)])}"


def _of_mesh(number: int) -> str:
    return "1 policy of a mesh is not reviewed" if number == 1 else f"{number} policies of a mesh are not reviewed"


def _days(number: int) -> str:
    return f"{number} day{'s' * (number != 1)}"


def _number(path: str) -> int:
    """Return the position in ``spec.ingress[0]``."""
    return int(path.rpartition("[")[2].rstrip("]"))
