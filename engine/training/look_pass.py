"""One batch through the network as it is now, by the script's own training loop, with nothing of the run touched.

The loop is given a twin of the model, stand-ins for what would change anything, and one batch. Forward only: it is
left behind as soon as the network has answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from engine.codegen.source import Source
from engine.training.look_capture import Capture, Take, Text
from engine.training.look_twin import Twin
from engine.training.looked import Mode, Part
from engine.training.outline import Outline

SEED = 0
"""Of what is drawn in a pass, so that two looks differ by the network alone."""

KEPT = 2
"""Batches that were read from disk: one to look at, one for an embedding."""

Batch = tuple[Tensor, ...]


class _Answered(Exception):  # noqa: N818 - not an error: the way out of the loop
    """The network has answered."""


class SamplePass:
    """Passes through the model of a run. script: its namespace. parts: what `setup` made."""

    def __init__(self, script: Mapping[str, Any], parts: Mapping[str, Any], source: Source, outline: Outline) -> None:
        self._script, self._parts, self._outline = script, parts, outline
        self._text = Text(source)
        self._twin = Twin(parts["model"])
        self._device = next((p.device for p in parts["model"].parameters()), torch.device("cpu"))
        self.settle = torch.cuda.synchronize if self._device.type == "cuda" else None
        """Waits until the device has done what it was told."""
        self._read: dict[tuple[Part, int, int], tuple[Batch, ...]] = {}
        self.inputs: tuple[Tensor, ...] = ()
        """What the network was given in the last pass."""

    def count(self, part: Part) -> int:
        """How many samples there are."""
        data = self._data(part)
        return len(data.dataset) if hasattr(data, "dataset") else len(data[0])

    def batch(self, part: Part, first: int, size: int) -> Batch:
        """So many samples from `first` on, beginning anew after the last, as the loop gets them."""
        data = self._data(part)
        count = self.count(part)
        places = [(first + i) % count for i in range(min(size, count))]
        if not hasattr(data, "dataset"):
            chosen = torch.tensor(places, device=data[0].device)
            return tuple(tensor[chosen.to(tensor.device)] for tensor in data)
        key = (part, first, size)
        if key not in self._read:  # read from disk: the same sample is looked at again and again
            collated = data.collate_fn([data.dataset[place] for place in places])
            self._read = dict(
                [*self._read.items(), (key, tuple(self._script["batches"]([collated], self._device)))][-KEPT:]
            )
        return self._read[key][0]

    def twin(self, mode: Mode) -> nn.Module:
        """The model that the next pass will go through."""
        return self._twin.now(trains=mode == "training")

    def forget(self) -> None:
        """Keep nothing between passes."""
        self._twin.forget()
        self.inputs, self._read = (), {}

    def run(self, batch: Batch, take: Take, *, mode: Mode = "use", backward: bool = False) -> Any:
        """Give every value of the pass to `take`. Returns: the network's answer.

        Only the first time that the loop asks the network counts. Raises: whatever the network raises.
        """
        twin = self.twin(mode)
        answers: list[Any] = []
        own = twin.forward

        def forward(*args: Any, **kwargs: Any) -> Any:
            if answers:
                return own(*args, **kwargs)
            self.inputs = tuple(v for v in (*args, *kwargs.values()) if isinstance(v, Tensor))
            with Capture(self._text, self._outline, twin, take, self.settle):
                answers.append(own(*args, **kwargs))
            if not backward:
                raise _Answered
            return answers[0]

        twin.__dict__["forward"] = forward
        try:
            with _apart(batch), torch.set_grad_enabled(backward):
                loop = self.loop(twin, batch)
                try:
                    next(loop, None)
                except _Answered:
                    pass
                finally:
                    loop.close()
        finally:
            twin.__dict__.pop("forward", None)
            for parameter in twin.parameters():
                parameter.grad = None
        return answers[0] if answers else None

    def _data(self, part: Part) -> Any:
        return self._parts.get(f"{'train' if part == 'training' else 'validation'}_data", self._parts["train_data"])

    def loop(self, twin: nn.Module, batch: Batch, place: int = 0) -> Any:
        """The script's generator over this one batch, as if it were that of so many in the epoch: some phases rest."""
        train = self._script["train"]
        space = {**train.__globals__, "batches": lambda *_: iter([batch]), "enumerate": partial(enumerate, start=place)}
        loop = FunctionType(train.__code__, space, train.__name__, train.__defaults__, train.__closure__)
        twins = {id(p): q for p, q in zip(self._parts["model"].parameters(), twin.parameters(), strict=True)}
        given = (self._stand_in(name, twin, batch, twins) for name in self._script["Setup"]._fields)
        return loop(*given, epochs=1, first_epoch=0)

    def _stand_in(self, name: str, twin: nn.Module, batch: Batch, twins: Mapping[int, Any]) -> Any:
        part = self._parts[name]
        if name == "model":
            return twin
        if name.endswith("_data"):
            return _Idle() if hasattr(part, "dataset") else batch
        if isinstance(part, Optimizer):
            groups = [
                {**group, "params": [twins.get(id(p), p) for p in group["params"]]} for group in part.param_groups
            ]
            return _Idle(groups)
        return part if isinstance(part, int) else _Idle()


class _Idle:
    """Stands for an optimizer, a schedule, a scaler or a loader: does nothing, and hands on what it is given."""

    def __init__(self, groups: list[dict[str, Any]] | None = None) -> None:
        self.param_groups = groups or []
        self.dataset: tuple[()] = ()

    def step(self, closure: Any = None) -> Any:
        return closure() if callable(closure) else None

    def scale(self, loss: Tensor) -> Tensor:
        return loss

    def __getattr__(self, name: str) -> Any:
        if name == "generator":
            return _Idle()
        return lambda *_, **__: None


@contextmanager
def _apart(batch: Batch) -> Iterator[None]:
    """Random numbers of its own, always the same."""
    devices = sorted({tensor.device.index or 0 for tensor in batch if tensor.device.type == "cuda"})
    with torch.random.fork_rng(devices=devices):
        torch.random.default_generator.manual_seed(SEED)
        for device in devices:
            torch.cuda.default_generators[device].manual_seed(SEED)
        yield
