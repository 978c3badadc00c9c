"""Stops a run before the optimizer uses gradients that are no finite numbers, and finds where they went bad."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from time import perf_counter
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.overrides import TorchFunctionMode

from engine.training.bad_spots import Found, Spots, Where, kind_of, tensors_in
from engine.training.failures import NonFiniteGradientError
from engine.training.finite import FiniteCheck
from engine.training.look_pass import Batch, SamplePass
from engine.training.running import Running


class GradientWatch:
    """Stands before the optimizers, on the CPU only, as elsewhere looking would wait for the device.

    Where a loss scaler leaves out such steps itself nothing is looked at. draws: whether a pass draws random numbers,
    so that their state is kept for every batch until the step is made. is_known: whether what the network gave was bad
    already: then the loss may be, too, and the next step or `end_step` tells. loss: the loss function, where it gave no
    finite number. Raises: NonFiniteGradientError out of an optimizer's `step`, before it uses the gradients.
    """

    def __init__(self, run: Running, draws: Callable[[], bool], is_known: Callable[[], bool]) -> None:
        self._run, self._draws, self._is_known = run, draws, is_known
        self.loss: Found | None = None
        self._batches: list[tuple[Batch, Tensor | None]] = []
        self._held = ExitStack()
        self._total: Tensor | None = None
        self._waiting: NonFiniteGradientError | None = None
        scaler = run.parts.get("scaler")
        parameters = list(run.model.parameters())
        if any(p.device.type != "cpu" for p in parameters) or (scaler is not None and scaler.is_enabled()):
            return
        for optimizer in (part for part in run.parts.values() if isinstance(part, Optimizer)):
            check = FiniteCheck([p for group in optimizer.param_groups for p in group["params"]])
            hook = optimizer.register_step_pre_hook(partial(self._before_step, check))
            self._held.callback(hook.remove)
        self._stand_before("batches", self._remembered)
        self._stand_before("clip_grad_norm_", self._clipped)

    def remove(self) -> None:
        """Leave everything as it was."""
        self._held.close()
        self._batches = []

    def _stand_before(self, name: str, wrap: Callable[[Any], Any]) -> None:
        script = self._run.script
        own = script.get(name)
        if own is not None:
            script[name] = wrap(own)
            self._held.callback(script.__setitem__, name, own)

    def _remembered(self, own: Any) -> Any:
        def batches(*given: Any, **named: Any) -> Iterator[Any]:
            for batch in own(*given, **named):
                if self._is_done:
                    self._batches.clear()
                    self._is_done = False
                if self._run.model.training:  # those of an evaluation are many
                    self._batches.append((batch, torch.get_rng_state() if self._draws() else None))
                yield batch

        return batches

    _is_done = False
    """Whether a step was made with the batches that are remembered."""

    def _clipped(self, own: Any) -> Any:
        def clip(*given: Any, **named: Any) -> Any:
            total = own(*given, **named)
            self._total = total
            return total

        return clip

    def _before_step(self, check: FiniteCheck, _: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Look now or, where the optimizer has the gradients made itself, each time that they were."""
        optimizer, *given = args
        closure = given[0] if given else kwargs.get("closure")
        if closure is None:
            self._look(check)
            return None

        tries = any(group.get("line_search_fn") for group in optimizer.param_groups)

        def looked() -> Any:
            loss = closure()
            if not self._look(check, is_whole=True, tries=tries):
                self._waiting = None  # it had gone too far, and then less far
            return loss

        return (optimizer, looked), {}

    def _look(self, check: FiniteCheck, *, is_whole: bool = False, tries: bool = False) -> bool:
        """tries: whether the optimizer tries how far to go. Returns: whether the gradients are bad."""
        run, began = self._run, perf_counter()
        total, self._total = self._total, None
        self._is_done = True
        if total is not None:
            is_bad = not math.isfinite(total.item())
        else:
            # What an epoch ends with is kept, hence looked at as a whole.
            is_last = run.step + 1 - run.epoch_began >= run.steps_per_epoch
            is_bad = not check.are_finite(run.seconds, is_whole=is_whole or is_last)
        run.inside += perf_counter() - began
        is_bad = is_bad and self._is_truly_bad()
        if is_bad and self._waiting is None:
            is_known, found = self._is_known(), self._replayed()
            self._waiting = NonFiniteGradientError(run.step + 1, run.epoch + 1, found)
            if self.loss is None and not is_known and not tries:
                raise self._waiting
        return is_bad

    def end_step(self) -> None:
        """After a step whose loss was finite. Raises: NonFiniteGradientError, if only its gradient was not."""
        if self._waiting is not None:
            raise self._waiting

    def _is_truly_bad(self) -> bool:
        """Sums of finite numbers may overflow."""
        return any(p.grad is not None and kind_of(p.grad) for p in self._run.model.parameters())

    def _replayed(self) -> Found | None:
        """The first node on the way back whose gradient went bad, in the batches of this step, one by one."""
        run = self._run
        passes = SamplePass(run.script, run.parts, run.job.source, run.job.outline)
        try:
            for batch, state in self._batches:
                twin = passes.twin("training")
                way = _WayBack(Spots(run.job, twin))
                with torch.random.fork_rng(devices=[]), torch.enable_grad(), way:
                    if state is not None:
                        torch.set_rng_state(state)
                    loop = passes.loop(twin, batch, run.step - run.epoch_began)
                    next(loop, None)
                    loop.close()
                self.loss = self.loss or way.loss
                if way.found is not None:
                    return way.found
        except Exception:  # noqa: BLE001 - a network that cannot be gone through twice is still named by its parameter
            pass
        return self._by_parameter()

    def _by_parameter(self) -> Found | None:
        """The node nearest to the loss that holds a parameter whose gradient is bad."""
        spots = Spots(self._run.job, self._run.model)
        for name, parameter in reversed(list(self._run.model.named_parameters())):
            if parameter.grad is not None and kind_of(parameter.grad):
                gradient = {name: parameter.detach(), "gradient": parameter.grad}
                return Found(spots.owner(name), "backward", gradient)
        return None


class _WayBack(TorchFunctionMode):
    """Labels every operation that will be gone back through with its node, and hears what gradient each passes on."""

    def __init__(self, spots: Spots) -> None:
        super().__init__()
        self._spots = spots
        self._labelled: dict[Any, tuple[Where | None, list[Tensor]]] = {}
        self.found: Found | None = None
        self.loss: Found | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        given: list[Tensor] | None = None
        for tensor in tensors_in(result):
            if tensor.grad_fn is not None and tensor.grad_fn not in self._labelled:
                if given is None:
                    given = [t for t in tensors_in((args, kwargs)) if t is not tensor]
                    where = self._spots.here(sys._getframe(1))
                self._label(tensor.grad_fn, where, given)
                if where is None and self.loss is None and kind_of(tensor):
                    self.loss = Found(None, "forward", self._spots.named(given, None))
        return result

    def _label(self, last: Any, where: Where | None, given: list[Tensor]) -> None:
        waiting = [last]
        while waiting:
            function = waiting.pop()
            if function is None or function in self._labelled or hasattr(function, "variable"):
                continue
            self._labelled[function] = (where, given)
            function.register_hook(lambda found, came, f=function: self._hear(f, found, came))
            waiting += [each for each, _ in function.next_functions]

    def _hear(self, function: Any, found: tuple[Tensor | None, ...], came: tuple[Tensor | None, ...]) -> None:
        if self.found is not None or not any(kind_of(t) for t in found if t is not None):
            return
        if any(kind_of(t) for t in came if t is not None):
            return
        where, given = self._labelled[function]
        inputs = self._spots.named(given, where)
        inputs |= {f"gradient {i}" if i else "gradient": t for i, t in enumerate(came) if t is not None}
        self.found = Found(where, "backward", inputs)
