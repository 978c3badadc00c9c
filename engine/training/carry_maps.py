"""How a tensor of the new network is made from one of the old, size by size.

A map says for every index of a dimension which one of the old it stands for, -1 where none does; None stands for a
dimension that stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

Map: TypeAlias = Tensor | None
SQUARES = ("exp_avg_sq", "max_exp_avg_sq", "square_avg", "sum", "acc_delta", "sum_of_squares")
"""What optimizers call the running squares of gradients: half as large a gradient is a quarter as large there."""


def overlap(old: int, new: int) -> Map:
    """The first ones stay; what is more stands for nothing."""
    if old == new:
        return None
    index = torch.arange(new)
    return torch.where(index < old, index, -1)


def cyclic(old: int, new: int) -> Map:
    """g(j) = j for what was there, and every further one a copy of one that was (Chen et al. 2015, eq. 3).

    They take turns, so that all tensors of one size are widened alike and can still be added, and means and variances
    over all of them stay what they were when the size is a multiple.
    """
    return None if old == new else torch.arange(new) % old if new > old else torch.arange(new)


def chunked(inner: Map, old: int, count: int) -> Map:
    """The same map for each of so many equal parts that lie one after the other, as the gates of an LSTM."""
    if inner is None:
        return None
    return torch.cat([torch.where(inner < 0, -1, inner + part * old) for part in range(count)])


@dataclass(frozen=True)
class Change:
    """How a parameter is made. maps: one a dimension. shared: of dimensions whose copies share one gradient.

    split: along this dimension the copies of one input share its weight, so that their sum is what it was
    (Chen et al. 2015, eq. 2), and what has no counterpart begins at zero, so that it adds nothing.
    """

    maps: tuple[Map, ...]
    shared: frozenset[int] = frozenset()
    split: int | None = None

    @property
    def is_copy(self) -> bool:
        return all(index is None for index in self.maps)

    def applied(self, old: Tensor, fresh: Tensor, draw: torch.Generator) -> Tensor:
        """The new tensor; where nothing stands for it, that of `fresh`, or zero along `split`."""
        if self.is_copy:
            return old.to(fresh.dtype).clone()
        value = gathered(old, self.maps)
        known = mask(self.maps, fresh.shape)
        if self.split is not None and self.maps[self.split] is not None:
            index = self.maps[self.split]
            assert index is not None
            value = value * shares(index, fresh.shape, self.split, draw).to(value.dtype)
            is_new = on_dimension(index < 0, self.split, fresh.ndim).expand(fresh.shape)
            fresh = fresh.masked_fill(is_new, 0.0) if bool((index >= 0).any()) else fresh
        return torch.where(known, value.to(fresh.dtype), fresh)

    def moment(self, old: Tensor, name: str) -> Tensor:
        """What the optimizer knows of the gradient, for the new tensor; zero where nothing stands for it.

        Copies of one output share its gradient between them; those of one input have all of it each.
        """
        value = gathered(old, self.maps)
        for dimension in self.shared:
            index = self.maps[dimension]
            if index is not None:
                count = torch.bincount(index.clamp(min=0), minlength=int(index.max()) + 1)
                share = 1.0 / count[index.clamp(min=0)].clamp(min=1)
                value = value * on_dimension(share ** (2 if name in SQUARES else 1), dimension, value.ndim)
        return torch.where(mask(self.maps, value.shape), value, 0.0).to(old.dtype)


def gathered(old: Tensor, maps: Sequence[Map]) -> Tensor:
    """The old tensor at these indices; anything where there is none."""
    for dimension, index in enumerate(maps):
        if index is not None:
            old = old.index_select(dimension, index.clamp(min=0).to(old.device))
    return old


def mask(maps: Sequence[Map], shape: Sequence[int]) -> Tensor:
    """Where something of the old stands."""
    known = torch.ones(tuple(shape), dtype=torch.bool)
    for dimension, index in enumerate(maps):
        if index is not None:
            known = known & on_dimension(index >= 0, dimension, len(shape))
    return known


def on_dimension(values: Tensor, dimension: int, rank: int) -> Tensor:
    """A row of values, shaped so that it goes with this dimension of a tensor."""
    return values.reshape([-1 if i == dimension else 1 for i in range(rank)])


def shares(index: Tensor, shape: Sequence[int], dimension: int, draw: torch.Generator) -> Tensor:
    """What each copy of an input has of its weight: between half and one and a half parts, by chance, together one.

    Were all parts the same, copies would have the same gradient for ever and learn the same.
    """
    drawn = torch.rand(tuple(shape), generator=draw, dtype=torch.float64) + 0.5
    target = index.clamp(min=0)
    drawn = torch.where(on_dimension(index >= 0, dimension, len(shape)), drawn, 0.0)
    size = list(shape)
    size[dimension] = int(target.max()) + 1
    total = torch.zeros(size, dtype=torch.float64).index_add_(dimension, target, drawn)
    return drawn / total.index_select(dimension, target).clamp(min=1e-12)
