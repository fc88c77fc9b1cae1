"""
Ways to get the API wrong, each as a change of what the engine is asked.

A plugin that gets it wrong in one of these ways shows exactly what the engine concludes
of the changed question, so that observations can be told by what they have in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firedoor.engine.conformance.shapes import Feature
from firedoor.engine.conformance.sites import SITES
from firedoor.engine.conformance.world import SITE_BY_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.engine.conformance.shapes import Case, Manifest, Stage, Try
    from firedoor.engine.conformance.world import World

_RULES = (("ingress", "from"), ("egress", "to"))


def _same(policy: Manifest) -> Manifest | None:
    return policy


def _now(_case: Case, _number: int, state: Stage) -> Stage:
    return state


def _judged(_tried: Try, _world: World) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One way to get the API wrong.

    `rewrite` returns the policy that the plugin might as well have (None: none at all),
    `stage` the state that it still goes by, and `passes` says what it lets pass unasked.
    """

    feature: Feature
    text: str
    rewrite: Callable[[Manifest], Manifest | None] = _same
    stage: Callable[[Case, int, Stage], Stage] = _now
    passes: Callable[[Try, World], bool] = _judged


def _without_direction(name: str) -> Callable[[Manifest], Manifest | None]:
    def rewrite(policy: Manifest) -> Manifest | None:
        spec = policy["spec"]
        types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        left = [each for each in types if each != name]
        return {**policy, "spec": {**spec, "policyTypes": left}} if left else None

    return rewrite


def _types_as_written(policy: Manifest) -> Manifest:
    spec = policy["spec"]
    return policy if spec.get("policyTypes") else {**policy, "spec": {**spec, "policyTypes": ["Ingress"]}}


def _by_port(change: Callable[[Manifest], Manifest | None]) -> Callable[[Manifest], Manifest]:
    """Return the rewriting that changes each port of each rule; a rule none of whose ports is left is left out."""

    def rules(found: list[Manifest]) -> Iterator[Manifest]:
        for rule in found:
            ports = [each for port in rule.get("ports", ()) if (each := change(port)) is not None]
            if ports:
                yield {**rule, "ports": ports}
            elif not rule.get("ports"):
                yield rule

    return _by_rules(lambda found, _: list(rules(found)))


def _by_peer(change: Callable[[Manifest], list[Manifest]]) -> Callable[[Manifest], Manifest]:
    """Return the rewriting that puts other peers in the place of each peer."""

    def rules(found: list[Manifest], field: str) -> list[Manifest]:
        return [
            {**rule, field: [each for peer in rule[field] for each in change(peer)]} if field in rule else rule
            for rule in found
        ]

    return _by_rules(rules)


def _by_rules(change: Callable[[list[Manifest], str], list[Manifest]]) -> Callable[[Manifest], Manifest]:
    def rewrite(policy: Manifest) -> Manifest:
        spec: Manifest = policy["spec"]
        changed = {name: change(spec[name], field) for name, field in _RULES if name in spec}
        # What the types are by default must not hang on the rules that are left.
        types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        return {**policy, "spec": {**spec, **changed, "policyTypes": types}}

    return rewrite


def _first_of_range(port: Manifest) -> Manifest:
    return {key: value for key, value in port.items() if key != "endPort"}


def _any_of_range(port: Manifest) -> Manifest:
    return {key: value for key, value in port.items() if key not in {"endPort", "port"}} if "endPort" in port else port


def _first_named(port: Manifest) -> Manifest | None:
    """Return a port with the number that the first pod has under its name; None where nobody has it."""
    if not isinstance(port.get("port"), str):
        return port
    wanted = port["port"], port.get("protocol", "TCP")
    numbers = (number for site in SITES for name, protocol, number in site.ports if (name, protocol) == wanted)
    number = next(numbers, None)
    return None if number is None else {**port, "port": number}


def _any_named(port: Manifest) -> Manifest:
    return {key: value for key, value in port.items() if key != "port"} if isinstance(port.get("port"), str) else port


def _everybodys_named(policy: Manifest) -> Manifest:
    """Return a policy with all the numbers that pods have under the names in egress rules without peers."""

    def rules(found: list[Manifest], field: str) -> list[Manifest]:
        return [
            {**rule, "ports": [each for port in rule["ports"] for each in _all_named(port)]}
            if field == "to" and not rule.get("to") and "ports" in rule
            else rule
            for rule in found
        ]

    return _by_rules(rules)(policy)


def _all_named(port: Manifest) -> list[Manifest]:
    if not isinstance(port.get("port"), str):
        return [port]
    wanted = port["port"], port.get("protocol", "TCP")
    numbers = {number for site in SITES for name, protocol, number in site.ports if (name, protocol) == wanted}
    return [{**port, "port": number} for number in sorted(numbers)] or [port]


def _nobodys_named(policy: Manifest) -> Manifest:
    """Return a policy whose rules have no ports where all that they have are names of nobody."""

    def rules(found: list[Manifest], field: str) -> list[Manifest]:
        return [
            {field: rule[field]} if rule.get(field) and all(map(_is_nobodys, rule.get("ports", [{}]))) else rule
            for rule in found
        ]

    return _by_rules(rules)(policy)


def _is_nobodys(port: Manifest) -> bool:
    return isinstance(port.get("port"), str) and _first_named(port) is None


def _not_named(port: Manifest) -> Manifest | None:
    return None if isinstance(port.get("port"), str) else port


def _not_of(protocol: str) -> Callable[[Manifest], Manifest | None]:
    return lambda port: None if port.get("protocol") == protocol else port


def _is_of(protocol: str) -> Callable[[Try, World], bool]:
    return lambda tried, _world: tried.protocol == protocol


def _apart(peer: Manifest) -> list[Manifest]:
    """Return two peers for one with both selectors."""
    fields = ("namespaceSelector", "podSelector")
    return [{each: peer[each]} for each in fields] if all(each in peer for each in fields) else [peer]


def _without_except(peer: Manifest) -> list[Manifest]:
    return [{"ipBlock": {"cidr": peer["ipBlock"]["cidr"]}}] if "ipBlock" in peer else [peer]


def _one_set_of_blocks(policy: Manifest) -> Manifest:
    """Return a policy in whose rules no block is left that another one of the same rule takes out."""

    def rules(found: list[Manifest], field: str) -> list[Manifest]:
        return [{**rule, field: list(_without_taken_out(rule[field]))} if field in rule else rule for rule in found]

    return _by_rules(rules)(policy)


def _without_taken_out(peers: list[Manifest]) -> Iterator[Manifest]:
    taken_out = {each for peer in peers for each in peer.get("ipBlock", {}).get("except", ())}
    return (peer for peer in peers if peer.get("ipBlock", {}).get("cidr") not in taken_out)


def _labels_alone(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _labels_alone(value) for key, value in part.items() if key != "matchExpressions"}
    return [_labels_alone(each) for each in part] if isinstance(part, list) else part


def _is_to_own_node(tried: Try, world: World) -> bool:
    is_to_host = SITE_BY_KEY[tried.destination].host_network
    return is_to_host and world.stands[tried.source].node == world.stands[tried.destination].node


def _policies_of_before(case: Case, _number: int, state: Stage) -> Stage:
    return type(state)(case.stages[0].policies, state.tries, state.labels)


def _labels_of_before(case: Case, _number: int, state: Stage) -> Stage:
    return type(state)(state.policies, state.tries, case.stages[0].labels)


def _is_late(tried: Try, _world: World) -> bool:
    return SITE_BY_KEY[tried.destination].is_late


READINGS = (
    Reading(Feature.EGRESS, "not enforced: policies restrict ingress alone", _without_direction("Egress")),
    Reading(Feature.INGRESS, "not enforced: policies restrict egress alone", _without_direction("Ingress")),
    Reading(
        Feature.POLICY_TYPES,
        "not filled in: without them a policy is for ingress, whatever rules it has",
        _types_as_written,
    ),
    Reading(Feature.END_PORT, "ignored: a range opens its first port alone", _by_port(_first_of_range)),
    Reading(Feature.END_PORT, "not understood: a range opens every port", _by_port(_any_of_range)),
    Reading(Feature.NAMED_PORTS, "one number for a name: that of the first pod that has it", _by_port(_first_named)),
    Reading(Feature.NAMED_PORTS, "ignored: a name opens nothing", _by_port(_not_named)),
    Reading(Feature.NAMED_PORTS, "not understood: a name opens every port", _by_port(_any_named)),
    Reading(
        Feature.NAMED_PORTS,
        "mixed up in egress rules without peers: to everybody, each number that any pod has under the name is open",
        _everybodys_named,
    ),
    Reading(
        Feature.NAMED_PORTS,
        "dangerous where nobody has the name: its rule opens every port to its peers",
        _nobodys_named,
    ),
    Reading(Feature.EXPRESSIONS, "ignored: labels alone count", _labels_alone),
    Reading(Feature.NAMESPACES, "two selectors in one peer read as two peers", _by_peer(_apart)),
    Reading(Feature.EXCEPT, "ignored: the whole block counts", _by_peer(_without_except)),
    Reading(
        Feature.EXCEPT, "taken out of all blocks of the rule: another block cannot bring it back", _one_set_of_blocks
    ),
    Reading(Feature.UDP, "not enforced: it passes always", passes=_is_of("UDP")),
    Reading(Feature.UDP, "rules ignored: isolated pods get none", _by_port(_not_of("UDP"))),
    Reading(Feature.SCTP, "not enforced: it passes always", passes=_is_of("SCTP")),
    Reading(Feature.SCTP, "rules ignored: isolated pods get none", _by_port(_not_of("SCTP"))),
    Reading(Feature.OWN_NODE, "always reached from its pods", passes=_is_to_own_node),
    Reading(Feature.CHANGES, "of policies have no effect: those that were there first hold", stage=_policies_of_before),
    Reading(Feature.CHANGES, "of labels have no effect: those of before hold", stage=_labels_of_before),
    Reading(Feature.CHANGES, "come too late: pods that are made after a policy are not isolated", passes=_is_late),
)
"""All that are looked for."""
