"""Text to objects and back to the node: what the run stands on."""

import linecache
import traceback

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build, file_name, node_of
from engine.codegen.classes import model_source
from engine.codegen.module import preview
from engine.codegen.source import Line, Source
from engine.errors import CodeError
from engine.layers.code import CodeLayer
from engine.layers.linear import Linear
from tests.engine.drawing import Drawing
from tests.golden.networks import residual_cnn


def network(source: str = "def f(x):\n    return x * 2\n") -> Drawing:
    d = Drawing("Model")
    x = d.add("first", Linear(out_features=4), d.input("points", 8))
    d.output("out", d.add("code", CodeLayer(source=source), x))
    return d


def source_of(drawing: Drawing) -> Source:
    project = drawing.project()
    return model_source(project, infer(project, trusted=True))


def test_the_classes_of_a_text_can_be_used():
    model = build(source_of(network()))["Model"]()
    assert model(torch.zeros(3, 8)).shape == (3, 4)
    assert set(model.state_dict()) == {"first.weight", "first.bias"}


def test_a_text_with_its_own_imports_is_built_alike():
    project = residual_cnn()
    analysis = infer(project)
    for source in (model_source(project, analysis), preview(project, analysis)):
        model = build(source)[source.main]()
        assert model(torch.zeros(2, 1, 8, 8)).shape == (2, 10)


def test_an_exception_in_a_layer_names_its_node():
    source = source_of(network())
    model = build(source)["Model"]()
    with pytest.raises(RuntimeError) as caught:
        model(torch.zeros(3, 9))
    assert node_of(caught.value, source) == ("model", "n2")


def test_an_exception_in_the_users_function_names_its_node():
    text = "def f(x):\n    if x.shape[0] == 6:\n        raise ValueError('too many')\n    return x\n"
    source = source_of(network(text))
    model = build(source)["Model"]()
    with pytest.raises(ValueError, match="too many") as caught:
        model(torch.zeros(6, 8))
    assert node_of(caught.value, source) == ("model", "n3")


def test_an_exception_in_an_inner_class_names_the_inner_node():
    project = residual_cnn()
    source = model_source(project, infer(project))
    model = build(source)[source.main]()
    model.stage[1].conv2 = torch.nn.Linear(7, 7)
    with pytest.raises(RuntimeError) as caught:
        model(torch.zeros(2, 1, 8, 8))
    block, node = node_of(caught.value, source)
    assert project.node(node, block).name == "conv2"


def test_an_exception_from_elsewhere_names_no_node():
    with pytest.raises(ZeroDivisionError) as caught:
        1 / 0  # noqa: B018
    assert node_of(caught.value, source_of(network())) is None


def test_a_traceback_shows_the_generated_line():
    source = source_of(network())
    model = build(source)["Model"]()
    with pytest.raises(RuntimeError) as caught:
        model(torch.zeros(3, 9))
    assert "x = self.first(points)" in "".join(traceback.format_exception(caught.value))


def test_a_text_that_is_no_python_is_refused_with_its_line_and_node():
    source = Source.of_lines([Line("a = 1"), Line("b = = 2", ("model", "n7"))])
    with pytest.raises(CodeError, match="line 2") as caught:
        build(source)
    assert caught.value.node == "n7"


def test_a_text_that_fails_as_it_is_read_is_refused_with_its_node():
    source = Source.of_lines([Line("a = 1"), Line("b = nothing", ("model", "n7"))])
    with pytest.raises(CodeError, match="nothing") as caught:
        build(source)
    assert caught.value.node == "n7"


def test_the_same_text_has_the_same_file_name_and_old_texts_are_forgotten():
    sources = [Source.of_lines([Line(f"a = {i}")]) for i in range(100)]
    for source in sources:
        build(source)
    assert file_name(sources[0]) == file_name(Source.of_lines([Line("a = 0")]))
    assert len({file_name(source) for source in sources}) == 100
    assert file_name(sources[0]) not in linecache.cache
    assert file_name(sources[99]) in linecache.cache
