"""What a pass leaves behind: figures of every value, and of those that are watched a closer look."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.training.look_backward import BackwardClock
from engine.training.look_figures import MEASURED, counted, ends_of, figures_of, histogram_from
from engine.training.look_pictures import picture_of
from engine.training.looked import FIGURES, Histogram, Look, Seen, Spot, Watch

MOST_SEEN = 32
GRADIENT, SECONDS, BYTES, BACKWARD = (FIGURES.index(n) for n in ("gradient", "seconds", "bytes", "backward"))


class Notes:
    """Takes the values of a pass as they come; they are measured at once, since later ones may overwrite them.

    What was measured stays where the values are until `fetch` gets all of it in one transfer.
    """

    def __init__(
        self, look: Look, batch: int, *, channels_first: bool, settle: Callable[[], object] | None = None
    ) -> None:
        self._clock = BackwardClock(settle) if look.times else None
        self._look, self._batch, self._channels_first = look, batch, channels_first
        self._watched = frozenset({*look.watched, *([Watch(look.layer)] if look.layer else [])})
        self._nodes = frozenset(watch.path[-1] for watch in self._watched if watch.path)
        self.spots: list[Spot] = []
        self.seconds: list[float] = []
        self.gradients: dict[int, Tensor] = {}
        """Histograms of the gradients of watched values, by row."""
        self._bytes: list[int] = []
        self._measured: list[Tensor] = []
        self._norms: dict[int, Tensor] = {}
        self._seen: list[tuple[int, Tensor, Tensor]] = []
        self._facts: list[tuple[tuple[int, ...], str, str]] = []

    def take(self, spot: Spot, value: Tensor, module: nn.Module | None, line: str, seconds: float) -> None:
        """Note a value."""
        is_watched = spot.path[-1] in self._nodes and self.is_watched(spot)
        if not (self._look.figures or is_watched):
            return
        row = len(self.spots)
        self.spots.append(spot)
        self.seconds.append(seconds)
        self._bytes.append(value.numel() * value.element_size())
        with torch.no_grad():
            self._measured.append(figures_of(value, ends_of(module, line), channels_first=self._channels_first))
            if is_watched and len(self._seen) < MOST_SEEN:
                self._seen.append((row, counted(value), value.detach().clone()))
                self._facts.append((tuple(value.shape), str(value.dtype).removeprefix("torch."), str(value.device)))
        if self._clock is not None:
            self._clock.claim(row, value)
        if value.requires_grad and value.is_floating_point() and self._look.gradients:
            value.register_hook(lambda gradient: self._take_gradient(row, is_watched, gradient))

    def _take_gradient(self, row: int, is_watched: bool, gradient: Tensor) -> None:
        with torch.no_grad():
            self._norms[row] = torch.linalg.vector_norm(gradient.detach().float())
            if is_watched:
                self.gradients[row] = counted(gradient)

    def is_watched(self, spot: Spot) -> bool:
        """Whether somebody wants to see this value closely."""
        return any(
            spot.path[-len(watch.path) :] == watch.path and watch.port in ("", spot.port)
            for watch in self._watched
            if watch.path
        )

    def figures(self) -> np.ndarray:
        """Shape (N, len(FIGURES))."""
        table: np.ndarray = np.full((len(self.spots), len(FIGURES)), math.nan, np.float32)
        if self.spots:
            table[:, :MEASURED] = fetched(self._measured)
            table[:, BYTES] = self._bytes
            seconds = np.array(self.seconds, np.float32)
            table[:, SECONDS] = np.where(seconds > 0, seconds, math.nan)
        if self._clock is not None:
            table[:, BACKWARD] = self._clock.seconds(self.spots)
        if self._norms:
            table[list(self._norms), GRADIENT] = fetched(list(self._norms.values()))
        return table

    def seen(self, figures: np.ndarray) -> tuple[Seen, ...]:
        """The watched values, each with its picture. figures: what `figures` gave."""
        if not self._seen:
            return ()
        counts = fetched([counts for _, counts, _ in self._seen])
        found = []
        for (row, _, value), vector, facts in zip(self._seen, counts, self._facts, strict=True):
            has_samples = value.ndim > 0 and len(value) == self._batch
            picture = picture_of(value, 0 if has_samples else None)
            named = dict(zip(FIGURES, map(float, figures[row]), strict=True))
            found.append(Seen(self.spots[row], *facts, named, histogram_from(vector), picture, whole=not has_samples))
        return tuple(found)

    def of_layer(self, seen: Iterable[Seen]) -> list[Seen]:
        """Those that are results of the layer that is looked at."""
        return [each for each in seen if each.spot.path == self._look.layer]

    def gradients_of_layer(self) -> dict[str, Histogram]:
        """How the gradients of the layer's results lie, by port, of all repeats together."""
        rows = [row for row in self.gradients if self.spots[row].path == self._look.layer]
        vectors = fetched([self.gradients[row] for row in rows])
        return joined((self.spots[row].port, histogram_from(v)) for row, v in zip(rows, vectors, strict=True))


def joined(parts: Iterable[tuple[str, Histogram]]) -> dict[str, Histogram]:
    """Histograms of the same name added up."""
    found: dict[str, Histogram] = {}
    for name, histogram in parts:
        found[name] = found[name] + histogram if name in found else histogram
    return found


def fetched(values: Sequence[Tensor]) -> Any:
    """Tensors of one shape as an array, in one transfer from every device."""
    if not values:
        return np.empty((0,))
    first = values[0].device
    if all(value.device == first for value in values):
        return torch.stack(list(values)).cpu().numpy()
    return torch.stack([value.cpu() for value in values]).numpy()
