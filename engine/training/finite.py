"""Whether gradients are finite numbers, found out before an optimizer uses them, at a small share of the step."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import torch
from torch import nn

from engine.training.bad_spots import kind_of
from engine.training.pace import Pace

SHARES = (0.007, 0.003)  # of a step: for small parameters, of which there is one in most layers, and for large ones
SMALL_BYTES = 1 << 12
LEAST = (16, 4)  # of both that are looked at in a step: the call itself takes as long as that
SETTLED = 8  # looks of which the cost is taken together


class FiniteCheck:
    """Looks at the gradients of some parameters. Draws no random numbers, changes nothing.

    All are looked at in every step as long as that takes at most `SHARES` of it. In steps that are made of many small
    tensors they take turns, so that one can be missed; but what an optimizer makes of such a gradient is not finite
    either, and the loss of the next step tells.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        # What goes wrong anywhere most often reaches the first layer.
        count = len(parameters) if len(parameters) <= LEAST[0] else 2
        self._always, rest = list(parameters[:count]), parameters[count:]
        self._small = _Turns([p for p in rest if p.nbytes <= SMALL_BYTES], SHARES[0], LEAST[0])
        self._large = _Turns([p for p in rest if p.nbytes > SMALL_BYTES], SHARES[1], LEAST[1])
        self._scan = _Scan()

    def are_finite(self, seconds: float, *, is_whole: bool = False) -> bool:
        """Whether all that are looked at now are finite. seconds: of a step. is_whole: look at every one."""
        turns = (self._small.look, self._large.look)
        return self._scan.are_finite(self._always) and all(look(self._scan, seconds, is_whole) for look in turns)


class _Turns:
    """Parameters of which so many are looked at in a step as fit into a share of it."""

    def __init__(self, parameters: list[nn.Parameter], share: float, least: int) -> None:
        self._parameters, self._pace = parameters, Pace(share)
        self._most_turns = max(1, len(parameters) // least)
        self._turn = self._looks = 0
        self._cost = self._spent = 0.0

    def look(self, scan: _Scan, seconds: float, is_whole: bool) -> bool:
        if not self._parameters:
            return True
        began = perf_counter()
        stride = 1 if is_whole else min(self._pace.stride, self._most_turns)
        self._turn += 1
        is_finite = scan.are_finite(self._parameters[self._turn % stride :: stride])
        self._cost += (perf_counter() - began) * stride
        self._spent += seconds
        self._looks += 1
        if self._looks == SETTLED:
            self._pace.settle(self._cost / SETTLED, self._spent / SETTLED)
            self._cost, self._spent, self._looks = 0.0, 0.0, 0
        return is_finite


class _Scan:
    """Looks by the operation of gradient scalers: one call for all tensors, which are multiplied by one."""

    def __init__(self) -> None:
        self._found, self._one = torch.zeros(()), torch.ones(())
        self._seen = self._found.numpy()

    def are_finite(self, parameters: Sequence[nn.Parameter]) -> bool:
        gradients = [p.grad for p in parameters if p.grad is not None]
        try:
            torch._amp_foreach_non_finite_check_and_unscale_(gradients, self._found, self._one)
        except (RuntimeError, NotImplementedError):  # sparse or complex ones
            return not any(kind_of(g) for g in gradients)
        if not self._seen.item():
            return True
        self._found.zero_()
        return False
