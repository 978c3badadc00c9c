"""The points that wires are led through: how they follow the wires, and how a hand adds, joins and moves them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.document.project import Layout, Point, Project, Reroute
from engine.graph.graph import BlockId, Edge, NodeId

_MIDDLE = 76.0  # half the usual width of a layer: what lies right of it lies behind an inserted layer
Courses = dict[Edge, list[str]]


def settled(before: Project, after: Project) -> Project:
    """The later project with the points of wires that are gone on the wires that took their place.

    A wire that was plugged in elsewhere, or renamed with its port, keeps its points. Where a layer was taken out the
    joined wire runs through the points of both, where one was put in they are shared out. Points without a wire go.
    """
    for id, layout in after.layout.items():
        block = after.blocks.get(id)
        if block is None or not layout.reroutes or all(_stands(r, block.graph.edges) for r in layout.reroutes):
            continue
        after = after.with_layout(id, replace(layout, reroutes=_followed(before, after, id)))
    return after


_LIKENESS: tuple[Callable[[Edge], tuple[object, ...]], ...] = (
    lambda e: (e.source, e.source_port, e.target, e.target_port),
    lambda e: (e.source, e.target, e.target_port, e.slot),
    lambda e: (e.source, e.source_port, e.target),
    lambda e: (e.source, e.target),
)


def _stands(reroute: Reroute, edges: frozenset[Edge]) -> bool:
    return reroute.wires <= edges and len({(e.source, e.source_port) for e in reroute.wires}) == 1


def _successors(before: Project, after: Project, block: BlockId) -> dict[Edge, Edge]:
    """For wires that are gone new ones between the same two layers: of a port that both have, else in their order."""
    was, now = (p.blocks[block].graph.edges if block in p.blocks else frozenset() for p in (before, after))
    between = {(e.source, e.target) for e in now - was}
    lost = _in_order_of_ports(before, (e for e in was - now if (e.source, e.target) in between), block)
    new = _in_order_of_ports(after, now - was, block)
    found: dict[Edge, Edge] = {}
    for likeness in _LIKENESS:
        free: dict[tuple[object, ...], list[Edge]] = {}
        for edge in reversed([e for e in new if e not in found.values()]):
            free.setdefault(likeness(edge), []).append(edge)
        for edge in lost:
            if edge not in found and (heirs := free.get(likeness(edge))):
                found[edge] = heirs.pop()
    return found


def _in_order_of_ports(project: Project, edges: Iterable[Edge], block: BlockId) -> list[Edge]:
    def place(edge: Edge) -> tuple[NodeId, int, NodeId, int, int]:
        ends = (edge.source, 1, edge.source_port), (edge.target, 0, edge.target_port)
        ports = ([p.name for p in project.ports(project.node(node, block), block)[i]] for node, i, _ in ends)
        out, into = (names.index(name) for names, (_, _, name) in zip(ports, ends, strict=True))
        return edge.source, out, edge.target, into, edge.slot

    return sorted(edges, key=place)


def _followed(before: Project, after: Project, block: BlockId) -> tuple[Reroute, ...]:
    layout, edges, old = after.layout_of(block), after.blocks[block].graph.edges, before.blocks.get(block)
    successors = _successors(before, after, block)
    new = edges - (old.graph.edges if old else frozenset()) - set(successors.values())
    courses: dict[Edge, tuple[list[str], list[str], list[str]]] = {}  # points from its head, its own, from its tail
    for edge in sorted({e for r in layout.reroutes for e in r.wires}):
        points = layout.through(edge)
        if edge in edges:
            courses.setdefault(edge, ([], [], []))[1].extend(p.id for p in points)
            continue
        if (same := successors.get(edge)) is not None:
            courses.setdefault(same, ([], [], []))[0].extend(p.id for p in points)
            continue
        for heir, part, kept in _heirs(edge, points, new, layout):
            courses.setdefault(heir, ([], [], []))[part].extend(p.id for p in kept)
    return arranged(
        {p.id: p for p in layout.reroutes}, {e: [*dict.fromkeys((*c[0], *c[1], *c[2]))] for e, c in courses.items()}
    )


def _heirs(
    lost: Edge, points: Sequence[Reroute], new: frozenset[Edge], layout: Layout
) -> list[tuple[Edge, int, Sequence[Reroute]]]:
    """Wires that take a lost one's place, with the points that they take over: 0 at their heads, 2 at their tails."""
    heads = sorted(e for e in new if (e.source, e.source_port) == (lost.source, lost.source_port))
    tails = [e for e in new if (e.target, e.target_port, e.slot) == (lost.target, lost.target_port, lost.slot)]
    between = [h for h in heads if tails and h.target == tails[0].source]
    if between:
        middle = layout.at(between[0].target)[0] + _MIDDLE
        early = [p for p in points if p.x < middle]
        return [(between[0], 0, early), (tails[0], 2, [p for p in points if p not in early])]
    if tails:
        return [(tails[0], 2, points)]
    return [(head, 0, points) for head in heads]


Key = tuple[str, str, str]
"""A point and the output whose wires run through it."""


def arranged(points: Mapping[str, Reroute], courses: Mapping[Edge, Sequence[str]]) -> tuple[Reroute, ...]:
    """Points in an order that gives every wire its course; one that wires of several outputs need becomes several.

    Where two wires would run through their common points in opposite directions, the first one's order counts.
    """
    made = _shared(points, courses)
    place = {key: i for i, key in enumerate(made)}
    after: dict[Key, set[Key]] = {key: set() for key in made}
    is_ordered = True
    for edge in sorted(courses):
        keys = [(id, edge.source, edge.source_port) for id in courses[edge]]
        for one, other in pairwise(keys):
            is_ordered &= place[one] < place[other]
            if one not in _reached(after, other):
                after[one].add(other)
    return tuple(made[key] for key in (made if is_ordered else _in_order(after, list(made))))


def _shared(points: Mapping[str, Reroute], courses: Mapping[Edge, Sequence[str]]) -> dict[Key, Reroute]:
    """Every point with the wires of one output that run through it; the output with most of them keeps the id."""
    rank = {id: i for i, id in enumerate(points)}
    wires: dict[Key, set[Edge]] = {}
    for edge, course in courses.items():
        for id in course:
            wires.setdefault((id, edge.source, edge.source_port), set()).add(edge)
    first: dict[str, Key] = {}
    for key in sorted(wires, key=lambda k: (-len(wires[k]), k)):
        first.setdefault(key[0], key)
    taken = set(points)
    made: dict[Key, Reroute] = {}
    for key in sorted(wires, key=lambda k: (rank[k[0]], k)):
        id = key[0] if first[key[0]] == key else fresh(taken)
        taken.add(id)
        made[key] = replace(points[key[0]], id=id, wires=frozenset(wires[key]))
    return made


def _reached(after: Mapping[Key, set[Key]], start: Key) -> set[Key]:
    found, waiting = {start}, [start]
    while waiting:
        for key in after[waiting.pop()] - found:
            found.add(key)
            waiting.append(key)
    return found


def _in_order(after: Mapping[Key, set[Key]], keys: list[Key]) -> list[Key]:
    """Each before those that come after it, else in the order that was."""
    left, found = list(keys), []
    while left:
        key = next(k for k in left if not any(k in after[other] for other in left if other != k))
        left.remove(key)
        found.append(key)
    return found


def fresh(taken: Iterable[str]) -> str:
    """An id that no point has yet: r1, r2, ..."""
    used, number = set(taken), 1
    while f"r{number}" in used:
        number += 1
    return f"r{number}"


def courses_of(layout: Layout) -> Courses:
    """The points of every wire that has any, by their ids."""
    found: Courses = {}
    for reroute in layout.reroutes:
        for edge in sorted(reroute.wires):
            found.setdefault(edge, []).append(reroute.id)
    return found


def added(layout: Layout, at: Point, places: Mapping[Edge, int]) -> tuple[tuple[Reroute, ...], str]:
    """The points with a new one on wires of one output, and its id. places: how many points come before it on each."""
    id, courses = fresh(r.id for r in layout.reroutes), courses_of(layout)
    for edge, place in places.items():
        courses.setdefault(edge, []).insert(place, id)
    points = {r.id: r for r in layout.reroutes} | {id: Reroute(id, *at, frozenset(places))}
    return arranged(points, courses), id


def joined(layout: Layout, reroute: str, places: Mapping[Edge, int]) -> tuple[Reroute, ...]:
    """The points, where more wires of the same output run through one of them."""
    courses = courses_of(layout)
    for edge, place in places.items():
        course = courses.setdefault(edge, [])
        if reroute not in course:
            course.insert(place, reroute)
    return arranged({r.id: r for r in layout.reroutes}, courses)


def merged(layout: Layout, gone: str, into: str) -> tuple[Reroute, ...]:
    """The points, where the wires of one run through another one instead."""
    courses = {
        edge: [*dict.fromkeys(into if id == gone else id for id in course)]
        for edge, course in courses_of(layout).items()
    }
    return arranged({r.id: r for r in layout.reroutes if r.id != gone}, courses)


def moved(reroutes: Iterable[Reroute], places: Mapping[str, Point]) -> tuple[Reroute, ...]:
    """The points, some of them elsewhere."""
    return tuple(replace(r, x=places[r.id][0], y=places[r.id][1]) if r.id in places else r for r in reroutes)


def carried(
    reroutes: Iterable[Reroute], wires: Mapping[Edge, Iterable[Edge]], by: Point = (0.0, 0.0)
) -> tuple[Reroute, ...]:
    """The points of some wires on the wires that these became, moved by so much; those of no such wire are left out."""
    found = []
    for reroute in reroutes:
        on = frozenset(new for old in reroute.wires for new in wires.get(old, ()))
        if on:
            found.append(replace(reroute, x=reroute.x + by[0], y=reroute.y + by[1], wires=on))
    return tuple(found)


def beside(there: Iterable[Reroute], more: Iterable[Reroute]) -> tuple[Reroute, ...]:
    """Points and more points, which get ids of their own."""
    result = list(there)
    for reroute in more:
        result.append(replace(reroute, id=fresh(r.id for r in result)))
    return tuple(result)
