"""How the weights of a layer, their gradients and their updates lie: one parameter a step, in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from engine.training.events import NodePath
from engine.training.look_figures import counted, histogram_from
from engine.training.look_notes import fetched, joined
from engine.training.looked import Histogram, Kind, Spread
from engine.training.outline import Outline
from engine.training.running import Running


def parameters_of(model: nn.Module, outline: Outline, layer: NodePath) -> list[tuple[str, nn.Parameter]]:
    """The parameters of a node, of all its repeats, by what they are called inside of it: "weight"."""
    owned = ((outline.owner(name), parameter) for name, parameter in model.named_parameters())
    return [(rest or "value", parameter) for (path, rest), parameter in owned if path == layer]


class Spreads:
    """Goes through the parameters of a layer once a round, a step for each; an update needs the step after, too."""

    def __init__(self, run: Running, outline: Outline) -> None:
        self._run, self._outline = run, outline
        self._layer: NodePath = ()
        self._waiting: deque[tuple[str, nn.Parameter]] = deque()
        self._before: tuple[str, nn.Parameter, Tensor] | None = None
        self._counted: list[tuple[str, Kind, Tensor]] = []

    def begin(self, layer: NodePath) -> None:
        """Begin a round for this layer, unless one is under way."""
        if layer != self._layer:
            self.forget()
            self._layer = layer
        if not self._waiting and self._before is None:
            self._waiting.extend(parameters_of(self._run.model, self._outline, layer))

    def at_once(self, layer: NodePath) -> None:
        """Weights, and gradients where there are some, without waiting for steps."""
        self.forget()
        self._layer = layer
        for name, parameter in parameters_of(self._run.model, self._outline, layer):
            self._count(name, parameter)
        self._tell()

    def forget(self) -> None:
        """Leave the round."""
        self._waiting.clear()
        self._counted, self._before = [], None

    def after_step(self) -> None:
        """The turn of the next parameter. Call it when the optimizer has made its step."""
        if self._before is None and not self._waiting:
            return
        if self._before is not None:
            name, parameter, before = self._before
            self._counted.append((name, "updates", counted(parameter.detach() - before)))
            self._before = None
        if self._waiting:
            name, parameter = self._waiting.popleft()
            self._count(name, parameter)
            if parameter.requires_grad:
                self._before = name, parameter, parameter.detach().clone()
        if not self._waiting and self._before is None:
            self._tell()

    def tell(self, kind: Kind, found: Iterable[tuple[str, Histogram]]) -> None:
        """Tell of distributions that were found in another way: those of a layer's results."""
        for name, histogram in found:
            self._run.emit(Spread(self._run.step, self._layer, name, kind, histogram))

    def _count(self, name: str, parameter: nn.Parameter) -> None:
        with torch.no_grad():
            self._counted.append((name, "weights", counted(parameter)))
            if parameter.grad is not None:
                self._counted.append((name, "gradients", counted(parameter.grad)))

    def _tell(self) -> None:
        vectors = fetched([vector for _, _, vector in self._counted])
        rows = list(zip(self._counted, vectors, strict=True))
        for kind in ("weights", "gradients", "updates"):
            self.tell(kind, joined((n, histogram_from(v)) for (n, k, _), v in rows if k == kind).items())
        self._counted = []
