"""How much memory this machine offers, and sizes as people read them."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import lru_cache
from pathlib import Path

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


@lru_cache(maxsize=1)
def memory_bytes() -> int | None:
    """Memory of the machine, or of the container it is; None where that cannot be found out."""
    physical = _windows() if sys.platform == "win32" else _unix()
    return None if physical is None else min([physical, *_limits()])


def room(device: str) -> tuple[int, str]:
    """The memory of the device that a recipe asks for, and what it is called; 0 where it cannot be found out."""
    found = _accelerator() if device in ("auto", "cuda") else None
    return found or (memory_bytes() or 0, "this machine")


@lru_cache(maxsize=1)
def _accelerator() -> tuple[int, str] | None:
    import torch

    if not torch.cuda.is_available():
        return None
    card = torch.cuda.get_device_properties(0)
    return int(card.total_memory), str(card.name)


def readable(size: float) -> str:
    """1.5 GB."""
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} {_UNITS[-1]}"


def _unix() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


class _Status(ctypes.Structure):
    """What GlobalMemoryStatusEx fills in."""

    _fields_ = [
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("rest", ctypes.c_uint64 * 6),
    ]


def _windows() -> int | None:
    status = _Status(length=ctypes.sizeof(_Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - there is no such attribute elsewhere
    return int(status.total) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None


def _limits() -> list[int]:
    found = []
    for path in _LIMITS:
        try:
            text = Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():  # "max" is none
            found.append(int(text))
    return found
