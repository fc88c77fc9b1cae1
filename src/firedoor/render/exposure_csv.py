"""What the outside can reach, as CSV: a row for each exposed port, then one for each opening."""

from __future__ import annotations

import csv
from io import StringIO

from firedoor.model.exposure import Exposure, ExposureReport, Opening
from firedoor.render.exposure_words import chain_text
from firedoor.render.words import traffic_text, visible

_FORMULA = ("=", "+", "-", "@")
_TITLES = (
    "section",
    "backend",
    "backend_kind",
    "pods",
    "traffic",
    "verdict",
    "accepted_from",
    "unknown_from",
    "way",
    "way_kind",
    "door",
    "service",
    "hosts",
    "tls_hosts",
    "chain",
    "because",
)


def exposure_csv(report: ExposureReport) -> str:
    """Return the rows; no cell can start a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_TITLES)
    rows = [*map(_exposed, report.exposures), *map(_opening, report.openings)]
    writer.writerows([[_inert(visible(cell)) for cell in row] for row in rows])
    return out.getvalue()


def _exposed(each: Exposure) -> tuple[str, ...]:
    workload = each.backend.workload
    return (
        "exposed",
        str(each.backend) if workload is not None else each.backend.ips.partition("-")[0],
        workload.kind if workload is not None else "address",
        " ".join(each.pods),
        f"{each.protocol} {each.port}",
        str(each.verdict),
        " ".join(each.arrival.accepted),
        " ".join(each.arrival.unknown),
        f"{each.way.namespace}/{each.way.name}",
        each.way.kind,
        each.door,
        each.service,
        " ".join(each.hosts),
        " ".join(each.tls_hosts),
        chain_text(each) if each.hops else "",
        "; ".join(each.arrival.because),
    )


def _opening(each: Opening) -> tuple[str, ...]:
    sure, unknown = each.traffic, each.unknown
    text = "; ".join((traffic_text(sure) if sure else "", f"? {traffic_text(unknown)}" if unknown else "")).strip("; ")
    return (
        "opening",
        f"{each.workload.namespace}/{each.workload.name}",
        each.workload.kind,
        "",
        text,
        "accepted" if sure else "unknown",
        f"{each.pods} of {each.namespaces}",
        *[""] * 8,
        ", ".join(each.rules),
    )


def _inert(cell: str) -> str:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
