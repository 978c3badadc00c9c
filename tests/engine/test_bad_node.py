"""A planted NaN or infinity, wherever it is, stops the run at that batch and is named exactly."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.recipe.base import Dataset
from engine.recipe.losses import CrossEntropyLoss, NoLoss
from engine.recipe.recipe import Recipe
from engine.training.events import Ended, Failed
from engine.training.run import TrainingRun
from tests.engine.networks import block, chain, graph, project
from tests.engine.runs import code, end_of, finished, layer, moons

DIVIDES = "def bad(x):\n    return x / (x - x)\n"
LOGARITHM = "def bad(x):\n    return torch.log(x)\n"
OVERFLOWS = "def bad(x):\n    return torch.exp(x.abs() + 1000)\n"
ROOT = "def bad(x):\n    return torch.sqrt(x * 0) + x\n"
LATE = "def bad(x):\n    return torch.where(torch.rand(()) < 2, torch.acos(x.abs() + 2), x)\n"
MASKS = "def masks(x):\n    return torch.softmax(torch.where(x > 0, x, -torch.inf).amax() + x, 1)\n"


def failure(given, tmp_path) -> Failed:
    with TrainingRun(given, trusted=True, runs_dir=tmp_path) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed), ending
    assert ending.bad is not None, ending.message
    return ending


def staged(inner, *, repeat=2, shared=False):
    """Two moons through a block of so many repeats."""
    main = chain(
        x=Input(),
        wide=layer("Linear", out_features=8),
        stage=BlockLayer(block="stage", repeat=repeat, shared=shared),
        last=layer("Linear", out_features=2),
        out=Output(),
    )
    recipe = Recipe(dataset=Dataset.registry["TwoMoons"](samples=100), epochs=2, device="cpu")
    return project(main, block("stage", inner), recipe=recipe)


ALONG = [
    ("divides", (code(DIVIDES),), "middle0", "forward"),
    ("logarithm", (layer("Tanh"), code(LOGARITHM)), "middle1", "forward"),
    ("overflow", (code(OVERFLOWS),), "middle0", "forward"),
    ("overflow before others", (code(OVERFLOWS), layer("Linear", out_features=4)), "middle0", "forward"),
    ("after dropout", (layer("Dropout"), code("def bad(x):\n    return 1 / x\n")), "middle1", "forward"),
    ("drawn", (code(LATE),), "middle0", "forward"),
    ("before a norm", (code(DIVIDES), layer("LayerNorm")), "middle0", "forward"),
    ("after a mask", (code(MASKS), code(DIVIDES)), "middle1", "forward"),
    ("root", (code(ROOT),), "middle0", "backward"),
    ("root before others", (code(ROOT), layer("Tanh"), layer("Linear", out_features=4)), "middle0", "backward"),
    ("root after dropout", (layer("Dropout"), code(ROOT)), "middle1", "backward"),
    ("two roots", (code(ROOT), layer("Tanh"), code(ROOT)), "middle2", "backward"),
    ("slope of a power", (code("def bad(x):\n    return (x * 0) ** 0.5 + x\n"),), "middle0", "backward"),
    (
        "hidden slope",
        (code("def bad(x):\n    return torch.where(x * 0 > 0, (x * 0).log(), x)\n"),),
        "middle0",
        "backward",
    ),
]


@pytest.mark.parametrize(("middle", "name", "way"), [c[1:] for c in ALONG], ids=[c[0] for c in ALONG])
def test_a_bad_layer_is_named(middle, name, way, tmp_path):
    ending = failure(moons(*middle), tmp_path)
    assert (ending.bad.name, ending.bad.way, ending.path) == (name, way, (("main", name),))
    assert "step 1," in ending.message
    assert ending.message.endswith(f"was {name}.")
    kept = load_file(ending.bad.file)
    assert kept.keys() == {given.name for given in ending.bad.inputs}
    assert all(kept[given.name].shape == given.shape for given in ending.bad.inputs)


@pytest.mark.parametrize("option", [{"clip": 1.0}, {"accumulate": 2}], ids=["clipped", "accumulated"])
def test_a_bad_gradient_is_named_however_it_is_used(option, tmp_path):
    assert failure(moons(code(ROOT), **option), tmp_path).bad.name == "middle0"


@pytest.mark.parametrize(("bad", "way"), [(DIVIDES, "forward"), (ROOT, "backward")])
def test_the_first_of_the_repeats_is_named(bad, way, tmp_path):
    inner = chain(x=Input(), deep=layer("Linear", out_features=8), bad=code(bad), out=Output())
    ending = failure(staged(inner), tmp_path)
    assert ending.bad.name == f"stage.{0 if way == 'forward' else 1}.bad"
    assert ending.path == (("main", "stage"), ("stage", "bad"))
    assert (ending.block, ending.node) == ("stage", "bad")
    assert ending.bad.way == way


def test_a_result_that_is_too_large_is_named_and_not_what_was_made_of_it(tmp_path):
    large = code("def large(x):\n    return x * 1e30\n")
    ending = failure(moons(large, code("def bad(x):\n    return x * x * 1e9\n")), tmp_path)
    assert ending.bad.name == "middle1"
    assert [given.bad for given in ending.bad.inputs] == [0]


def test_the_data_are_named(tmp_path, monkeypatch):
    own = torch.tensor

    def planted(data, *args, **named):
        made = own(data, *args, **named)
        if isinstance(data, np.ndarray) and made.is_floating_point():
            made[3] = torch.nan
        return made

    monkeypatch.setattr(torch, "tensor", planted)
    ending = failure(moons(batch_size=100), tmp_path)
    assert (ending.bad.name, ending.path) == ("x", (("main", "x"),))
    assert ending.bad.inputs[0].bad == 2


def test_the_second_of_two_outputs_is_looked_at(tmp_path):
    parts = {"x": Input(), "first": layer("Linear", out_features=2), "out": Output(), "bad": code(DIVIDES)}
    main = graph({**parts, "other": Output()}, "x -> first", "first -> out", "first -> bad", "bad -> other")
    losses = (NoLoss(), CrossEntropyLoss())
    recipe = Recipe(dataset=Dataset.registry["TwoMoons"](samples=100), epochs=1, device="cpu", losses=losses)
    given = project(main, recipe=recipe)
    assert failure(given, tmp_path).bad.name == "bad"


def test_what_is_masked_by_infinity_and_finite_again_stops_nothing(tmp_path):
    with TrainingRun(moons(code(MASKS), epochs=1), trusted=True, runs_dir=tmp_path) as run:
        assert isinstance(end_of(finished(run)), Ended)


FAR = "def far(x):\n    x = x[:, 0] * 0\n    return torch.stack((x + 3e38, x - 3e38), 1)\n"


def test_a_loss_that_is_infinite_of_a_finite_result_is_named(tmp_path):
    main = chain(x=Input(), first=layer("Linear", out_features=2), far=code(FAR), out=Output())
    recipe = Recipe(dataset=Dataset.registry["TwoMoons"](samples=100), epochs=1, device="cpu")
    ending = failure(project(main, recipe=recipe), tmp_path)
    assert (ending.bad.name, ending.path) == ("the loss", ())
    assert "What the network gave was finite." in ending.message
