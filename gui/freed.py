"""What was freed goes back to the system: the C library of Linux keeps what each thread used once until it is asked."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from typing import cast


@cache
def _trim() -> Callable[[int], int] | None:
    """The function that does it, None where there is none or no need for one."""
    if not sys.platform.startswith("linux"):
        return None
    return cast("Callable[[int], int] | None", getattr(ctypes.CDLL(None), "malloc_trim", None))


def give_back() -> None:
    """Takes some milliseconds, in which other threads go on. May be called in any thread."""
    if trim := _trim():
        trim(0)
