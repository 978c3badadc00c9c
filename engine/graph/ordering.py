"""The order in which a graph is computed, from nothing or from the order of a graph that is nearly the same.

Every node comes after those that feed it; of several that could come next, the one of the lowest rank does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

Steps = Callable[[Any], Iterable[Any]]
"""The nodes that feed a node, or those that it feeds; one stands there as often as there are wires."""
Found = tuple[tuple[Any, ...], dict[Any, Any]]
"""The nodes in their order, those in a circle left out; and by whom each was opened: by the last that feeds it."""


def ordered(ids: Sequence[Any], into: Steps, out: Steps) -> Found:
    """From nothing. ids: all nodes by their rank."""
    rank = dict(zip(ids, range(len(ids))))
    waiting = {id: sum(1 for _ in into(id)) for id in ids}
    ready = [rank[id] for id, count in waiting.items() if not count]
    result: list[Any] = []
    opened: dict[Any, Any] = {}
    while ready:
        id = ids[heappop(ready)]
        result.append(id)
        for target in out(id):
            waiting[target] = waiting.get(target, 0) - 1  # of a damaged file a wire may end at no node
            if not waiting[target]:
                opened[target] = id
                heappush(ready, rank[target])
    return tuple(result), opened


def reordered(found: Found, ids: Sequence[Any], changed: Collection[Any], into: Steps, out: Steps) -> Found:
    """From what was found before, with no node in a circle. changed: nodes that are fed by others now, or are new.

    What stays ranks as before, and what is new behind it. All up to the first node for which anything differs comes
    as before, and so does all that is left once the same nodes came.
    """
    before, opened = found
    far, place = len(before), dict(zip(before, range(len(before))))
    rank = dict(zip(ids, range(len(ids))))
    gone = place.keys() - rank.keys()
    moved = {id for id in changed if id in place}
    start = min([*map(place.__getitem__, gone), *(_first(id, before, place, rank, into) for id in moved)], default=far)
    by = opened.get
    there = [id for id in before[start:] if place.get(by(id), -1) < start] if start < far else []
    ready = [rank[id] for id in there if id not in gone and id not in moved]
    taken: dict[Any, None] = {}

    def can_come(id: Any) -> bool:
        return id not in taken and all(source in taken or place.get(source, far) < start for source in into(id))

    ready += [rank[id] for id in changed if place.get(id, far) >= start and can_come(id)]
    heapify(ready)
    at, old, left = start, 0, moved | gone  # of `before`, all up to `at` came or are gone, and `old` came or are gone
    while True:
        while at < far and (before[at] in taken or before[at] in gone):
            if before[at] in gone:
                old += 1
                left.discard(before[at])
            at += 1
        is_settled = not left and old == at - start
        if is_settled or not ready:
            break
        id = ids[heappop(ready)]
        if id in taken:
            continue
        taken[id] = None
        old += id in place
        left.discard(id)
        for target in out(id):
            if can_come(target):
                heappush(ready, rank[target])
    result = [*before[:start], *taken, *(before[at:] if is_settled else ())]
    late = [id for id in changed if id not in place and id not in taken] if is_settled else []
    while late := sorted(late, key=rank.__getitem__):  # nothing waits for them, they may wait for one another
        id = next((id for id in late if not any(source in late for source in into(id))), None)
        if id is None:
            break
        result.append(id)
        late.remove(id)
    return tuple(result), _opened(
        opened, result, gone, {*changed, *(target for id in taken for target in out(id))}, into
    )


def _first(id: Any, before: Sequence[Any], place: Mapping[Any, int], rank: Mapping[Any, int], into: Steps) -> int:
    """The first place at which the order may be another one because this node is fed otherwise."""
    here = place[id]
    ready = max((place.get(source, here) + 1 for source in into(id)), default=0)
    return next((at for at in range(ready, here) if rank.get(before[at], -1) > rank[id]), here)


def _opened(
    before: Mapping[Any, Any], order: Sequence[Any], gone: Collection[Any], touched: Collection[Any], into: Steps
) -> dict[Any, Any]:
    """By whom every node is opened, where that may be another than before for those that are touched."""
    place = dict(zip(order, range(len(order))))
    opened = {id: by for id, by in before.items() if id in place}
    for id in (*gone, *touched):
        opened.pop(id, None)
        sources = list(into(id))
        if id in place and sources:
            opened[id] = max(sources, key=lambda source: place[source])
    return opened
