"""
Databases, caches and queues, reachable from outside.

What it finds
-------------
Pods that a Service or a route opens to the outside on the usual port of a database, a
cache or a queue.

Why it matters
--------------
Data stores are seldom hardened for the internet; some ask for no password at all. They
are searched for all the time.

Example
-------
A NodePort for port 6379 of Redis.

Remedy
------
Make the Service a ClusterIP, and let a NetworkPolicy admit the applications only.

References
----------
https://attack.mitre.org/techniques/T1190/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.doors import Door
    from firedoor.model.findings import Finding

_PORTS = {
    1433: "Microsoft SQL Server",
    1521: "Oracle Database",
    3306: "MySQL",
    5432: "PostgreSQL",
    5672: "AMQP",
    5984: "CouchDB",
    6379: "Redis",
    7687: "Neo4j",
    8086: "InfluxDB",
    9042: "Cassandra",
    9092: "Kafka",
    9200: "Elasticsearch or OpenSearch",
    9300: "Elasticsearch between its nodes",
    11211: "memcached",
    26257: "CockroachDB",
    27017: "MongoDB",
    28015: "RethinkDB",
}


def _what(door: Door) -> str:
    return _PORTS.get(door.number, "") if door.port.protocol == "TCP" else ""


def _run(context: Context) -> Iterator[Finding]:
    seen: set[tuple[ObjectRef, ObjectRef, int]] = set()
    for door in context.doors:
        what = _what(door)
        key = (door.ref, door.crew.workload, door.number)
        if what and key not in seen:
            seen.add(key)
            yield _finding(door, what)


def _finding(door: Door, what: str) -> Finding:
    direct = "its policies accept public addresses" if door.is_direct else "the way leads through its controller"
    return CHECK.finding(
        door.crew.workload,
        str(door.place),
        f"{door.crew.workload} is open to the outside on port {door.number}, that of {what}",
        (
            f"{door} leads to port {door.number}/{door.port.protocol}; {direct}",
            f"{door.crew.source}: {door.crew.workload}",
        ),
        Fix("make the Service a ClusterIP, and let a NetworkPolicy admit the applications only"),
        severity=None if door.is_direct else Severity.MEDIUM,
        confidence=None if door.is_direct else Confidence.MEDIUM,
    )


CHECK = Check(
    id="exposed-database",
    title="Databases that the outside reaches",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever finds a way in has the data",
    docs=__doc__ or "",
    run=_run,
)
