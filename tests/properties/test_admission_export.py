"""What exported policies refuse is what firedoor says that the object itself opens, for some pods there may be."""

from __future__ import annotations

import json
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from firedoor.adapters.cel.environment import compiled, environment
from firedoor.adapters.cel.kubernetes_functions import Shape
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import find_risks
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.model.admission import Mode, Rule
from firedoor.model.admission_export import Check, Extent
from firedoor.model.findings import Severity
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.labels import LabelSelector
from firedoor.model.networkpolicy import Direction
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.admission_export import exported
from tests.examples import many, some
from tests.loading import snapshot_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

Manifest = dict[str, Any]
APPS, TIERS, TEAMS, SPACES = (
    (None, "web", "db", "x"),
    (None, "a", "b"),
    (None, "red", "blue"),
    ("shop", "data", "other"),
)
HOME = "data"
PORTS = ((("TCP", 80, 80),), (("TCP", 1, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)), (("UDP", 50, 60),))
ENV = environment()
CIDRS = ("10.0.0.0/8", "192.0.2.0/24", "203.0.113.7/32")


@cache
def program(text: str) -> Any:
    return compiled(ENV, text, Shape.TRUTH)


def is_true(text: str, thing: Manifest, labels: dict[str, str]) -> bool:
    space = {"metadata": {"name": labels["kubernetes.io/metadata.name"], "labels": labels}}
    found = program(text).eval(ENV.Activation({"object": thing, "namespaceObject": space, "params": None}))
    assert isinstance(found.value(), bool), found.value()
    return bool(found.value())


def labelled(**labels: str | None) -> dict[str, str]:
    return {key: value for key, value in labels.items() if value is not None}


def selectors(**values: tuple[str | None, ...]) -> st.SearchStrategy[Manifest]:
    """Selectors that ask at most once for each label, so that none contradicts itself."""

    def one(key: str) -> st.SearchStrategy[tuple[str, Any]]:
        some_of = st.lists(st.sampled_from([each for each in values[key] if each]), min_size=1, max_size=2, unique=True)
        # No namespace is without its name.
        words = ("Exists", "DoesNotExist") if None in values[key] else ("Exists",)
        return st.one_of(
            st.just(("none", None)),
            st.just(("none", None)),
            some_of.map(lambda found: ("label", {key: found[0]})),
            some_of.map(lambda found: ("is", {"key": key, "operator": "In", "values": found})),
            some_of.map(lambda found: ("is", {"key": key, "operator": "NotIn", "values": found[:1]})),
            st.sampled_from(words).map(lambda word: ("is", {"key": key, "operator": word})),
        )

    def together(parts: tuple[tuple[str, Any], ...]) -> Manifest:
        labels = {key: value for kind, part in parts if kind == "label" for key, value in part.items()}
        asked = [part for kind, part in parts if kind == "is"]
        return {**({"matchLabels": labels} if labels else {}), **({"matchExpressions": asked} if asked else {})}

    return st.tuples(*(one(key) for key in values)).map(together)


POD_SELECTORS = selectors(app=APPS, tier=TIERS)
SPACE_SELECTORS = selectors(**{"team": TEAMS, "kubernetes.io/metadata.name": SPACES})
PEERS = st.one_of(
    st.fixed_dictionaries({"podSelector": POD_SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": SPACE_SELECTORS}),
    st.fixed_dictionaries({"podSelector": POD_SELECTORS, "namespaceSelector": SPACE_SELECTORS}),
    st.sampled_from(CIDRS).map(lambda cidr: {"ipBlock": {"cidr": cidr}}),
)
RULE_PORTS = st.sampled_from(
    (
        {"protocol": "TCP", "port": 80},
        {"protocol": "UDP"},
        {"protocol": "UDP", "port": 40, "endPort": 55},
        {"protocol": "TCP", "port": 443},
    )
)


def rules(peers: str) -> st.SearchStrategy[list[Manifest]]:
    optional = {peers: st.lists(PEERS, max_size=2), "ports": st.lists(RULE_PORTS, max_size=2)}
    return st.lists(st.fixed_dictionaries({}, optional=optional), max_size=2)


POLICIES = st.fixed_dictionaries(
    {
        "podSelector": POD_SELECTORS,
        "policyTypes": st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"])),
        "ingress": rules("from"),
        "egress": rules("to"),
    }
).map(
    lambda spec: {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "one", "namespace": HOME},
        "spec": spec,
    }
)
LABELS = st.sampled_from((None, {"app": "web"}, {"app": "db", "tier": "a"}))


def pod_terms() -> st.SearchStrategy[EndTerm]:
    def term(space: str, labels: dict[str, str] | None, team: str | None) -> EndTerm:
        own = None if labels is None else LabelSelector(labels)
        return EndTerm("pods", None, "", space, LabelSelector({"team": team}) if team else None, own)

    one = st.builds(term, st.sampled_from(("", "shop", HOME)), LABELS, st.sampled_from((None, None, "red")))
    return st.one_of(one, one, st.just(EndTerm("pods", Word.PODS)))


OUTSIDE = st.one_of(
    st.just(EndTerm("outside", Word.OUTSIDE)), st.sampled_from(CIDRS).map(lambda cidr: EndTerm(cidr, addresses=cidr))
)


def world(policy: Manifest, own: dict[str, str], team: str | None) -> Network:
    """Pods of all kinds there may be, in namespaces of a team; that of the policy has its labels."""
    policies = snapshot_of(json.dumps(policy)).network_policies
    return Network(replace(populated(own.get("team"), team), network_policies=policies), SPEC)


@cache
def populated(own: str | None, team: str | None) -> Snapshot:
    """The namespaces and the pods of a world, which are read once."""
    found: list[Manifest] = []
    for space in SPACES:
        labels = labelled(team=own if space == HOME else team)
        found.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space, "labels": labels}})
        # Two have the labels of the narrowest term: a pod and itself is no connection.
        for number, (app, tier) in enumerate((*product(APPS, TIERS), ("db", "a"))):
            metadata = {"name": f"pod-{number}", "namespace": space, "labels": labelled(app=app, tier=tier)}
            found.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})
    return snapshot_of("---\n".join(f"{json.dumps(each)}\n" for each in found))


def meant(network: Network, term: EndTerm) -> list[int]:
    return [
        position
        for position, member in enumerate(network.members)
        if term.word is Word.PODS
        or (
            term.namespace in {"", member.namespace}
            and (term.labels is None or term.labels.matches(member.labels))
            and (term.namespace_labels is None or term.namespace_labels.matches(network.namespaces[member.namespace]))
        )
    ]


def opened(network: Network, way: Direction, subject: EndTerm, peers: list[int | str], ports: Any) -> bool:
    """Return whether the policy accepts, for any pod that it isolates, any of some ports from or to any peer."""
    (policy,) = network.snapshot.network_policies
    mask = 0
    for each in ports:
        mask |= network.axis.mask(*each)
    return any(
        network.direction_value(way, position, peer)[0] & mask
        for position in meant(network, subject)
        if policy.isolates(way)
        and policy.selects(network.members[position].namespace, network.members[position].labels)
        for peer in peers
        if peer != position
    )


def refuses(checks: tuple[Check, ...], policy: Manifest, own: dict[str, str]) -> bool:
    labels = {**own, "kubernetes.io/metadata.name": HOME}
    asked = [
        text
        for check in checks
        if check.namespaces is None or check.namespaces.matches(labels)
        for text, _ in check.validations
    ]
    found = any(not is_true(text, policy, labels) for text in asked)
    # Where Kyverno reads files, all numbers are floating-point.
    floating = json.loads(json.dumps(policy), parse_int=float)
    assert any(not is_true(text, floating, labels) for text in asked) is found
    return found


@many
@given(POLICIES, pod_terms(), pod_terms(), st.sampled_from(PORTS), st.sampled_from(TEAMS))
def test_what_must_be_denied_between_pods_is_refused_where_the_policy_opens_it_to_some(
    policy: Manifest, source: EndTerm, destination: EndTerm, ports: Any, own_team: str | None
) -> None:
    intent = Intent("one", IntentKind.MUST_DENY, (source,), (destination,), ports)
    found = exported([intent], SPEC, {Rule.FORBIDDEN: Mode.DENY}, Severity.HIGH)
    # Labels of the policy's own namespace are asked for of the destination alone.
    is_exact = not source.namespace or source.namespace_labels is None
    assert found.expressed[0].extent is (Extent.EXACT if is_exact else Extent.STRICTER)
    own = labelled(team=own_team)
    worlds = [world(policy, own, team) for team in TEAMS]
    wanted = any(
        opened(each, Direction.INGRESS, destination, list(meant(each, source)), intent.ports) for each in worlds
    )
    event(f"refused {wanted}")
    refused = refuses(found.checks, policy, own)
    assert refused >= wanted
    assert wanted or not refused or not is_exact


@some
@given(POLICIES, OUTSIDE, pod_terms(), st.sampled_from(PORTS), st.booleans())
def test_what_must_be_denied_to_addresses_outside_is_never_let_pass(
    policy: Manifest, outside: EndTerm, pods: EndTerm, ports: Any, is_egress: bool
) -> None:
    ends = ((pods,), (outside,)) if is_egress else ((outside,), (pods,))
    intent = Intent("one", IntentKind.MUST_DENY, *ends, ports)
    found = exported([intent], SPEC, {Rule.FORBIDDEN: Mode.DENY}, Severity.HIGH)
    assert found.expressed[0].extent is Extent.STRICTER
    network = world(policy, {}, None)
    addresses: list[int | str] = ["10.0.0.1", "192.0.2.1", "203.0.113.7", "8.8.8.8"]
    if outside.addresses:
        addresses = [outside.addresses.partition("/")[0]]
    wanted = opened(network, Direction.EGRESS if is_egress else Direction.INGRESS, pods, addresses, intent.ports)
    event(f"opened {wanted}")
    assert refuses(found.checks, policy, {}) >= wanted


@some
@given(POLICIES, st.lists(pod_terms(), max_size=2), pod_terms(), st.sampled_from(PORTS), st.sampled_from(TEAMS))
def test_what_others_than_those_listed_could_get_to_is_never_let_pass(
    policy: Manifest, listed: list[EndTerm], destination: EndTerm, ports: Any, own_team: str | None
) -> None:
    intent = Intent("one", IntentKind.ONLY_THESE, tuple(listed), (destination,), ports)
    found = exported([intent], SPEC, {Rule.FORBIDDEN: Mode.DENY}, Severity.HIGH)
    assert found.expressed[0].extent is Extent.STRICTER
    own, wanted = labelled(team=own_team), False
    for team in TEAMS:
        network = world(policy, own, team)
        rest = set(range(len(network.members))) - {each for term in listed for each in meant(network, term)}
        peers: list[int | str] = [*sorted(rest), "10.0.0.1", "192.0.2.1", "203.0.113.7", "8.8.8.8"]
        wanted |= opened(network, Direction.INGRESS, destination, peers, intent.ports)
    event(f"opened {wanted}")
    assert refuses(found.checks, policy, own) >= wanted


VERBS = ("get", "list", "create", "update", "patch", "delete", "escalate", "bind", "impersonate", "*")
RESOURCES = (
    "secrets",
    "pods",
    "pods/exec",
    "*/exec",
    "nodes/proxy",
    "clusterroles",
    "roles",
    "rolebindings",
    "users",
    "*",
)
GROUPS = ("", "rbac.authorization.k8s.io", "apps", "*")


def listed(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


ROLE_RULES = st.lists(
    st.fixed_dictionaries({"verbs": listed(VERBS), "resources": listed(RESOURCES), "apiGroups": listed(GROUPS)}),
    max_size=3,
)


@many
@given(ROLE_RULES, st.booleans())
def test_a_role_is_refused_where_whoever_is_given_it_holds_a_risk(rules: list[Manifest], is_clustered: bool) -> None:
    import yaml  # noqa: PLC0415

    kind = "ClusterRole" if is_clustered else "Role"
    space = {} if is_clustered else {"namespace": HOME}
    api = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{api}/v1", "kind": kind, "metadata": {"name": "one", **space}, "rules": rules}
    binding = {
        "apiVersion": f"{api}/v1",
        "kind": f"{kind}Binding",
        "metadata": {"name": "one", **space},
        "roleRef": {"apiGroup": api, "kind": kind, "name": "one"},
        "subjects": [{"kind": "ServiceAccount", "name": "any", "namespace": HOME}],
    }
    found = exported([], SPEC, {Rule.RISKY: Mode.DENY}, Severity.HIGH)
    checks = tuple(each for each in found.checks if each.resource.names == (f"{kind.lower()}s",))
    told = {message.partition(" ")[0] for check in checks for _, message in check.validations}
    left = next(each for each in found.expressed[0].looser if "hangs on" in each)
    risks = find_risks(Authorizer(snapshot_of(yaml.dump_all([role, binding]))))
    wanted = {
        each.finding.check
        for each in risks
        if each.finding.severity.rank >= Severity.HIGH.rank and each.finding.check in told and each.scope
    }
    event(f"refused {bool(wanted)}")
    refused = refuses(checks, role, {})
    assert refused >= bool({each for each in wanted if each not in left})
    assert bool(wanted) >= refused
