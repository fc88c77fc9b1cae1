"""A cluster's reachability in numbers, as YAML: the same document as the JSON."""

from __future__ import annotations

from firedoor.model.summary import ReachSummary
from firedoor.render.summary_json import summary_document
from firedoor.render.yaml_text import yaml_text


def summary_yaml(summary: ReachSummary) -> str:
    """Return the document of ``firedoor/summary/v1`` as YAML, its keys in the order of the JSON."""
    return yaml_text(summary_document(summary))
