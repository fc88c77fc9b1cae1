"""How far a compromise spreads, as the JSON contracts ``firedoor/blast/v1`` and ``firedoor/blast-paths/v1``."""

from __future__ import annotations

import msgspec

from firedoor.model.blast import Blast, BlastPaths
from firedoor.render.reach_json import gap_documents, object_document, traffic_document

SCHEMA = "firedoor/blast/v1"
PATHS_SCHEMA = "firedoor/blast-paths/v1"


def blast_document(blast: Blast) -> dict[str, object]:
    """Return the document: the schema's name, then the fields of the answer as they are named."""
    fields: dict[str, object] = msgspec.to_builtins(blast)
    return {"schema": SCHEMA, **fields, "gaps": gap_documents(blast.gaps)}


def blast_paths_document(paths: BlastPaths) -> dict[str, object]:
    """Return the document: for each workload the path as a list of hops with their traffic."""
    reached = [
        {
            "workload": object_document(each.workload),
            "hops": each.hops,
            "pods": each.pods,
            "path": [
                {
                    "source": hop.source,
                    "destination": hop.destination,
                    "traffic": traffic_document(hop.traffic),
                    "unknown": traffic_document(hop.unknown),
                }
                for hop in each.path
            ],
        }
        for each in paths.reached
    ]
    return {
        "schema": PATHS_SCHEMA,
        "from" if paths.is_from else "to": paths.end,
        "port": paths.port,
        "possible": paths.possible,
        "reached" if paths.is_from else "reaching": reached,
        "gaps": gap_documents(paths.gaps),
        "cni": paths.cni,
    }
