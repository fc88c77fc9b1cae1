"""Files that are made of others, which are to be changed in their place: charts, overlays, what a program wrote."""

from __future__ import annotations

import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from firedoor.adapters.manifests.files import opened
from firedoor.adapters.manifests.policy_text import template_in
from firedoor.adapters.manifests.texts import NotTextError, decode_text
from firedoor.adapters.manifests.yaml_reader import UnreadableError, read
from firedoor.errors import SourceError

_GENERATED = re.compile(
    r"^#.*(?:do not (?:manually )?(?:edit|modify)|(?:code|auto-?|file (?:is|was) )\s?generated|@generated)",
    re.MULTILINE | re.IGNORECASE,
)
_RENDERED = re.compile(r"^(?:---.*)?# Source: (\S+/templates/\S+)", re.MULTILINE)
_HEAD = 4096
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "transformers", "generators")
_LEVELS = 5


def obstacle(file: str, text: str, document: str) -> str:
    """Return why a document of a file is not to be edited, or '' where nothing speaks against it."""
    if chart := _chart_of(file):
        return f"it is a template of the Helm chart {chart}: change the template, which firedoor cannot do"
    if template := template_in(document):
        return f"template syntax is left in it ({template}): change the template"
    if source := _RENDERED.search(document):
        return f"helm made it of {source[1]}: change the chart, or its values"
    if note := _GENERATED.search(text[:_HEAD]):
        return f"the file says that a program wrote it ({' '.join(note[0].strip('# ').split())[:60]!r})"
    return _overlay_of(file)


def kustomization_beside(folder: str) -> str:
    """Return the kustomization in a folder, or ''."""
    return next((path for name in _NAMES if Path(path := os.path.join(folder, name)).is_file()), "")  # noqa: PTH118


def _chart_of(file: str) -> str:
    """Return the chart that a file is a template of, or ''."""
    folders = Path(file).absolute().parents
    for inner, outer in pairwise(folders):
        if inner.name == "templates" and (outer / "Chart.yaml").is_file():
            return outer.name
    return ""


def _overlay_of(file: str) -> str:
    """Return why a file that a kustomization names is not a manifest by itself, or ''."""
    target = Path(file).absolute()
    for folder in list(target.parents)[:_LEVELS]:
        found = kustomization_beside(str(folder))
        if found and os.path.relpath(target, folder) in _patches_of(found):
            return (
                f"it is a patch of {os.path.relpath(found)}: change the manifest that it patches, or the patch by hand"
            )
    return ""


@cache
def _patches_of(path: str) -> frozenset[str]:
    """Return the files that a kustomization applies to others, as it names them."""
    try:
        with opened(Path(path)) as stream:
            document = read(decode_text(stream.read()), 1)
    except (SourceError, NotTextError, UnreadableError):
        return frozenset()
    value = document.value if document is not None and isinstance(document.value, dict) else {}
    found: set[str] = set()
    for field in _PATCHES:
        for each in value.get(field) or ():
            name = each.get("path") if isinstance(each, dict) else each
            if isinstance(name, str) and "\n" not in name:
                found.add(os.path.normpath(name))
    return frozenset(found)
