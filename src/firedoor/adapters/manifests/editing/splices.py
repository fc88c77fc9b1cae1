"""Changes of an object as changes of the text of its YAML document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from firedoor.adapters.manifests.editing.tree import Spot, Tree
from firedoor.adapters.manifests.editing.writing import element_lines, field_lines, flow, inner_lines
from firedoor.model.edits import Change, ChangeKind, Path


@dataclass(frozen=True, slots=True)
class Splice:
    """Text in place of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


def spliced(text: str, prefix: Path, changes: Iterable[Change]) -> str:
    """Return a document with changes of the object at `prefix`; raises ``EditRefusedError``."""
    tree = Tree(text)
    splices = [splice for each in changes for splice in _splices(tree, each, (*prefix, *each.path))]
    splices.sort(key=lambda each: (each.start, each.end))
    parts: list[str] = []
    done = 0
    for each in splices:
        if each.start < done:
            raise tree.refused("two changes fall on the same place", tree.root)
        if tree.has_comment(each.start, each.end):
            raise tree.refused("a comment would be lost", tree.root)
        parts += (text[done : each.start], each.text)
        done = each.end
    return "".join([*parts, text[done:]])


def _splices(tree: Tree, change: Change, path: Path) -> list[Splice]:
    if change.kind is ChangeKind.ADD:
        holder = tree.spot(path[:-1])
        step = path[-1]
        if isinstance(step, int):
            return [_added_element(tree, holder, step, change.value)]
        return [_added_field(tree, holder, step, change.value)]
    spot = tree.spot(path)
    if change.kind is ChangeKind.SET:
        return _set(tree, spot, change.value)
    return [_removed(tree, spot)]


def _lines(tree: Tree, lines: list[str]) -> str:
    newline = tree.layout.newline
    return newline + newline.join(lines)


def _added_field(tree: Tree, holder: Spot, key: str, value: Any) -> Splice:
    node = holder.node
    if node.flow_style:
        end = tree.field_end(*node.value[-1])
        return Splice(end, end, f", {flow(key)}: {flow(value)}")
    end = tree.line_end(tree.end(node))
    column = tree.column(node.value[0][0].start_mark.index)
    return Splice(end, end, _lines(tree, field_lines(key, value, column, tree.layout)))


def _added_element(tree: Tree, holder: Spot, index: int, value: Any) -> Splice:
    node = holder.node
    if node.flow_style:
        if index:
            end = tree.element_end(node, index - 1)
            return Splice(end, end, f", {flow(value)}")
        start = node.value[0].start_mark.index
        return Splice(start, start, f"{flow(value)}, ")
    dash = _dash(tree, node.value[0])
    lines = element_lines(value, tree.column(dash), tree.layout)
    if index:
        end = tree.line_end(tree.element_end(node, index - 1))
        return Splice(end, end, _lines(tree, lines))
    if tree.text[tree.line_start(dash) : dash].strip():
        raise tree.refused("this list begins on the line of something else", node)
    start = tree.line_start(dash)
    return Splice(start, start, _lines(tree, lines).removeprefix(tree.layout.newline) + tree.layout.newline)


def _set(tree: Tree, spot: Spot, value: Any) -> list[Splice]:
    node, is_block = spot.node, isinstance(value, dict | list) and bool(value)
    start, end = node.start_mark.index, tree.end(node)
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        raise tree.refused("text of several lines stands here", node)
    if spot.key is None:
        return [Splice(start, end, flow(value, _style(node)))]
    colon = tree.colon_end(spot.key)
    if is_block and not spot.parent.flow_style:
        column = tree.column(spot.key.start_mark.index)
        line = tree.line_end(end)
        below = Splice(line, line, _lines(tree, inner_lines(value, column, tree.layout)))
        return [Splice(colon, max(end, colon), ""), below]
    if colon <= start < end <= tree.line_end(colon):
        return [Splice(start, end, flow(value, _style(node)))]
    return [Splice(colon, max(end, colon), f" {flow(value, _style(node))}")]


def _style(node: Any) -> str | None:
    return node.style if isinstance(node, yaml.ScalarNode) and node.style in {"'", '"'} else None


def _removed(tree: Tree, spot: Spot) -> Splice:
    """Return the splice that takes a field or an element away; never the only one, which is set to be empty."""
    siblings, index = spot.parent.value, spot.index
    first = siblings[index] if spot.key is None else spot.key
    end = tree.end(spot.node) if spot.key is None else tree.field_end(spot.key, spot.node)
    start = int(first.start_mark.index)
    if spot.parent.flow_style:
        if not index:
            return Splice(start, _start(siblings[1]), "")
        if spot.key is None:
            return Splice(tree.element_end(spot.parent, index - 1), end, "")
        return Splice(tree.field_end(*siblings[index - 1]), end, "")
    if spot.key is None:
        start = _dash(tree, first)
    line = tree.line_start(start)
    if not tree.text[line:start].strip():
        end = tree.line_end(end)
        if line:
            line -= 2 if tree.text[line - 2 : line] == "\r\n" else 1
            return Splice(line, end, "")
        return Splice(0, min(len(tree.text), end + len(tree.layout.newline)), "")
    if index + 1 == len(siblings):
        raise tree.refused("this stands on the line of something else", spot.node)
    following = siblings[index + 1]
    return Splice(start, _start(following) if spot.key is not None else _dash(tree, following), "")


def _start(sibling: Any) -> int:
    node = sibling[0] if isinstance(sibling, tuple) else sibling
    return int(node.start_mark.index)


def _dash(tree: Tree, element: Any) -> int:
    """Return the place of the dash of an element of a block list."""
    start = int(element.start_mark.index)
    dash = tree.text.rfind("-", 0, start)
    if dash < 0 or tree.text[dash + 1 : start].strip():
        raise tree.refused("this list is written in a way that is not edited", element)
    return dash
