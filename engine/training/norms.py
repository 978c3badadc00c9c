"""L2 norms of many tensors at once, of a step or of several, and what they were before they were clipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

HALVES = (torch.float16, torch.bfloat16)
# Up to this size a copy costs less than a call of its own, and from so many on one call for all of them pays.
SMALL = 8192
ALIKE = 4
CLIP_EPSILON = 1e-6  # what torch.nn.utils.clip_grad_norm_ adds to the total


def wide(parameters: Iterable[Tensor]) -> torch.dtype | None:
    """The type to add squares in, None for that of the tensors: asking for the type they have would copy them."""
    return torch.float32 if any(p.dtype in HALVES for p in parameters) else None


def finite_or_inf(norms: Tensor) -> np.ndarray:
    """Norms as numbers of the host, infinite where they are not finite."""
    found: np.ndarray = norms.float().cpu().numpy()
    return np.where(np.isfinite(found), found, np.float32(np.inf))


class Bundle:
    """Dense tensors of given shapes, small ones of the same shape laid side by side, so that one call does for many.

    A norm of its own costs a small tensor more for the call than for the sum. order: whose result each value is, by
    place among the tensors.
    """

    def __init__(self, tensors: Sequence[Tensor], dtype: torch.dtype | None = None) -> None:
        self._dtype = dtype
        devices = {tensor.device for tensor in tensors}
        self._home = next(iter(devices)) if len(devices) > 1 else None
        alike: dict[Any, list[int]] = {}
        for place, tensor in enumerate(tensors):
            is_small = 0 < tensor.numel() <= SMALL and not tensor.is_sparse
            alike.setdefault((tensor.shape, tensor.dtype, tensor.device) if is_small else place, []).append(place)
        self._groups = [places for places in alike.values() if len(places) >= ALIKE]
        self._single = [place for places in alike.values() if len(places) < ALIKE for place in places]
        self.order: np.ndarray = np.array([*self._single, *(p for places in self._groups for p in places)], np.int64)

    def laid(self, tensors: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """The larger ones as they are; the others copied, each group of n as (n, elements)."""
        stacks = [torch.stack([tensors[p] for p in places]).view(len(places), -1) for places in self._groups]
        return [tensors[place] for place in self._single], stacks

    def norms(self, single: list[Tensor], stacks: list[Tensor]) -> list[Tensor]:
        """L2 norms of what was laid out, in `order` when they are put one behind the other; on their device."""
        found = [torch.linalg.vector_norm(stack, dim=1, dtype=self._dtype) for stack in stacks]
        found = [norm.view(1) for norm in self._norms_of(single)] + found
        return [norm.to(self._home) for norm in found] if self._home else found

    def _norms_of(self, tensors: list[Tensor]) -> Sequence[Tensor]:
        if not tensors:
            return ()
        try:
            norms: Sequence[Tensor] = torch._foreach_norm(tensors, 2, dtype=self._dtype)
        except (TypeError, RuntimeError, NotImplementedError):  # sparse ones, or on several devices
            norms = [_norm(t, self._dtype) for t in tensors]
        return norms


def _norm(tensor: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    dense = tensor.coalesce().values() if tensor.is_sparse else tensor
    return torch.linalg.vector_norm(dense, dtype=dtype)


class GradientNorms:
    """Norms of the gradients of some steps, gathered until they are taken. Draws no random numbers, changes nothing.

    They are worked out at once: to keep the gradients of small networks for later saves calls, but every backward pass
    then writes to memory that is in no cache, which was measured to cost as much.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self._width = len(parameters)
        self._dtype = wide(parameters)
        self._steps: list[int] = []
        self._norms: list[list[Tensor]] = []
        self._columns: list[np.ndarray] = []
        self._there: list[bool] = []
        self._bundle = Bundle(())
        self._order: np.ndarray = self._bundle.order

    def add(self, step: int, gradients: list[Tensor | None]) -> None:
        """Take note of a step's gradients, in the order of the parameters."""
        there = [gradient is not None for gradient in gradients]
        known = [gradient for gradient in gradients if gradient is not None]
        if there != self._there:
            self._there, self._bundle = there, Bundle(known, self._dtype)
            self._order = np.flatnonzero(there)[self._bundle.order]
        self._steps.append(step)
        self._columns.append(self._order)
        self._norms.append(self._bundle.norms(*self._bundle.laid(known)))

    def __len__(self) -> int:
        return len(self._steps)

    def take(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps (M,) and norms (M, P) since the last time, in one transfer from the device.

        NaN where there was no gradient, infinite where the norm is not finite.
        """
        steps: np.ndarray = np.array(self._steps, np.int64)
        norms: np.ndarray = np.full((len(steps), self._width), np.nan, np.float32)
        if any(self._norms):
            fetched = finite_or_inf(torch.cat([part for row in self._norms for part in row]))
            rows: np.ndarray = np.repeat(np.arange(len(steps)), [len(columns) for columns in self._columns])
            norms[rows, np.concatenate(self._columns)] = fetched
        self._steps, self._norms, self._columns = [], [], []
        return steps, norms


class ClipWatch:
    """Stands before the script's `clip_grad_norm_` and remembers what it found: the norm of all gradients together.

    One call scales all its gradients by the same factor, so that this norm tells what each of them was before.
    """

    NAME = "clip_grad_norm_"

    def __init__(self, script: dict[str, Any]) -> None:
        self._script = script
        self._clip: Callable[..., Tensor] | None = None
        self._calls: dict[tuple[int, int], tuple[list[nn.Parameter], Tensor, float]] = {}
        self.look()

    def look(self) -> None:
        """Watch from now on, if the script clips by now: that can be asked for while it runs."""
        if self._clip is None and self.NAME in self._script:
            self._clip = self._script[self.NAME]
            self._script[self.NAME] = self._watched

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
