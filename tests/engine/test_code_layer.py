"""The user's own Python: ports, options, weights, and errors on their line."""

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.classes import generate_model
from engine.codegen.module import module
from engine.document.document import Document
from engine.document.edits import SetParam
from engine.document.files import dumps, loads
from engine.errors import SpecError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.code import CodeLayer
from engine.layers.code_text import problems_of
from tests.engine.drawing import Drawing

SCALED = """def scaled(x: Tensor, scale: float = 2.0, *, shift: int = 0, mask: Tensor | None = None) -> Tensor:
    y = x * scale + shift
    return y if mask is None else y * mask
"""
GATED = '''class Gated(nn.Module):
    """A gate of its own."""

    def __init__(self, size: int, steep: float = 1.0):
        super().__init__()
        self.steep = steep
        self.gate = nn.Linear(size, size)

    def forward(self, x, more=None):
        g = torch.sigmoid(self.steep * self.gate(x))
        return x * g, g
'''


def drawn(layer: CodeLayer, *more: int) -> Drawing:
    d = Drawing("Model", BlockParam("width", default=4))
    x = d.input("x", 4)
    wires = [d.input(f"extra{k}", 4) for k in more]
    out = d.add("mine", layer, x, *wires)
    d.output("y", out)
    return d


def model(d: Drawing):
    project = d.project()
    source = generate_model(project, infer(project, trusted=True))
    return build(source)[source.main]()


def test_annotated_arguments_with_a_default_are_options_and_the_others_ports():
    layer = CodeLayer(source=SCALED)
    assert [(p.name, p.kind) for p in layer.ports_in()] == [("x", "required"), ("mask", "optional")]
    assert [(p.name, p.kind.name, p.default) for p in layer.options()] == [("scale", "float", 2.0), ("shift", "int", 0)]


def test_a_number_without_a_default_is_a_port_that_carries_a_number():
    (x, n) = CodeLayer(source="def f(x, n: int):\n    return x[:n]\n").ports_in()
    assert (x.carries, n.carries) == ("any", "number")


def test_options_are_written_into_the_call_by_name_where_they_are_not_the_default():
    d = drawn(CodeLayer(source=SCALED, values={"scale": 3, "shift": Expr("width * 2")}), 1)
    text = generate_model(d.project(), infer(d.project(), trusted=True)).text
    assert "scaled(x, scale=3.0, shift=self.width * 2, mask=extra1)" in text
    assert model(d)(torch.ones(1, 4), torch.ones(1, 4)).tolist() == [[11.0] * 4]


def test_an_option_goes_back_and_forth_like_any_other():
    document = Document(drawn(CodeLayer(source=SCALED)).project())
    before = document.project
    document.apply(SetParam("n2", "values", {"scale": 4.0}))
    assert loads(dumps(document.project)) == document.project
    document.apply(SetParam("n2", "source", SCALED.replace("scale: float = 2.0", "scale: int = 2")))
    assert document.project.node("n2").layer.values == {}
    document.undo()
    document.undo()
    assert document.project is before


def test_a_value_that_an_option_does_not_take_is_refused_in_words():
    with pytest.raises(SpecError, match="scaled: shift must be a whole number"):
        CodeLayer(source=SCALED, values={"shift": 0.5})


def test_a_module_of_ones_own_has_weights_options_and_named_outputs():
    layer = CodeLayer(source=GATED, values={"size": 4})
    assert [p.name for p in layer.ports_out()] == ["out0", "g"]
    d = drawn(layer)
    analysis = infer(d.project(), trusted=True)
    assert analysis.parameters == 20
    found = model(d)
    assert sorted(found.state_dict()) == ["mine.gate.bias", "mine.gate.weight"]
    assert found(torch.ones(2, 4)).shape == (2, 4)


def test_a_module_of_ones_own_whose_name_is_taken_gets_another():
    d = Drawing("Gated")
    x = d.input("x", 4)
    d.output("y", d.add("mine", CodeLayer(source=GATED, values={"size": 4}), x))
    text = generate_model(d.project(), infer(d.project(), trusted=True)).text
    assert "class Gated_2(nn.Module)" in text
    assert "self.mine = Gated_2(size=4)" in text
    assert model(d)(torch.ones(2, 4)).shape == (2, 4)


def test_the_exported_file_imports_what_annotations_name():
    d = drawn(CodeLayer(source=SCALED))
    text = module(d.project(), infer(d.project(), trusted=True)).text
    assert "from torch import Tensor" in text
    exec(compile(text, "model.py", "exec"), {})


def test_values_that_an_annotation_promises_are_ports():
    source = "def f(x) -> tuple[Tensor, Tensor]:\n    return x.chunk(2)\n"
    assert [p.name for p in CodeLayer(source=source).ports_out()] == ["out0", "out1"]


WRONG = {
    "syntax": ("def f(x):\n    return x +\n", 2, "This is no Python on line 2"),
    "two functions": ("def f(x):\n    return x\n\ndef g(x):\n    return x\n", 4, "Needs exactly one function"),
    "a default of another kind": (
        "def f(x,\n      n: int = 0.5):\n    return x\n",
        2,
        "The default 0.5 of n is no int.",
    ),
    "no module": ("class A:\n    pass\n", 1, "The class A is no module."),
    "no forward": ("class A(nn.Module):\n    pass\n", 1, "The class A has no forward."),
    "an untyped constructor": (
        "class A(nn.Module):\n    def __init__(self, n):\n        pass\n    def forward(self, x):\n        return x\n",
        2,
        "The argument n of __init__ has no type.",
    ),
    "an unknown name": ("def f(x):\n    y = x\n    return scipy.fft(y)\n", 3, "scipy is not known here."),
    "a name of another library": ("def f(x):\n    return np.exp(x)\n", 2, "np is not known here."),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_the_text_is_said_with_its_line(name):
    source, line, words = WRONG[name]
    (found, *_) = problems_of(source)
    assert found.line == line
    assert found.message.startswith(words)


def test_names_that_are_imported_assigned_or_built_in_are_known():
    source = """def f(x):
    import math as m
    from itertools import pairwise
    total = 0
    for a, b in pairwise(range(3)):
        total += a * b
    def inner(y):
        return [y * k + total + m.pi for k in range(2)]
    return sum(inner(torch.relu(F.gelu(x)))), f.__name__
"""
    assert problems_of(source) == ()


def test_an_error_of_the_function_is_said_with_the_line_that_fails():
    source = "\ndef f(x):\n    y = x.reshape(3)\n    return y\n"
    problems = infer(drawn(CodeLayer(source=source)).project(), trusted=True).problems
    assert any(p.message == "The function fails on line 3 for B × 4." for p in problems)


def test_an_unknown_name_is_a_problem_before_the_function_runs():
    problems = infer(drawn(CodeLayer(source="def f(x):\n    return colour(x)\n")).project(), trusted=True).problems
    assert any("On line 2: colour is not known here." in p.message for p in problems)
