"""One layer as training runs it, without data: what it keeps of the pass forward, what the pass back computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import nn

from engine.analysis.closed import remembered
from engine.analysis.dims import BATCH, Sizes, concrete, names_in, sizes_of_run
from engine.analysis.flops import FlopCount
from engine.analysis.keeping import Keeping
from engine.graph.shapes import Kept
from engine.layers.base import Layer
from engine.layers.recurrent import Recurrent
from engine.tensor import NumberSpec, TensorSpec

Stood = TensorSpec | tuple[TensorSpec, ...]
Forward = Callable[..., Any]


def argument(spec: Stood, sizes: Sizes) -> Any:
    """What stands for an input: a tensor without data, or the number itself."""
    if isinstance(spec, tuple):
        made = tuple(argument(one, sizes) for one in spec)
        return made[0] if len(made) == 1 else made
    if isinstance(spec, NumberSpec):
        return spec.at(sizes)
    return torch.empty(concrete(spec, sizes), dtype=getattr(torch, spec.dtype))


class Step:
    """A layer that is asked what a training step makes of it. Its parameters and its inputs all want gradients."""

    def __init__(
        self, layer: Layer, module: nn.Module, ports: Sequence[str], given: Sequence[Stood], forward: Forward
    ) -> None:
        """ports: those of the wires, "inputs:1" for the second of a many-port. given: what each brings."""
        self._layer, self._module, self._ports, self._given, self._forward = layer, module, ports, given, forward
        flat = (spec for one in given for spec in (one if isinstance(one, tuple) else (one,)))
        self._sizes = sizes_of_run(names_in(flat), 0)

    def kept(self) -> Kept:
        """What is kept; where it cannot run as in training, its results."""
        first = self._given[0] if self._given else None
        if isinstance(self._layer, Recurrent) and isinstance(first, TensorSpec):
            return remembered(self._layer, first)
        ports = [port.name for port in self._layer.ports_out()]
        try:
            with torch.enable_grad(), Keeping(self._module) as keeping:
                wires = self._wires(keeping, self._sizes)
                results = self._forward(self._module, *wires)
        except Exception:  # noqa: BLE001 - it ran without gradients, so it is right
            return Kept(outputs=tuple(ports))
        return keeping.kept(_tensors(self._ports, wires), _tensors(ports, results), self._sizes)

    def backward(self, flops: int) -> tuple[int, int]:
        """Operations of the pass back for one sample, and those that are left where no input wants a gradient.

        flops: those of the pass forward for one sample; a layer without any has none here.
        """
        if not flops:
            return 0, 0
        for sizes in (dict.fromkeys(self._sizes, 1) | {BATCH: self._sizes[BATCH]}, self._sizes):
            try:
                forward, found = self._counted(sizes)
            except Exception:  # noqa: BLE001 - a kernel that is larger than one, or whatever else torch minds
                continue
            if forward:
                return round(found[0] * flops / forward), round(found[1] * flops / forward)
        return 2 * flops, flops

    def _counted(self, sizes: Sizes) -> tuple[int, tuple[int, int]]:
        with torch.enable_grad(), FlopCount() as forward:
            wires = [argument(spec, sizes) for spec in self._given]
            inputs = [w.requires_grad_() for w in wires if isinstance(w, torch.Tensor) and w.is_floating_point()]
            results = self._forward(self._module, *(w.clone() if isinstance(w, torch.Tensor) else w for w in wires))
        ends = [r for r in results if isinstance(r, torch.Tensor) and r.requires_grad]
        weights = [w for w in self._module.parameters() if w.requires_grad]
        return forward.total, (_back(ends, [*weights, *inputs]), _back(ends, weights))

    def _wires(self, keeping: Keeping, sizes: Sizes) -> list[Any]:
        made = (argument(spec, sizes) for spec in self._given)
        return [keeping.ready(wire) if isinstance(wire, torch.Tensor) else wire for wire in made]


def _back(ends: list[torch.Tensor], wanted: list[torch.Tensor]) -> int:
    if not ends or not wanted:
        return 0
    with FlopCount() as counter:
        torch.autograd.grad(ends, wanted, [torch.empty_like(e) for e in ends], retain_graph=True, allow_unused=True)
    return counter.total


def _tensors(ports: Iterable[str], values: Iterable[Any]) -> list[tuple[str, torch.Tensor]]:
    return [(port, value) for port, value in zip(ports, values) if isinstance(value, torch.Tensor)]
