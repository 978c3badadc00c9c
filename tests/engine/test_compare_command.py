"""`netsmith compare`: two files held side by side on the command line."""

import json

import pytest

from engine.cli.main import run
from engine.document.edits import AddNode, RemoveNodes, SetParam, SetRecipe
from engine.document.files import load, save
from engine.layers import Layer
from tests.engine.networks import chain, project

L = Layer.registry


@pytest.fixture
def files(tmp_path):
    """A network, and the same with an option, a layer and the recipe changed, and one layer gone."""
    layers = {"x": L["Input"](shape=(8,)), "fc": L["Linear"](out_features=8), "act": L["ReLU"](), "out": L["Output"]()}
    before = project(chain(**layers))
    after = SetRecipe("epochs", 7)(SetParam("fc", "out_features", 16)(AddNode(L["Tanh"](), "tanh")(before)))
    after = RemoveNodes(["act"])(after)
    paths = tmp_path / "before.netsmith", tmp_path / "after.netsmith"
    for path, value in zip(paths, (before, after), strict=True):
        save(value, path)
    return [str(path) for path in paths]


def test_what_differs_is_printed_and_the_exit_code_says_so(files, capsys):
    assert run(["compare", *files]) == 1
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert {"+ tanh", "- act", "~ fc: out_features 8 → 16"} <= set(told)
    assert told[-2] == "Recipe"
    assert told[-1].startswith("~ epochs ")


def test_the_same_file_twice_differs_in_nothing(files, capsys):
    assert run(["compare", files[0], files[0]]) == 0
    assert capsys.readouterr().out == "No difference.\n"


def test_json_says_the_same(files, capsys):
    assert run(["compare", *files, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (block,) = found["blocks"]
    assert (found["same"], block["added"], block["removed"]) == (False, ["tanh"], ["act"])
    assert block["changed"] == {"fc": ["out_features 8 → 16"]}


def test_a_name_of_an_example_will_do_and_a_file_that_is_not_there_is_said(files, capsys):
    assert run(["compare", "mlp-moons", "mlp-moons"]) == 0
    assert run(["compare", files[0], "nowhere.netsmith"]) == 1
    assert "nowhere.netsmith" in capsys.readouterr().err
    assert load(files[0]).blocks
