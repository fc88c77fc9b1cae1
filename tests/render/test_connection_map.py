from __future__ import annotations

from firedoor.model.connection_map import (
    OUTSIDE,
    ConnectionMap,
    MapLink,
    MapPair,
    MapPairs,
    MapPlace,
    PlaceKind,
    SeenConnection,
)
from firedoor.model.connections import PeerConnection, PeerEnd, PodDetail, RequestDemand
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.verdicts import Verdict
from firedoor.render.connection_map_json import connection_map_document, map_pairs_document

WEB = ObjectRef("Deployment", "shop", "web")
TRAFFIC = (("TCP", 80, 80),)


def test_the_map_has_all_its_places_and_links() -> None:
    places = (MapPlace("shop/Deployment/web", PlaceKind.WORKLOAD, "shop", "web", "Deployment", 2, 1, 0, 2),)
    links = (MapLink("shop/Deployment/web", "data", 1, 2, 3, 4, 5, 6), MapLink("data", OUTSIDE, unknown=1))
    gaps = (Gap(GapKind.UNREADABLE, "a.yaml:1", "no YAML"),)
    assert connection_map_document(ConnectionMap(places, links, is_seen=True, unplaced=7, gaps=gaps, cni="calico")) == {
        "schema": "firedoor/map/v1",
        "places": [
            {
                "id": "shop/Deployment/web", "kind": "workload", "namespace": "shop", "name": "web",
                "workloadKind": "Deployment", "pods": 2, "workloads": 1, "openIngress": 0, "openEgress": 2,
            }
        ],
        "links": [
            {
                "source": "shop/Deployment/web", "destination": "data", "state": "against",
                "all": 1, "some": 2, "unknown": 3, "used": 4, "against": 5, "tried": 6,
            },
            {
                "source": "data", "destination": "outside", "state": "unknown",
                "all": 0, "some": 0, "unknown": 1, "used": 0, "against": 0, "tried": 0,
            },
        ],
        "flows": True,
        "unplaced": 7,
        "gaps": [{"source": "a.yaml:1", "reason": "no YAML", "object": None}],
        "cni": "calico",
    }  # fmt: skip


def test_a_pair_tells_what_is_accepted_and_what_was_seen() -> None:
    outside, web = PeerEnd(ips="0.0.0.0-255.255.255.255"), PeerEnd(WEB)
    connection = PeerConnection(
        outside,
        web,
        TRAFFIC,
        (("UDP", 53, 53),),
        (PodDetail(("a",), ("b",), TRAFFIC),),
        (RequestDemand(TRAFFIC, "GET"),),
    )
    seen = SeenConnection(
        OUTSIDE, "shop/Deployment/web", "TCP", 80, True, Verdict.ACCEPTED, 3, 10**18, "198.51.100.1/32"
    )
    pairs = (
        MapPair(OUTSIDE, "shop/Deployment/web", connection, (seen,), TRAFFIC),
        MapPair("shop/Deployment/web", OUTSIDE),
    )
    document = map_pairs_document(MapPairs(pairs, is_cut_short=True))
    ports = [{"protocol": "TCP", "from": 80, "to": 80}]
    assert document == {
        "schema": "firedoor/map-pairs/v1",
        "pairs": [
            {
                "source": "outside", "destination": "shop/Deployment/web",
                "src": {"ips": "0.0.0.0-255.255.255.255"}, "dst": {"workload": "shop/web", "kind": "Deployment"},
                "traffic": ports, "unknown": [{"protocol": "UDP", "from": 53, "to": 53}], "requests": ["GET"],
                "podsDiffer": True,
                "seen": [
                    {
                        "protocol": "TCP", "port": 80, "allowed": True, "verdict": "accepted", "count": 3,
                        "last": "2001-09-09T01:46:40Z", "peer": "198.51.100.1/32",
                    }
                ],
                "ports": ports,
            },
            {
                "source": "shop/Deployment/web", "destination": "outside", "src": None, "dst": None, "traffic": [],
                "unknown": [], "requests": [], "podsDiffer": False, "seen": [], "ports": [],
            },
        ],
        "more": True,
    }  # fmt: skip
