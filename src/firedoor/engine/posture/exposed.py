"""Ways from outside to pods that should have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.findings import Confidence, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from firedoor.engine.posture.check import Check, Context
    from firedoor.engine.posture.doors import Door
    from firedoor.model.findings import Finding
    from firedoor.model.places import ObjectRef


def on_known_ports(check: Check, context: Context, ports: Mapping[int, str], fix: str) -> Iterator[Finding]:
    """Yield a finding for every way in to one of some ports of TCP, which come with what usually listens there."""
    return exposed(
        check,
        context,
        lambda door: ports.get(door.number, "") if door.protocol == "TCP" else "",
        lambda door, what: f"{door.crew.workload} is open to the outside on port {door.number}, that of {what}",
        fix,
    )


def exposed(
    check: Check, context: Context, what: Callable[[Door], str], words: Callable[[Door, str], str], fix: str
) -> Iterator[Finding]:
    """
    Yield a finding for every way in of which `what` says that something is there, once for each port of a workload.

    `words` says what is wrong with it.
    """
    seen: set[tuple[ObjectRef, ObjectRef, int]] = set()
    for door in context.doors:
        found = what(door)
        key = (door.ref, door.crew.workload, door.number)
        if found and key not in seen:
            seen.add(key)
            yield _finding(check, door, words(door, found), fix)


def confidence_of(check: Check, door: Door) -> Confidence:
    """Return how sure a check is of what it finds behind a way in: less where the way may be shut."""
    if not door.is_direct:
        return Confidence.MEDIUM
    if not door.doubt:
        return check.confidence
    return Confidence.MEDIUM if check.confidence is Confidence.HIGH else Confidence.LOW


def _finding(check: Check, door: Door, message: str, fix: str) -> Finding:
    if door.doubt:
        how = f"its policies accept public addresses as they are, but {door.doubt}"
    else:
        how = "its policies accept public addresses" if door.is_direct else "the way leads through its controller"
    return check.finding(
        door.crew.workload,
        str(door.place),
        message,
        (
            f"{door} leads to port {door.number}/{door.protocol}; {how}",
            f"{door.crew.source}: {door.crew.workload}",
        ),
        Fix(fix),
        severity=None if door.is_direct else Severity.MEDIUM,
        confidence=confidence_of(check, door),
    )
