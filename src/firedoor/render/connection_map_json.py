"""The map of a cluster as the JSON contracts ``firedoor/map/v1`` and ``firedoor/map-pairs/v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.review.telling import time_text
from firedoor.render.diff_json import end_document
from firedoor.render.reach_json import gap_documents, traffic_document

if TYPE_CHECKING:
    from firedoor.model.connection_map import ConnectionMap, MapLink, MapPair, MapPairs, MapPlace, SeenConnection

SCHEMA = "firedoor/map/v1"
PAIRS_SCHEMA = "firedoor/map-pairs/v1"


def connection_map_document(found: ConnectionMap) -> dict[str, object]:
    """Return the document: places, and links between them."""
    return {
        "schema": SCHEMA,
        "places": [_place(each) for each in found.places],
        "links": [_link(each, is_seen=found.is_seen) for each in found.links],
        "flows": found.is_seen,
        "unplaced": found.unplaced,
        "gaps": gap_documents(found.gaps),
        "cni": found.cni,
    }


def map_pairs_document(found: MapPairs) -> dict[str, object]:
    """Return the document: the pairs behind a link of the map."""
    return {"schema": PAIRS_SCHEMA, "pairs": [_pair(each) for each in found.pairs], "more": found.is_cut_short}


def _place(place: MapPlace) -> dict[str, object]:
    return {
        "id": place.id,
        "kind": str(place.kind),
        "namespace": place.namespace,
        "name": place.name,
        "workloadKind": place.workload_kind,
        "pods": place.pods,
        "workloads": place.workloads,
        "openIngress": place.open_ingress,
        "openEgress": place.open_egress,
    }


def _link(link: MapLink, *, is_seen: bool) -> dict[str, object]:
    return {
        "source": link.source,
        "destination": link.destination,
        "state": str(link.state(is_seen=is_seen)),
        "all": link.all,
        "some": link.some,
        "unknown": link.unknown,
        "used": link.used,
        "against": link.against,
        "tried": link.tried,
    }


def _pair(pair: MapPair) -> dict[str, object]:
    connection = pair.connection
    return {
        "source": pair.source,
        "destination": pair.destination,
        "src": None if connection is None else end_document(connection.src),
        "dst": None if connection is None else end_document(connection.dst),
        "traffic": [] if connection is None else traffic_document(connection.traffic),
        "unknown": [] if connection is None else traffic_document(connection.unknown),
        "requests": [] if connection is None else [each.requests for each in connection.demands],
        "podsDiffer": connection is not None and bool(connection.details),
        "seen": [_seen(each) for each in pair.seen],
        "ports": traffic_document(pair.ports),
    }


def _seen(each: SeenConnection) -> dict[str, object]:
    return {
        "protocol": each.protocol,
        "port": each.port,
        "allowed": each.was_allowed,
        "verdict": str(each.verdict),
        "count": each.count,
        "last": time_text(each.last),
        "peer": each.peer,
    }
