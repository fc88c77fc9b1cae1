"""A regular review as YAML, the same document as the JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.review_json import review_document
from firedoor.render.yaml_text import yaml_text

if TYPE_CHECKING:
    from firedoor.model.review import RegularReview


def review_yaml(review: RegularReview) -> str:
    """Return the document of ``firedoor/review/v1`` as YAML, its keys in the order of the JSON."""
    return yaml_text(review_document(review))
