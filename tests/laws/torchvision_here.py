"""Whether the layers of torchvision.ops can be run where the tests run."""

from __future__ import annotations

import importlib.util
from functools import cache

import pytest
import torch

from engine.layers import Layer

COMPILED = ("DeformConv2d", "RoIAlign", "RoIPool", "PSRoIAlign", "PSRoIPool", "NMS", "BatchedNMS")
"""What torchvision does in C++, which must have been made for this very torch."""


@cache
def _is_there() -> bool:
    """Whether torchvision can be imported; beside a CPU build of torch its operators have to be declared first."""
    if importlib.util.find_spec("torchvision") is None:
        return False
    try:
        import torchvision
    except RuntimeError:
        for name in ("nms", "qnms"):
            _library().define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision  # noqa: F401
    return True


@cache
def _library() -> torch.library.Library:
    return torch.library.Library("torchvision", "FRAGMENT")


@cache
def why_no_torchvision(key: str) -> str:
    """The reason for which a layer cannot be run here, "" if it can."""
    if not Layer.registry[key].target.startswith("ops."):
        return ""
    if not _is_there():
        return "torchvision is not installed"
    from torchvision.extension import _has_ops

    return "torchvision was made for another torch" if key in COMPILED and not _has_ops() else ""


def need_torchvision(key: str) -> None:
    """Skip a test of a layer that cannot be run here."""
    if reason := why_no_torchvision(key):
        pytest.skip(reason)
