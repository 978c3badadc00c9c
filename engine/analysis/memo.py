"""A bounded table that several threads may use."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memo(Generic[Value]):
    """Keeps what was put last, up to a total weight; when that is passed, the oldest go until half of it is free."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._total = 0
        self._kept: dict[Hashable, Value] = {}
        self._weights: dict[Hashable, int] = {}  # of those that weigh more than 1
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        return self._kept.get(key)

    def put(self, key: Hashable, value: Value, weight: int = 1) -> None:
        """Keep a value; a new value for a key that is there makes it young again."""
        with self._lock:
            self._drop(key)
            self._kept[key] = value
            if weight != 1:
                self._weights[key] = weight
            self._total += weight
            if self._total > self._most:
                for oldest in list(self._kept):
                    if self._total <= self._most // 2 or oldest == key:
                        break
                    self._drop(oldest)

    def clear(self) -> None:
        with self._lock:
            self._kept, self._weights, self._total = {}, {}, 0

    def _drop(self, key: Hashable) -> None:
        if key in self._kept:
            del self._kept[key]
            self._total -= self._weights.pop(key, 1)

    def __len__(self) -> int:
        return len(self._kept)
