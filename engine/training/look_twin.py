"""A second model over the same weights, in which one may go forward and backward without disturbing the first."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

_PLAIN = (bool, int, float, str, type(None))
_HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks_with_kwargs",
)


class Twin:
    """Parameters share the memory of the model's, with gradients of their own; buffers are copies.

    What hooks the model has, and a `forward` that somebody has put before its own, the twin has not.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._made: nn.Module | None = None
        self._where: tuple[tuple[int, int, bool], ...] = ()

    def now(self, *, trains: bool) -> nn.Module:
        """The twin, like the model as it is at this moment but for its mode. Raises: whatever copying a model may."""
        where = tuple((id(p), p.data_ptr(), p.requires_grad) for p in self._model.parameters())
        if self._made is None or where != self._where:
            self._made, self._where = twin_of(self._model), where
        else:
            _bring_up_to_date(self._model, self._made)
        _set_mode(self._made, trains)
        return self._made

    def forget(self) -> None:
        """Keep nothing."""
        self._made = None


def twin_of(model: nn.Module) -> nn.Module:
    """A copy of everything but the numbers in the parameters."""
    memo: dict[int, Any] = {}
    for parameter in model.parameters():
        memo[id(parameter)] = nn.Parameter(parameter.detach(), parameter.requires_grad)
    for module in model.modules():
        for name in _HOOKS:
            if (hooks := module.__dict__.get(name)) is not None:
                memo[id(hooks)] = OrderedDict()
    before = model.__dict__.pop("forward", None)
    try:
        return copy.deepcopy(model, memo)
    finally:
        if before is not None:
            model.__dict__["forward"] = before


def _bring_up_to_date(model: nn.Module, twin: nn.Module) -> None:
    """Buffers, and options that were changed while training: a dropout's probability."""
    with torch.no_grad():
        for theirs, ours in zip(model.buffers(), twin.buffers(), strict=True):
            ours.copy_(theirs)
    for theirs_, ours_ in zip(model.modules(), twin.modules(), strict=True):
        mine = ours_.__dict__
        for name, value in theirs_.__dict__.items():
            if isinstance(value, _PLAIN) and name != "training" and mine.get(name) != value:
                mine[name] = value


def _set_mode(twin: nn.Module, trains: bool) -> None:
    """Training or not, whatever the training loop asks of the twin afterwards."""
    twin.__dict__.pop("train", None)
    twin.train(trains)
    if not trains:
        for module in twin.modules():
            # cuDNN goes backward through recurrent layers in training only.
            if isinstance(module, nn.RNNBase) and _is_on_cuda(module) and not module.dropout:
                module.train()
    twin.__dict__["train"] = lambda mode=True: twin


def _is_on_cuda(module: nn.Module) -> bool:
    first: Tensor | None = next(iter(module.parameters()), None)
    return first is not None and first.device.type == "cuda"
