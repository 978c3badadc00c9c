"""Modules of any package: read from the class, kept as data, written as a person would, run only when trusted."""

import sys
from dataclasses import replace

import pytest

from engine.analysis.infer import infer
from engine.analysis.introspect import introspect
from engine.codegen.classes import model_source
from engine.document.edits import AddNode, Connect, fresh_ids
from engine.document.files import dumps, loads
from engine.document.outside_edits import ReadAgain
from engine.document.project import Project
from engine.document.trust import content_hash
from engine.errors import EngineError, LayerError
from engine.expr import Expr
from engine.graph.graph import Edge
from engine.layers import Layer
from engine.layers.io import Input, Output
from engine.layers.outside import OutsideModule

HERE = "tests.engine.outside_parts"


def drawn(*layers: Layer, source: str = "out") -> Project:
    """A chain of layers behind an input of 6 × 16; `source` is the output of the last that is used."""
    project, before = Project(), None
    for layer in (Input(shape=(6, 16)), *layers, Output()):
        (new,) = fresh_ids(project)
        project = AddNode(layer)(project)
        if before is not None:
            node = project.node(before)
            port = source if isinstance(layer, Output) and node.layer is layers[-1] else node.layer.ports_out()[0].name
            project = Connect(Edge(before, port, new, layer.ports_in()[0].name))(project)
        before = new
    return project


def text_of(project: Project) -> str:
    source = model_source(project, infer(project, trusted=True))
    return "\n".join((*source.imports, source.text))


def of_the_network(project: Project, trusted: bool = True) -> list[str]:
    return [p.message for p in infer(project, trusted=trusted).problems if p.node not in ("", "n1", "n3")]


def test_ports_are_the_arguments_of_forward_and_options_those_of_the_constructor():
    gate = introspect(f"{HERE}.Gate")
    assert [(p.name, p.kind) for p in gate.ports_in()] == [("x", "required"), ("mask", "optional")]
    assert [p.name for p in gate.ports_out()] == ["out", "out1"]
    assert {p.name: p.default for p in gate.options()} == {
        "features": None,
        "rate": 0.5,
        "act": "nn.GELU",
        "mode": "sum",
        "bias": True,
        "scheme": None,
        "scale": 1.0,
    }
    assert gate.about() == "Lets as much pass as it has learned."


def test_results_are_called_as_the_annotation_calls_them():
    step = introspect(f"{HERE}.Step")
    assert [p.name for p in step.ports_out()] == ["hidden", "cell"]
    assert [(p.name, p.kind) for p in step.ports_in()] == [("x", "required"), ("others", "many")]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("no_such_package.Layer", "no_such_package is not installed."),
        (f"{HERE}.nowhere.Layer", f"There is no module {HERE}.nowhere."),
        (f"{HERE}.Gat", f"{HERE} has no Gat."),
        (f"{HERE}.helper", f"{HERE}.helper is a function."),
        (f"{HERE}.State", f"{HERE}.State is a class, but no nn.Module."),
        (f"{HERE}.Empty", f"{HERE}.Empty has no forward."),
        ("Gate", "Gate is no path."),
        ("torch.nn.Linear", "torch.nn.Linear is the layer Linear."),
    ],
)
def test_what_cannot_be_a_layer_is_said_in_words(path, message):
    with pytest.raises(LayerError) as error:
        introspect(path)
    assert error.value.message == message


def test_the_code_is_what_a_person_would_write():
    gate = introspect(f"{HERE}.Gate").with_(features=16, act="nn.SiLU", bias=False, scale=2.0)
    text = text_of(drawn(gate))
    assert f"from {HERE} import Gate\n" in text
    assert "self.gate = Gate(16, act=nn.SiLU, bias=False)\n" in text
    assert "x, _ = self.gate(x, scale=2.0)  # B × 6 × 16\n" in text


def test_a_nested_result_is_taken_apart_as_it_is_named():
    text = text_of(drawn(introspect(f"{HERE}.Nested").with_(returns="_, (state, _)"), source="state"))
    assert "_, (x, _) = self.nested(x)  # B × 6 × 16\n" in text


def test_a_class_whose_name_is_taken_is_called_otherwise():
    linear = introspect(f"{HERE}.Linear").with_(in_features=16, out_features=4)
    project = drawn(linear)
    project = project.with_block(replace(project.block(), name="Linear"))
    text = text_of(project)
    assert f"from {HERE} import Linear as TestsLinear\n" in text
    assert "self.linear = TestsLinear(16, 4)\n" in text


def test_an_argument_may_be_an_expression_over_the_parameters_of_its_block():
    gate = introspect(f"{HERE}.Gate").with_(features=Expr("8 * 2"))
    assert of_the_network(drawn(gate)) == []


def test_a_required_argument_that_is_not_set_is_a_problem_that_names_it():
    assert of_the_network(drawn(introspect(f"{HERE}.Gate"))) == ["features of Gate is not set."]


def test_a_class_that_is_read_again_keeps_the_values_that_it_still_takes():
    project = drawn(introspect(f"{HERE}.Gate").with_(features=16, rate=0.25))
    linear = introspect(f"{HERE}.Linear").with_(out_features=16)
    changed = ReadAgain("n2", linear)(project).node("n2").layer
    assert isinstance(changed, OutsideModule)
    assert (changed.path, changed.args) == (f"{HERE}.Linear", {"out_features": 16})
    again = ReadAgain("n2", introspect(f"{HERE}.Gate"))(project)
    assert again.node("n2").layer == project.node("n2").layer


def test_what_gives_several_results_under_one_name_says_what_to_do():
    analysis = infer(drawn(introspect(f"{HERE}.Nested")), trusted=True)
    (wrong,) = (p for p in analysis.problems if p.node == "n2")
    assert (wrong.message, "returns" in wrong.hint) == (
        "Gives tuple at out, where a tensor or a number is needed.",
        True,
    )


def test_a_file_keeps_all_that_is_known_of_the_class_and_opening_it_imports_nothing():
    project = drawn(introspect(f"{HERE}.Gate").with_(features=16))
    text = dumps(project).replace(f"{HERE}.Gate", "antigravity.Gate")
    before = set(sys.modules)
    opened = loads(text)
    assert infer(opened, trusted=False).main.nodes
    assert set(sys.modules) == before
    assert loads(dumps(project)) == project


def test_it_runs_only_when_it_is_trusted():
    project = drawn(introspect(f"{HERE}.Gate").with_(features=16))
    assert of_the_network(project, trusted=False) == ["gate is not trusted yet."]
    assert project.user_code() == (f"from {HERE} import Gate  # runs the package tests",)
    assert content_hash(project) != ""


@pytest.mark.parametrize("path", ["torch.nn.Linear", "torch.nn.modules.linear.Bilinear", "torchvision.models.vgg.VGG"])
def test_a_class_of_torch_needs_no_trust(path):
    assert OutsideModule(path=path).user_code() == ()


@pytest.mark.parametrize("path", ["torch.hub.load", "torch.nn.init.xavier_uniform_", "torchx.nn.Linear", "torch.nnx.Y"])
def test_whatever_else_a_file_names_needs_trust(path):
    assert OutsideModule(path=path).user_code() != ()


@pytest.mark.parametrize(
    "options",
    [
        {"path": "a.b; import os"},
        {"path": "os"},
        {"path": "a.class"},
        {"returns": "x[0]"},
        {"returns": "a, a"},
        {"called": "a b"},
        {"signature": {"wires": [{"name": "x y"}], "arguments": []}},
        {"signature": {"wires": [{"name": "x", "kind": "odd"}], "arguments": []}},
        {"signature": {"wires": [{"name": "x"}], "arguments": [{"name": "import"}]}},
        {"signature": {"wires": [], "arguments": [{"name": "act", "kind": "class"}]}, "args": {"act": "os.system"}},
        {"args": {"width": 3}},
    ],
)
def test_what_a_file_says_cannot_become_code(options):
    with pytest.raises(EngineError):
        Layer.from_json({"kind": "Module", **options})
