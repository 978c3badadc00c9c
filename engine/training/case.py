"""What a diagnosis knows of a run: the project it trains, what it has told, and the last of its measurements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine.document.project import Project
from engine.errors import Problem, Repair
from engine.graph.graph import BlockId, NodeId
from engine.training.events import NodePath
from engine.training.history import History

RECENT = 20
"""Measurements that count as now."""
SPANS = 256


@dataclass(frozen=True)
class Finding(Problem):
    """Something that a run shows: what was seen (message), why it matters (hint), and after which step.

    rule: its name. source: where the threshold comes from. Repairs are edits of the project, for the next run.
    """

    rule: str = ""
    source: str = ""
    step: int = 0


@dataclass(frozen=True)
class Rule:
    """One thing that goes wrong. judge: what is said of a case, None where all is well."""

    name: str
    source: str
    judge: Callable[[Case], Said | None]


@dataclass(frozen=True)
class Said:
    """What a rule found, before it has its place."""

    message: str
    hint: str
    path: NodePath = ()
    repairs: tuple[Repair, ...] = field(default=())


class Case:
    """One run, as the rules see it. Everything is small: medians over the last measurements."""

    def __init__(self, project: Project, history: History) -> None:
        self.project, self.history = project, history
        started = history.started
        self.parameters = started.parameters if started else ()
        self.nodes = started.nodes if started else ()

    @property
    def step(self) -> int:
        return self.history.step

    @property
    def steps_done(self) -> int:
        """Steps that this run itself has made."""
        return len(self.history.loss)

    @cached_property
    def weights(self) -> np.ndarray:
        """Shape (W,): which parameters are weights, in the order of the code: no biases, no scales of a norm layer."""
        last = [name.rpartition(".")[2] for name in self.parameters]
        is_weight = np.array([word.startswith(("weight", "in_proj_weight", "original")) for word in last], bool)
        norms = {path for path in set(self.nodes) if path and self.category(path) == "normalisation"}
        is_norm = np.array([path in norms for path in self.nodes], bool)
        return np.flatnonzero(is_weight & ~is_norm) if len(last) else np.empty(0, np.int64)

    def recent(self, quantity: str) -> np.ndarray:
        """Shape (P,): the median of the last measurements of a quantity; NaN where there are none."""
        return _median(self.history.norm_log.values(quantity)[:, -RECENT:])

    def early(self, quantity: str) -> np.ndarray:
        """The same of its first measurements."""
        return _median(self.history.norm_log.values(quantity)[:, :RECENT])

    def measured(self, quantity: str) -> int:
        """How many measurements there are."""
        return self.history.norm_log.values(quantity).shape[1]

    @property
    def has_phases(self) -> bool:
        """Whether parts are trained in turn: then no single loss says how well it goes."""
        return bool(self.project.recipe.parts())

    @property
    def raw_gradient(self) -> str:
        """The quantity that tells gradients as they came out of the backward pass."""
        return "before" if self.measured("before") else "gradient"

    @property
    def is_at_full_rate(self) -> bool:
        """Whether the learning rate is near its greatest: at the end of a schedule small updates are meant."""
        for rate in self.history.rates:
            values = rate.stretch()
            if len(values.x) and rate.last and rate.last[1] < 0.5 * float(np.nanmax(values.high)):
                return False
        return True

    def smoothed(self, keep: float = 0.95) -> np.ndarray:
        """The loss of every step, smoothed; shape (S,)."""
        return self.history.loss.smoothed(-np.inf, np.inf, SPANS, keep)[1]

    def category(self, path: NodePath) -> str:
        """The kind of layer at a place: "normalisation"; "" if the project has none there any more."""
        block, node = path[-1]
        found = self.project.blocks.get(BlockId(block))
        layer = found.graph.nodes.get(NodeId(node)) if found else None
        return layer.layer.category if layer else ""

    def name(self, path: NodePath) -> str:
        """The names on the way to a node: "stage.conv1"."""
        return ".".join(self.project.node(NodeId(node), BlockId(block)).name for block, node in path)


def found_by(rule: Rule, case: Case) -> Finding | None:
    """What a rule says of a case."""
    said = rule.judge(case)
    if said is None:
        return None
    block, node = said.path[-1] if said.path else ("", "")
    path = case.name(said.path) if said.path else ""
    return Finding(
        "warning", said.message, said.hint, block, node, "", path, "", said.repairs, rule.name, rule.source, case.step
    )


def worst(values: Mapping[NodePath, float]) -> tuple[NodePath, float]:
    """The node with the largest value."""
    path = max(values, key=lambda each: values[each])
    return path, values[path]


def _median(values: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.full(len(values), np.nan)
    known = ~np.isnan(values).all(axis=1) if values.shape[1] else np.zeros(len(values), bool)
    if known.any():
        found[known] = np.nanmedian(values[known], axis=1)
    return found
