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
from firedoor.engine.posture.exposed import on_known_ports
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
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

_FIX = "make the Service a ClusterIP, and let a NetworkPolicy admit the applications only"


def _run(context: Context) -> Iterator[Finding]:
    return on_known_ports(CHECK, context, _PORTS, _FIX)


CHECK = Check(
    id="exposed-database",
    title="Databases that the outside reaches",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever finds a way in has the data",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2",),
        nist_800_53=("AC-4", "SC-7"),
        mitre=("T1190",),
        pci_dss_4=("1.4.2", "1.4.4"),
    ),
    run=_run,
)
