from __future__ import annotations

import pytest
from msgspec.structs import replace

from firedoor.engine.pod_security import LATEST, Version
from firedoor.errors import NothingInScopeError
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.usecases.pod_security import pss_dry_run
from tests.loading import snapshot_of

SNAPSHOT = snapshot_of(
    """
    {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: a, image: a}]}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data}, spec: {containers: []}}
    """
)


def test_gaps_of_other_namespaces_are_left_out() -> None:
    everything, shop = pss_dry_run(SNAPSHOT, LATEST), pss_dry_run(SNAPSHOT, LATEST, "shop")
    assert [each.namespace for each in everything.namespaces] == ["data", "shop"]
    assert len(shop.gaps) < len(everything.gaps)


def test_the_server_says_what_latest_is() -> None:
    served = replace(SNAPSHOT, origin=Origin("cluster", server_version="v1.29.3"))
    assert pss_dry_run(served, LATEST).effective_version == "v1.29"
    assert pss_dry_run(served, Version(34)).effective_version == "v1.29"
    assert pss_dry_run(served, Version(25)).effective_version == "v1.25"


def test_a_snapshot_without_security_contexts_cannot_be_judged() -> None:
    with pytest.raises(NothingInScopeError, match="without the security contexts"):
        pss_dry_run(replace(SNAPSHOT, has_pod_details=False), LATEST)


def test_nothing_at_all_is_an_error() -> None:
    with pytest.raises(NothingInScopeError, match="no namespace, pod or workload was found"):
        pss_dry_run(Snapshot(), LATEST)
    with pytest.raises(NothingInScopeError, match="namespace other was not found"):
        pss_dry_run(SNAPSHOT, LATEST, "other")
