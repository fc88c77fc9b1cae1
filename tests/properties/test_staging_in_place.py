"""What is staged under its own name cuts nothing, and opens nothing where no other policy waits behind it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.difference import differences
from firedoor.engine.reach.network import Network
from firedoor.model.staging_in_place import staged_in_place
from tests.examples import some
from tests.properties.comparing import as_text
from tests.properties.worlds import LENIENT_VERSION
from tests.reference.manifests import Manifest
from tests.strategies import cilium
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.istio import mesh_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


def network_of(cluster: list[Manifest]) -> Network:
    return Network(load_text(as_text(cluster), version=LENIENT_VERSION))


def before_and_staged(data: st.DataObject, cluster: list[Manifest]) -> tuple[Network, Network]:
    """Return the networks of a cluster without one of its policies and with that policy staged."""
    forms = [(each, form) for each in cluster if (form := staged_in_place(each)) is not None]
    if not forms:
        return network_of(cluster), network_of(cluster)
    chosen, form = data.draw(st.sampled_from(forms))
    rest = [each for each in cluster if each is not chosen]
    return network_of(rest), network_of([*rest, form])


@some
@given(st.data())
def test_what_is_staged_of_cilium_cuts_nothing(data: st.DataObject) -> None:
    for each in differences(*before_and_staged(data, data.draw(cilium.clusters())), pods=True):
        assert (each.change.lost, each.change.closed) == ((), ())


@some
@given(st.data())
def test_what_istio_runs_dry_changes_nothing(data: st.DataObject) -> None:
    assert list(differences(*before_and_staged(data, data.draw(mesh_clusters())), pods=True)) == []


@some
@given(st.data())
def test_what_passes_all_as_the_last_of_its_tier_changes_nothing(data: st.DataObject) -> None:
    cluster: list[Any] = []
    for number, each in enumerate(data.draw(clusters_with_cluster_policies())):
        ranked = each
        if isinstance(each.get("spec"), dict) and "priority" in each["spec"]:
            ranked = {**each, "spec": {**each["spec"], "priority": min(number, 999)}}
        cluster.append(ranked)
    forms = [(each, form) for each in cluster if (form := staged_in_place(each)) is not None]
    if not forms:
        return
    chosen, form = data.draw(st.sampled_from(forms))
    # A BaselineAdminNetworkPolicy has no priority, and comes after all others of the tier.
    rest = [each for each in cluster if each is not chosen and each["kind"] != "BaselineAdminNetworkPolicy"]
    last = {**form, "spec": {**form["spec"], "priority": 1000}}
    # A rule that a plugin cannot read denies everything, also one that passes.
    is_clear = not network_of([last]).snapshot.gaps
    found = list(differences(network_of(rest), network_of([*rest, last]), pods=True))
    assert not (found and is_clear)
