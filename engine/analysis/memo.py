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
        self._kept: dict[Hashable, tuple[Value, int]] = {}
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        found = self._kept.get(key)
        return found[0] if found else None

    def put(self, key: Hashable, value: Value, weight: int = 1) -> None:
        """Keep a value; a new value for a key that is there makes it young again."""
        with self._lock:
            self._drop(key)
            self._kept[key] = (value, weight)
            self._total += weight
            if self._total > self._most:
                for oldest in list(self._kept):
                    if self._total <= self._most // 2 or oldest == key:
                        break
                    self._drop(oldest)

    def clear(self) -> None:
        with self._lock:
            self._kept, self._total = {}, 0

    def _drop(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        self._total -= gone[1] if gone else 0

    def __len__(self) -> int:
        return len(self._kept)
