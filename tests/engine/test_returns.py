"""A network that hands out its results as a tuple, a dict or a named tuple: the same results, the same training."""

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.codegen.script import script
from engine.document.block_edits import SetReturns
from engine.document.document import Document
from engine.document.files import dumps, loads
from engine.document.project import Project
from engine.errors import EditError, FileError
from engine.layers.linear import Linear
from engine.layers.shape import Flatten
from engine.recipe.data import DigitParity
from engine.recipe.losses import CrossEntropyLoss
from tests.engine.drawing import Drawing

FORMS = ["tuple", "dict", "named tuple"]


def heads(returns: str = "tuple", count: int = 2) -> Project:
    d = Drawing("Facts")
    x = d.add("flatten", Flatten(), d.input("images"))
    d.output("digit", d.add("digit_head", Linear(out_features=10), x))
    recipe = {"epochs": 1, "batch_size": 300, "device": "cpu"}
    if count == 2:
        d.output("parity", d.add("parity_head", Linear(out_features=2), x))
        recipe |= {"dataset": DigitParity(), "losses": (CrossEntropyLoss(), CrossEntropyLoss())}
    project = d.project(**recipe)
    return SetReturns(project.main, returns)(project)


def curve(project: Project) -> list[float]:
    space = build(script(project, infer(project)))
    model, *rest = space["setup"](seed=1, device="cpu")
    return [float(step) for step in space["train"](model, *rest, epochs=1) if isinstance(step, torch.Tensor)]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("returns", FORMS[1:])
def test_the_form_of_the_results_changes_nothing_of_training(returns, count):
    assert curve(heads(returns, count)) == curve(heads("tuple", count))


def result_of(project: Project):
    text = module(project, infer(project)).text
    space: dict = {}
    exec(compile(text, "model.py", "exec"), space)
    return space["Facts"]()(torch.zeros(3, 1, 8, 8))


def test_results_come_by_their_names():
    assert list(result_of(heads("dict"))) == ["digit", "parity"]
    named = result_of(heads("named tuple"))
    assert named.digit.shape == (3, 10)
    assert named.parity.shape == (3, 2)
    assert type(named).__name__ == "FactsResult"


def test_the_form_is_kept_in_the_file_and_is_one_step_back():
    document = Document(heads())
    before = document.project
    document.apply(SetReturns(before.main, "dict"))
    assert loads(dumps(document.project)) == document.project
    document.undo()
    assert document.project is before


def test_a_form_that_there_is_not_is_refused():
    text = dumps(heads("dict")).replace('"returns": "dict"', '"returns": "list"')
    with pytest.raises(FileError, match="returns: must be tuple, dict, named tuple, not 'list'"):
        loads(text)


def test_a_block_inside_of_the_network_gives_a_tuple():
    inner, d = Drawing("Inner"), Drawing("Outer")
    inner.output("y", inner.input("x"))
    d.output("y", d.instance("inner", inner, d.input("x", 3)))
    with pytest.raises(EditError, match="Only the network itself"):
        SetReturns("inner", "dict")(d.project())


def test_what_results_cannot_be_returned_as_is_refused_in_words():
    with pytest.raises(EditError, match="named tuple"):
        SetReturns(Project().main, "list")(Project())
