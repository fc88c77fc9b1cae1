"""Who gets to every right, to all Secrets, and to a node."""

from __future__ import annotations

from tests.engine.attack.cluster import ADMIN, Document, attack, deployment, may, node, pod, rule, service, shut

from firedoor.engine.attack.pairs import Pair, Pairs
from firedoor.model.attack import Kind, Standing

PRIVILEGED = {"securityContext": {"privileged": True}}
INTERNET = Standing(Kind.INTERNET)


def steps(*documents: Document) -> dict[str, int]:
    return {f"{source} -> {goal}": number for (source, goal), number in Pairs(attack(*documents)).steps.items()}


def test_who_has_every_right_has_all_else() -> None:
    found = steps(
        deployment("shop/web", token=True, serviceAccountName="web"),
        service("shop/web", "web", type="LoadBalancer"),
        deployment("far/job"),
        shut("far"),
        *may("sa:shop/web", ADMIN),
    )
    assert found.keys() >= {"internet -> ClusterAdmin", "shop/web -> ClusterAdmin", "shop/web -> Secrets"}
    assert found["internet -> ClusterAdmin"] == found["shop/web -> ClusterAdmin"] + 1
    assert found["shop/web -> ClusterAdmin"] <= found["shop/web -> Secrets"]
    assert not [each for each in found if each.startswith("far/job")]


def test_secrets_of_one_namespace_are_no_goal() -> None:
    reader = (pod("shop/web", token=True, serviceAccountName="web"), shut("shop"))
    assert steps(*reader, *may("sa:shop/web", rule("get", "secrets"), where="shop")) == {}
    assert steps(*reader, *may("sa:shop/web", rule("get list", "secrets"))) == {"shop/web -> Secrets": 2}


def test_the_shortest_path_is_told_of_all_pods_of_a_workload() -> None:
    pairs = Pairs(attack(node("one"), pod("shop/a", container=PRIVILEGED, nodeName="one", port=0), shut("shop")))
    assert pairs.steps == {Pair(Standing(Kind.PODS, "shop", "a", "Pod"), Kind.NODE): 1}
    path = pairs.path(next(iter(pairs.steps)))
    assert path is not None
    assert [(each.technique, str(each.target)) for each in path.steps] == [("privileged", "node:one")]


def test_without_a_path_none_is_told() -> None:
    pairs = Pairs(attack(pod("shop/a"), shut("shop")))
    assert pairs.steps == {}
    assert pairs.path(Pair(INTERNET, Kind.CLUSTER_ADMIN)) is None
    assert pairs.path(Pair(Standing(Kind.PODS, "shop", "gone", "Pod"), Kind.NODE)) is None
