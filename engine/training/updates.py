"""How far the optimizers move the parameters in a step, seen from before the step and after it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from engine.training.norms import Bundle, finite_or_inf, wide

COPIED_BYTES = 1 << 26  # at a time
MOST_BUNDLES = 64  # that are remembered; they change only where other parameters have gradients


class Trained:
    """Which parameter is trained by which optimizer. Indices are those of `named_parameters()`.

    owned: for every optimizer the indices of what it trains; one that two train belongs to the first.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], optimizers: Sequence[Optimizer]) -> None:
        self.parameters, self.optimizers = tuple(parameters), tuple(optimizers)
        self._places = {id(p): i for i, p in enumerate(parameters)}
        self.refresh()

    def refresh(self) -> None:
        """Look again at what the optimizers train: groups may have been added."""
        free = set(self._places)
        self.owned = []
        for optimizer in self.optimizers:
            ids = [id(p) for group in optimizer.param_groups for p in group["params"]]
            self.owned.append([self._places[i] for i in dict.fromkeys(ids) if i in free])
            free.difference_update(ids)

    def place(self, parameter: nn.Parameter) -> int | None:
        """The index of a parameter of the network."""
        return self._places.get(id(parameter))


class Turns:
    """Which optimizers made a step of those that could: a phase has its turn not in every step, a scaler leaves out.

    Watches only where that can happen. leaves_out: whether there is a scaler that leaves steps out.
    """

    def __init__(self, optimizers: Sequence[Optimizer], scaler: torch.amp.GradScaler | None) -> None:
        self.leaves_out = scaler is not None and scaler.is_enabled()
        self.watches = self.leaves_out or len(optimizers) > 1
        self._stepped = [not self.watches] * len(optimizers)
        self._unsure: list[tuple[int, int, Tensor]] = []
        self._hooks = [
            o.register_step_pre_hook(lambda *_, index=i: self._note(index)) for i, o in enumerate(optimizers)
        ] if self.watches else []  # fmt: skip
        self._optimizers = tuple(optimizers)
        self._left_out: list[int] = []

    def _note(self, index: int) -> None:
        self._stepped[index] = True
        # A fused optimizer is called in any case, and told by this whether to do anything.
        found = getattr(self._optimizers[index], "found_inf", None)
        if found is not None:
            self._unsure.append((index, -1, found))

    def end_step(self, step: int) -> list[bool]:
        """Whether each optimizer was called in this step; call it once after every step."""
        if not self.watches:
            return self._stepped
        stepped, self._stepped = self._stepped, [False] * len(self._optimizers)
        if self.leaves_out:
            self._unsure = [(i, step if s < 0 else s, found) for i, s, found in self._unsure]
            if not any(stepped):
                self._left_out.append(step)
        return stepped

    def take_skipped(self) -> tuple[int, ...]:
        """Steps since the last time that the scaler left out, in one transfer from the device."""
        found = set(self._left_out)
        if self._unsure:
            flags = torch.stack([flag.reshape(()) for _, _, flag in self._unsure]).cpu().tolist()
            found |= {step for (_, step, _), flag in zip(self._unsure, flags) if flag}
        self._left_out, self._unsure = [], []
        return tuple(sorted(found))

    def remove(self) -> None:
        """Watch no longer."""
        for hook in self._hooks:
            hook.remove()


class Updates:
    """Weight norms after chosen steps, and how far the step moved each parameter in proportion to it.

    A step is chosen before it is made: copies are taken as its optimizers begin, whatever happened to the parameters
    between the steps. Of large networks some parameters are measured at a time, so that copies take little memory.
    """

    def __init__(self, trained: Trained) -> None:
        self._trained = trained
        self._dtype = wide(trained.parameters)
        self._hooks: list[Any] = []
        self._before: list[_Copies] = []
        self._copied: set[int] = set()
        self._bundles: dict[tuple[int, ...], Bundle] = {}
        self._taken: list[tuple[int, np.ndarray, Tensor, Tensor]] = []
        self.seconds = 0.0  # spent inside of the step
        self._shares = _shares([p.nbytes for p in trained.parameters])
        self._turn = 0

    @property
    def is_armed(self) -> bool:
        """Whether the next step is measured."""
        return bool(self._hooks)

    def arm(self) -> None:
        """Measure the step that comes next."""
        if not self._hooks:
            now = self._shares[self._turn % len(self._shares)]
            owned = [[c for c in mine if c in now] for mine in self._trained.owned]
            self._turn += 1
            each = zip(self._trained.optimizers, owned)
            self._hooks = [o.register_step_pre_hook(partial(self._copy, mine)) for o, mine in each]

    def disarm(self) -> None:
        """Measure nothing."""
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._before, self._copied = [], [], set()

    def _copy(self, columns: list[int], _: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        began = perf_counter()
        is_made_inside = any(map(callable, (*args[1:], kwargs.get("closure"))))  # the gradient, by a closure
        parameters, copied = self._trained.parameters, self._copied
        has_grad = [parameters[c].grad is not None or (is_made_inside and parameters[c].requires_grad) for c in columns]
        chosen = tuple(c for c, has_it in zip(columns, has_grad) if has_it and c not in copied)
        if chosen:
            copied.update(chosen)
            tensors = [parameters[c].detach() for c in chosen]
            single, stacks = self._bundle(chosen, tensors).laid(tensors)
            self._before.append(_Copies(chosen, [t.clone() for t in single], stacks))
        self.seconds += perf_counter() - began

    def _bundle(self, columns: tuple[int, ...], tensors: Sequence[Tensor]) -> Bundle:
        if columns not in self._bundles:
            if len(self._bundles) > MOST_BUNDLES:
                self._bundles.clear()
            self._bundles[columns] = Bundle(tensors, self._dtype)
        return self._bundles[columns]

    def measure(self, step: int) -> None:
        """After a step that was chosen: compare."""
        for copies in self._before:
            after = [self._trained.parameters[c].detach() for c in copies.columns]
            bundle = self._bundle(copies.columns, after)
            single, stacks = bundle.laid(after)
            weights = torch.cat(bundle.norms(single, stacks))
            torch._foreach_sub_([*copies.single, *copies.stacks], [*single, *stacks])
            updates = torch.cat(bundle.norms(copies.single, copies.stacks))
            self._taken.append((step, np.array(copies.columns)[bundle.order], weights, updates))
        self.disarm()

    def take(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Steps (M,), norms of the parameters (M, P), and what the steps changed in proportion to them (M, P)."""
        taken, self._taken = self._taken, []
        steps: np.ndarray = np.unique(np.array([step for step, *_ in taken], np.int64))
        weights: np.ndarray = np.full((len(steps), len(self._trained.parameters)), np.nan, np.float32)
        ratios = weights.copy()
        if taken:
            weight, update = finite_or_inf(torch.cat([torch.stack((w, u)) for *_, w, u in taken], 1))
            rows = np.concatenate([np.full(len(c), np.searchsorted(steps, step)) for step, c, *_ in taken])
            columns = np.concatenate([columns for _, columns, *_ in taken])
            weights[rows, columns] = weight
            with np.errstate(all="ignore"):
                ratio = np.where(update == 0, 0.0, update / weight)
            ratios[rows, columns] = np.where(np.isnan(ratio), np.inf, ratio)
        return steps, weights, ratios


class _Copies(NamedTuple):
    """Parameters of an optimizer before it stepped, laid out by a `Bundle`."""

    columns: tuple[int, ...]
    single: list[Tensor]
    stacks: list[Tensor]


def _shares(sizes: Sequence[int]) -> list[range]:
    """Neighbours that are copied together: as many as fit into `COPIED_BYTES`, at least one."""
    found, first, total = [], 0, 0
    for index, size in enumerate(sizes):
        if total + size > COPIED_BYTES and index > first:
            found.append(range(first, index))
            first, total = index, 0
        total += size
    return [*found, range(first, len(sizes))]
