"""What is measured at every step: the loss."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor


class StepLog:
    """Losses of the steps since the last `take`. Nothing is fetched from a device step by step.

    is_host: whether the parameters are on the CPU, where a loss can be read at once.
    parts: how many phases a step has, each with a loss of its own; 0 where a step has one loss.
    """

    def __init__(self, *, is_host: bool = True, parts: int = 0) -> None:
        self._is_host, self._parts = is_host, parts
        self._losses: list[float | list[float] | Tensor] = []

    def add(self, loss: Tensor) -> bool:
        """Take note of the step just made. Returns: whether its loss is known to be no finite number."""
        if not self._is_host:
            self._losses.append(loss)
            return False
        if self._parts:
            values = loss.tolist()
            self._losses.append(values)
            return not math.isfinite(sum(values))
        value = loss.item()
        self._losses.append(value)
        return not math.isfinite(value)

    def __len__(self) -> int:
        return len(self._losses)

    def take(self) -> np.ndarray:
        """Losses of the steps since the last time, in one transfer: shape (S,), or (S, parts) with phases."""
        losses, self._losses = self._losses, []
        if self._is_host:
            return np.array(losses, np.float32)
        found: np.ndarray = torch.stack([torch.as_tensor(loss) for loss in losses]).float().cpu().numpy()
        return found
