"""L2 norms of many tensors at once, of a step or of several, and what they were before they were clipped."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

HALVES = (torch.float16, torch.bfloat16)
KEPT_STEPS = 128
# Beyond these the kept gradients leave the cache, and memory that is not reused costs more than the calls saved.
KEPT_BYTES = 1 << 21
KEPT_BYTES_OF_A_STEP = 1 << 17
CLIP_EPSILON = 1e-6  # what torch.nn.utils.clip_grad_norm_ adds to the total


def norms_of(tensors: Sequence[Tensor | None], dtype: torch.dtype | None = None) -> Tensor:
    """L2 norms, shape (P,), on the device of the tensors: NaN where there is none, inf where it is not finite."""
    there = [t for t in tensors if t is not None]
    if not there:
        return torch.full((len(tensors),), math.nan)
    try:
        norms = torch.stack(torch._foreach_norm(there, 2, dtype=dtype))
    except (TypeError, RuntimeError, NotImplementedError):  # sparse ones, or on several devices
        norms = torch.stack([_norm(t, dtype).to(there[0].device) for t in there])
    norms = norms.nan_to_num_(nan=math.inf, posinf=math.inf)
    if len(there) == len(tensors):
        return norms
    found = norms.new_full((len(tensors),), math.nan)
    found[[i for i, t in enumerate(tensors) if t is not None]] = norms
    return found


def norms_over_steps(kept: Sequence[Sequence[Tensor | None]], dtype: torch.dtype | None = None) -> Tensor:
    """The same for the gradients of several steps, shape (S, P), with one call per parameter."""
    steps = len(kept)
    try:
        stacked = [torch.stack(column).view(steps, -1) for column in zip(*kept)]  # type: ignore[arg-type]
        columns = [torch.linalg.vector_norm(c, dim=1, dtype=dtype) for c in stacked]
        return torch.stack(columns, 1).nan_to_num_(nan=math.inf, posinf=math.inf)
    except (TypeError, RuntimeError):
        return torch.stack([norms_of(gradients, dtype) for gradients in kept])


def _norm(tensor: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    dense = tensor.coalesce().values() if tensor.is_sparse else tensor
    return torch.linalg.vector_norm(dense, dtype=dtype)


def wide(parameters: Iterable[Tensor]) -> torch.dtype | None:
    """The type to add squares in, None for that of the tensors: asking for the type they have would copy them."""
    return torch.float32 if any(p.dtype in HALVES for p in parameters) else None


class GradientNorms:
    """Norms of the gradients of some steps, gathered until they are taken. Draws no random numbers, changes nothing.

    The gradients of small networks are kept as they are (the next backward pass makes new ones), until the norms of
    many steps can be computed in one call per parameter: a step of a tiny network takes 150 us.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self._width = len(parameters)
        self._dtype = wide(parameters)
        size = sum(p.nbytes for p in parameters)
        is_host = all(p.device.type == "cpu" for p in parameters)
        self._keeps = is_host and size <= KEPT_BYTES_OF_A_STEP
        self._most_kept = min(KEPT_STEPS, KEPT_BYTES // max(1, size))
        self._steps: list[int] = []
        self._norms: list[Tensor] = []
        self._kept: list[list[Tensor | None]] = []
        self._first: list[Tensor | None] | None = None

    def add(self, step: int, gradients: list[Tensor | None]) -> None:
        """Take note of a step's gradients, in the order of the parameters."""
        self._steps.append(step)
        if not self._keeps or not self._keep(gradients):
            self._reduce()
            self._norms.append(norms_of(gradients, self._dtype)[None])

    def __len__(self) -> int:
        return len(self._steps)

    def take(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps (M,) and norms (M, P) since the last time, in one transfer from the device."""
        self._reduce()
        steps: np.ndarray = np.array(self._steps, np.int64)
        norms = torch.cat(self._norms).float().cpu().numpy() if self._norms else np.empty((0, self._width), np.float32)
        self._steps, self._norms = [], []
        return steps, norms

    def _keep(self, gradients: list[Tensor | None]) -> bool:
        """Keep gradients for later, if they are not going to be overwritten. Returns: whether they are kept."""
        if self._first is None:
            self._first = gradients
            return False
        if self._first:
            # A loop that zeroes gradients in place would overwrite what is kept.
            self._keeps = all(old is not new for old, new in zip(self._first, gradients) if old is not None)
            self._first = []
            if not self._keeps:
                return False
        self._kept.append(gradients)
        if len(self._kept) == self._most_kept:
            self._reduce()
        return True

    def _reduce(self) -> None:
        if self._kept:
            self._norms.append(norms_over_steps(self._kept, self._dtype))
            self._kept = []


class ClipWatch:
    """Stands before the script's `clip_grad_norm_` and remembers what it found: the norm of all gradients together.

    One call scales all its gradients by the same factor, so that this norm tells what each of them was before.
    """

    NAME = "clip_grad_norm_"

    def __init__(self, script: dict[str, Any]) -> None:
        self._script = script
        self._clip: Callable[..., Tensor] | None = script.get(self.NAME)
        self._calls: dict[tuple[int, int], tuple[list[nn.Parameter], Tensor, float]] = {}
        if self._clip is not None:
            script[self.NAME] = self._watched

    @property
    def clips(self) -> bool:
        """Whether the script clips at all."""
        return self._clip is not None

    def take(self) -> list[tuple[list[nn.Parameter], Tensor, float]]:
        """Of every call since the last time: what it clipped, the norm that it found and the largest it allows.

        Of several calls for the same parameters, as a closure makes them, only the last.
        """
        calls, self._calls = list(self._calls.values()), {}
        return calls

    def remove(self) -> None:
        """Leave the script as it was."""
        if self._clip is not None:
            self._script[self.NAME] = self._clip

    def _watched(self, parameters: Iterable[nn.Parameter], max_norm: float, *args: Any, **kwargs: Any) -> Tensor:
        assert self._clip is not None
        clipped = list(parameters)
        total = self._clip(clipped, max_norm, *args, **kwargs)
        if clipped:
            self._calls[id(clipped[0]), len(clipped)] = clipped, total, float(max_norm)
        return total


def before_clipping(norms: np.ndarray, totals: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Norms of gradients before they were scaled so that all together have at most the norm `most`.

    Shapes: norms (M, P), totals and most (M,), and so is the result's that of `norms`. NaN where all gradients
    together were not finite and this one was: it was multiplied by zero.
    """
    with np.errstate(all="ignore"):
        shares = np.minimum(most / (totals.astype(np.float64) + CLIP_EPSILON), 1.0)
        found: np.ndarray = (norms / shares[:, None]).astype(np.float32)
    return found
