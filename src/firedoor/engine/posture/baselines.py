"""What ZeroTrustBaselines say about the findings of their namespaces: exceptions, and how grave they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.errors import UsageError
from firedoor.model.places import Gap, GapKind
from firedoor.model.zero_trust_reading import read_exceptions, read_fail_on, spec_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from firedoor.model.exceptions import Waiver
    from firedoor.model.findings import Severity
    from firedoor.model.snapshot import Snapshot


def baseline_waivers(snapshot: Snapshot, known: Collection[str]) -> tuple[tuple[Waiver, ...], tuple[Gap, ...]]:
    """
    Return the exceptions from checks in all baselines, and a gap for each baseline whose exceptions have a fault.

    `known` are the ids of all checks. Of a baseline with a fault none is applied.
    """
    waivers: list[Waiver] = []
    gaps: list[Gap] = []
    for each in snapshot.baselines:
        try:
            keys = spec_of(each)
            if "exceptions" in keys:
                waivers += read_exceptions(keys["exceptions"], each.metadata.namespace, known)[0]
        except UsageError as error:
            reason = f"{each.ref}: {error.problem}: none of its exceptions is applied"
            path = error.problem.partition(":")[0]
            gaps.append(Gap(GapKind.UNREADABLE, error.place, reason, error.remedy, each.ref, path=path))
    return tuple(waivers), tuple(gaps)


def levels_of(snapshot: Snapshot) -> dict[str, Severity]:
    """
    Return for each namespace with such a baseline from which severity on findings are too grave.

    Of several baselines the strictest counts. Raises ``UsageError``.
    """
    found: dict[str, Severity] = {}
    for each in snapshot.baselines:
        keys = spec_of(each)
        if "fail-on" in keys:
            level, home = read_fail_on(keys["fail-on"]), each.metadata.namespace
            found[home] = min(found.get(home, level), level, key=lambda one: one.rank)
    return found
