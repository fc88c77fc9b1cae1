"""The definitions of firedoor's own kinds, as YAML to apply."""

from __future__ import annotations

from firedoor.render.crd_baseline import baseline_definition
from firedoor.render.crd_parts import Schema
from firedoor.render.crd_report import report_definition
from firedoor.render.yaml_text import yaml_text


def definitions() -> tuple[Schema, ...]:
    """Return the definitions."""
    return baseline_definition(), report_definition()


def custom_resources_yaml() -> str:
    """Return the definitions as documents of YAML."""
    return "---\n".join(yaml_text(each) for each in definitions())
