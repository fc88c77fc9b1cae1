from __future__ import annotations

from tests.engine.synth.making import deployment, network

from firedoor.engine.synth.groups import Group, GroupIndex
from firedoor.model.places import ObjectRef


def groups(text: str, *, by_values_alone: bool = False) -> list[tuple[tuple[str, ...], str]]:
    """Return the names of the workloads of each group, and its selector."""
    found = GroupIndex(network(text), by_values_alone=by_values_alone).groups
    return [(tuple(each.name for each in group.workloads), str(group.selector)) for group in found]


def only(text: str) -> Group:
    (found,) = GroupIndex(network(text)).groups
    return found


def test_the_label_that_says_what_a_pod_is_comes_before_others_that_are_as_exact() -> None:
    text = deployment("web", "aaa: x, tier: front, app: web") + deployment("db", "aaa: z, tier: back, app: db")
    assert groups(text) == [(("db",), "app=db"), (("web",), "app=web")]


def test_as_few_labels_are_taken_as_tell_a_workload_apart() -> None:
    text = deployment("blue", "app: web, color: blue") + deployment("green", "app: web, color: green")
    assert groups(text) == [(("blue",), "app=web,color=blue"), (("green",), "app=web,color=green")]


def test_a_label_of_its_own_is_used_where_no_label_says_what_a_pod_is() -> None:
    text = deployment("web", "tier: front") + deployment("db", "tier: back")
    assert groups(text) == [(("db",), "tier=back"), (("web",), "tier=front")]


def test_labels_of_others_are_asked_not_to_be_there() -> None:
    text = deployment("web", "app: shop") + deployment("db", "app: shop, tier: back")
    text += deployment("far", "app: far, zone: x, name: far")
    assert groups(text)[::2] == [(("db",), "app=shop,tier=back"), (("web",), "app=shop,!tier")]


def test_where_selectors_know_no_absence_such_workloads_share_a_group() -> None:
    text = deployment("web", "app: shop") + deployment("db", "app: shop, tier: back")
    assert groups(text, by_values_alone=True) == [(("db", "web"), "app=shop")]


def test_workloads_that_only_changing_labels_tell_apart_share_a_group() -> None:
    text = deployment("one", 'app: web, helm.sh/chart: a, version: "1"') + deployment("two", 'app: web, version: "2"')
    assert groups(text) == [(("one", "two"), "app=web")]


def test_three_labels_are_not_enough_where_four_are_needed() -> None:
    rest = ("a: x, b: x, c: x, d: z", "a: x, b: x, c: z, d: x", "a: x, b: z, c: x, d: x", "a: z, b: x, c: x, d: x")
    text = deployment("own", "a: x, b: x, c: x, d: x")
    text += "".join(deployment(f"other-{number}", labels) for number, labels in enumerate(rest))
    assert (("own",), "a=x,b=x,c=x,d=x") in groups(text)


def test_a_workload_without_labels_is_what_lacks_those_of_others_and_is_called_weak() -> None:
    text = deployment("bare", "") + deployment("web", "app: web")
    index = GroupIndex(network(text))
    bare, web = index.groups
    assert (str(bare.selector), bare.weak) == ("!app", True)
    assert (str(web.selector), web.weak) == ("app=web", False)


def test_a_workload_alone_in_its_namespace_without_labels_is_selected_by_nothing_at_all() -> None:
    found = only(deployment("bare", ""))
    assert (found.selector.is_empty, found.weak) == (True, True)


POD = """
---
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: shop
  labels: {{{labels}}}
  ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, controller: true, uid: u}}]
spec: {{{spec}containers: [{{name: main, image: i}}]}}
status: {{phase: Running}}
"""


def test_labels_count_that_all_pods_and_the_template_have() -> None:
    text = deployment("web", "app: web")
    text += POD.format(name="web-1", labels="app: web, track: old, injected: x", spec="")
    text += POD.format(name="web-2", labels="app: web, track: new, injected: x", spec="")
    text += deployment("db", "injected: x, app: db")
    found = dict(groups(text))
    assert found["web",] == "app=web"


def test_pods_on_the_network_of_their_node_are_a_group_of_their_own() -> None:
    text = deployment("web", "app: web") + POD.format(name="web-1", labels="app: web", spec="hostNetwork: true, ")
    text += POD.format(name="web-2", labels="app: web", spec="")
    index = GroupIndex(network(text))
    assert [group.is_host for group in index.groups] == [False, True]
    assert index.of[ObjectRef("Deployment", "shop", "web")] == tuple(index.groups)
    assert index.by_account["shop", "default"] == index.groups[:1]
