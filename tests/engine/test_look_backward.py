"""The time that each layer takes backward is that of its own operations, no more and no less."""

import numpy as np

from engine.document.edits import Batch
from engine.document.weight_edits import SetWeights
from engine.training.looked import FIGURES, Look
from engine.training.looks import Looks
from tests.engine.looking import example, looked, path_to
from tests.engine.runs import code, layer, moons

SPIN_S = 0.02
SLOW = f"""
def slow(x):
    import time

    import torch

    class Slow(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            end = time.perf_counter() + {SPIN_S}
            while time.perf_counter() < end:
                pass
            return gradient

    return Slow.apply(x)
"""


def backward(project) -> dict:
    event, _, _, _ = looked(project, Look(times=True))
    looks = Looks()
    looks.take(event)
    return looks.figure("backward")


def test_a_layer_that_is_slow_backward_has_its_time_and_its_neighbours_do_not():
    project = moons(code(SLOW))
    found = backward(project)
    slow = found.pop(path_to(project, "middle0"))
    assert slow >= SPIN_S
    assert {path[0][1] for path in found} >= {"first", "act", "last"}
    assert all(0 < value < slow for value in found.values())


def test_a_block_takes_as_long_as_what_is_in_it_and_every_repeat_counts():
    project = example("digits-cnn")
    event, _, _, _ = looked(project, Look(times=True))
    column = dict(zip(event.spots, event.figures[:, FIGURES.index("backward")].tolist(), strict=True))
    stage = path_to(project, "stage")
    repeats = {spot.module: value for spot, value in column.items() if spot.path == stage}
    inside = {m: sum(v for s, v in column.items() if s.path[:1] == stage and s.module == m and len(s.path) == 2
                     and not np.isnan(v)) for m in ("stage.0", "stage.1", "stage.2")}  # fmt: skip
    for module, value in inside.items():
        assert repeats[module] >= value * 0.999
        assert value > 0
    assert repeats[""] >= sum(inside.values()) * 0.999


def test_what_nothing_goes_back_through_has_no_time():
    project = moons(layer("Linear", out_features=8))
    ids = {n.name: n.id for n in project.block().graph.nodes.values()}
    found = backward(Batch("Freeze", (SetWeights([ids["first"]], "frozen", True, project.main),))(project))
    named = {path[0][1] for path in found}
    assert str(ids["last"]) in named
    assert {str(ids["x"]), str(ids["first"]), str(ids["act"])}.isdisjoint(named)


def test_without_being_asked_nothing_goes_backward():
    event, _, _, _ = looked(moons())
    assert np.isnan(event.figures[:, FIGURES.index("backward")]).all()
