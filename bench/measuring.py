"""What measuring costs: all that is always on, against measuring nothing, and against what one would write instead.

Deep networks of 50 and 200 layers on the CPU, whose steps are spent on many small tensors: the hardest case. Every
contestant trains the same network on the same batches in slices that are interleaved, so that a busy moment of the
machine hits all alike; a figure is the median of the ratios of neighbouring slices.

The others measure at every step, as ours would if it cost nothing: a hook for each gradient with a histogram (what
wandb.watch registers), TensorBoard's add_histogram for each parameter, Lightning's grad_norm, and a loop of `.item()`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from bench.__main__ import shown
from bench.training import EPOCHS, RunInSlices, project, row
from engine.document.project import Project
from engine.recipe.base import Dataset
from engine.training.finite import FiniteCheck

REPEATS = 9
TWINS = 3  # runs of the same kind: where its memory happens to lie makes one up to some hundredths faster than another
SECONDS = 0.5
WIDTH = 64
BATCH = 32
DEPTHS = (50, 200)
BINS = 64
FINITE = "whether gradients are finite, before every step"
PACKAGES = {"tensorboard": "TensorBoard histograms", "lightning": "Lightning's grad_norm"}
"""Those that come with the bench extra; one that is not there is a row that says so."""

Look = Callable[[nn.Module, int], None]


def deep(layers: int) -> Project:
    """Linear layers of the same width with a ReLU behind each."""
    between = [part for _ in range(layers - 1) for part in (("Linear", {"out_features": WIDTH}), ("ReLU", {}))]
    data = Dataset.registry["TwoMoons"](samples=10_000)
    return project(data, EPOCHS, *between, ("Linear", {"out_features": 2}))


def plain(layers: int) -> nn.Module:
    """The same by hand."""
    widths = [2, *([WIDTH] * (layers - 1))]
    hidden = [part for a, b in pairwise(widths) for part in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(widths[-1], 2))


class Loop:
    """The loop that one would write, with something that looks at the gradients of every step."""

    def __init__(self, layers: int, look: Look | None, prepare: Callable[[nn.Module], None] | None = None) -> None:
        torch.manual_seed(0)
        model = plain(layers)
        if prepare:
            prepare(model)
        self._steps = self._train(model, look)

    def __call__(self, seconds: float) -> float:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            next(self._steps)
            done += 1
        return done / (time.perf_counter() - began)

    def _train(self, model: nn.Module, look: Look | None) -> Iterator[float]:
        inputs, targets = torch.randn(10_000, 2), torch.randint(2, (10_000,))
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        step = 0
        while True:
            batch = torch.randint(10_000, (BATCH,))
            loss = nn.functional.cross_entropy(model(inputs[batch]), targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if look:
                look(model, step)
            yield loss.item()


def naive(model: nn.Module, step: int) -> None:
    """Gradient and weight norms, one number at a time."""
    for p in model.parameters():
        if p.grad is not None:
            p.grad.norm().item()
            p.detach().norm().item()


def watch(model: nn.Module) -> None:
    """A hook for every gradient that makes a histogram of it, as wandb.watch(log="gradients") registers."""

    def histogram(gradient: Tensor) -> None:
        flat = gradient.detach().reshape(-1)
        low, high = flat.min().item(), flat.max().item()
        torch.histc(flat, BINS, low, high).cpu().tolist()

    for p in model.parameters():
        p.register_hook(histogram)


def boards(folder: Path) -> Look:
    """TensorBoard's writer, a histogram of every parameter and gradient."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder))

    def look(model: nn.Module, step: int) -> None:
        for name, p in model.named_parameters():
            writer.add_histogram(name, p.detach(), step)
            writer.add_histogram(f"{name}.grad", p.grad, step)

    return look


def lightning_norms() -> Look:
    """Lightning's own function, and the numbers fetched as its loggers do."""
    from lightning.pytorch.utilities import grad_norm

    def look(model: nn.Module, step: int) -> None:
        {name: float(value) for name, value in grad_norm(model, 2).items()}

    return look


def finite() -> Look:
    """Whether the gradients are finite, as our runs look before every step, in turns where that took too long."""
    checks: list[FiniteCheck] = []
    last = time.perf_counter()

    def look(model: nn.Module, step: int) -> None:
        nonlocal last
        if not checks:
            checks.append(FiniteCheck(list(model.parameters())))
        now = time.perf_counter()
        checks[0].are_finite(now - last)
        last = time.perf_counter()

    return look


class Twins:
    """Several runs of the same kind, which take turns."""

    def __init__(self, given: Project, stack: ExitStack, *, norms: bool) -> None:
        self._runs = [RunInSlices(given, stack, norms=norms) for _ in range(TWINS)]

    def __call__(self, seconds: float) -> float:
        return statistics.fmean(run(seconds) for run in self._runs)

    @property
    def share(self) -> float:
        """Of measuring, by what the runs say themselves; at first they look for their pace."""
        return statistics.median(share for run in self._runs for share in run.shares[len(run.shares) // 5 :])


def contestants(layers: int, stack: ExitStack) -> tuple[Twins, Twins, dict[str, Callable[[float], float]]]:
    """Ours with and without what is always measured, and the others by name."""
    given = deep(layers)
    found: dict[str, Callable[[float], float]] = {
        "loop": Loop(layers, None),
        FINITE: Loop(layers, finite()),
        "a loop of .norm().item()": Loop(layers, naive),
        "hooks with histograms, as wandb.watch": Loop(layers, None, watch),
    }
    if not missing("tensorboard"):
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found[PACKAGES["tensorboard"]] = Loop(layers, boards(folder))
    if not missing("lightning"):
        found[PACKAGES["lightning"]] = Loop(layers, lightning_norms())
    return Twins(given, stack, norms=True), Twins(given, stack, norms=False), found


def missing(package: str) -> bool:
    """Whether a contestant cannot be measured, since its package is not there."""
    return find_spec(package) is None


def in_turn(every: dict[str, Callable[[float], float]], repeats: int, seconds: float) -> dict[str, list[float]]:
    """Samples per second of each, slice by slice; the first slices pay for what is done once."""
    for _ in range(2):
        for speed in every.values():
            speed(seconds)
    rounds = [{name: speed(seconds) for name, speed in every.items()} for _ in range(repeats)]
    return {name: [one[name] for one in rounds] for name in every}


def compared(layers: int, repeats: int, seconds: float) -> list[dict[str, Any]]:
    """All contestants on one depth, in turn."""
    with ExitStack() as stack:
        ours, bare, others = contestants(layers, stack)
        # Apart from the others, which leave memory and caches to whoever comes next in a state of their making.
        speeds = in_turn({"ours": ours, "bare": bare}, repeats, seconds)
        share = 100 * ours.share
        speeds |= in_turn(others, repeats, seconds)

    def cost(name: str, without: str) -> float:
        return 100 * (statistics.median(a / b for a, b in zip(speeds[without], speeds[name])) - 1)

    name = f"{layers} layers"
    rows = [
        row(f"{name}: a step without measuring", BATCH * 1000 / statistics.median(speeds["bare"]), "ms"),
        row(f"{name}: all that is always measured, by the wall clock", cost("ours", "bare"), "%", "<= 3"),
        row(f"{name}: the same, by the run itself", share, "%", "<= 3"),
    ]
    rows.append(row(f"{name}: {FINITE}", cost(FINITE, "loop"), "%", "<= 1"))
    rivals = [rival for rival in others if rival not in ("loop", FINITE)]
    rows += [row(f"{name}: {rival}, at every step", cost(rival, "loop"), "%") for rival in rivals]
    absent = [label for package, label in PACKAGES.items() if missing(package)]
    return rows + [row(f"{name}: {label}, at every step", "not installed", "") for label in absent]


def run(repeats: int = REPEATS, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Rows of {"what", "value", "unit", "target"}."""
    torch.set_num_threads(1)
    return [line for layers in DEPTHS for line in compared(layers, repeats, seconds)]


if __name__ == "__main__":
    for line in run():
        print(f"{line['what']:<70} {shown(line['value']):>14} {line['unit']:<10} {line['target']}")
