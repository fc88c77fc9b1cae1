"""A difference as YAML, the same document as the JSON."""

from __future__ import annotations

from firedoor.model.difference import Difference
from firedoor.render.diff_json import diff_document
from firedoor.render.yaml_text import yaml_text


def diff_yaml(difference: Difference) -> str:
    """Return the document of ``firedoor/diff/v1`` as YAML, its keys in the order of the JSON."""
    return yaml_text(diff_document(difference))
