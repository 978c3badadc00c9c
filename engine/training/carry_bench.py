"""Tries single layers of two networks on numbers by chance: what comes out of the new one, in terms of the old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.analysis.dims import BATCH, concrete, names_in
from engine.analysis.execute import compiled_forward
from engine.graph.shapes import NodeShapes
from engine.layers.block import Holder
from engine.tensor import TensorSpec
from engine.training.carry_maps import Map, cyclic, gathered, mask
from engine.training.carry_network import End, Leaf, Network, Path

State = Mapping[str, Tensor]
_SIZES = (6, 5, 7, 9, 11, 8)
_MOST = 1 << 24
"""Numbers in what comes into a layer beyond which it is not tried."""
_DEEPEST = 50
_REMEMBERED = 16
_NEAR: Any = {"rtol": 1e-5, "atol": 1e-6, "equal_nan": True}
"""Weights are written in single precision, so that a weight shared between copies comes out rounded."""


@dataclass(frozen=True)
class Flow:
    """What a tensor of the new network is: the old one at these indices; zero where `end` is None.

    is_sure: found out all the way from the inputs. Else it is so if what comes in is as it was.
    """

    end: End | None
    maps: tuple[Map, ...]
    is_sure: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether it is the old tensor as it was."""
        return self.end is not None and all(index is None for index in self.maps)


class Bench:
    """states: of the layers of the old network, by where their weights live."""

    def __init__(self, old: Network, states: Mapping[Path, State]) -> None:
        self._old, self._states = old, states
        self._sources = {leaf.path: leaf for leaf in old.inputs.values()} | dict(old.leaves)
        self._drawn: dict[End, Tensor | None] = {}
        self._numbers = {path: i for i, path in enumerate(self._sources)}

    def old_outputs(self, path: Path) -> dict[str, Tensor] | None:
        """What the old layer gives for what may come into it."""
        leaf = self._sources[path]
        wires = [self.draw(end) for ends in leaf.inputs.values() for end in ends]
        return run(leaf, self._states.get(leaf.home, {}), wires)

    def new_outputs(self, leaf: Leaf, state: State, flows: Sequence[Flow | None]) -> dict[str, Tensor] | None:
        """What the new layer gives for the same."""
        specs = [s for given in leaf.shapes.inputs.values() for s in (given if isinstance(given, tuple) else (given,))]
        specs = [spec for spec in specs if spec is not None]
        if len(specs) != len(flows) or not all(isinstance(spec, TensorSpec) for spec in specs):
            return None
        wires = [self.value(flow, spec) for flow, spec in zip(flows, specs)]
        return run(leaf, state, wires)

    def value(self, flow: Flow | None, spec: Any) -> Tensor | None:
        """A tensor that is what the flow says; anything where that is not known."""
        if flow is None:
            return drawn(spec, 1)
        shape = _shape(spec)
        if flow.end is None:
            return torch.zeros(shape, dtype=torch.float64)
        whole = self.draw(flow.end)
        if whole is None or whole.ndim != len(shape) or len(flow.maps) != len(shape):
            return None
        found = gathered(whole, flow.maps)
        if tuple(found.shape) != shape:
            return None
        other = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        return torch.where(mask(flow.maps, shape), found, other.to(found.dtype))

    def draw(self, end: End, depth: int = 0) -> Tensor | None:
        """Numbers such as may stand at an output of the old network; behind a ReLU none is negative."""
        if end not in self._drawn:
            if len(self._drawn) >= _REMEMBERED:
                self._drawn.clear()
            self._drawn[end] = self._made(end, depth)
        return self._drawn[end]

    def _made(self, end: End, depth: int) -> Tensor | None:
        leaf = self._sources[end[0]]
        if leaf.inputs and not self._states.get(leaf.home) and depth < _DEEPEST:
            results = run(leaf, {}, [self.draw(e, depth + 1) for ends in leaf.inputs.values() for e in ends])
            if results is not None and end[1] in results:
                return results[end[1]]
        spec = leaf.shapes.outputs.get(end[1])
        return None if spec is None else drawn(spec, 2 + self._numbers[end[0]])


def drawn(spec: Any, seed: int) -> Tensor | None:
    """Numbers of a shape by chance; whole ones are 0 or 1, which every table has."""
    if not isinstance(spec, TensorSpec):
        return None
    shape, draw = _shape(spec), torch.Generator().manual_seed(seed)
    if sum(shape) and torch.Size(shape).numel() > _MOST:
        return None
    if spec.is_floating:
        return torch.randn(shape, generator=draw, dtype=torch.float64)
    whole = torch.randint(0, 2, shape, generator=draw)
    return whole.to(getattr(torch, spec.dtype))


def run(leaf: Leaf, state: State, wires: Sequence[Tensor | None]) -> dict[str, Tensor] | None:
    """What a layer gives as it is when evaluated, in double precision; None where it cannot be tried by itself."""
    if isinstance(leaf.layer, Holder) or any(wire is None for wire in wires):
        return None
    try:
        with torch.no_grad():
            forward, module = compiled_forward(leaf.layer, leaf.shapes.inputs)
            module.double().eval()
            if state:
                _load(module, state)
            results = forward(module, *wires)
    except Exception:  # noqa: BLE001 - a layer of the user's, or one that takes no doubles: then nothing is claimed
        return None
    ports = [port.name for port in leaf.layer.ports_out()]
    return {port: result.detach() for port, result in zip(ports, results) if isinstance(result, Tensor)}


def _load(module: torch.nn.Module, state: State) -> None:
    """Raises: KeyError, RuntimeError if it is the state of another layer."""
    node = module.node
    if isinstance(node, Tensor):
        node.data = state["value"].double() if "value" in state else state[""].double()
        return
    assert isinstance(node, torch.nn.Module)
    node.load_state_dict(dict(state))


def _shape(spec: TensorSpec) -> tuple[int, ...]:
    names = names_in([spec])
    sizes = {name: _SIZES[0 if name == BATCH else 1 + len(name) % 5] for name in names}
    return concrete(spec, {BATCH: _SIZES[0], **sizes})


def is_same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a.double(), b.double(), **_NEAR)


def maps_between(new: Tensor, old: Tensor, hints: Sequence[Map] = ()) -> tuple[Map, ...] | None:
    """How one tensor is the other at other indices, None where it is not. hints: maps that are likely."""
    if new.ndim != old.ndim or not new.is_floating_point() or not old.is_floating_point():
        return (None,) * new.ndim if is_same(new, old) else None
    if is_same(new, old):
        return (None,) * new.ndim
    changed = [d for d in range(new.ndim) if new.shape[d] != old.shape[d]]
    for dimensions in [changed] if changed else [[d] for d in range(1, new.ndim)]:
        maps: list[Map] = [None] * new.ndim
        for dimension in dimensions:
            others = [d for d in dimensions if d != dimension]
            maps[dimension] = _along(_only_first(new, others), _only_first(old, others), dimension, hints)
        known = mask(maps, new.shape)
        close = torch.isclose(new, gathered(old, maps), **_NEAR)
        if bool(known.any()) and bool(close[known].all()):
            return tuple(maps)
    return None


def _only_first(tensor: Tensor, dimensions: Sequence[int]) -> Tensor:
    for dimension in dimensions:
        tensor = tensor.narrow(dimension, 0, 1)
    return tensor


def _along(new: Tensor, old: Tensor, dimension: int, hints: Sequence[Map]) -> Tensor:
    """For every index along a dimension the one of the old tensor with the same numbers, -1 where there is none."""
    rows = new.movedim(dimension, 0).reshape(new.shape[dimension], -1)
    before = old.movedim(dimension, 0).reshape(old.shape[dimension], -1)
    count, there = len(rows), len(before)
    likely = [hint for hint in hints if hint is not None and len(hint) == count and int(hint.max()) < there]
    standard = cyclic(there, count)
    likely.append(torch.arange(count) if standard is None else standard)
    for index in likely:
        fits = torch.isclose(rows, before[index.clamp(min=0)], **_NEAR).all(1)
        fits = fits & (index >= 0)
        if bool((fits | (index < 0)).all()):
            return torch.where(fits, index, -1)
    return _by_value(rows, before)


def _by_value(rows: Tensor, before: Tensor) -> Tensor:
    draw = torch.Generator().manual_seed(7)
    direction = torch.rand(rows.shape[1], generator=draw, dtype=torch.float64) + 0.5
    keys, sorted_by = (before.double().nan_to_num() @ direction).sort(stable=True)
    wanted = rows.double().nan_to_num() @ direction
    place = torch.searchsorted(keys, wanted - 1e-7 * (1 + wanted.abs())).clamp(max=len(keys) - 1)
    index = sorted_by[place]
    fits = torch.isclose(rows, before[index], **_NEAR).all(1)
    return torch.where(fits, index, -1)


def output_shapes(shapes: NodeShapes, port: str) -> tuple[int, ...] | None:
    """A tensor's sizes as they are tried, None for what is no tensor."""
    spec = shapes.outputs.get(port)
    return _shape(spec) if isinstance(spec, TensorSpec) else None
