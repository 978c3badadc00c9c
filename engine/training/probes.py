"""What is measured at every step: the loss, and the norm of every parameter's gradient.

A step of a tiny network takes 150 us, of which measuring may take three in a hundred. Hence nothing is fetched from
the device step by step, and the gradients of small networks are kept as they are (the next backward pass makes new
ones) until the norms of many steps can be computed in one call per parameter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

_HALVES = (torch.float16, torch.bfloat16)
KEPT_STEPS = 128
# Beyond these the kept gradients leave the cache, and memory that is not reused costs more than the calls saved.
KEPT_BYTES = 1 << 21
KEPT_BYTES_OF_A_STEP = 1 << 17


class StepLog:
    """Losses and gradient norms of the steps since the last `take`. Draws no random numbers, changes no gradient.

    parameters: in the order of the columns. norms: whether they are measured at all.
    parts: how many phases a step has, each with a loss of its own; 0 where a step has one loss.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], *, norms: bool = True, parts: int = 0) -> None:
        self._parts = parts
        self._count = len(parameters)
        self._columns = [i for i, p in enumerate(parameters) if p.requires_grad] if norms else []
        self._learned = [parameters[i] for i in self._columns]
        self._width = self._count if norms else 0
        self._is_host = all(p.device.type == "cpu" for p in parameters)
        self._losses: list[float | list[float] | Tensor] = []
        self._norms: list[Tensor] = []
        self._kept: list[list[Tensor | None]] = []
        size = sum(p.nbytes for p in self._learned)
        self._keeps = self._is_host and size <= KEPT_BYTES_OF_A_STEP
        self._most_kept = min(KEPT_STEPS, KEPT_BYTES // max(1, size))
        self._first: list[Tensor | None] | None = None
        # Asking for a type that the gradients have already would copy them: a third of the cost of small networks.
        self._dtype = torch.float32 if any(p.dtype in _HALVES for p in self._learned) else None

    def add(self, loss: Tensor) -> bool:
        """Take note of the step just made. Returns: whether its loss is known to be no finite number."""
        if self._learned:
            gradients = [p.grad for p in self._learned]
            if self._keeps:
                self._keep(gradients)
            else:
                self._norms.append(norms_of(gradients, self._dtype))
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

    def take(self) -> tuple[np.ndarray, np.ndarray]:
        """Losses (S,) and norms (S, P) of the steps since the last time, in one transfer from the device.

        With phases, losses are those of every phase, shape (S, parts).
        """
        self._reduce()
        steps = len(self._losses)
        norms: np.ndarray = np.full((steps, self._width), np.nan, np.float32)
        if self._is_host:
            losses = np.array(self._losses, np.float32)
            measured = [n.numpy() for n in self._norms]
        else:
            width = self._parts or 1
            columns = [torch.stack([torch.as_tensor(v) for v in self._losses]).float().view(steps, width)]
            columns += [torch.cat(self._norms)] if self._norms else []
            fetched = torch.cat(columns, 1).cpu().numpy()
            losses, measured = fetched[:, :width].astype(np.float32), [fetched[:, width:]]
            losses = losses if self._parts else losses[:, 0]
        if self._columns and steps:
            norms[:, self._columns] = np.concatenate(measured)
        self._losses, self._norms = [], []
        return losses, norms

    def _keep(self, gradients: list[Tensor | None]) -> None:
        if self._first is None:
            self._norms.append(norms_of(gradients, self._dtype))
            self._first = gradients
            return
        if self._first:
            # A loop that zeroes gradients in place would overwrite what is kept.
            self._keeps = all(old is not new for old, new in zip(self._first, gradients) if old is not None)
            self._first = []
            if not self._keeps:
                self._norms.append(norms_of(gradients, self._dtype))
                return
        self._kept.append(gradients)
        if len(self._kept) == self._most_kept:
            self._reduce()

    def _reduce(self) -> None:
        if self._kept:
            self._norms.append(norms_over_steps(self._kept, self._dtype))
            self._kept = []


def norms_of(gradients: Sequence[Tensor | None], dtype: torch.dtype | None = None) -> Tensor:
    """L2 norms, shape (1, P), on the device of the gradients: NaN where there is none, inf where it is not finite."""
    try:
        norms = torch.stack(torch._foreach_norm(gradients, 2, dtype=dtype))  # type: ignore[arg-type]
        return norms.nan_to_num_(nan=math.inf, posinf=math.inf)[None]
    except (TypeError, RuntimeError):
        return _norms_one_by_one(gradients, dtype)[None]


def norms_over_steps(kept: Sequence[Sequence[Tensor | None]], dtype: torch.dtype | None = None) -> Tensor:
    """The same for the gradients of several steps, shape (S, P), with one call per parameter."""
    steps = len(kept)
    try:
        stacked = [torch.stack(column).view(steps, -1) for column in zip(*kept)]  # type: ignore[arg-type]
        columns = [torch.linalg.vector_norm(c, dim=1, dtype=dtype) for c in stacked]
        return torch.stack(columns, 1).nan_to_num_(nan=math.inf, posinf=math.inf)
    except (TypeError, RuntimeError):
        return torch.stack([_norms_one_by_one(gradients, dtype) for gradients in kept])


def _norms_one_by_one(gradients: Sequence[Tensor | None], dtype: torch.dtype | None = None) -> Tensor:
    there = [g for g in gradients if g is not None]
    device = there[0].device if there else torch.device("cpu")
    missing = torch.full((), math.nan, device=device)
    return torch.stack([missing if g is None else _norm(g, dtype).to(device) for g in gradients])


def _norm(gradient: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    dense = gradient.coalesce().values() if gradient.is_sparse else gradient
    norm = torch.linalg.vector_norm(dense, dtype=dtype)
    return norm.nan_to_num(nan=math.inf, posinf=math.inf)
