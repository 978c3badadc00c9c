"""The first node that gave what is no finite number, in plain data, free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Way = Literal["forward", "backward"]


@dataclass(frozen=True, eq=False)
class BadInput:
    """What the node was given. bad: elements that are NaN or infinite;
    low, high: the ends of the others, which `counts` counts in bins of equal width between these ends.

    mean: of all elements, hence NaN where one of them is.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    mean: float
    low: float
    high: float
    bad: int
    counts: np.ndarray


@dataclass(frozen=True, eq=False)
class BadNode:
    """Where numbers stopped being finite. path: empty for the loss function, whose name is "the loss".

    name: with its repeat, "stage.1.norm1". way: whether its result or the gradient that it passes on was bad.
    file: where the inputs were written whole, as safetensors; "" where that could not be.
    """

    path: tuple[tuple[str, str], ...]
    name: str
    way: Way
    inputs: tuple[BadInput, ...] = ()
    file: str = ""
