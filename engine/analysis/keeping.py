"""What a layer keeps for the pass back, read from the run itself: autograd says what it saves, on "meta" too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.overrides import TorchFunctionMode

from engine.graph.shapes import Kept
from engine.tensor import Dim, TensorSpec

_ATTENTION = nn.functional.scaled_dot_product_attention


class _Fused(torch.autograd.Function):
    """Attention as it is computed where there is data: it keeps what goes in and comes out, and one number a row.

    On "meta" torch takes the plain way, which keeps the weights of every pair of steps. Source: FlashAttention, Dao et
    al. 2022, section 3.1.
    """

    @staticmethod
    def forward(ctx: Any, query: Any, key: Any, value: Any, rest: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        result = _ATTENTION(query, key, value, *rest, **named)
        ctx.save_for_backward(query, key, value, result, query.new_empty(query.shape[:-1]))
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise AssertionError("what is kept is read, never run back")


class _Fusing(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.was_needed = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is _ATTENTION and len(args) >= 3:
            self.was_needed = True
            return _Fused.apply(*args[:3], args[3:], kwargs)
        return func(*args, **kwargs)


class Keeping:
    """Records what is saved while it is on. Everything that can learn is taken to learn."""

    def __init__(self, module: nn.Module) -> None:
        self._own = {_storage(p) for p in (*module.parameters(), *module.buffers())}
        self._saved: dict[int, tuple[int, torch.dtype]] = {}
        self._held: list[torch.Tensor] = []  # a storage that is gone may lend its address to another
        self._hooks = saved_tensors_hooks(self._pack, lambda tensor: tensor)
        self._fusing = _Fusing()

    @property
    def is_plain(self) -> bool:
        """Whether everything was computed as torch does it on "meta", so that it can be run back."""
        return not self._fusing.was_needed

    def ready(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor as a layer before would give it: a result that wants a gradient, so that it may be overwritten."""
        if not (tensor.is_floating_point() or tensor.is_complex()):
            return tensor
        return tensor.requires_grad_().clone()

    def __enter__(self) -> Keeping:
        self._hooks.__enter__()
        self._fusing.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._fusing.__exit__(*error)
        self._hooks.__exit__(*error)

    def _pack(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if self._saved.setdefault(_storage(tensor), (storage.nbytes() // tensor.itemsize, tensor.dtype)):
            self._held.append(tensor)
        return tensor

    def kept(
        self,
        inputs: Sequence[tuple[str, torch.Tensor]],
        outputs: Sequence[tuple[str, torch.Tensor]],
        sizes: Mapping[str, int],
    ) -> Kept:
        """Everything that was saved, by the ports whose tensors it is; `sizes` are the free sizes of this run."""
        into = {_storage(tensor): port for port, tensor in reversed(inputs)}
        out: dict[int, str] = {}
        views = []
        for port, tensor in outputs:
            if _storage(tensor) in into:
                views.append((port, into[_storage(tensor)]))
            else:
                out.setdefault(_storage(tensor), port)
        rest = (found for id, found in self._saved.items() if id not in self._own and id not in into and id not in out)
        return Kept(
            tuple(sorted({into[id] for id in self._saved if id in into})),
            tuple(sorted({out[id] for id in self._saved if id in out})),
            in_order(TensorSpec(_factors(count, sizes), str(dtype).removeprefix("torch.")) for count, dtype in rest),
            tuple(views),
        )


def in_order(extra: Iterable[TensorSpec]) -> tuple[TensorSpec, ...]:
    """As they are compared."""
    return tuple(sorted(extra, key=repr))


def _storage(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage()._cdata


def _factors(count: int, sizes: Mapping[str, int]) -> tuple[Dim, ...]:
    """A number of values as a product of the free sizes that divide it, which are prime, and a number."""
    found: list[Dim] = []
    for name, size in sizes.items():
        while count and size > 1 and count % size == 0:
            found.append(name)
            count //= size
    for name, size in sizes.items():
        if name not in found and count > size:  # no product: (T + 1) // 2 steps count as half of T
            found.append(name)
            count = round(count / size)
    return (*found, count) if count != 1 or not found else tuple(found)


def merged(shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """A shape in the form in which sizes are read from a number: names in order, and one number for the rest."""
    names = sorted((s for s in shape if isinstance(s, str)), key=lambda s: (s != "B", s))
    count = 1
    for size in shape:
        count *= size if isinstance(size, int) else 1
    return (*names, count) if count != 1 or not names else tuple(names)
