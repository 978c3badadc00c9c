"""Files that a person takes away."""

import ast

import pytest

from engine.analysis.infer import infer
from engine.errors import CodeError, FileError
from engine.exporting.code import KINDS, export, source_of
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.recipe.tables import Iris
from tests.engine.networks import chain, project
from tests.engine.recipe_networks import suited


@pytest.mark.parametrize("what", KINDS)
def test_the_file_is_the_very_text_that_is_shown(tmp_path, what):
    wanted = suited(Iris())
    analysis = infer(wanted)
    written = export(wanted, analysis, tmp_path / "out.py", what)
    assert (tmp_path / "out.py").read_text(encoding="utf-8") == written.text == source_of(wanted, analysis, what).text


def test_a_module_holds_the_classes_and_a_script_everything():
    wanted = suited(Iris())
    names = {}
    for what in KINDS:
        tree = ast.parse(source_of(wanted, infer(wanted), what).text)
        names[what] = {n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)}
    assert names["module"] == {"Model"}
    assert {"Model", "load_data", "setup", "steps_per_epoch", "train", "report", "main"} <= names["script"]


def test_a_network_with_a_problem_is_not_exported_and_the_old_file_stays(tmp_path):
    path = tmp_path / "out.py"
    path.write_text("old")
    wanted = project(chain(x=Input(shape=(3,)), head=Linear(out_features=3), out=Output()))
    with pytest.raises(CodeError):
        export(wanted, infer(wanted), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    wanted = suited(Iris())
    with pytest.raises(FileError, match=r"out\.py was not saved: the folder does not exist"):
        export(wanted, infer(wanted), tmp_path / "nowhere" / "out.py")


def test_an_export_of_another_kind_is_refused_by_name():
    wanted = suited(Iris())
    with pytest.raises(CodeError, match="no export called 'onnx'"):
        source_of(wanted, infer(wanted), "onnx")
