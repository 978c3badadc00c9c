"""What is shown of one layer beside its values: attention, filters, where samples lie; and the sample itself."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.training.events import NodePath
from engine.training.look_pass import Batch, SamplePass
from engine.training.look_pictures import attention_of, filters_of, image_of_input, main_axes
from engine.training.looked import Embedding, Look, Picture, Sample, Spot
from engine.training.outline import Outline

EMBEDDED = 256
MOST_ANSWERS = 256
MOST_PICTURES = 8


def modules_of(model: nn.Module, outline: Outline, layer: NodePath) -> list[nn.Module]:
    """The modules of a node, those inside of them included, one set for every repeat."""
    return [module for name, module in model.named_modules() if name and outline.owner(name)[0] == layer]


class Attention:
    """While it is entered, every attention among the modules is asked for its weights, besides what it does."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self._modules = [module for module in modules if isinstance(module, nn.MultiheadAttention)]
        self._held = ExitStack()
        self.pictures: list[Picture] = []
        """Of the first sample, one for every call."""

    def __enter__(self) -> Attention:
        for module in self._modules:
            self._held.callback(module.register_forward_pre_hook(self._ask, with_kwargs=True).remove)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._held.close()

    def _ask(self, module: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        if len(self.pictures) >= MOST_PICTURES or len(args) > 3:
            return
        before, module.training = module.training, False  # dropout would draw random numbers
        try:
            with torch.no_grad():
                asked = {**options, "need_weights": True, "average_attn_weights": False}
                _, weights = type(module).forward(module, *args, **asked)
        finally:
            module.training = before
        self.pictures.append(attention_of(weights if weights.ndim == 4 else weights[None], 0))


def filters(modules: Iterable[nn.Module]) -> tuple[Picture, ...]:
    """The filters of convolutions."""
    found = (filters_of(module) for module in modules)
    return tuple(picture for picture in found if picture is not None)[:MOST_PICTURES]


def embedding(through: SamplePass, look: Look) -> Embedding | None:
    """Where many samples lie in the result of the layer; None where it gives nothing for each of them."""
    batch = through.batch(look.part, 0, EMBEDDED)
    found: list[tuple[Spot, Tensor]] = []

    def take(spot: Spot, value: Tensor, *_: Any) -> None:
        if spot.path == look.layer and value.ndim > 1 and len(value) == len(batch[0]):
            found.append((spot, value.detach().clone()))

    through.run(batch, take, mode="use")
    if not found or len(batch[0]) < 3:
        return None
    spot, value = found[-1]
    places, share = main_axes(value)
    labels = next((t for t in reversed(batch) if t.ndim == 1 and not t.is_floating_point()), None)
    known = labels.cpu().numpy().astype(np.int64) if labels is not None else None
    return Embedding(places.cpu().numpy(), known, share, spot)


def sample_of(through: SamplePass, look: Look, batch: Batch, answer: Any) -> Sample:
    """The first sample of the batch, as it went in, what was wanted of it, and what came out."""
    count = through.count(look.part)
    given = {id(tensor) for tensor in through.inputs}
    pictures = [image_of_input(t[0]) for t in through.inputs if t.ndim and len(t) == len(batch[0])]
    wanted = ", ".join(_words(t[0]) for t in batch if id(t) not in given)
    return Sample(
        look.sample % max(1, count),
        count,
        look.part,
        tuple(picture for picture in pictures if picture is not None),
        wanted,
        _numbers(answer, len(batch[0])),
        len(batch[0]),
    )


def _numbers(answer: Any, batch: int) -> np.ndarray:
    """The first tensor of an answer, for the first sample."""
    while isinstance(answer, (tuple, list, dict)) and answer:
        answer = next(iter(answer.values())) if isinstance(answer, dict) else answer[0]
    if not isinstance(answer, Tensor) or not answer.numel():
        return np.empty(0, np.float32)
    row = answer[0] if answer.ndim and len(answer) == batch else answer
    return row.detach().float().reshape(-1)[:MOST_ANSWERS].cpu().numpy()


def _words(target: Tensor) -> str:
    if target.numel() == 1:
        value = target.reshape(()).item()
        return f"{value:.4g}" if target.is_floating_point() else str(value)
    return " × ".join(map(str, target.shape)) + " numbers"
