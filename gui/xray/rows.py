"""Parameters of a run, gathered by the module that holds them, and what several tensors measure together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.events import NodePath, Started
from engine.training.norm_log import NormLog
from gui.plots.thinning import Floats


@dataclass(frozen=True)
class Rows:
    """Modules in the order of the code: names, the node each belongs to, and which parameters it holds."""

    names: list[str]
    nodes: list[NodePath]
    members: list[np.ndarray]


def rows_of(started: Started) -> Rows:
    """One row for every module that holds parameters: "stage.0.conv" for its weight and bias."""
    found: dict[str, list[int]] = {}
    for index, parameter in enumerate(started.parameters):
        found.setdefault(parameter.rpartition(".")[0] or parameter, []).append(index)
    members = [np.array(indices) for indices in found.values()]
    return Rows(list(found), [started.nodes[indices[0]] for indices in members], members)


def parameters_of(started: Started) -> Rows:
    """One row for every parameter."""
    members = [np.array([index]) for index in range(len(started.parameters))]
    return Rows(list(started.parameters), list(started.nodes), members)


def together(norms: Floats) -> Floats:
    """The norm of several tensors as one. norms: shape (P, C). Returns: shape (C,), NaN where none has a value."""
    nothing = np.isnan(norms).all(axis=0)
    total = np.sqrt(np.nansum(np.square(norms, dtype=np.float64), axis=0))
    total[nothing] = np.nan
    return total


def latest(log: NormLog, quantity: str, rows: Rows) -> Floats:
    """What is known last of every row, shape (R,): NaN where nothing is. A ratio is that of all its tensors as one."""
    values = log.latest(quantity)[:, None]
    if quantity != "ratio":
        return np.array([together(values[members])[0] for members in rows.members])
    weights = log.latest("weight")[:, None]
    return np.array([ratio_together(values[members], weights[members])[0] for members in rows.members])


def ratio_together(ratios: Floats, weights: Floats) -> Floats:
    """How far several tensors moved as one, in proportion to their norm as one.

    ratios, weights: shape (P, C), of each. Returns: shape (C,), NaN where none was measured.
    """
    with np.errstate(invalid="ignore"):
        moved = ratios * weights
    moved[ratios == 0] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        found = together(moved) / together(np.where(np.isnan(ratios), np.nan, weights))
    return np.where(np.isnan(found) & ~np.isnan(ratios).all(axis=0), np.inf, found)
