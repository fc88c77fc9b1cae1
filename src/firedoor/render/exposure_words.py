"""Exposures and openings in the words of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from firedoor.model.exposure import Exposure, ExposureReport
from firedoor.model.verdicts import Verdict
from firedoor.render.words import count_text, end_text, range_text

_MOST_RANGES = 3


def backend_text(each: Exposure) -> str:
    """Return the backend, with its pods where not all of the workload's are meant."""
    pods = f" (only {', '.join(each.pods)})" if each.pods else ""
    return f"{end_text(each.backend)}{pods}"


def from_text(each: Exposure) -> str:
    """Return the addresses that surely get there and, after a question mark, those that may."""
    sure, maybe = _ranges(each.arrival.accepted), _ranges(each.arrival.unknown)
    return "  ".join(filter(None, (sure, f"? {maybe}" if maybe else ""))) or "-"


def chain_text(each: Exposure) -> str:
    """Return ``outside -> controller -> backend``; a step that is not accepted says so."""
    if not each.hops:
        return "-"
    steps = [each.hops[0].src]
    for hop in each.hops:
        arrow = "->" if hop.verdict is Verdict.ACCEPTED else f"-({hop.verdict})->"
        steps.append(f"{arrow} {hop.dst or '(pods that are not known)'}")
    return " ".join(steps)


def hosts_text(each: Exposure) -> str:
    """Return the hosts, those for TLS marked."""
    return ", ".join(f"{host} (TLS)" if host in each.tls_hosts else host for host in each.hosts) or "-"


def exposure_summary(report: ExposureReport) -> str:
    """Return how many exposures there are by verdict, openings, and gaps."""
    verdicts = Counter(each.verdict for each in report.exposures)
    counts = ", ".join(f"{verdicts[each]} {each}" for each in Verdict)
    return (
        f"{count_text(len(report.exposures), 'exposed port')}: {counts}; "
        f"{count_text(len(report.openings), 'opening')} for pods that do not exist yet; "
        f"{count_text(len(report.gaps), 'gap')}"
    )


def _ranges(ranges: Iterable[str]) -> str:
    found = [range_text(each) for each in ranges]
    more = f" and {len(found) - _MOST_RANGES} more" if len(found) > _MOST_RANGES else ""
    return ", ".join(found[:_MOST_RANGES]) + more
