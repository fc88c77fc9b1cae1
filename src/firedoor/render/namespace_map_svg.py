"""Namespaces on a ring and what connects them, as SVG that needs no script."""

from __future__ import annotations

from html import escape
from math import cos, hypot, pi, sin, sqrt
from typing import TYPE_CHECKING, NamedTuple

from firedoor.model.exceptions import home_of
from firedoor.model.findings import Severity
from firedoor.render.words import count_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from firedoor.model.findings import Finding
    from firedoor.model.namespace_map import MapEdge, MapNode, NamespaceMap

MOST_EDGES = 120
"""Connections that a map can show and still be read."""

_WIDTH, _HEIGHT = 980, 700
_ACROSS, _DOWN = 300, 245
_SMALLEST, _LARGEST = 13, 26
_MOST_LETTERS = 24
_FEW = 10
"""Namespaces whose names have room beside one another."""

Findings = dict[str, dict[Severity, int]]
"""How many findings each namespace has, by severity, worst first."""


class _Place(NamedTuple):
    x: float
    y: float
    radius: float
    level: int
    """How far out the name stands at the top and at the bottom, where names are beside one another."""


def findings_by_namespace(findings: Iterable[Finding]) -> Findings:
    """Return how many findings each namespace has; those about the namespace itself are its own."""
    found: Findings = {}
    for each in findings:
        own = found.setdefault(home_of(each.object), dict.fromkeys(reversed(Severity), 0))
        own[each.severity] += 1
    return found


def map_markup(drawn: NamespaceMap, findings: Findings) -> str:
    """Return a section of the page with the map, what its signs mean, and the same as a table."""
    edges = sorted(drawn.edges, key=lambda each: (-_pairs(each), each.source, each.destination))
    shown = edges[:MOST_EDGES]
    notes = [
        "A line leads from the namespace whose pods connect, the thicker the more pairs of pods may.",
        "A circle has the number of findings, and the colour of the gravest.",
    ]
    if drawn.hidden:
        hidden = count_text(drawn.hidden, "namespace")
        notes.append(f"{hidden} {'is' if drawn.hidden == 1 else 'are'} left out: the gravest findings are elsewhere.")
    if len(edges) > len(shown):
        notes.append(f"Only the {len(shown)} connections between the most pods are drawn, of {len(edges)}.")
    pods = {each.namespace: each.pods for each in drawn.nodes}
    rows = "".join(_row(each, pods) for each in edges[: 2 * MOST_EDGES])
    left = len(edges) - 2 * MOST_EDGES
    more = f'<p class="hint">{left} more connections are left out.</p>' if left > 0 else ""
    return (
        '<section id="map-part"><h2>What connects the namespaces</h2>'
        f'<p class="hint limit">{escape(" ".join(notes))}</p>{_KEY}'
        f"{_svg(drawn, shown, findings)}"
        "<details><summary>The connections as a table</summary>"
        '<table id="connections"><thead><tr><th>From</th><th>To</th><th>Pairs of pods</th><th>All ports</th>'
        f"<th>Some ports</th><th>Unknown</th></tr></thead><tbody>{rows}</tbody></table>{more}</details></section>"
    )


_KEY = (
    '<p class="key"><span><i class="line all"></i>some pairs on every port</span>'
    '<span><i class="line some"></i>on some ports</span><span><i class="line unknown"></i>not known</span></p>'
)


def _svg(drawn: NamespaceMap, edges: list[MapEdge], findings: Findings) -> str:
    totals = {each.namespace: sum(findings.get(each.namespace, {}).values()) for each in drawn.nodes}
    places = dict(_places(drawn.nodes, totals))
    told = f"{count_text(len(drawn.nodes), 'namespace')} and {count_text(len(edges), 'connection')} between them"
    pods = {each.namespace: each.pods for each in drawn.nodes}
    numbers = {name: number for number, name in enumerate(places)}
    most = max(map(_pairs, edges), default=1)
    lines = "".join(_edge(each, places, pods, numbers, most) for each in reversed(edges))
    circles = "".join(_node(each, places[each.namespace], findings, numbers) for each in drawn.nodes)
    return (
        f'<svg id="spaces" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="spaces-title spaces-desc">'
        f'<title id="spaces-title">What connects the namespaces</title>'
        f'<desc id="spaces-desc">{told}. The table below tells them all.</desc>'
        f"{_MARKERS}<g>{lines}</g><g>{circles}</g></svg>"
    )


_MARKERS = (
    "<defs>"
    + "".join(
        f'<marker id="tip-{kind}" class="{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>'
        for kind in ("all", "some", "unknown")
    )
    + "</defs>"
)


def _places(nodes: Iterable[MapNode], totals: Mapping[str, int]) -> Iterator[tuple[str, _Place]]:
    """Yield the namespaces on a ring, clockwise from the top, in their order."""
    listed = list(nodes)
    most = max(max(totals.values(), default=0), 1)
    for number, each in enumerate(listed):
        angle = 2 * pi * number / len(listed) - pi / 2
        radius = _SMALLEST + (_LARGEST - _SMALLEST) * sqrt(totals[each.namespace] / most)
        turns = round(2 * number / len(listed))
        level = (number - turns * len(listed) // 2) % 3 if len(listed) > _FEW else 0
        yield each.namespace, _Place(_WIDTH / 2 + _ACROSS * cos(angle), _HEIGHT / 2 + _DOWN * sin(angle), radius, level)


def _node(node: MapNode, place: _Place, findings: Findings, numbers: Mapping[str, int]) -> str:
    own = findings.get(node.namespace, {})
    worst = next((each.value for each, number in own.items() if number), "none")
    name = visible(node.namespace)
    counts = ", ".join(f"{number} {each.value}" for each, number in own.items() if number) or "no findings"
    away = place.x - _WIDTH / 2
    is_above = abs(away) < _ACROSS / 4
    side = "middle" if is_above else "start" if away > 0 else "end"
    x = place.x + (0 if is_above else (place.radius + 8) * (1 if away > 0 else -1))
    outwards = 1 if place.y > _HEIGHT / 2 else -1
    y = _HEIGHT / 2 + outwards * (_DOWN + _LARGEST + 14 + 22 * place.level) if is_above else place.y
    title = f"{name}: {count_text(node.pods, 'pod')}; {counts}"
    return (
        f'<g class="spot {worst}" data-number="{numbers[node.namespace]}" data-space="{escape(name)}">'
        f"<title>{escape(title)}</title>"
        f'<circle cx="{place.x:.1f}" cy="{place.y:.1f}" r="{place.radius:.1f}"/>'
        f'<text class="total" x="{place.x:.1f}" y="{place.y:.1f}">{sum(own.values())}</text>'
        f'<text class="name" x="{x:.1f}" y="{y:.1f}" text-anchor="{side}">{escape(_shortened(name))}</text></g>'
    )


def _edge(
    edge: MapEdge, places: Mapping[str, _Place], pods: Mapping[str, int], numbers: Mapping[str, int], most: int
) -> str:
    start, end = places[edge.source], places[edge.destination]
    # Lines bend towards the middle, and to the left of their way, so that the two directions of a pair part.
    across, down = end.x - start.x, end.y - start.y
    length = hypot(across, down)
    middle = (start.x + end.x + _WIDTH) / 4, (start.y + end.y + _HEIGHT) / 4
    bend = min(28, 10 + length * 0.05)
    x, y = middle[0] + down / length * bend, middle[1] - across / length * bend
    from_x, from_y = _towards(start, x, y, 2)
    to_x, to_y = _towards(end, x, y, 3)
    width = 0.8 + 3 * sqrt(_pairs(edge) / most)
    kind = _kind(edge)
    return (
        f'<path class="edge {kind}" data-ends="{numbers[edge.source]} {numbers[edge.destination]}" '
        f'd="M{from_x:.1f} {from_y:.1f}Q{x:.1f} {y:.1f} {to_x:.1f} {to_y:.1f}" '
        f'style="stroke-width:{width:.1f}" marker-end="url(#tip-{kind})">'
        f"<title>{escape(_told(edge, pods))}</title></path>"
    )


def _towards(place: _Place, x: float, y: float, gap: float) -> tuple[float, float]:
    """Return the point on the way from a circle to another point that lies just outside of it."""
    length = hypot(x - place.x, y - place.y) or 1
    share = (place.radius + gap) / length
    return place.x + (x - place.x) * share, place.y + (y - place.y) * share


def _kind(edge: MapEdge) -> str:
    return "all" if edge.all else "some" if edge.some else "unknown"


def _pairs(edge: MapEdge) -> int:
    return edge.all + edge.some + edge.unknown


def _told(edge: MapEdge, pods: Mapping[str, int]) -> str:
    parts = ((edge.all, "on every port"), (edge.some, "on some ports"), (edge.unknown, "perhaps"))
    counts = ", ".join(f"{number} {words}" for number, words in parts if number)
    total = pods[edge.source] * pods[edge.destination]
    return f"{visible(edge.source)} to {visible(edge.destination)}: of {count_text(total, 'pair')} of pods {counts}"


def _row(edge: MapEdge, pods: Mapping[str, int]) -> str:
    total = pods[edge.source] * pods[edge.destination]
    cells = (visible(edge.source), visible(edge.destination), total, edge.all, edge.some, edge.unknown)
    return f"<tr>{''.join(f'<td>{escape(str(each))}</td>' for each in cells)}</tr>"


def _shortened(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"
