from __future__ import annotations

import pytest

from firedoor.engine.reach.network import Network
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.usecases.ends import require_end, require_namespace, resolve_end
from tests.loading import snapshot_of

NETWORK = Network(
    snapshot_of(
        """
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, status: {podIP: 10.0.0.7}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: db, namespace: shop}
        spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}}}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db, namespace: shop}
        spec: {selector: {matchLabels: {app: sts}}, template: {metadata: {labels: {app: sts}}}}
        """
    )
)


def _names(text: str) -> list[str]:
    found = resolve_end(NETWORK, text, "shop")
    assert isinstance(found, list)
    return [str(NETWORK.members[each].workload.kind) + "/" + NETWORK.members[each].workload.name for each in found]


def test_an_address_of_a_pod_is_the_pod_and_any_other_is_itself() -> None:
    assert _names("10.0.0.7") == ["Pod/web"]
    assert resolve_end(NETWORK, "192.0.2.1", "shop") == "192.0.2.1"


def test_a_name_alone_is_of_the_namespace_asked_about() -> None:
    assert _names("web") == _names("shop/web") == ["Pod/web"]
    with pytest.raises(UsageError, match="there is no namespace default"):
        resolve_end(NETWORK, "web", "default")


def test_a_kind_tells_workloads_of_one_name_apart() -> None:
    assert _names("shop/deployment/db") == ["Deployment/db"]
    with pytest.raises(UsageError, match="several workloads: Deployment, StatefulSet") as raised:
        resolve_end(NETWORK, "shop/db", "")
    assert "shop/deployment/db" in raised.value.remedy


@pytest.mark.parametrize(("text", "words"), [("a/b/c/d", "names no pod"), ("shop/wep", "did you mean shop/web")])
def test_a_name_of_nothing_is_refused_with_a_hint(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        resolve_end(NETWORK, text, "")


def test_a_filter_may_name_the_outside_and_whole_namespaces() -> None:
    for text in ("outside", "shop/*", "10.0.0.0-10.0.0.9", "shop/web"):
        require_end(NETWORK, text, pods=False)
    with pytest.raises(UsageError, match="there is no namespace chop"):
        require_end(NETWORK, "chop/*", pods=False)


def test_a_namespace_of_nothing_is_out_of_scope() -> None:
    require_namespace(NETWORK, "shop")
    with pytest.raises(NothingInScopeError, match="did you mean shop"):
        require_namespace(NETWORK, "chop")
