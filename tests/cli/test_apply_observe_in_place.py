"""An apply that stages policies under their own names, in a form that decides nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from firedoor.bootstrap import open_journals
from firedoor.model.rollout_contents import content
from tests.adapters.cluster.worlds import write_kubeconfig
from tests.applying import Started, kept, policy, written
from tests.cli.apply_runs import actions, apply, run, shop
from tests.cli.command import firedoor
from tests.cli.test_apply_denied import bring, flow
from tests.fake_api_server import FakeAPIServer, Manifest, plural_of

CLUSTER = "policy.networking.k8s.io/v1alpha2"
SHOP: Manifest = {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}
DATA: Manifest = {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "data"}}}


def cluster(name: str, priority: int, action: str, tier: str = "Admin") -> Manifest:
    """Return a policy for what comes into shop from data."""
    rules = [{"action": action, "from": [DATA]}]
    spec = {"tier": tier, "priority": priority, "subject": SHOP, "ingress": rules}
    return {"apiVersion": CLUSTER, "kind": "ClusterNetworkPolicy", "metadata": {"name": name}, "spec": spec}


def cilium(name: str, app: str, **spec: Any) -> Manifest:
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"endpointSelector": {"matchLabels": {"app": app}}, **spec},
    }


ISTIO: Manifest = {
    "apiVersion": "security.istio.io/v1",
    "kind": "AuthorizationPolicy",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"action": "DENY", "rules": [{"from": [{"source": {"namespaces": ["data"]}}]}]},
}
DENY = cluster("deny", 10, "Deny")
FROM_DB = {"fromEndpoints": [{"matchLabels": {"app": "db"}}]}
WEB = cilium("web", "web", ingress=[FROM_DB], egressDeny=[{"toEntities": ["world"]}])
STAGED_WEB = {
    "endpointSelector": {"matchLabels": {"app": "web"}},
    "ingress": [FROM_DB],
    "egress": [{}],
    "enableDefaultDeny": {"ingress": False, "egress": False},
}


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeAPIServer]:
    seen = tmp_path / "seen.jsonl"
    seen.write_text(json.dumps(flow("FORWARDED", "shop/db", "shop/web", timedelta(hours=1))))
    assert firedoor("flows", "import", str(seen), "--store", str(tmp_path / "flows")).code == 0
    with FakeAPIServer(shop()) as fake:
        fake.served[CLUSTER] = ["ClusterNetworkPolicy"]
        fake.served["cilium.io/v2"] = ["CiliumNetworkPolicy"]
        fake.served["security.istio.io/v1"] = ["AuthorizationPolicy"]
        yield fake


def options(folder: Path) -> tuple[str, ...]:
    return ("--flows", "--store", str(folder / "flows"), "--observe", "1s")


def observe(server: FakeAPIServer, folder: Path, *manifests: Manifest) -> Any:
    written(folder / "policies", *manifests)
    return apply(server, folder, *options(folder))


def live(server: FakeAPIServer, manifest: Manifest) -> Any:
    """Return what people write of the object that has the kind and name of a manifest."""
    found = server.objects[manifest["apiVersion"], plural_of(manifest["kind"])]
    return next((content(each) for each in found if each["metadata"]["name"] == manifest["metadata"]["name"]), None)


def everything(server: FakeAPIServer) -> Any:
    return {key: [content(each) for each in found] for key, found in server.objects.items() if found}


def goes_on(server: FakeAPIServer, folder: Path, number: int, shown: list[Any], *manifests: Manifest) -> None:
    """Keep what is there after a write, and bring a flow that stays."""

    def meanwhile(done: int) -> None:
        if done == number:
            shown.extend(live(server, each) for each in manifests)
            bring(folder, flow("FORWARDED", "shop/db", "shop/web"))

    server.after_write = meanwhile


@pytest.mark.parametrize(
    ("manifest", "staged"),
    [
        (DENY, {**DENY["spec"], "ingress": [{"action": "Pass", "from": [DATA]}]}),
        (cluster("base", 5, "Deny", "Baseline"), cluster("base", 5, "Pass", "Baseline")["spec"]),
        (WEB, STAGED_WEB),
        (ISTIO, ISTIO["spec"]),
    ],
)
def test_the_policy_takes_the_place_of_its_staged_form_and_all_is_taken_back(
    server: FakeAPIServer, tmp_path: Path, manifest: Manifest, staged: Any
) -> None:
    before = everything(server)
    shown: list[Any] = []
    goes_on(server, tmp_path, 1, shown, manifest)
    code, document = observe(server, tmp_path, manifest)
    name = manifest["metadata"]["name"]
    assert (code, document["outcome"]) == (0, "applied")
    assert actions(document) == [("create", name), ("change", name)]
    assert [each["stage"] for wave in document["waves"] for each in wave["steps"]] == [True, False]
    assert shown[0]["spec"] == staged
    assert ("istio.io/dry-run" in shown[0]["metadata"]["annotations"]) is (manifest is ISTIO)
    found = live(server, manifest)
    assert (found["spec"], sorted(found["metadata"]["annotations"])) == (manifest["spec"], ["firedoor.dev/apply"])
    assert run("rollback", server, tmp_path).code == 0
    assert everything(server) == before


def test_nothing_is_enforced_where_something_that_is_seen_meanwhile_would_break(
    server: FakeAPIServer, tmp_path: Path
) -> None:
    before = everything(server)
    server.after_write = lambda number: (
        bring(tmp_path, flow("FORWARDED", "data/cache", "shop/web")) if number == 2 else None
    )
    code, document = observe(server, tmp_path, WEB, DENY)
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert "Pod data/cache -> Pod shop/web TCP/80 would break" in document["reasons"][0]
    assert [method for method, _ in server.writes] == ["PATCH", "PATCH", "DELETE", "DELETE"]
    assert everything(server) == before
    assert any("CiliumNetworkPolicy shop/web is staged without its deny rules" in each for each in document["notes"])


def test_what_passes_over_a_policy_in_force_is_refused(server: FakeAPIServer, tmp_path: Path) -> None:
    server.add(kept(cluster("theirs", 20, "Deny")))
    before = everything(server)
    code, document = observe(server, tmp_path, cluster("ours", 10, "Accept"))
    assert (code, document["outcome"], server.writes) == (10, "refused", [])
    assert "what is staged would open" in document["reasons"][0]
    assert "after ClusterNetworkPolicy ours data/cache -> shop/" in document["reasons"][0]
    (opened,) = document["order"]["stage_opens"]
    assert (opened["after"]["name"], document["order"]["stage_cuts"]) == ("ours", [])
    assert everything(server) == before
    shown = run("apply", server, tmp_path, "policies", "--dry-run", *options(tmp_path)).out
    assert "what is staged would not leave everything as it is" in shown
    assert "after ClusterNetworkPolicy ours, which is staged, opens:" in shown


def test_what_takes_away_an_acceptance_in_force_is_refused(server: FakeAPIServer, tmp_path: Path) -> None:
    server.add(kept(cluster("theirs", 20, "Accept")))
    server.add(kept(policy("shop", "all")))
    code, document = observe(server, tmp_path, cluster("ours", 10, "Accept"))
    assert (code, document["outcome"]) == (10, "refused")
    assert "what is staged would cut" in document["reasons"][0]


def test_what_cilium_would_let_pass_that_another_policy_keeps_out_is_refused(
    server: FakeAPIServer, tmp_path: Path
) -> None:
    server.add(kept(cilium("deny", "web", ingress=[{}])))
    code, document = observe(server, tmp_path, WEB)
    assert (code, document["outcome"], server.writes) == (10, "refused", [])
    assert "what is staged would open" in document["reasons"][0]
    assert "shop/db -> shop/web" in document["reasons"][0]


def test_what_would_open_requests_that_another_policy_asks_something_of_is_refused(
    server: FakeAPIServer, tmp_path: Path
) -> None:
    http = {"toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"method": "GET"}]}}]}
    server.add(kept(cilium("http", "web", ingress=[http])))
    written(tmp_path / "policies", cilium("db", "db", ingress=[FROM_DB]))
    ran = run("apply", server, tmp_path, "policies", "--yes", *options(tmp_path))
    assert (ran.code, server.writes) == (2, [])
    assert "CiliumNetworkPolicy shop/db cannot be staged beside CiliumNetworkPolicy shop/http" in ran.error


def test_what_is_in_force_under_the_name_stays_until_its_turn(server: FakeAPIServer, tmp_path: Path) -> None:
    theirs = kept(cluster("deny", 20, "Deny"))
    server.add(theirs)
    shown: list[Any] = []
    goes_on(server, tmp_path, 1, shown, DENY, WEB)
    written(tmp_path / "policies", DENY, WEB)
    code, document = apply(server, tmp_path, "--force-conflicts", *options(tmp_path))
    assert (code, document["outcome"]) == (0, "applied")
    assert actions(document) == [("create", "web"), ("change", "web"), ("change", "deny")]
    assert (shown[0], shown[1]["spec"]) == (content(theirs), STAGED_WEB)
    assert any("stays in force as it is until its turn" in each for each in document["notes"])
    assert run("rollback", server, tmp_path).code == 0
    assert live(server, DENY) == content(theirs)
    assert live(server, WEB) is None


def test_what_the_plugin_says_is_not_valid_is_not_enforced(server: FakeAPIServer, tmp_path: Path) -> None:
    def refuse(number: int) -> None:
        bring(tmp_path, flow("FORWARDED", "shop/db", "shop/web"))
        if number == 1:
            (found,) = server.objects["cilium.io/v2", "ciliumnetworkpolicies"]
            found["status"] = {"conditions": [{"type": "Valid", "status": "False", "message": "bad selector"}]}

    server.after_write = refuse
    code, document = observe(server, tmp_path, WEB)
    assert (code, document["outcome"], live(server, WEB)) == (10, "rolled-back", None)
    assert (
        document["reasons"][0]
        == "the network plugin has not taken CiliumNetworkPolicy shop/web: Valid is False: bad selector"
    )


def test_an_export_holds_the_policies_and_not_what_is_staged(server: FakeAPIServer, tmp_path: Path) -> None:
    written(tmp_path / "policies", DENY)
    assert run("apply", server, tmp_path, "policies", *options(tmp_path), "--export", "out").code == 0
    (file,) = (tmp_path / "out").rglob("*.yaml")
    text = file.read_text()
    assert ("action: Deny" in text, "Pass" in text, server.writes) == (True, False, [])


def test_a_cilium_without_the_field_is_told_of(server: FakeAPIServer, tmp_path: Path) -> None:
    del server.served["cilium.io/v2"]
    code, document = observe(server, tmp_path, WEB)
    assert (code, document["outcome"]) == (10, "refused")
    assert "--observe needs a Cilium whose policies have enableDefaultDeny (1.16)" in document["reasons"][1]


@pytest.mark.parametrize(
    ("number", "after", "verb"),
    [(1, True, "resume"), (2, True, "rollback"), (3, False, "resume"), (3, True, "rollback")],
)
def test_a_process_that_is_killed_between_leaves_what_can_be_finished_and_taken_back(
    server: FakeAPIServer, tmp_path: Path, number: int, after: bool, verb: str
) -> None:
    before = everything(server)
    folder = written(tmp_path / "policies", WEB, DENY)
    later = flow("FORWARDED", "shop/db", "shop/web", timedelta(hours=-1))
    later["flow"]["l4"]["TCP"]["source_port"] = 40001
    bring(tmp_path, later)
    started: list[Started] = []
    kill = lambda count: Started.end(started, after=after) if count == number else None  # noqa: E731
    setattr(server, "after_write" if after else "before_write", kill)
    config = write_kubeconfig(tmp_path, server.url)
    started.append(Started("apply", folder, "--kubeconfig", config, "--yes", *options(tmp_path)))
    assert started[0].wait()[0] == -9
    server.before_write = server.after_write = lambda _number: None
    if verb == "resume":
        ran = run("apply", server, tmp_path, "--resume", open_journals().records()[-1].begin.id)
        assert ran.code == 0, json.dumps([ran.out, ran.err])
        assert (live(server, WEB)["spec"], live(server, DENY)["spec"]) == (WEB["spec"], DENY["spec"])
    assert run("rollback", server, tmp_path).code == 0
    assert everything(server) == before
