"""Figures and histograms of a tensor, computed where it is; few numbers are fetched from there, all at once.

mean, std: of all elements; std is that of the elements themselves (divided by N). low, high: the range of those that
are finite. bad: how many are NaN or infinite. zeros: the share that is exactly zero. dead: the share of units that are
zero for every sample and at every place; a unit is a channel of images and a feature of everything else. saturated: the
share within a hundredth of the range from the ends of a function that has ends, NaN for others. Of an empty tensor all
are NaN but `bad`.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.training.looked import GREATEST_OCTAVE, LEAST_OCTAVE, LINEAR_BINS, OCTAVES, Histogram

MEASURED = 8
"""How many of FIGURES are of the values themselves."""
MARGIN = 0.01
CHUNK = 1 << 22
_ENDS: tuple[tuple[type[nn.Module], tuple[float, float]], ...] = (
    (nn.Sigmoid, (0.0, 1.0)),
    (nn.Hardsigmoid, (0.0, 1.0)),
    (nn.Tanh, (-1.0, 1.0)),
    (nn.Softsign, (-1.0, 1.0)),
    (nn.ReLU6, (0.0, 6.0)),
)
_FUNCTIONS = {"sigmoid": (0.0, 1.0), "hardsigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0)}
_CALL = re.compile(r"\b(sigmoid|hardsigmoid|tanh|softsign)\(")


def ends_of(module: nn.Module | None, line: str = "") -> tuple[float, float] | None:
    """The ends of what squashes: of a module, or of a function that is called in a line; None for anything else."""
    if isinstance(module, nn.Hardtanh) and not isinstance(module, nn.ReLU6):
        return float(module.min_val), float(module.max_val)
    for kind, ends in _ENDS:
        if isinstance(module, kind):
            return ends
    found = _CALL.search(line) if module is None else None
    return _FUNCTIONS[found[1]] if found else None


def figures_of(value: Tensor, ends: tuple[float, float] | None = None, *, channels_first: bool = False) -> Tensor:
    """The first MEASURED of FIGURES, shape (MEASURED,), float64 on the CPU, else float32, on the device of the value.

    channels_first: sequences are (B, channels, T) rather than (B, T, features).
    """
    x = as_numbers(value)
    precise = torch.float64 if x.device.type == "cpu" else torch.float32
    if not x.numel():
        empty = torch.full((MEASURED,), math.nan, dtype=precise, device=x.device)
        empty[4] = 0
        return empty
    mean = x.mean()
    # torch.std is twenty times as slow, and its result no better.
    std = torch.linalg.vector_norm(x - mean) / math.sqrt(x.numel())
    zeros = (x == 0).sum() / x.numel()
    bad: Any = 0
    finite = x
    if x.device.type != "cpu" or not math.isfinite(mean.item()):  # elsewhere it would have to be waited for
        is_finite = torch.isfinite(x)
        bad = x.numel() - is_finite.sum()
        finite = torch.where(is_finite, x, math.nan)
    low, high, dead = _range(x, finite, channels_first)
    found = [mean, std, low, high, bad, zeros, dead, _saturated(x, ends)]
    return torch.stack([torch.as_tensor(v, device=x.device).to(precise) for v in found])


def _range(x: Tensor, finite: Tensor, channels_first: bool) -> tuple[Tensor, Tensor, Tensor]:
    """The least and the greatest of the finite values, and the share of units in which all is zero.

    finite: x itself, or with NaN where it is not finite.
    """
    axes = _axes(x, channels_first)
    low, high = x, x
    if axes:  # over samples first, which reads memory in rows
        low, high = x.amin(0, keepdim=True).amin(axes), x.amax(0, keepdim=True).amax(axes)
    dead = ((low == 0) & (high == 0)).sum() / low.numel()
    if finite is x:
        return low.amin(), high.amax(), dead
    least = torch.where(finite.isnan(), math.inf, finite).amin()
    greatest = torch.where(finite.isnan(), -math.inf, finite).amax()
    return least, greatest, dead


def _axes(x: Tensor, channels_first: bool) -> tuple[int, ...]:
    """All axes but that of the units."""
    if x.ndim < 2:
        return ()
    units = 1 if x.ndim == 2 or x.ndim > 3 or channels_first else x.ndim - 1
    return tuple(axis for axis in range(x.ndim) if axis != units)


def as_numbers(value: Tensor) -> Tensor:
    """The elements as floating point numbers one can compute with; sizes of complex ones."""
    x = value.detach()
    if x.is_sparse or x.is_quantized:
        x = x.to_dense() if x.is_sparse else x.dequantize()
    if x.is_complex():
        return x.abs()
    return x if x.dtype in (torch.float32, torch.float64) else x.float()


def _saturated(x: Tensor, ends: tuple[float, float] | None) -> Any:
    if ends is None:
        return math.nan
    margin = MARGIN * (ends[1] - ends[0])
    return ((x <= ends[0] + margin) | (x >= ends[1] - margin)).sum() / x.numel()


def counted(value: Tensor) -> Tensor:
    """A histogram as one vector of whole numbers, int64, on the device of the value: see `histogram_from`."""
    x = as_numbers(value).reshape(-1)
    size = torch.where(torch.isfinite(x), x.abs(), 0).amax() if x.numel() else x.new_zeros(())
    exponent = torch.where(size > 0, torch.frexp(size)[1], 0).clamp(-100, 100)
    total = torch.zeros(LINEAR_BINS + OCTAVES + 2, dtype=torch.int64, device=x.device)
    for part in x.split(CHUNK):
        total += _bins(part, exponent)
    return torch.cat([exponent.reshape(1).long(), total])


def _bins(x: Tensor, exponent: Tensor) -> Tensor:
    is_finite = torch.isfinite(x)
    half = LINEAR_BINS // 2
    # The factor is a power of two, hence nothing is rounded and every element is in the bin that it belongs to.
    scaled = torch.ldexp(torch.where(is_finite, x, 0), half.bit_length() - 1 - exponent)
    linear = (scaled.floor() + half).clamp_(0, LINEAR_BINS - 1).long()
    octave = _exponents(x).clamp_(LEAST_OCTAVE, GREATEST_OCTAVE).long() - LEAST_OCTAVE
    nowhere = LINEAR_BINS + OCTAVES
    linear = torch.where(is_finite, linear, nowhere + 1)
    octave = torch.where(x == 0, nowhere, octave + LINEAR_BINS)
    found = _count(linear, nowhere + 2)
    return found + _count(torch.where(is_finite, octave, nowhere + 2), nowhere + 3)[: nowhere + 2]


def _exponents(x: Tensor) -> Tensor:
    """What `torch.frexp` gives, read from the bits, which is many times as fast; of subnormal numbers the least."""
    if x.dtype == torch.float64:
        return ((x.view(torch.int64) >> 52) & 0x7FF) - 1022
    return ((x.view(torch.int32) >> 23) & 0xFF) - 126


def _count(places: Tensor, bins: int) -> Tensor:
    if places.device.type == "cpu":
        return torch.bincount(places, minlength=bins)
    # bincount of other devices waits for them, and is not deterministic.
    return torch.zeros(bins, dtype=torch.int64, device=places.device).scatter_add_(0, places, torch.ones_like(places))


def histogram_from(vector: np.ndarray) -> Histogram:
    """What `counted` found, fetched."""
    exponent = int(vector[0])
    counts: np.ndarray = vector[1:].astype(np.int64)
    octaves = counts[LINEAR_BINS : LINEAR_BINS + OCTAVES]
    return Histogram(exponent, counts[:LINEAR_BINS], octaves, int(counts[-2]), int(counts[-1]))
