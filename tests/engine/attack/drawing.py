"""Attack graphs drawn by hand: standings by letter, and what stops the steps between them."""

from __future__ import annotations

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.core import Core
from firedoor.engine.attack.graph import AttackGraph, Link, told
from firedoor.model.attack import Change, ChangeKind, Kind, Standing
from firedoor.model.places import ObjectRef


def standing(name: str) -> Standing:
    return Standing(Kind.USER, name=name)


def change(name: str) -> Change:
    return Change(ChangeKind.BINDING, ObjectRef("ClusterRoleBinding", "", name))


def link(options: str) -> Link:
    """Return an edge from ``1 2+3``: stopped by change 1, or by changes 2 and 3 together."""
    some = tuple(frozenset(map(change, each.split("+"))) for each in options.split())
    return Link(some, told(f"by {options}" if options else "by nothing"))


def drawn(*steps: tuple[str, str, str]) -> AttackGraph:
    """Return a graph of steps, each with its two standings and what stops it; ``a'`` is a second vertex of ``a``."""
    graph = AttackGraph(possible=False)
    for source, target, options in steps:
        first, last = (graph.standing(standing(each.rstrip("'")), each) for each in (source, target))
        means = graph.means(by.EXEC, first, last)
        graph.link(first, means, link(options))
        graph.link(means, last)
    graph.finish()
    return graph


def core(sources: str, targets: str, *steps: tuple[str, str, str]) -> Core:
    """Return what lies between standings of one letter each."""
    return between(drawn(*steps), sources, targets)


def between(graph: AttackGraph, sources: str, targets: str) -> Core:
    def vertices(names: str) -> list[int]:
        return graph.of_standing(lambda each: each.name in set(names))

    return Core(graph, vertices(sources), vertices(targets))


def names(found: Core, walk: tuple[int, ...] | None) -> str:
    """Return the standings of a way in a row."""
    some = (found.vertices[each] for each in walk or ())
    return "".join(each.name for each in some if isinstance(each, Standing))
