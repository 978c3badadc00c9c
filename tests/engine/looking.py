"""A look, and the same by hand, for tests."""

from pathlib import Path

import numpy as np
import pytest

from engine.document.files import load
from engine.training.look_now import Untrained
from engine.training.looked import (
    FIGURES,
    GREATEST_OCTAVE,
    LEAST_OCTAVE,
    OCTAVES,
    Look,
    Looked,
)

EXAMPLES = Path(__file__).parents[2] / "resources" / "examples"


def example(name):
    return load(EXAMPLES / f"{name}.netsmith")


def path_to(project, *names):
    """The path of a node by names, from the main block down."""
    found, block = [], project.block()
    for name in names:
        node = block.graph.by_name(name)
        found.append((str(block.id), str(node.id)))
        inner = getattr(node.layer, "block", "")
        block = project.block(inner) if inner else block
    return tuple(found)


def looked(project, look=None, *, change=lambda model: None):
    """One look into the untrained network, the model that it was, and the batch; all events."""
    there = Untrained(project, trusted=True)
    run = there._looker.run
    change(run.model)
    events = there.look(look or Look())
    event = next(e for e in events if isinstance(e, Looked))
    assert event.problem == ""
    data = run.parts["validation_data"]
    return event, run.model.eval(), tuple(t[:64] for t in data), events


def row_of(event, path, module="", turn=0):
    spot = next(s for s in event.spots if s.path == path and s.module == module and s.turn == turn)
    return dict(zip(FIGURES, event.figures[event.spots.index(spot)].tolist(), strict=True))


def by_hand(x, ends=None, units=1):
    """Every figure of a tensor, computed in numpy."""
    v = x.detach().numpy().astype(np.float64)
    each = np.moveaxis(v, units, -1).reshape(-1, v.shape[units])
    found = {"mean": v.mean(), "std": v.std(), "low": v.min(), "high": v.max(), "bad": 0.0}
    found |= {"zeros": (v == 0).mean(), "dead": (each == 0).all(0).mean(), "bytes": x.numel() * x.element_size()}
    if ends:
        margin = (ends[1] - ends[0]) / 100
        found["saturated"] = ((v <= ends[0] + margin) | (v >= ends[1] - margin)).mean()
    return found


def assert_figures(row, x, ends=None, units=1):
    for name, value in by_hand(x, ends, units).items():
        assert row[name] == pytest.approx(value, rel=1e-4, abs=1e-6), name


def assert_same_histogram(histogram, x):
    values = x.detach().double().numpy().ravel()
    edge = 2.0**histogram.exponent
    assert np.abs(values).max() <= edge
    np.testing.assert_array_equal(histogram.linear, np.histogram(values, bins=128, range=(-edge, edge))[0])
    octave = np.clip(np.frexp(values[values != 0])[1], LEAST_OCTAVE, GREATEST_OCTAVE) - LEAST_OCTAVE
    np.testing.assert_array_equal(histogram.octaves, np.bincount(octave, minlength=OCTAVES))
    assert histogram.zeros == (values == 0).sum()
