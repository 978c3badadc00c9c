"""What was found of blocks lately: of each document one thing, though blocks of several are called by the same id."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import islice
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from engine.graph.block import Block

Value = TypeVar("Value")
_ALIKE = 8
"""So many nodes are looked at to see whether one block was made of another by edits, which leave most nodes alone."""
_DOCUMENTS = 3


class _Known(NamedTuple):
    key: Hashable
    block: Block
    value: object

    @property
    def weight(self) -> int:
        return 1 + len(self.block.graph.nodes)


class Lately(Generic[Value]):
    """Keeps for each key what was found of up to three blocks that were not made of one another, for several threads.

    most: so many nodes in all, or twice those of the largest block; when they are passed, the oldest go until half of
    that is free.
    """

    def __init__(self, most: int) -> None:
        self._most, self._total = most, 0
        self._by_key: dict[Hashable, list[_Known]] = {}
        self._by_age: dict[int, _Known] = {}
        self._lock = Lock()

    def get(self, key: Hashable, block: Block) -> Value | None:
        """What was found of this block, or of the one of which it was made, None if of none."""
        with self._lock:
            near = self._nearest(key, block)
            return near.value if near else None  # type: ignore[return-value]

    def take(self, key: Hashable, block: Block) -> Value | None:
        """The same, which is no longer kept."""
        with self._lock:
            near = self._nearest(key, block)
            if near is not None:
                self._drop(near)
            return near.value if near else None  # type: ignore[return-value]

    def put(self, key: Hashable, block: Block, value: Value) -> None:
        """Keep what was found of a block in the place of what was found of the one of which it was made."""
        with self._lock:
            near, several = self._nearest(key, block), self._by_key.get(key, [])
            for old in [near] if near else several[: len(several) + 1 - _DOCUMENTS]:
                self._drop(old)
            known = _Known(key, block, value)
            self._by_key.setdefault(key, []).append(known)
            self._by_age[id(known)] = known
            self._total += known.weight
            if self._total > self._most:
                self._free(known)

    def clear(self) -> None:
        with self._lock:
            self._by_key, self._by_age, self._total = {}, {}, 0

    def __len__(self) -> int:
        return len(self._by_age)

    def _free(self, but: _Known) -> None:
        most = max(self._most, *(2 * known.weight for known in self._by_age.values()))
        if self._total > most:
            for known in list(self._by_age.values()):
                if self._total > most // 2 and known is not but:
                    self._drop(known)

    def _drop(self, old: _Known) -> None:
        del self._by_age[id(old)]
        several = self._by_key[old.key]
        several[:] = [known for known in several if known is not old]
        self._total -= old.weight
        if not several:
            del self._by_key[old.key]

    def _nearest(self, key: Hashable, block: Block) -> _Known | None:
        several = self._by_key.get(key, ())
        for known in several:
            if known.block is block:
                return known
        counted = [(_alike(known.block, block), at) for at, known in enumerate(several)]
        count, at = max(counted, default=(0, 0))
        return several[at] if count else None


def _alike(before: Block, after: Block) -> int:
    """How many of the first nodes are the very same."""
    nodes = before.graph.nodes
    return sum(nodes.get(id) is node for id, node in islice(after.graph.nodes.items(), _ALIKE))
