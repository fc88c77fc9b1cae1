"""Strategies for clusters in which policies of several APIs stand together, and for connections to ask about."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

from hypothesis import strategies as st

from tests.reference.calico import own_policies
from tests.reference.domains import DomainName
from tests.reference.manifests import Manifest
from tests.reference.mixed import has_calico
from tests.reference.networkpolicy import Connection
from tests.strategies import calico, cilium, clusters, istio
from tests.strategies.cluster_policies import GROUP, add_cluster_policies
from tests.strategies.cluster_questions import cluster_policy_connections

APIS = (GROUP, "projectcalico.org", "cilium.io", "security.istio.io")
MIXES = tuple(
    frozenset(chosen)
    for chosen in (
        (GROUP, "projectcalico.org"),
        (GROUP, "projectcalico.org"),
        (GROUP, "cilium.io"),
        (GROUP, "security.istio.io"),
        ("projectcalico.org", "cilium.io"),
        ("projectcalico.org", "security.istio.io"),
        ("cilium.io", "security.istio.io"),
        (GROUP, "projectcalico.org", "security.istio.io"),
        (GROUP, "cilium.io", "security.istio.io"),
        (GROUP, "projectcalico.org", "cilium.io"),
        APIS,
    )
)
"""Which APIs a cluster has besides that of NetworkPolicy."""


@cache
@st.composite
def mixed_clusters(draw: st.DrawFn) -> list[Manifest]:
    """
    Generate the objects of one cluster with policies of at least two APIs, in any order.

    What several APIs say of one pod or node, such as its labels, the last one says.
    """
    mix = draw(st.sampled_from(MIXES))
    manifests: list[Manifest] = deepcopy(draw(clusters.clusters()))
    if draw(st.booleans()):
        manifests = [each for each in manifests if each["kind"] != "NetworkPolicy"]
    if "cilium.io" in mix:
        cilium.add_cilium(draw, manifests)
    if GROUP in mix:
        add_cluster_policies(draw, manifests, future=draw(st.booleans()))
    if "security.istio.io" in mix:
        istio.add_mesh(draw, manifests)
    if "projectcalico.org" in mix:
        manifests = calico.draw_calico(draw, manifests)
        if GROUP in mix and draw(st.booleans()):
            _share_tiers(draw, manifests)
    return draw(st.permutations(calico.distinct(manifests)))


def _share_tiers(draw: st.DrawFn, manifests: list[Manifest]) -> None:
    """Move the policies of Calico into the tiers of the cluster-wide ones, around the priorities of these."""
    for policy in own_policies(manifests):
        policy["spec"]["tier"] = draw(st.sampled_from(calico.CLUSTER_TIERS))
        policy["spec"]["order"] = draw(st.sampled_from((1, 10, 100)))


def interesting_connections(cluster: list[Manifest]) -> st.SearchStrategy[Connection]:
    """
    Generate connections on and next to every boundary that policies of some API draw.

    Some are to domain names, unless there are policies of Calico, which know none.
    """
    groups = {each["apiVersion"].partition("/")[0] for each in cluster}
    known = {
        GROUP: cluster_policy_connections,
        "projectcalico.org": calico.interesting_connections,
        "cilium.io": cilium.interesting_connections,
        "security.istio.io": istio.interesting_connections,
    }
    asked = [ask(cluster) for group, ask in known.items() if group in groups]
    found = st.one_of(asked or [clusters.interesting_connections(cluster)])
    if not has_calico(cluster):
        return found
    return found.filter(lambda connection: not isinstance(connection.dst, DomainName))
