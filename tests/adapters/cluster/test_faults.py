"""Every fault of the server becomes patience, a gap or an error in one line; never a wrong picture."""

import json
import socket
from pathlib import Path

import pytest

from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from firedoor.model.places import GapKind, Scope
from tests.adapters.cluster.worlds import (
    Patience,
    by_namespace_label,
    gaps_of,
    names,
    pod,
    policy,
    read,
    small_cluster,
    source,
    write_kubeconfig,
)
from tests.fake_api_server import FakeAPIServer, Fault, Manifest

PODS = "/api/v1/pods"
POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
MANY = [pod("shop", f"p{number:02}") for number in range(25)]
ALL = [f"shop/p{number:02}" for number in range(25)]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, times=2),
        Fault(status=503, times=2),
        Fault(truncate=True, times=2),
        Fault(reset=True, times=2),
        Fault(body=b'{"items": [', times=2),
        Fault(status=500, times=2, skip=1),
    ],
    ids=["500", "503", "truncated", "reset", "half JSON", "500 on a later page"],
)
def test_passing_trouble_is_waited_for_longer_each_time(tmp_path: Path, fault: Fault) -> None:
    patience = Patience()
    with FakeAPIServer(MANY) as server:
        server.fail(PODS, fault)
        snapshot = read(server, tmp_path, patience, page_size=10)
    assert names(snapshot.pods) == ALL
    assert snapshot.gaps == ()
    assert patience.pauses == [0.5, 1.0]


def test_a_busy_server_says_itself_how_long_to_wait(tmp_path: Path) -> None:
    patience = Patience()
    with FakeAPIServer(MANY) as server:
        server.fail(PODS, Fault(status=429, times=1, headers={"Retry-After": "7"}))
        snapshot = read(server, tmp_path, patience)
    assert names(snapshot.pods) == ALL
    assert patience.pauses == [7.0]


def test_an_expired_token_is_exchanged_for_the_one_that_is_offered(tmp_path: Path) -> None:
    with FakeAPIServer(MANY) as server:
        server.fail(PODS, Fault(status=410, times=1, fresh_token=True, continued_only=True))
        snapshot = read(server, tmp_path, page_size=10)
    assert names(snapshot.pods) == ALL
    assert snapshot.gaps == ()
    assert server.paths.count(PODS) == 4


def test_an_expired_token_without_an_offer_begins_the_list_again(tmp_path: Path) -> None:
    with FakeAPIServer(MANY) as server:
        server.fail(PODS, Fault(status=410, times=1, skip=1, continued_only=True))
        snapshot = read(server, tmp_path, page_size=10)
    assert names(snapshot.pods) == ALL
    assert snapshot.gaps == ()
    assert server.paths.count(PODS) == 3 + 3


def test_tokens_that_always_expire_end_in_one_list_without_pages(tmp_path: Path) -> None:
    with FakeAPIServer(MANY) as server:
        server.fail(PODS, Fault(status=410, continued_only=True))
        snapshot = read(server, tmp_path, page_size=10)
    assert names(snapshot.pods) == ALL
    assert [target for _, target in server.requests if target.startswith(PODS)][-1] == PODS


def test_forbidden_policies_make_all_verdicts_unknown_and_say_what_to_grant(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        server.fail("/networkpolicies", Fault(status=403))
        snapshot = read(server, tmp_path)
    (gap,) = snapshot.gaps
    assert (gap.kind, gap.source, gap.scope) == (
        GapKind.FORBIDDEN,
        POLICIES,
        Scope("", ingress=True, egress=True),
    )
    assert "NetworkPolicy" in gap.reason
    assert '["networking.k8s.io"]' in gap.remedy
    assert '"networkpolicies"' in gap.remedy
    assert '["get", "list"]' in gap.remedy


def test_policies_forbidden_in_one_namespace_make_unknown_only_what_is_there(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        server.fail(POLICIES, Fault(status=403))
        server.fail("/namespaces/data/networkpolicies", Fault(status=403))
        snapshot = read(server, tmp_path)
    assert names(snapshot.network_policies) == ["shop/deny-all"]
    (gap,) = snapshot.gaps
    assert gap.scope == Scope("data", ingress=True, egress=True)
    assert "a Role in namespace data" in gap.remedy


def test_forbidden_in_the_whole_cluster_but_not_by_namespace_is_complete(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        server.fail(PODS, Fault(status=403))
        snapshot = read(server, tmp_path)
    assert names(snapshot.pods) == ["data/db", "shop/web"]
    assert snapshot.gaps == ()


def test_an_account_of_one_namespace_sees_that_namespace_and_says_so(tmp_path: Path) -> None:
    kubeconfig = ""
    with FakeAPIServer(small_cluster()) as server:
        for path in (PODS, POLICIES, "/api/v1/namespaces", "/data/pods", "/data/networkpolicies"):
            server.fail(path, Fault(status=403))
        kubeconfig = write_kubeconfig(tmp_path, server.url, namespace="shop")
        snapshot = source(kubeconfig).load(Silent())
    assert names(snapshot.pods) == ["shop/web"]
    assert names(snapshot.network_policies) == ["shop/deny-all"]
    reasons = {gap.source: gap.reason for gap in snapshot.gaps}
    assert "only those of namespace shop are in the picture" in reasons[PODS]
    assert "only those of namespace shop are in the picture" in reasons[POLICIES]


def test_forbidden_pods_leave_verdicts_alone_and_are_named(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        server.fail("/pods", Fault(status=403))
        snapshot = read(server, tmp_path)
    (gap,) = snapshot.gaps
    assert (gap.kind, gap.source, gap.scope) == (GapKind.FORBIDDEN, PODS, None)
    assert "judged by their templates" in gap.reason


@pytest.mark.parametrize(
    ("extra", "scope"),
    [
        (policy("shop", "x"), None),
        (by_namespace_label("shop", "x", **{"kubernetes.io/metadata.name": "data"}), None),
        (by_namespace_label("shop", "x", team="a"), Scope("shop", ingress=True, egress=False)),
    ],
    ids=["no selector", "by name", "by label"],
)
def test_forbidden_namespaces_matter_where_policies_ask_for_their_labels(
    tmp_path: Path, extra: Manifest, scope: Scope | None
) -> None:
    with FakeAPIServer([*small_cluster(), extra]) as server:
        server.fail("/api/v1/namespaces", Fault(status=403))
        snapshot = read(server, tmp_path)
    (gap,) = snapshot.gaps
    assert (gap.kind, gap.source, gap.scope) == (GapKind.FORBIDDEN, "/api/v1/namespaces", scope)


def test_labels_asked_for_in_several_namespaces_make_all_unknown(tmp_path: Path) -> None:
    asking = [by_namespace_label(where, "x", team="a") for where in ("shop", "data")]
    with FakeAPIServer([*small_cluster(), *asking]) as server:
        server.fail("/api/v1/namespaces", Fault(status=403))
        snapshot = read(server, tmp_path)
    assert [gap.scope for gap in snapshot.gaps] == [Scope("", ingress=True, egress=False)]


def test_a_kind_that_is_not_served_is_no_gap(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        server.fail("/endpointslices", Fault(status=404))
        server.served.pop("batch/v1")
        snapshot = read(server, tmp_path)
    assert snapshot.gaps == ()


def test_an_api_whose_server_is_down_leaves_a_gap_that_reaches_all_pods(tmp_path: Path) -> None:
    calico = {"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "metadata": {"name": "x"}}
    with FakeAPIServer([*small_cluster(), calico]) as server:
        server.fail("/apis/projectcalico.org/v3", Fault(status=503))
        snapshot = read(server, tmp_path)
    (gap,) = gaps_of(snapshot, GapKind.UNREADABLE)
    assert (gap.source, gap.scope) == ("/apis/projectcalico.org/v3", Scope())
    assert names(snapshot.pods) == ["data/db", "shop/web"]


def test_without_the_list_of_groups_the_built_in_kinds_are_read_all_the_same(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        for path in ("/version", "/apis", "/api/v1", "/apis/networking.k8s.io/v1"):
            server.fail(path, Fault(status=403))
        snapshot = read(server, tmp_path)
    assert names(snapshot.network_policies) == ["data/deny-all", "shop/deny-all"]
    assert snapshot.origin.server_version == ""
    assert {gap.source: gap.scope for gap in snapshot.gaps} == {
        "/api/v1": None,
        "/apis": Scope(),
        "/apis/networking.k8s.io/v1": None,
    }


def test_malformed_items_become_gaps_and_the_others_are_read(tmp_path: Path) -> None:
    items = [
        pod("shop", "good"),
        {**pod("shop", "bad"), "spec": "oops"},
        {"metadata": []},
        7,
        {"metadata": {}},
    ]
    broken = {"metadata": {"namespace": "shop", "name": "bad"}, "spec": {"ingress": "all"}}
    with FakeAPIServer(small_cluster()) as server:
        server.fail(PODS, Fault(body=json.dumps({"metadata": {}, "items": items}).encode()))
        server.fail(POLICIES, Fault(body=json.dumps({"metadata": {}, "items": [broken]}).encode()))
        snapshot = read(server, tmp_path)
    assert names(snapshot.pods) == ["shop/good"]
    gaps = {gap.source: gap.scope for gap in gaps_of(snapshot, GapKind.UNREADABLE)}
    assert gaps == {
        "/api/v1/namespaces/shop/pods/bad": None,
        "/api/v1/pods (item 3)": None,
        "/api/v1/pods (item 4)": None,
        "/api/v1/pods (item 5)": None,
        "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/bad": Scope("shop"),
    }


def test_policies_that_the_server_fails_to_list_make_verdicts_unknown(tmp_path: Path) -> None:
    patience = Patience()
    with FakeAPIServer(small_cluster()) as server:
        server.fail(POLICIES, Fault(status=500))
        snapshot = read(server, tmp_path, patience)
    (gap,) = snapshot.gaps
    assert (gap.kind, gap.source, gap.scope) == (GapKind.UNREADABLE, POLICIES, Scope())
    assert patience.pauses == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_what_is_forbidden_in_a_named_namespace_is_a_gap_of_that_namespace(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), by_namespace_label("shop", "x", team="b")]) as server:
        for path in ("/api/v1/namespaces/shop", "/data/networkpolicies", "/clusterroles"):
            server.fail(path, Fault(status=403))
        snapshot = read(server, tmp_path, namespaces=("shop", "data"))
    assert {gap.source: gap.scope for gap in snapshot.gaps} == {
        "/api/v1/namespaces/shop": Scope("shop", ingress=True, egress=False),
        "/apis/networking.k8s.io/v1/namespaces/data/networkpolicies": Scope("data"),
        "/apis/rbac.authorization.k8s.io/v1/clusterroles": None,
    }


def _error(server: str, folder: Path, timeout: float = 60.0) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source(write_kubeconfig(folder, server), timeout=timeout).load(Silent())
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_refused_credentials_are_said_to_be_refused(tmp_path: Path) -> None:
    with FakeAPIServer() as server, pytest.raises(SourceError, match="credentials were refused") as caught:
        source(write_kubeconfig(tmp_path, server.url, {"token": "a-bad-one"})).load(Silent())
    assert caught.value.place == server.url
    assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = _error(f"http://127.0.0.1:{port}", tmp_path)
    assert error.place == f"http://127.0.0.1:{port}"
    assert "refused" in error.problem


def test_a_name_that_does_not_resolve_is_said_not_to(tmp_path: Path) -> None:
    assert "cannot be resolved" in _error("https://no-such-host.invalid:6443", tmp_path).problem


def test_tls_to_a_server_without_it_is_a_tls_problem(tmp_path: Path) -> None:
    with FakeAPIServer() as server:
        assert "TLS" in _error(server.url.replace("http:", "https:"), tmp_path).problem


def test_a_silent_server_is_given_up(tmp_path: Path) -> None:
    with FakeAPIServer() as server:
        server.fail("/version", Fault(delay=0.3))
        assert "too long" in _error(server.url, tmp_path, timeout=0.05).problem


@pytest.mark.parametrize("fault", [Fault(status=404), Fault(body=b"<html>log in</html>"), Fault(status=302)])
def test_something_that_is_no_api_server_is_recognised(tmp_path: Path, fault: Fault) -> None:
    with FakeAPIServer() as server:
        server.fail("/version", fault)
        assert "API server" in _error(server.url, tmp_path).problem


def test_a_named_namespace_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server, pytest.raises(SourceError, match="no namespace 'nowhere'"):
        read(server, tmp_path, namespaces=("shop", "nowhere"))


def test_a_connection_that_breaks_for_good_is_an_error(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        server.fail(PODS, Fault(reset=True))
        assert "connection broke" in _error(server.url, tmp_path).problem


BY_ACCOUNT: Manifest = {"selector": "all()", "serviceAccountSelector": "role == 'web'"}


@pytest.mark.parametrize(
    ("specs", "scope"),
    [
        ({}, None),
        ({"shop": {"selector": "app == 'web'", "ingress": [{"action": "Allow"}]}}, None),
        ({"shop": BY_ACCOUNT}, Scope("shop")),
        ({"shop": {"selector": "pcsa.role == 'web'"}}, Scope("shop")),
        ({"shop": {"ingress": [{"source": {"serviceAccounts": {"selector": "has(role)"}}}]}}, Scope("shop")),
        ({"shop": BY_ACCOUNT, "data": BY_ACCOUNT}, Scope()),
    ],
)
def test_forbidden_service_accounts_matter_where_policies_of_calico_ask_for_their_labels(
    tmp_path: Path, specs: dict[str, Manifest], scope: Scope | None
) -> None:
    asking = [
        {"apiVersion": "projectcalico.org/v3", "kind": "NetworkPolicy", "metadata": {"name": "x", "namespace": where}}
        | {"spec": spec}
        for where, spec in specs.items()
    ]
    with FakeAPIServer([*small_cluster(), *asking]) as server:
        server.fail("/serviceaccounts", Fault(status=403))
        snapshot = read(server, tmp_path)
    (gap,) = gaps_of(snapshot, GapKind.FORBIDDEN)
    assert (gap.source, gap.scope) == ("/api/v1/serviceaccounts", scope)
    assert ("labels are unknown" in gap.reason) is (scope is not None)
    assert '"serviceaccounts"' in gap.remedy
