"""What changed in who may do what as YAML, the same document as the JSON."""

from __future__ import annotations

from firedoor.model.access_difference import AccessDifference
from firedoor.render.rbac_diff_json import rbac_diff_document
from firedoor.render.yaml_text import yaml_text


def rbac_diff_yaml(found: AccessDifference) -> str:
    """Return the document of ``firedoor/rbac-diff/v1`` as YAML, its keys in the order of the JSON."""
    return yaml_text(rbac_diff_document(found))
