"""Which size of a parameter belongs to what goes in, and which to what comes out: kind of layer by kind of layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.layers.activation import PReLU
from engine.layers.attention import MultiheadAttention, TransformerEncoderLayer
from engine.layers.base import Layer
from engine.layers.convolution import Convolution, TransposedConvolution
from engine.layers.embedding import Lookup
from engine.layers.io import Parameter
from engine.layers.linear import Linear
from engine.layers.normalization import BatchNorm, ChannelNorm, FeatureNorm, GroupNorm
from engine.layers.recurrent import Recurrent
from engine.training.carry_maps import Change, Map, chunked, cyclic, overlap

_GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
ABSORBS = (Linear, Convolution, TransposedConvolution, Recurrent, MultiheadAttention)
"""Layers that sum over all that comes in: behind them nobody sees how many channels there were."""


@dataclass(frozen=True)
class Around:
    """What stands around a parameter. incoming: map of the features that come in, None if they stay or are unknown.

    is_last: what comes out of the layer comes out of the network, as the scores of classes: a new one is no copy.
    """

    new: Layer
    old: Layer
    incoming: Map
    is_last: bool

    def outgoing(self, old: int, new: int) -> Map:
        return overlap(old, new) if self.is_last else cyclic(old, new)


def channel_dimension(layer: Layer) -> int:
    """Which dimension of what comes in holds its features."""
    return -1 if isinstance(layer, (Linear, FeatureNorm, Recurrent, MultiheadAttention, Lookup)) else 1


def change(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change | None:
    """How the parameter or buffer is made, None where that makes no sense: another number of dimensions."""
    if len(old) != len(new):
        return None
    if type(around.new) is not type(around.old):
        return Change((None,) * len(new)) if old == new else None
    rule = next((rule for kinds, rule in _RULES if isinstance(around.new, kinds)), _any)
    return rule(around, name, old, new)


def _any(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    return Change(tuple(overlap(a, b) for a, b in zip(old, new)))


def _into(around: Around, old: int, new: int) -> tuple[Map, bool]:
    """The map of what comes in, and whether it is more than the first ones."""
    if around.incoming is not None and len(around.incoming) == new and int(around.incoming.max()) < old:
        return around.incoming, True
    return overlap(old, new), False


def _linear(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    out = around.outgoing(old[0], new[0])
    if len(new) == 1:
        return Change((out,), frozenset({0}))
    into, is_known = _into(around, old[1], new[1])
    rest = tuple(overlap(a, b) for a, b in zip(old[2:], new[2:]))
    return Change((out, into, *rest), frozenset({0}), 1 if is_known else None)


def _convolution(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    groups = getattr(around.new, "groups", 1), getattr(around.old, "groups", 1)
    if groups == (1, 1):
        return _linear(around, name, old, new)
    is_deep = len(new) == 1 or (old[1] == new[1] == 1)
    if is_deep and (old[0], new[0]) == (groups[1], groups[0]):  # every channel has a filter of its own
        rest = tuple(overlap(a, b) for a, b in zip(old[1:], new[1:]))
        return Change((_into(around, old[0], new[0])[0], *rest), frozenset({0}))
    return _any(around, name, old, new)


def _transposed(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    if getattr(around.new, "groups", 1) != 1 or getattr(around.old, "groups", 1) != 1:
        return _any(around, name, old, new)
    if len(new) == 1:
        return Change((around.outgoing(old[0], new[0]),), frozenset({0}))
    into, is_known = _into(around, old[0], new[0])
    rest = tuple(overlap(a, b) for a, b in zip(old[2:], new[2:]))
    out = around.outgoing(old[1], new[1])
    return Change((into, out, *rest), frozenset({1}), 0 if is_known else None)


def _each(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    """One number for each feature that comes in."""
    if not new:
        return Change(())
    maps = [overlap(a, b) for a, b in zip(old, new)]
    maps[-1] = _into(around, old[-1], new[-1])[0]
    return Change(tuple(maps), frozenset({len(maps) - 1}))


def _rows(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    """A table, or a tensor by itself, whose last size is that of the features."""
    maps = [overlap(a, b) for a, b in zip(old, new)]
    maps[-1] = around.outgoing(old[-1], new[-1])
    return Change(tuple(maps), frozenset({len(maps) - 1}))


def _recurrent(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    before, now = around.old, around.new
    assert isinstance(before, Recurrent)
    assert isinstance(now, Recurrent)
    if getattr(before, "proj_size", 0) or getattr(now, "proj_size", 0):
        return _any(around, name, old, new)
    gates = _GATES.get(now.key, 1)
    hidden = cyclic(before.hidden_size, now.hidden_size)
    if around.is_last:
        hidden = overlap(before.hidden_size, now.hidden_size)
    out = chunked(hidden, before.hidden_size, gates)
    if len(new) == 1:
        return Change((out,), frozenset({0}))
    if name.startswith("weight_hh"):
        return Change((out, hidden), frozenset({0}), 1)
    if "_l0" in name:
        into, is_known = _into(around, old[1], new[1])
        return Change((out, into), frozenset({0}), 1 if is_known else None)
    ways = 2 if now.bidirectional and before.bidirectional else 1
    inner = chunked(hidden, before.hidden_size, ways)
    if inner is not None and len(inner) != new[1]:
        inner = overlap(old[1], new[1])
    return Change((out, inner), frozenset({0}), 1)


def _attention(around: Around, name: str, old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    before, now = around.old, around.new
    size = (old[-1], new[-1]) if name.startswith("out_proj") else (old[0] // 3, new[0] // 3)
    if name.startswith(("out_proj", "in_proj")) and len(old) <= 2:
        whole = cyclic(*size)
        # Whole heads are copied; a head of another size would measure likeness otherwise.
        is_whole = size[0] * getattr(now, "num_heads", 1) == size[1] * getattr(before, "num_heads", 1)
        if is_whole and name.startswith("in_proj"):
            out = chunked(whole, size[0], 3)
            into, is_known = _into(around, old[1], new[1]) if len(new) == 2 else (None, False)
            return Change((out, into)[: len(new)], frozenset({0}), 1 if is_known else None)
        if is_whole and name == "out_proj.bias":
            return Change((around.outgoing(old[0], new[0]),), frozenset({0}))
        if is_whole:
            return Change((around.outgoing(old[0], new[0]), whole), frozenset({0}), 1)
    return _any(around, name, old, new)


_Rule = Callable[[Around, str, tuple[int, ...], tuple[int, ...]], Change]
_RULES: tuple[tuple[Any, _Rule], ...] = (
    (Linear, _linear),
    (Convolution, _convolution),
    (TransposedConvolution, _transposed),
    ((ChannelNorm, GroupNorm, FeatureNorm), _each),
    (PReLU, lambda a, name, old, new: _each(a, name, old, new) if new[0] > 1 else _any(a, name, old, new)),
    ((Lookup, Parameter), _rows),
    (Recurrent, _recurrent),
    (MultiheadAttention, _attention),
)


def identity(layer: Layer, state: dict[str, Tensor]) -> dict[str, Tensor] | None:
    """The layer's state with which it gives what it takes, None where there is none; whether it does is tried.

    The followers of Net2DeeperNet (Chen et al. 2015, section 2.3): a square Linear, a convolution that keeps sizes.
    """
    weight = state.get("weight")
    if isinstance(layer, Linear) and weight is not None and weight.shape[0] == weight.shape[1]:
        return _with(state, torch.eye(len(weight), dtype=weight.dtype))
    if isinstance(layer, Convolution) and weight is not None:
        return _dirac(layer, state, weight)
    if isinstance(layer, PReLU) and weight is not None:
        return {"weight": torch.ones_like(weight)}
    if isinstance(layer, TransformerEncoderLayer) and layer.norm_first:
        return {
            n: torch.zeros_like(t) if n.startswith(("self_attn.out_proj", "linear2")) else t for n, t in state.items()
        }
    return None


def nothing(layer: Layer, state: dict[str, Tensor]) -> dict[str, Tensor] | None:
    """The layer's state with which it gives zeros, None where there is none: the last layer of a residual branch.

    For batch normalisation this is the zero-gamma of Goyal et al. 2017, section 5.1.
    """
    if isinstance(layer, (Linear, Convolution, TransposedConvolution, BatchNorm, GroupNorm, FeatureNorm)):
        if "weight" not in state:
            return None
        return {n: torch.zeros_like(t) if n in ("weight", "bias") else t for n, t in state.items()}
    if isinstance(layer, MultiheadAttention):
        return {n: torch.zeros_like(t) if n.startswith("out_proj") else t for n, t in state.items()}
    return None


def _with(state: dict[str, Tensor], weight: Tensor) -> dict[str, Tensor]:
    return {n: weight if n == "weight" else torch.zeros_like(t) for n, t in state.items()}


def _dirac(layer: Convolution, state: dict[str, Tensor], weight: Tensor) -> dict[str, Tensor] | None:
    groups = layer.groups if isinstance(layer.groups, int) else 1
    if weight.shape[0] != weight.shape[1] * groups or any(size % 2 == 0 for size in weight.shape[2:]):
        return None
    return _with(state, nn.init.dirac_(torch.empty_like(weight), groups))
