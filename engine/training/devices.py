"""Where runs can be made: the devices that PyTorch finds here, asked for without loading it."""

from __future__ import annotations

import sys
from functools import lru_cache

CPU = "cpu"


def usable() -> tuple[str, ...]:
    """The devices of this computer, the best first; the processor alone for as long as PyTorch is not loaded.

    Loading it takes seconds, and whoever asks may have to answer a click.
    """
    torch = sys.modules.get("torch")
    return _found() if torch is not None and hasattr(torch, "accelerator") else (CPU,)


def device_of(chosen: str) -> str:
    """The kind of device that a recipe means by "auto", "cuda:1" or any other name."""
    return usable()[0] if chosen == "auto" else chosen.partition(":")[0]


@lru_cache(maxsize=1)
def _found() -> tuple[str, ...]:
    import torch

    best = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return (best.type, CPU) if best is not None and best.type != CPU else (CPU,)
