"""
The reference semantics of Istio's AuthorizationPolicy and PeerAuthentication, for one connection.

Written to be read against the API documentation of ``security.istio.io``, not
to be fast. The proxy in front of the destination judges; the network policies
of the cluster go on to be judged besides, and a connection needs both.
"""

from __future__ import annotations

from itertools import chain, combinations, product

from tests.reference.addresses import Address, parse_address
from tests.reference.endpoints import RefPod
from tests.reference.istio_peerauthentication import possible_modes
from tests.reference.istio_pods import identity_of, in_mesh, root_namespace
from tests.reference.istio_rules import Attempt, rule_matches
from tests.reference.manifests import Manifest, items, namespace_of, objects, section, string_map
from tests.reference.matches import Match, any_of
from tests.reference.networkpolicy import (
    Connection,
    Direction,
    Options,
    Verdict,
    agreed,
    selector_matches,
    subject_and_peer,
)
from tests.reference.networkpolicy import decide as decide_network
from tests.reference.tiers import outcomes_of, unless_from_own_node, verdict_of

__all__ = ["decide", "decide_istio", "judge_at_proxy"]


def decide(cluster: list[Manifest], connection: Connection, options: Options) -> Verdict:
    """Return whether the connection is accepted by the network and by the mesh."""
    return agreed([decide_network(cluster, connection, options), decide_istio(cluster, connection, options)])


def decide_istio(cluster: list[Manifest], connection: Connection, options: Options) -> Verdict:
    """
    Return what the mesh says at the destination.

    It says nothing against UDP and SCTP, which proxies do not handle, nor
    against a connection to what is outside the mesh, from the destination
    itself, or from its own node: the kubelet's probes reach a workload in the
    mesh as they reach any other. None of the options concerns it: they are
    about the implementation of the network.
    """
    ends = subject_and_peer(connection, Direction.INGRESS)
    if ends is None:
        return Verdict.ACCEPTED
    return verdict_of(unless_from_own_node(cluster, *ends, outcomes_of(judge_at_proxy(cluster, connection))))


def judge_at_proxy(cluster: list[Manifest], connection: Connection) -> Verdict:
    """Return what the proxy of the destination says to whatever passes through it."""
    destination = connection.dst
    if connection.protocol != "TCP" or isinstance(destination, str) or not in_mesh(cluster, destination):
        return Verdict.ACCEPTED
    sure, unsure = _policies_for(cluster, destination)
    chosen = chain.from_iterable(combinations(unsure, count) for count in range(len(unsure) + 1))
    modes = possible_modes(cluster, destination, connection.port)
    verdicts = {_judge(cluster, connection, [*sure, *added], mode) for added, mode in product(chosen, modes)}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN


def _judge(cluster: list[Manifest], connection: Connection, policies: list[Manifest], mode: str) -> Verdict:
    """
    Return the verdict under a set of policies and a mode of mutual TLS.

    A source with several addresses uses one of them, and the manifests do not tell which.
    """
    attempts = _attempts(cluster, connection, mode)
    if mode == "STRICT" and all(attempt.identity is None for attempt in attempts):
        return Verdict.DENIED
    verdicts = {_authorize(policies, attempt) for attempt in attempts}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN


def _attempts(cluster: list[Manifest], connection: Connection, mode: str) -> list[Attempt]:
    """A certificate is presented by a source in the mesh, unless the destination disables it."""
    source, port = connection.src, connection.port
    if isinstance(source, str):
        return [Attempt(parse_address(source), None, port)]
    presents = mode != "DISABLE" and in_mesh(cluster, source)
    addresses: tuple[Address | None, ...] = source.addresses or (None,)
    return [Attempt(address, identity_of(cluster, source) if presents else None, port) for address in addresses]


def _authorize(policies: list[Manifest], attempt: Attempt) -> Verdict:
    """
    Evaluate the policies of a workload, all of whose actions must let the connection pass.

    The extension behind a ``CUSTOM`` policy answers in its own way, but cannot
    overrule the others. Without any ``ALLOW`` policy all is allowed.
    """
    denied = any_of(_policy_matches(policy, attempt, Match.NO) for policy in _with_action(policies, "DENY"))
    handed_on = any_of(_policy_matches(policy, attempt, Match.NO) for policy in _with_action(policies, "CUSTOM"))
    allowing = _with_action(policies, "ALLOW")
    allowed = any_of(_policy_matches(policy, attempt, Match.YES) for policy in allowing) if allowing else Match.YES
    if denied is Match.YES or allowed is Match.NO:
        return Verdict.DENIED
    doubt = any_of([denied, handed_on])
    return Verdict.ACCEPTED if doubt is Match.NO and allowed is Match.YES else Verdict.UNKNOWN


def _with_action(policies: list[Manifest], action: str) -> list[Manifest]:
    """Return the policies with an action, which is ``ALLOW`` if unset; ``AUDIT`` changes nothing."""
    return [policy for policy in policies if (section(policy, "spec").get("action") or "ALLOW") == action]


def _policy_matches(policy: Manifest, attempt: Attempt, http: Match) -> Match:
    """One rule suffices. Without rules nothing matches, so that an ``ALLOW`` policy allows nothing."""
    rules = items(section(policy, "spec"), "rules")
    return any_of(rule_matches(rule, attempt, namespace_of(policy), http=http) for rule in rules)


def _policies_for(cluster: list[Manifest], pod: RefPod) -> tuple[list[Manifest], list[Manifest]]:
    """
    Return the policies that apply to a pod, and those that may.

    Policies in the root namespace are for the workloads of all namespaces. One
    that targets a gateway, a waypoint or a service may be enforced for pods of
    its namespace; which ones, the manifests do not tell.
    """
    sure, unsure = [], []
    for policy in objects(cluster, "security.istio.io", "AuthorizationPolicy"):
        spec, own = section(policy, "spec"), namespace_of(policy) == pod.namespace
        if _is_dry_run(policy):
            continue
        if spec.get("targetRefs") or spec.get("targetRef"):
            unsure += [policy] * own
        elif own or namespace_of(policy) == root_namespace(cluster):
            sure += [policy] * selector_matches(section(spec, "selector"), pod.labels)
    return sure, unsure


def _is_dry_run(policy: Manifest) -> bool:
    """A policy on trial (annotation ``istio.io/dry-run``) is only logged."""
    annotations = string_map(section(policy, "metadata"), "annotations")
    return annotations.get("istio.io/dry-run", "") in ("1", "t", "T", "TRUE", "true", "True")
