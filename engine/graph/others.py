"""What stands in one table otherwise than in another, found at the pace of the interpreter's own loops."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from operator import is_not
from typing import Any, TypeVar

Key = TypeVar("Key")


def others(before: Mapping[Key, Any], after: Mapping[Key, Any]) -> set[Key]:
    """The keys under which the second table has another object than the first, or the first has none."""
    if before is after:
        return set()
    return set(compress(after, map(is_not, map(before.get, after), after.values())))
