"""Pictures of tensors: feature maps, filters, attention, where samples lie. Small, and made where the tensor is."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.training.look_figures import as_numbers
from engine.training.looked import Picture

BYTES = 24_000
"""A picture is made smaller until it has at most so many elements."""
MOST_TILES = 64
MOST_NUMBERS = 256
MOST_FILTERS = 16
MOST_HEADS = 16
LARGEST_EMBEDDED = 1 << 24


def picture_of(value: Tensor, sample: int | None) -> Picture | None:
    """A tensor, or what belongs to one sample of it. None if there is nothing in it.

    Up to one axis: a curve. Two: an image. More: a grid of images, the last two axes of each.
    """
    x = as_numbers(value)
    x = x if sample is None else x[sample]
    shape = tuple(x.shape)
    if not x.numel():
        return None
    if x.ndim < 2:
        return curve_of(x)
    tiles = x.reshape(-1, *x.shape[-2:])
    return tiles_of(tiles, shape)


def curve_of(x: Tensor) -> Picture:
    """Numbers in a row, the first of them."""
    row = x.reshape(-1)
    shown = row[:MOST_NUMBERS].float().cpu().numpy()
    finite = shown[np.isfinite(shown)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (math.nan, math.nan)
    return Picture("curve", shown, low, high, tuple(x.shape), row.numel())


def tiles_of(tiles: Tensor, shape: tuple[int, ...], columns: int = 0) -> Picture:
    """Images (K, h, w) in one range from their least to their greatest finite value."""
    shown = tiles[:MOST_TILES] if not columns else tiles
    shown = _shrunk(shown.float())
    finite = torch.isfinite(shown)
    low, high = torch.stack(
        [torch.where(finite, shown, math.inf).amin(), torch.where(finite, shown, -math.inf).amax()]
    ).tolist()
    if low > high:
        low = high = math.nan
    span = (high - low) or 1.0
    levels = 1 + ((torch.where(finite, shown, low if low == low else 0.0) - low) / span * 254).round()
    values = torch.where(finite, levels, 0).to(torch.uint8).cpu().numpy()
    return Picture("tiles", values, low, high, shape, len(tiles), columns)


def _shrunk(tiles: Tensor) -> Tensor:
    """The tiles made so small that all together are few enough elements: neighbours are averaged."""
    count, height, width = tiles.shape
    edge = max(4, math.isqrt(BYTES // count))
    size = min(height, max(edge, BYTES // count // max(1, width))), min(width, max(edge, BYTES // count // height))
    if size == (height, width):
        return tiles
    return F.adaptive_avg_pool2d(tiles[None], size)[0]


def filters_of(module: nn.Module | None) -> Picture | None:
    """The filters of a convolution over images: rows are what it finds, columns what it looks at.

    One column, or three in colour, if it looks at a picture.
    """
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.ndim not in (3, 4) or not isinstance(module, _CONVOLUTIONS):
        return None
    w = as_numbers(weight)
    if isinstance(module, (nn.ConvTranspose1d, nn.ConvTranspose2d)):
        w = w.transpose(0, 1)
    w = w if w.ndim == 4 else w.unsqueeze(2)
    out, into = w.shape[:2]
    if into == 1:
        return tiles_of(w[:MOST_TILES, 0], tuple(weight.shape))
    w = w[:MOST_FILTERS, :MOST_FILTERS]
    found = tiles_of(w.reshape(-1, *w.shape[2:]), tuple(weight.shape), columns=w.shape[1])
    return Picture("tiles", found.values, found.low, found.high, found.shape, out * into, found.columns)


_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)


def attention_of(weights: Tensor, sample: int) -> Picture:
    """What every step attended to, a tile a head. weights: (B, heads, T, S) or (B, T, S)."""
    x = as_numbers(weights)[sample]
    x = x if x.ndim == 3 else x[None]
    return tiles_of(x[:MOST_HEADS], tuple(weights.shape[1:]))


def image_of_input(x: Tensor) -> Picture | None:
    """A sample as people see it: three channels are colours, one is grey."""
    if x.ndim == 3 and x.shape[0] == 3 and x.is_floating_point():
        shown = _shrunk(x.float())
        low, high = float(shown.amin()), float(shown.amax())
        levels = ((shown - low) / ((high - low) or 1.0) * 255).nan_to_num(0).round().to(torch.uint8)
        return Picture("colour", levels.permute(1, 2, 0).cpu().numpy(), low, high, tuple(x.shape), 3)
    return picture_of(x, None)


def main_axes(features: Tensor) -> tuple[Tensor, tuple[float, float]]:
    """Samples (N, ...) on the two axes along which they differ most, and the share of the variance of each.

    Principal components from the products of the samples with each other, so that the number of features hardly
    matters. Deterministic: on each axis the sample that lies farthest out lies on the positive side.
    """
    x = as_numbers(features).flatten(1).double()
    if x.numel() > LARGEST_EMBEDDED and features.ndim > 2:
        x = as_numbers(features).flatten(2).mean(2).double()
    x = x - x.mean(0)
    values, vectors = torch.linalg.eigh(x @ x.T)
    values, vectors = values.flip(0)[:2].clamp(min=0), vectors.flip(1)[:, :2]
    places = vectors * values.sqrt()
    if places.shape[1] < 2:
        places = F.pad(places, (0, 2 - places.shape[1]))
        values = F.pad(values, (0, 2 - len(values)))
    signs = places.gather(0, places.abs().argmax(0, keepdim=True)).sign()
    total = float(x.square().sum()) or 1.0
    first, second = (values / total).tolist()
    return (places * torch.where(signs == 0, 1.0, signs)).float(), (first, second)
