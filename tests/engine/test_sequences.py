"""Samples of different lengths: batches that differ in their steps, and networks that take them."""

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.script import script
from engine.document.project import Project
from engine.errors import DataError
from engine.layers.control import Scan
from engine.layers.index import Select
from engine.layers.linear import Linear
from engine.layers.recurrent import GRU
from engine.recipe.sequences import SignSequences
from engine.recipe.transforms import Standardise
from tests.engine.cells import rnn_cell
from tests.engine.drawing import Drawing

DATA = SignSequences(samples=60, longest=12)


def reader(**recipe) -> Project:
    d, cell = Drawing("Reader"), rnn_cell()
    last = d.control("cell", Scan(block=cell.id), d.input("signs"), of=(cell,)).h
    d.output("answer", d.add("head", Linear(out_features=2), last))
    return d.project(**{"dataset": DATA, "batch_size": 10, "device": "cpu", "epochs": 1} | recipe)


def namespace(project: Project) -> dict:
    return build(script(project, infer(project)))


def test_an_input_takes_the_free_size_of_its_data():
    analysis = infer(reader())
    assert analysis.is_valid
    assert str(analysis.main.inputs[0]) == "B × T × 1"


@pytest.mark.parametrize("shuffle", [True, False])
def test_every_sample_comes_once_and_batches_differ_in_their_steps(shuffle):
    space = namespace(reader(shuffle=shuffle, validation=0.0))
    data = space["load_data"]()
    data = (*data[0], *data[1])
    parts = list(space["batches"](data, *([3] if shuffle else [])))
    assert sum(len(answer) for _, answer in parts) == 60
    assert len({signs.shape[1] for signs, _ in parts}) > 2
    assert sum(int(signs.sum()) for signs, _ in parts) == int(data[0].sum())


@pytest.mark.parametrize("question", ["majority", "parity", "first"])
def test_the_answer_is_that_of_the_sequence_without_its_zeros(question):
    project = reader(dataset=DATA.with_(question=question))
    (signs,), (answer,) = namespace(project)["load_data"]()
    for row, said in zip(signs[:, :, 0], answer):
        there = row[row != 0]
        wanted = {"majority": there.sum() > 0, "parity": (there == 1).sum() % 2, "first": there[0] > 0}[question]
        assert int(wanted) == int(said)
        assert DATA.shortest <= len(there) <= DATA.longest


def test_batches_of_different_lengths_are_split_where_gradients_are_gathered():
    space = namespace(reader(accumulate=3, batch_size=4))
    model, *rest = space["setup"](seed=1, device="cpu")
    steps = [step for step in space["train"](model, *rest, epochs=1) if isinstance(step, torch.Tensor)]
    assert all(torch.isfinite(step) for step in steps)


def test_a_recurrent_layer_of_torch_takes_batches_of_any_length_too():
    d = Drawing("Reader")
    out = d.add("gru", GRU(hidden_size=5), d.input("signs", "T", 1))
    d.output("answer", d.add("head", Linear(out_features=2), d.add("last", Select(dim=1), out)))
    project = d.project(dataset=DATA, batch_size=10, device="cpu", epochs=1)
    space = namespace(project)
    model, *rest = space["setup"](seed=1, device="cpu")
    assert len([step for step in space["train"](model, *rest, epochs=1) if isinstance(step, torch.Tensor)]) == 5


def test_a_transform_of_samples_of_different_lengths_is_refused_in_words():
    with pytest.raises(DataError, match="whose samples differ in length"):
        reader(transforms=(Standardise(),)).recipe.features()
