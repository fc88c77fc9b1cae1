"""What the outside can reach, as YAML: the same document as the JSON."""

from __future__ import annotations

from firedoor.model.exposure import ExposureReport
from firedoor.render.exposure_json import exposure_document
from firedoor.render.yaml_text import yaml_text


def exposure_yaml(report: ExposureReport) -> str:
    """Return the document of ``firedoor/exposure/v1`` as YAML, its keys in the order of the JSON."""
    return yaml_text(exposure_document(report))
