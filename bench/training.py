"""Samples per second of a training run against the loop that one would write by hand, and what measuring costs.

The plain loop is the tutorial's: a DataLoader over a TensorDataset, Adam, zero_grad, backward, step, loss.item().
Runs are drained thirty times a second, as the window does. Every figure is a ratio of interleaved repeats.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from engine.analysis.infer import infer
from engine.codegen.script import script
from engine.document.project import MAIN, Project
from engine.graph.block import Block
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers.base import Layer
from engine.recipe.base import Dataset, Optimizer
from engine.recipe.recipe import Recipe
from engine.training.events import Event, Paused, Started, Steps
from engine.training.run import Mode, TrainingRun

REPEATS = 15
SECONDS = 0.5
EPOCHS = 1_000_000
DRAIN_SECONDS = 1 / 30
BATCH = 32


def chain(*layers: Layer) -> Graph:
    """Layers one after another."""
    nodes = {NodeId(f"n{i}"): Node(NodeId(f"n{i}"), f"layer{i}", layer) for i, layer in enumerate(layers)}
    edges = []
    for before, after in zip(list(nodes.values()), list(nodes.values())[1:]):
        edges.append(Edge(before.id, before.layer.ports_out()[0].name, after.id, after.layer.ports_in()[0].name))
    return Graph(nodes, frozenset(edges), len(nodes))


def project(dataset: Dataset, epochs: int, *between: tuple[str, dict[str, Any]]) -> Project:
    """A network of these layers between an Input and an Output, trained by Adam without validation."""
    layers = [Layer.registry[key](**options) for key, options in between]
    graph = chain(Layer.registry["Input"](), *layers, Layer.registry["Output"]())
    adam = Optimizer.registry["Adam"]()
    recipe = Recipe(
        dataset=dataset, optimizer=adam, epochs=epochs, batch_size=BATCH, validation=0.0, metrics=(), device="cpu"
    )
    return Project(blocks={MAIN: Block(MAIN, "Model", (), graph)}, recipe=recipe)


def tiny_mlp(epochs: int) -> Project:
    linear, relu = ("Linear", {"out_features": 64}), ("ReLU", {})
    data = Dataset.registry["TwoMoons"](samples=10_000)
    return project(data, epochs, linear, relu, linear, relu, ("Linear", {"out_features": 2}))


def small_cnn(epochs: int) -> Project:
    pool, relu = ("MaxPool2d", {"kernel_size": 2}), ("ReLU", {})
    convolutions = [("Conv2d", {"out_channels": n, "kernel_size": 3, "padding": 1}) for n in (16, 32)]
    data = Dataset.registry["Digits"]()
    parts = (
        convolutions[0],
        relu,
        pool,
        convolutions[1],
        relu,
        pool,
        ("Flatten", {}),
        ("Linear", {"out_features": 10}),
    )
    return project(data, epochs, *parts)


def plain_mlp() -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)
    )  # fmt: skip


def plain_cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip


class PlainLoop:
    """The loop of the tutorials, in slices."""

    def __init__(self, model: nn.Module, data: TensorDataset) -> None:
        self._samples = self._train(model, data)

    def __call__(self, seconds: float) -> float:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            done += next(self._samples)
        return done / (time.perf_counter() - began)

    def _train(self, model: nn.Module, data: TensorDataset) -> Iterator[int]:
        loader = DataLoader(data, batch_size=BATCH, shuffle=True)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        criterion = nn.CrossEntropyLoss()
        total = 0.0
        model.train()
        while True:
            for inputs, targets in loader:
                optimizer.zero_grad()
                loss = criterion(model(inputs), targets)
                loss.backward()
                optimizer.step()
                total += loss.item()
                yield len(targets)


class RunInSlices:
    """A TrainingRun that is resumed for a slice of time and paused again, drained as the window does."""

    def __init__(self, given: Project, held: ExitStack, *, mode: Mode = "thread", norms: bool = True) -> None:
        folder = held.enter_context(tempfile.TemporaryDirectory())
        source = script(given, infer(given))
        run = TrainingRun(given, source=source, runs_dir=folder, mode=mode, norms=norms, shares=True)
        self._run = held.enter_context(run)
        self._samples = given.recipe.dataset.features().samples
        self._steps_per_epoch = self._step = 0
        self.shares: list[float] = []
        self._run.pause()
        self._run.start()
        self._until_paused()

    def __call__(self, seconds: float) -> float:
        before, began = self._step, time.perf_counter()
        self._run.resume()
        while time.perf_counter() - began < seconds:
            time.sleep(DRAIN_SECONDS)
            self._take(self._run.drain())
        self._run.pause()
        spent = time.perf_counter() - began  # the pause takes effect after the step under way
        self._until_paused()
        return (self._step - before) / self._steps_per_epoch * self._samples / spent

    def _until_paused(self) -> None:
        for event in self._run.events():
            self._take([event])
            if isinstance(event, Paused):
                self._step = event.step
                return
        raise RuntimeError(f"the run ended: {event}")

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Started):
                self._steps_per_epoch = event.steps_per_epoch
            elif isinstance(event, Steps):
                self.shares.append(event.measuring_share)


def held(given: Project) -> TensorDataset:
    """The project's own training data, as the plain loop wants it."""
    namespace: dict[str, Any] = {"__name__": "bench"}
    exec(script(given, infer(given)).text, namespace)
    return TensorDataset(*namespace["setup"]().train_data)


class LightningLoop:
    """Lightning's Trainer with its decorations switched off; every slice is a fit of its own."""

    def __init__(self, model: nn.Module, data: TensorDataset) -> None:
        self._model, self._data = model, data

    def __call__(self, seconds: float) -> float:
        import lightning

        class Module(lightning.LightningModule):
            def __init__(self, model: nn.Module) -> None:
                super().__init__()
                self.model = model

            def training_step(self, batch: Any, _: int) -> torch.Tensor:
                return nn.functional.cross_entropy(self.model(batch[0]), batch[1])

            def configure_optimizers(self) -> torch.optim.Optimizer:
                return torch.optim.Adam(self.parameters(), lr=1e-3)

        trainer = lightning.Trainer(
            max_time={"seconds": seconds}, accelerator="cpu", logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False, max_epochs=-1,
        )  # fmt: skip
        began = time.perf_counter()
        trainer.fit(Module(self._model), DataLoader(self._data, batch_size=BATCH, shuffle=True))
        return float(trainer.global_step * BATCH / (time.perf_counter() - began))


def compared(
    name: str, given: Project, model: nn.Module, targets: tuple[float, float], repeats: int, seconds: float
) -> list[dict[str, Any]]:
    """All contestants on one network, in turn, so that a busy moment of the machine hits all alike."""
    data = held(given)
    with ExitStack() as stack:
        in_thread = RunInSlices(given, stack)
        contestants: dict[str, Callable[[float], float]] = {
            "plain": PlainLoop(model, data),
            "thread": in_thread,
            "bare": RunInSlices(given, stack, norms=False),
            "process": RunInSlices(given, stack, mode="process"),
        }
        if find_spec("lightning"):
            contestants["Lightning"] = LightningLoop(model, data)
        found: dict[str, list[float]] = {contestant: [] for contestant in contestants}
        for turn in range(repeats + 1):
            for contestant, speed in contestants.items():
                value = speed(seconds)
                if turn:  # the first turn pays for what is done once
                    found[contestant].append(value)

    def ratio(above: str, below: str = "plain") -> float:
        return statistics.median(a / b for a, b in zip(found[above], found[below]))

    share = 100 * statistics.median(in_thread.shares)
    rows = [
        row(f"{name}: plain loop", statistics.median(found["plain"]), "samples/s"),
        row(f"{name}: run in a thread / plain loop", ratio("thread"), "x", f">= {targets[0]}"),
        row(f"{name}: run in a process / plain loop", ratio("process"), "x", f">= {targets[1]}"),
        row(f"{name}: time with norms / without", ratio("bare", "thread"), "x", "<= 1.03"),
        row(f"{name}: share of measuring, by the run itself", share, "%", "<= 3"),
    ]
    if "Lightning" in found:
        rows.append(row(f"{name}: Lightning / plain loop", ratio("Lightning"), "x"))
    return rows


def run(repeats: int = REPEATS, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Rows of {"what", "value", "unit", "target"}; a ratio is the median over the repeats."""
    torch.set_num_threads(1)
    return [
        *compared("tiny MLP", tiny_mlp(EPOCHS), plain_mlp(), (1.3, 1.6), repeats, seconds),
        *compared("small CNN", small_cnn(EPOCHS), plain_cnn(), (1.1, 1.1), repeats, seconds),
    ]


def row(what: str, value: float | str, unit: str, target: str = "") -> dict[str, Any]:
    return {"what": what, "value": value, "unit": unit, "target": target}


if __name__ == "__main__":
    for line in run():
        print(f"{line['what']:<55} {line['value']:>12,.3f} {line['unit']:<10} {line['target']}")
