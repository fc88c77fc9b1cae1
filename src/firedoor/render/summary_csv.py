"""A cluster's reachability in numbers, as lines of a name and a number."""

from __future__ import annotations

import csv
import io

from firedoor.model.summary import ReachSummary
from firedoor.render.summary_json import summary_document


def summary_csv(summary: ReachSummary) -> str:
    """Return the numbers of ``firedoor/summary/v1``, those inside others as ``pairs.total``."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("figure", "value"))
    for name, value in summary_document(summary).items():
        if isinstance(value, int):
            writer.writerow((name, value))
        elif isinstance(value, dict):
            writer.writerows((f"{name}.{each}", number) for each, number in value.items())
    writer.writerow(("gaps", len(summary.gaps)))
    return stream.getvalue()
