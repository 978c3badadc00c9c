"""Layers that exist for signals, images and volumes alike, with one declaration for all three."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from engine.kinds import Either, Ints, Kind, Optional
from engine.layers.base import ModuleLayer
from engine.layers.checks import per_dim


class SpatialLayer(ModuleLayer, abstract=True):
    """A layer over 1, 2 or 3 dimensions of space; its options of type Pair take as many numbers as `dims`.

    An option of four numbers, two for each dimension of an image, takes two for each of `dims`.
    """

    dims: ClassVar[int] = 2

    def __init_subclass__(cls, *, family: bool = False, abstract: bool = False) -> None:
        super().__init_subclass__(family=family, abstract=abstract)
        cls.params = {n: replace(p, kind=_resized(p.kind, cls.dims)) for n, p in cls.params.items()}

    def each(self, option: str) -> tuple[int, ...]:
        """An option as one number for each dimension."""
        return per_dim(getattr(self, option), self.dims)


def _resized(kind: Kind, dims: int) -> Kind:
    if isinstance(kind, Ints) and kind.length in (2, 4):
        return replace(kind, length=kind.length * dims // 2)
    if isinstance(kind, (Either, Optional)):
        return replace(kind, inner=_resized(kind.inner, dims))
    return kind
