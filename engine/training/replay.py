"""The first layer whose result is no finite number, found by running one batch again, operation by operation."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from engine.training.bad_spots import Found, Spots, Where, kind_of, tensors_in
from engine.training.control import Control
from engine.training.job import Job
from engine.training.look_twin import twin_of

# A replay costs many steps; outputs that are meant to hold infinities must not pay it again and again. After so many
# it waits for gradients that are bad as well.
MOST_REPLAYS = 3


class _Visit:
    """A node under way. kind: what its last operation gave. given: what it was given, as it was then."""

    def __init__(self, where: Where) -> None:
        self.where, self.kind = where, ""
        self.given: list[Tensor] = []
        self._seen: dict[int, Tensor] = {}

    def take(self, tensors: list[Tensor]) -> None:
        for tensor in tensors:
            if id(tensor) not in self._seen:
                self._seen[id(tensor)] = tensor
                is_learned = isinstance(tensor, nn.Parameter)
                self.given.append(tensor if is_learned else tensor.detach().clone())

    def give(self, tensors: list[Tensor]) -> None:
        self._seen |= {id(t): t for t in tensors}
        kinds = [kind_of(t) for t in tensors]
        if kinds:
            self.kind = "nan" if "nan" in kinds else "inf" if "inf" in kinds else ""


class _Results(TorchDispatchMode):
    """Keeps the first visits of nodes that ended with NaN and with infinity."""

    def __init__(self, spots: Spots) -> None:
        super().__init__()
        self._spots = spots
        self._now: _Visit | None = None
        self.first: dict[str, _Visit] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        where = self._spots.here(sys._getframe(1))
        if where is None or "nan" in self.first:
            return func(*args, **(kwargs or {}))
        if self._now is None or self._now.where != where:
            self.close()
            self._now = _Visit(where)
        self._now.take(list(tensors_in((args, kwargs))))
        result = func(*args, **(kwargs or {}))
        self._now.give([t for t in tensors_in(result) if t.is_floating_point() or t.is_complex()])
        return result

    def close(self) -> None:
        """The node that was under way is done."""
        if self._now is not None and self._now.kind:
            self.first.setdefault(self._now.kind, self._now)
        self._now = None

    def culprit(self) -> _Visit | None:
        """The first that gave NaN, else infinity; the latter, too, where it is what the former was given."""
        self.close()
        nan, inf = self.first.get("nan"), self.first.get("inf")
        if nan is not None and inf is not None and any(kind_of(t) == "inf" for t in nan.given):
            return inf
        return nan or inf


class ForwardWatch:
    """Stands before the model's `forward`: lets a stop take effect within a pass, and looks at what comes out.

    Looking costs 2 us a pass and waits for the device, hence on the CPU only. It happens before the optimizer takes
    its step, while the parameters that gave the bad result are still there to replay the batch with, and with the
    random numbers of that pass: their state is kept before a pass of a network whose first pass drew some.
    looks: whether it can. is_bad: whether, since `forget`, a pass in training gave what is not finite. found: the first
    bad node of the first such pass. spoilt: the parameter of that node that was not finite itself, if one was.
    """

    def __init__(self, model: nn.Module, job: Job, control: Control) -> None:
        self._model, self._job, self._control = model, job, control
        self._forward: Callable[..., Any] = model.forward
        self.looks = all(p.device.type == "cpu" for p in model.parameters())
        self._replays = 0
        self._is_replaying = False
        self.draws: bool | None = None
        self.found: Found | None = None
        self.is_bad = False
        self.spoilt = ""
        self._waiting: Callable[[], Found | None] | None = None
        model.forward = self._watched  # type: ignore[method-assign]

    def forget(self) -> None:
        """The passes so far did no harm."""
        self.is_bad, self.found, self._waiting = False, None, None

    def confirm(self) -> bool:
        """Now that gradients are bad, too: whether what the network gave was; then it is replayed if it was not."""
        if self._waiting is not None:
            self.found, self._waiting = self._waiting(), None
        return self.is_bad

    def remove(self) -> None:
        """Leave the model as it was."""
        self._model.__dict__.pop("forward", None)

    def _watched(self, *args: Any, **kwargs: Any) -> Any:
        if self._control.stopping:
            self._control.check_within() if self._model.training else self._control.check()
        looks = self.looks and self._model.training and not self._is_replaying
        state = torch.get_rng_state() if looks and self.draws is not False else None
        result = self._forward(*args, **kwargs)
        if looks:
            if self.draws is None:
                self.draws = self._has_dropout() or not torch.equal(torch.get_rng_state(), state)  # type: ignore[arg-type]
            if not _is_finite(result):
                is_first, self.is_bad = not self.is_bad, True
                if is_first and self._replays < MOST_REPLAYS:
                    self._replays += 1
                    self.found = self._replay(args, kwargs, state)
                elif is_first:
                    self._waiting = partial(self._replay, args, kwargs, state)
        return result

    def _has_dropout(self) -> bool:
        return any("Dropout" in type(m).__name__ or getattr(m, "dropout", 0) for m in self._model.modules())

    def _replay(self, args: tuple[Any, ...], kwargs: dict[str, Any], state: Tensor | None) -> Found | None:
        model = self._twin()
        spots = Spots(self._job, model)
        buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
        self._is_replaying = True
        try:
            with torch.random.fork_rng(devices=[]), torch.no_grad():
                if state is not None:
                    torch.set_rng_state(state)
                with _Results(spots) as results:
                    torch.func.functional_call(model, buffers, args, kwargs)
        finally:
            self._is_replaying = False
        if data := self._bad_data(args, kwargs):
            return data
        visit = results.culprit()
        names = {id(p): name for name, p in model.named_parameters()}
        self.spoilt = next((names[id(t)] for t in visit.given if id(t) in names and kind_of(t)), "") if visit else ""
        return Found(visit.where, "forward", spots.named(visit.given, visit.where)) if visit is not None else None

    def _twin(self) -> nn.Module:
        """The network once more: running figures, and whatever a class of one's own counts, stay as they are."""
        try:
            return twin_of(self._model)
        except Exception:  # noqa: BLE001 - what cannot be copied is gone through as it is: the run most often ends here
            return self._model

    def _bad_data(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Found | None:
        """The Input whose data was no finite number to begin with."""
        given = inspect.signature(type(self._model).forward).bind(self._model, *args, **kwargs).arguments
        for name, value in given.items():
            if isinstance(value, Tensor) and kind_of(value):
                main = self._job.outline.main
                node = next((n for (b, n), called in self._job.names.items() if b == main and called == name), "")
                return Found(Where(((main, node),) if node else (), name), "forward", {name: value})
        return None


def _is_finite(result: Any) -> bool:
    for output in (result,) if isinstance(result, Tensor) else tensors_in(result):
        if not output.is_floating_point() or math.isfinite(output.detach().sum(dtype=torch.float32).item()):
            continue
        if kind_of(output):  # a sum of finite numbers may overflow
            return False
    return True
