"""Connectivity as YAML, the same document as the JSON."""

from __future__ import annotations

from firedoor.model.connections import Connectivity
from firedoor.render.reach_json import reach_document
from firedoor.render.yaml_text import yaml_text


def reach_yaml(connectivity: Connectivity) -> str:
    """Return the document of ``firedoor/reach/v1`` as YAML, its keys in the order of the JSON."""
    return yaml_text(reach_document(connectivity))
