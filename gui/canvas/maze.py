"""A way between nodes where no single lane leads through: the shortest level and upright one with few corners."""

from __future__ import annotations

import heapq

import numpy as np

from gui.canvas.lanes import joined

Xy = tuple[float, float]
CORNER = 24.0  # what a corner costs, in units of length
MARGINS = (10.0, 5.0, 3.5)  # distances from nodes, the wider first
MOST_BOXES = 120
_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))


def way(boxes: np.ndarray, start: Xy, end: Xy, leaves: bool = True, arrives: bool = True) -> tuple[Xy, ...] | None:
    """The corners of a way from one point to another round boxes, both ends included; None if there is none.

    leaves: it sets out to the right. arrives: it comes from the left. boxes: (N, 4).
    """
    if len(boxes) > MOST_BOXES:
        return None
    for margin in MARGINS:
        grown = boxes + np.array((-margin, -margin, margin, margin))
        if found := _search(grown, start, end, leaves, arrives):
            return found
    return None


def _search(boxes: np.ndarray, start: Xy, end: Xy, leaves: bool, arrives: bool) -> tuple[Xy, ...] | None:
    xs = np.unique(np.concatenate((boxes[:, 0], boxes[:, 2], (start[0], end[0]))))
    ys = np.unique(np.concatenate((boxes[:, 1], boxes[:, 3], (start[1], end[1]))))
    level, upright = _open(boxes, xs, ys)
    x, y = xs.tolist(), ys.tolist()
    first = int(np.searchsorted(xs, start[0])), int(np.searchsorted(ys, start[1]))
    goal = int(np.searchsorted(xs, end[0])), int(np.searchsorted(ys, end[1]))
    best: dict[tuple[int, int, int], float] = {(*first, facing): 0.0 for facing in range(1 if leaves else 4)}
    came: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    heap = [(0.0, 0.0, state) for state in best]
    while heap:
        _, cost, here = heapq.heappop(heap)
        i, j, facing = here
        if (i, j) == goal and (facing == 0 or not arrives):
            found = [(x[i], y[j])]
            while here in came:
                here = came[here]
                found.append((x[here[0]], y[here[1]]))
            return joined(reversed(found))
        if cost > best[here]:
            continue
        for turn, (di, dj) in enumerate(_STEPS):
            if abs(turn - facing) == 2:
                continue
            ni, nj = i + di, j + dj
            if not (0 <= ni < len(x) and 0 <= nj < len(y)):
                continue
            if not (level[min(i, ni), j] if di else upright[i, min(j, nj)]):
                continue
            paid = cost + abs(x[ni] - x[i]) + abs(y[nj] - y[j]) + CORNER * (turn != facing)
            there = ni, nj, turn
            if paid < best.get(there, np.inf):
                best[there], came[there] = paid, here
                heapq.heappush(heap, (paid + abs(x[ni] - end[0]) + abs(y[nj] - end[1]), paid, there))
        if (i, j) == goal and facing != 0:
            turned = (i, j, 0)
            if facing != 2 and cost + CORNER < best.get(turned, np.inf):
                best[turned], came[turned] = cost + CORNER, here
                heapq.heappush(heap, (cost + CORNER, cost + CORNER, turned))
    return None


def _open(boxes: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which level pieces (from xs[i] to xs[i + 1] at ys[j]) and upright ones go through no box."""
    level: np.ndarray = np.ones((len(xs), len(ys)), bool)
    upright: np.ndarray = level.copy()
    places = (np.searchsorted(xs if side % 2 == 0 else ys, boxes[:, side]) for side in range(4))
    for left, top, right, bottom in np.stack(tuple(places), axis=1).tolist():
        level[left:right, top + 1 : bottom] = False
        upright[left + 1 : right, top:bottom] = False
    return level, upright
