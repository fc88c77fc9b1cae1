"""The map of the namespaces as one HTML page that works offline, without any script."""

from __future__ import annotations

from firedoor.model.namespace_map import DrawnMap
from firedoor.render.html_page import html_page
from firedoor.render.namespace_map_svg import findings_by_namespace, map_markup


def namespace_map_html(found: DrawnMap) -> str:
    """Return the page: the map, what its signs mean, and the same as a table."""
    markup = {"MAP": map_markup(found.map, findings_by_namespace(found.findings))}
    return html_page("map.html", ("reach.css", "findings.css"), (), {}, markup)
