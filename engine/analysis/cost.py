"""What a network costs: floating-point operations as torch counts them, and the memory of a training step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from engine.graph.shapes import BlockShapes
from engine.recipe.recipe import Recipe

# Numbers of the parameter's size that an optimizer keeps for each parameter.
_STATE = {"Adagrad": 1, "Adam": 2, "AdamW": 2, "NAdam": 2, "RAdam": 2, "RMSprop": 1}
_SINGLE = 4
_HALF = 2


class FlopCount(TorchDispatchMode):
    """Counts by torch's own formulas, as `FlopCounterMode` does.

    That class also hooks every module of the process, which would slow down a network that trains in another thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        packet = func._overloadpacket
        formula = flop_registry.get(packet)
        if formula is None and func is not torch.ops.prim.device.default:
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = func(*args, **kwargs)
        if formula is not None:
            self.total += formula(*args, **kwargs, out_val=result)
        return result


def model_bytes(shapes: BlockShapes, recipe: Recipe) -> int:
    """Memory of weights, gradients and the optimizer's state, whatever the batch."""
    learned = sum(node.trainable for node in shapes.nodes.values())
    return _SINGLE * shapes.parameters + _SINGLE * (1 + _state_of(recipe)) * learned


def training_bytes(shapes: BlockShapes, recipe: Recipe) -> int:
    """Memory of one training step: weights, gradients, the optimizer's state, and what backward needs of forward.

    Weights and gradients take four bytes a number, the state four for each number that the optimizer keeps
    (ZeRO, Rajbhandari et al. 2020, section 3.1: the model states). Every layer's outputs are kept for backward for
    every sample of the batch, in the precision that layers compute in; mixed precision adds a half-size copy of
    the weights. What torch and its libraries take for themselves is left out.
    """
    kept = shapes.activation_bytes * recipe.batch_size
    copies = 0
    if recipe.precision != "float32":
        kept, copies = kept // 2, _HALF * shapes.parameters
    return model_bytes(shapes, recipe) + kept + copies


def _state_of(recipe: Recipe) -> int:
    optimizer = recipe.optimizer
    options: Mapping[str, Any] = {name: getattr(optimizer, name) for name in optimizer.params}
    if optimizer.key == "SGD":
        return int(bool(options.get("momentum")))
    extra = bool(options.get("momentum")) + bool(options.get("centered")) + bool(options.get("amsgrad"))
    return _STATE.get(optimizer.key, 2) + extra
