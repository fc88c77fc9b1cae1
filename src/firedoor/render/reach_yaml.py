"""Connectivity as YAML, the same document as the JSON."""

from __future__ import annotations

import yaml

from firedoor.model.connections import Connectivity
from firedoor.render.reach_json import reach_document


def reach_yaml(connectivity: Connectivity) -> str:
    """Return the document of ``firedoor/reach/v1`` as YAML, its keys in the order of the JSON."""
    return yaml.safe_dump(reach_document(connectivity), sort_keys=False, allow_unicode=True)
