"""Which layer of an edited network is which of the network before: by identity first, by name where that is lost."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from engine.training.carry_network import Path


@dataclass(frozen=True)
class Known:
    """One layer as it is compared: its way, its kind, its name, and the sizes of its parameters."""

    path: Path
    key: str
    name: str
    sizes: Hashable = ()


def match(new: Iterable[Known], old: Iterable[Known]) -> dict[Path, Path]:
    """For every layer of the new network that was there before, in whatever block, its way in the old one.

    A layer is the same if the same nodes lead to it, whatever they are called now. Layers that were grouped are found
    without the instance around them; those that were ungrouped, which are nodes of their own since, by kind and name
    in their order, the first of a size that fits.
    """
    new, left = list(new), {known.path: known for known in old}
    found: dict[Path, Path] = {}
    waiting: list[Known] = []
    for known in new:
        if left.pop(known.path, None) is not None:
            found[known.path] = known.path
        else:
            waiting.append(known)
    there = {known.path[:depth] for known in left.values() for depth in range(1, len(known.path) + 1)}
    there |= {path[:depth] for path in found.values() for depth in range(1, len(path) + 1)}
    still: list[Known] = []
    for known in waiting:
        before = next((p for p in _without_instances(known.path, there) if _is_like(left.get(p), known)), None)
        if before is None:
            still.append(known)
        else:
            found[known.path] = before
            del left[before]
    _by_name(still, left, found)
    return found


def _is_like(old: Known | None, new: Known) -> bool:
    return old is not None and old.key == new.key


def _without_instances(path: Path, there: set[Path]) -> Iterable[Path]:
    """The way without some of the blocks that were not there before; only the first of several repeats is meant."""
    inner = [i for i in range(len(path) - 1) if path[: i + 1] not in there and path[i][1:] == (0, 0)]
    for count in range(1, len(inner) + 1):
        for left_out in combinations(inner, count):
            yield tuple(step for i, step in enumerate(path) if i not in left_out)


def _by_name(new: list[Known], left: dict[Path, Known], found: dict[Path, Path]) -> None:
    """Pairs of one kind and one name, its number left out, in order: those of the same sizes first.

    A repeat that was not there, of a row that was, is new: its neighbours are no older form of it.
    """
    rows = {_row(path) for path in (*found.values(), *left)}
    for is_exact in (True, False):
        for known in [k for k in new if k.path not in found and _row(k.path) not in rows]:
            for path, old in left.items():
                alike = old.key == known.key and _stem(old.name) == _stem(known.name)
                if alike and (old.sizes == known.sizes if is_exact else old.name == known.name):
                    found[known.path] = path
                    del left[path]
                    break


def _row(path: Path) -> Path:
    """The way without counting repeats."""
    return tuple((node, part, -1) for node, part, _ in path)


def _stem(name: str) -> str:
    return re.sub(r"\d+$", "", name)


def neighbour(path: Path, there: Mapping[Path, Path]) -> Path | None:
    """The nearest earlier repeat of the same layer that was there before, None if there is none."""
    for depth in range(len(path) - 1, -1, -1):
        node, part, repeat = path[depth]
        for earlier in range(repeat - 1, -1, -1):
            candidate = (*path[:depth], (node, part, earlier), *path[depth + 1 :])
            if candidate in there:
                return there[candidate]
    return None
