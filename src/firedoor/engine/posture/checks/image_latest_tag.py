"""
Containers with images that have no tag, or the tag latest.

What it finds
-------------
Containers whose image has neither a digest nor another tag than `latest`.

Why it matters
--------------
What runs is decided by when the node pulled it: two pods of one workload may run
different programs, and whoever can push to the repository puts a program into the
cluster.

Example
-------
`image: registry.example/web`.

Remedy
------
Name a version, best together with its digest.

References
----------
https://kubernetes.io/docs/concepts/containers/images/#image-names
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for crew in context.first_crews:
        moving = [each for each in crew.spec.all_containers if _moves(each.image)]
        if moving:
            yield CHECK.finding(
                crew.workload,
                crew.source,
                f"{crew.workload} runs images whose tag moves: {listed(each.image for each in moving)}",
                tuple(f"container {each.name}: image {each.image}" for each in moving),
                Fix("name a version in the tag, and its digest behind @"),
            )


def _moves(image: str) -> bool:
    name, _, digest = image.partition("@")
    return bool(image) and not digest and name.rpartition("/")[2].partition(":")[2] in {"", "latest"}


CHECK = Check(
    id="image-latest-tag",
    title="Images whose tag moves",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="what runs is decided by when a node pulled it, and by whoever may push",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("secure-images",),
        nist_800_207=("5",),
        nist_800_53=("CM-2", "SI-7"),
        mitre=("T1525",),
    ),
    run=_run,
)
