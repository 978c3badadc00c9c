"""The first layer whose result is no finite number, found by running one batch again, operation by operation."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from engine.codegen.source import Place, Source
from engine.training.control import Control
from engine.training.locate import place_of_frame

# A replay costs many steps; outputs that are meant to hold infinities must not pay it again and again.
MOST_REPLAYS = 3


class _Results(TorchDispatchMode):
    """Notes for every node whether the last operation executed in it gave NaN or infinity."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self.last: dict[Place, str] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        place = place_of_frame(sys._getframe(1), self._source)
        if place is not None and isinstance(result, Tensor) and result.is_floating_point():
            total = float(torch.sum(result.detach(), dtype=torch.float64))
            self.last[place] = "nan" if math.isnan(total) else "inf" if math.isinf(total) else ""
        return result

    def culprit(self) -> Place | None:
        """The first that gave NaN, else the first that gave infinity: a mask may well be made of infinities."""
        found = {kind: place for place, kind in reversed(self.last.items())}
        return found.get("nan") or found.get("inf")


class ForwardWatch:
    """Stands before the model's `forward`: lets a stop take effect within a pass, and looks at what comes out.

    Looking costs 2 us a pass and waits for the device, hence on the CPU only. It happens before the optimizer takes
    its step, while the parameters that gave the bad result are still there to replay the batch with.
    is_bad: whether, since `forget`, a pass in training gave what is not finite. culprit: its first bad node.
    """

    def __init__(self, model: nn.Module, source: Source, control: Control) -> None:
        self._model, self._source, self._control = model, source, control
        self._forward: Callable[..., Any] = model.forward
        self._looks = all(p.device.type == "cpu" for p in model.parameters())
        self._replays = 0
        self._is_replaying = False
        self.culprit: Place | None = None
        self.is_bad = False
        model.forward = self._watched  # type: ignore[method-assign]

    def forget(self) -> None:
        """The passes so far did no harm."""
        self.is_bad, self.culprit = False, None

    def remove(self) -> None:
        """Leave the model as it was."""
        self._model.__dict__.pop("forward", None)

    def _watched(self, *args: Any, **kwargs: Any) -> Any:
        if self._control.stopping:
            self._control.check_within() if self._model.training else self._control.check()
        result = self._forward(*args, **kwargs)
        if self._looks and self._model.training and not self._is_replaying:
            output = result if isinstance(result, Tensor) else next(_tensors(result), None)
            if output is not None and not math.isfinite(output.detach().sum(dtype=torch.float32).item()):
                self.is_bad = True
                if self._replays < MOST_REPLAYS:
                    self._replays += 1
                    self.culprit = self._replay(args, kwargs)
        return result

    def _replay(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Place | None:
        buffers = {name: buffer.clone() for name, buffer in self._model.named_buffers()}
        self._is_replaying = True
        try:
            with torch.random.fork_rng(devices=[]), torch.no_grad(), _Results(self._source) as results:
                torch.func.functional_call(self._model, buffers, args, kwargs)
        finally:
            self._is_replaying = False
        return results.culprit()


def _tensors(result: Any) -> Any:
    values = result.values() if isinstance(result, dict) else result if isinstance(result, (tuple, list)) else ()
    return (v for v in values if isinstance(v, Tensor) and v.is_floating_point())
