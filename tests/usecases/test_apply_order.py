"""The order in which policies are applied, judged again from outside: no state between cuts or opens."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from firedoor.engine.difference import interruptions, openings
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.model.rollout import Action, Manifest, Ordering, Step
from firedoor.model.rollout_contents import ref_of
from firedoor.model.snapshot import Snapshot
from firedoor.usecases import apply_states
from firedoor.usecases.apply_order import BRIDGE, by_rule, ordered
from firedoor.usecases.apply_states import with_steps
from tests.applying import from_app, policy
from tests.loading import snapshot_of


def pod(namespace: str, name: str, **labels: str) -> str:
    metadata = {"name": name, "namespace": namespace, "labels": {"app": name, **labels}}
    return f"---\n{msgspec.json.encode({'apiVersion': 'v1', 'kind': 'Pod', 'metadata': metadata}).decode()}\n"


SHOP = pod("shop", "web") + pod("shop", "db") + pod("shop", "job") + pod("far", "far")


def create(manifest: Manifest) -> Step:
    return Step(ref_of(manifest), Action.CREATE, None, manifest, manifest)


def change(before: Manifest, after: Manifest) -> Step:
    return Step(ref_of(after), Action.CHANGE, before, after, after)


def delete(manifest: Manifest) -> Step:
    return Step(ref_of(manifest), Action.DELETE, manifest)


def cluster(pods: str, *policies: Manifest) -> Snapshot:
    return snapshot_of(pods + "".join(f"---\n{msgspec.json.encode(each).decode()}\n" for each in policies))


def order(snapshot: Snapshot, *steps: Step) -> Ordering:
    """Return the order, after it was judged once more that nothing is cut that is not told."""
    found = ordered(snapshot, steps, SPEC, create)
    done: list[Step] = []
    old, new = Network(snapshot), Network(with_steps(snapshot, steps))
    cut = {each.after for each in found.cuts}
    for step in (each for wave in found.waves for each in wave.steps):
        done.append(step)
        between = Network(with_steps(snapshot, done))
        assert step.ref in cut or not interruptions(old, between, new, pods=True)
        assert not openings(old, between, new)
    kept = [each for each in done if not each.is_bridge]
    assert sorted(map(str, (each.ref for each in kept))) == sorted(map(str, (each.ref for each in steps)))
    return found


def names(found: Ordering) -> list[str]:
    return [each.ref.name for wave in found.waves for each in wave.steps]


def test_nothing_to_do_needs_no_order() -> None:
    assert order(cluster(SHOP)) == Ordering()


def test_a_wave_for_each_namespace_and_what_denies_comes_last() -> None:
    steps = [
        policy("shop", "a-deny"), policy("shop", "web", "web", from_app("db")), policy("far", "z", "far", from_app("x"))
    ]  # fmt: skip
    found = order(cluster(SHOP), *map(create, steps))
    assert [each.namespace for each in found.waves] == ["far", "shop"]
    assert names(found) == ["z", "web", "a-deny"]
    assert (found.is_judged, found.cuts) == (True, ())


def test_what_opens_comes_before_what_closes_whatever_their_names_are() -> None:
    old = policy("shop", "a", "db", from_app("web", "job"))
    narrowed = change(old, policy("shop", "a", "db", from_app("web")))
    found = order(cluster(SHOP, old), narrowed, create(policy("shop", "b", "db", from_app("job"))))
    assert names(found) == ["b", "a"]


def test_of_what_is_deleted_what_denies_goes_first() -> None:
    old = [policy("shop", "allow", "db", from_app("web")), policy("shop", "deny")]
    assert names(order(cluster(SHOP, *old), *map(delete, old))) == ["deny", "allow"]
    # What takes its place is there before it goes.
    new = policy("shop", "new", "db", from_app("web"))
    found = order(cluster(SHOP, *old), delete(old[0]), create(new))
    assert names(found) == ["new", "allow"]


def test_a_bridge_carries_what_no_order_can_keep() -> None:
    steps = [policy("shop", "one", "web", from_app("db")), policy("shop", "two", "web", from_app("job"))]
    found = order(cluster(SHOP), *map(create, steps))
    assert names(found) == [BRIDGE, "one", "two", BRIDGE]
    assert [each.action for wave in found.waves for each in wave.steps][-1] is Action.DELETE
    assert found.cuts == ()
    # Another wave may follow.
    found = order(cluster(SHOP), *map(create, steps), create(policy("zoo", "last")))
    assert names(found) == [BRIDGE, "one", "two", BRIDGE, "last"]


def test_a_bridge_is_as_narrow_as_it_must_be_to_open_nothing() -> None:
    closed = policy("shop", "closed", "job")
    steps = [policy("shop", "one", "web", from_app("db")), policy("shop", "two", "web", from_app("job"))]
    found = order(cluster(SHOP, closed), *map(create, steps))
    assert names(found) == [BRIDGE, "one", "two", BRIDGE]
    manifest = found.waves[0].steps[0].manifest
    assert manifest is not None
    assert manifest["spec"]["podSelector"] == {"matchLabels": {"app": "web"}}


def test_where_no_bridge_holds_it_is_told_what_is_cut() -> None:
    both = pod("shop", "web", one="a", two="b") + pod("shop", "shut", one="a", two="b", shut="yes") + pod("shop", "db")
    shut = {**policy("shop", "shut"), "spec": {"podSelector": {"matchLabels": {"shut": "yes"}}}}
    steps = [
        {**policy("shop", name), "spec": {"podSelector": {"matchLabels": {name: value}}, "ingress": rules}}
        for name, value, rules in (("one", "a", from_app("db")), ("two", "b", from_app("job")))
    ]
    more = pod("shop", "job")
    wide: list[Any] = [{**each, "spec": {**each["spec"], "policyTypes": ["Ingress"]}} for each in steps]
    found = order(
        cluster(both + more, {**shut, "spec": {**shut["spec"], "policyTypes": ["Ingress"]}}), *map(create, wide)
    )
    assert names(found) == ["one", "two"]
    (cut,) = found.cuts
    assert (str(cut.after), [str(each.destination) for each in cut.interruptions]) == (
        "NetworkPolicy shop/one",
        ["shop/web"] * len(cut.interruptions),
    )


def test_a_bridge_that_the_server_refuses_is_none() -> None:
    steps = [policy("shop", "one", "web", from_app("db")), policy("shop", "two", "web", from_app("job"))]
    for change in ({"rejection": "no"}, {"action": Action.CHANGE}):

        def refused(manifest: Manifest, change: dict[str, Any] = change) -> Step:
            return msgspec.structs.replace(create(manifest), **change)

        found = ordered(cluster(SHOP), [create(each) for each in steps], SPEC, refused)
        assert names(found) == ["one", "two"]
        assert len(found.cuts) == 1


def test_what_the_whole_cluster_is_allowed_comes_first_where_that_keeps_a_connection() -> None:
    admin: Manifest = {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "AdminNetworkPolicy",
        "metadata": {"name": "allow"},
        "spec": {
            "priority": 1,
            "subject": {"namespaces": {}},
            "ingress": [{"name": "all", "action": "Allow", "from": [{"namespaces": {}}]}],
        },
    }
    found = order(cluster(SHOP), create(policy("shop", "deny")), create(admin))
    assert ([each.namespace for each in found.waves], found.cuts) == (["", "shop"], ())
    denies = {**admin, "spec": {**admin["spec"], "ingress": [{**admin["spec"]["ingress"][0], "action": "Deny"}]}}
    found = order(cluster(SHOP), create(policy("shop", "deny")), create(denies))
    assert [each.namespace for each in found.waves] == ["shop", ""]


@pytest.mark.parametrize("name", ["MOST_PODS", "MOST_STATES"])
def test_what_would_take_too_long_is_not_judged_and_says_so(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(apply_states, name, 1)
    steps = [
        policy("shop", "a", "db", from_app("web")), policy("shop", "b", "db", from_app("job")), policy("shop", "c")
    ]  # fmt: skip
    found = ordered(cluster(SHOP), [create(each) for each in steps], SPEC, create)
    assert (found.is_judged, names(found)) == (False, ["a", "b", "c"])
    assert by_rule([create(each) for each in reversed(steps)]) == found.waves


def test_a_policy_of_another_api_with_the_same_name_stays() -> None:
    calico: Manifest = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": "same", "namespace": "shop"},
        "spec": {"selector": "all()", "types": ["Ingress"]},
    }
    snapshot = cluster(SHOP, calico)
    found = with_steps(snapshot, [create(policy("shop", "same"))])
    assert (len(found.network_policies), found.policy_objects) == (1, snapshot.policy_objects)
    assert with_steps(found, [delete(policy("shop", "same"))]).network_policies == ()
    assert with_steps(found, [delete(calico)]).policy_objects == ()
