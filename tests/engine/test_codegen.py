"""The text of a network: names, lines, comments, and what a strict reader asks of it."""

import ast
import subprocess
import sys
from dataclasses import replace

import pytest

from engine.analysis.infer import infer
from engine.codegen.classes import generate, model_source
from engine.codegen.expressions import at_repeat, value_text
from engine.codegen.layout import LINE, comment_line, definition_lines, docstring_lines, statement_lines
from engine.codegen.module import module, preview
from engine.codegen.names import RESERVED, Namespace, identifier
from engine.codegen.source import Line, Source
from engine.document.project import Project
from engine.errors import CodeError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.activation import ReLU
from engine.layers.code import CodeLayer, Missing
from engine.layers.linear import Linear
from engine.layers.merge import Add
from engine.layers.shape import Unsqueeze
from tests.engine.drawing import Drawing, Wire
from tests.golden.networks import NETWORKS, file_of, text_of


def formatted(text: str) -> str:
    """The text as `ruff format` leaves it with nothing configured."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, encoding="utf-8").stdout


def source_of(project: Project) -> Source:
    return model_source(project, infer(project, trusted=True))


def chain(*layers, name="Model") -> Drawing:
    """One layer after another from 8 features."""
    d = Drawing(name)
    x = d.input("points", 8)
    for index, layer in enumerate(layers):
        x = d.add(f"layer{index}", layer, x)
    d.output("out", x)
    return d


@pytest.mark.parametrize("name", NETWORKS)
def test_a_golden_network_is_written_as_it_was_read(name):
    assert text_of(name) == file_of(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_golden_text_is_formatted(name):
    text = text_of(name)
    assert formatted(text) == text


@pytest.mark.parametrize("name", NETWORKS)
def test_every_node_that_computes_has_its_lines(name):
    project = NETWORKS[name]()
    source = source_of(project)
    lines = source.text.splitlines()
    for block in project.blocks.values():
        for node in block.graph.nodes.values():
            for number in source.lines_of(block.id, node.id):
                assert (block.id, node.id) in (source.node_of_line[number], *source.also.get(number, ()))
                assert lines[number - 1].strip()
    assert set(source.node_of_line) <= set(range(1, len(lines) + 1))


def test_a_line_of_the_constructor_and_a_line_of_forward_belong_to_their_layer():
    project = chain(Linear(out_features=4)).project()
    source = source_of(project)
    lines = [source.text.splitlines()[n - 1].strip() for n in source.lines_of("model", "n2")]
    assert lines == ["self.layer0 = nn.Linear(8, 4)", "return self.layer0(points)  # B × 4"]


def test_the_file_of_a_model_counts_its_lines_from_the_top():
    project = chain(Linear(out_features=4)).project()
    source = preview(project, infer(project))
    for number in source.lines_of("model", "n2"):
        assert "self.layer0" in source.text.splitlines()[number - 1]


def test_a_network_with_problems_is_refused_when_it_is_to_be_generated():
    project = NETWORKS["with_problems"]()
    with pytest.raises(CodeError, match="join"):
        generate(project, infer(project))
    with pytest.raises(CodeError):
        module(project, infer(project))


def test_an_empty_network_is_a_valid_class():
    source = source_of(Project())
    assert source.text == "class Model(nn.Module):\n    def forward(self):\n        pass\n"
    assert formatted(source.text) == source.text


def test_every_output_has_its_line_and_every_input_too():
    project = NETWORKS["multi_output"]()
    source = source_of(project)
    lines = source.text.splitlines()
    for node in project.block().outputs:
        assert [lines[n - 1] for n in source.lines_of(project.main, node.id)] == ["        return digit, odd, sure"]
    project = NETWORKS["two_inputs"]()
    source = source_of(project)
    for node in project.block().inputs:
        (number,) = source.lines_of(project.main, node.id)
        assert source.text.splitlines()[number - 1] == "    def forward(self, left, right):"


def test_a_model_is_generated_whatever_its_data_are():
    project = NETWORKS["two_inputs"]()
    analysis = infer(project)
    assert not analysis.is_valid
    assert "class SameDigit" in module(project, analysis).text
    with pytest.raises(CodeError, match="Digits"):
        generate(project, analysis)


def test_a_circle_is_a_comment_and_the_rest_is_written():
    d = Drawing()
    x = d.input("points", 8)
    a = d.add("first", Add(), x)
    b = d.add("second", ReLU(), a)
    edge = next(e for e in d.edges if e.target == b.node)
    d.edges.add(replace(edge, source=b.node, target=a.node, target_port="inputs", slot=1))
    d.output("out", d.add("head", Linear(out_features=2), x))
    text = source_of(d.project()).text
    assert "# first: " in text
    assert "head" in text
    ast.parse(text)


def test_a_variable_shadows_nothing():
    d = Drawing("torch")
    x = d.input("input", 8)
    for name in ("sum", "F", "self", "x", "print"):
        y = d.add(name, Linear(out_features=8), x)
        x = d.add(f"after_{name}", Add(), y, x, y)
    d.output("out", x)
    text = source_of(d.project()).text
    stored = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    assert not stored & RESERVED
    assert {n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)} == {"torch_"}


def test_an_option_that_forward_reads_is_kept_by_the_constructor():
    d = Drawing("Model", BlockParam("axis", default=1), BlockParam("width", default=3))
    x = d.input("points", 8)
    x = d.add("wide", Unsqueeze(dim=Expr("axis")), x)
    d.output("out", d.add("head", Linear(out_features=Expr("width")), x))
    text = source_of(d.project()).text
    assert "        self.axis = axis\n" in text
    assert "points.unsqueeze(self.axis)" in text
    assert "self.width" not in text


def test_a_network_that_only_passes_on_what_comes_in_needs_no_constructor():
    d = Drawing()
    d.output("out", d.input("points", 8))
    text = source_of(d.project()).text
    assert text.endswith("    def forward(self, points):\n        return points\n")
    assert "__init__" not in text


def test_a_variable_may_be_called_as_the_script_calls_a_function():
    d = Drawing()
    x = d.add("split", Linear(out_features=8), d.input("points", 8))
    d.output("out", d.add("sum", Add(), d.add("act", ReLU(), x), x))
    assert "        split = self.split(points)" in source_of(d.project()).text


def test_a_function_of_the_user_stands_once_for_equal_texts_and_under_two_names_for_others():
    one = CodeLayer(source="def f(x):\n    return x\n")
    other = CodeLayer(source="def f(x):\n    return f(x - 1) if x.dim() > 9 else x + 1\n")
    text = source_of(chain(one, other, one).project()).text
    assert text.count("def f(") == 1
    assert "def f_2(x):\n    return f_2(x - 1)" in text
    assert text.count("= f(points)") == text.count("return f(x)") == 1


def test_nothing_is_imported_that_is_not_used():
    assert source_of(chain(Linear(out_features=4)).project()).imports == ("from torch import nn",)


def test_the_same_project_gives_the_same_text():
    project = NETWORKS["repeats"]()
    assert source_of(project).text == source_of(NETWORKS["repeats"]()).text == source_of(project).text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("width*2", "width * 2"),
        ("2**i", "2**i"),
        ("-width ** 2", "-(width**2)"),
        ("(a+b)*c", "(a + b) * c"),
        ("a+(b*c)", "a + b * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("2 if i==0 else 1", "2 if i == 0 else 1"),
        ("min( a,b )", "min(a, b)"),
        ("'same' if a else 'valid'", '"same" if a else "valid"'),
        ("(a,)", "(a,)"),
        ("not a", "not a"),
        ("(a if b else c) + 1", "(a if b else c) + 1"),
        ("(a*b)**(c+1)", "(a * b) ** (c + 1)"),
        ("a**-1", "a**-1"),
    ],
)
def test_an_expression_is_written_as_a_formatter_leaves_it(text, written):
    assert value_text(Expr(text)) == written
    assert formatted(f"x = {written}\n") == f"x = {written}\n"
    assert ast.dump(ast.parse(written)) == ast.dump(ast.parse(text))


@pytest.mark.parametrize(
    ("text", "repeat", "value"),
    [
        ("2 if i == 0 else 1", 0, 2),
        ("2 if i == 0 else 1", 3, 1),
        ("width * 2**i", 0, Expr("width")),
        ("width * 2**i", 2, Expr("width * 4")),
        ("width + i", 0, Expr("width")),
        ("min(i, 1) * 16", 5, 16),
        ("width", 1, Expr("width")),
    ],
)
def test_an_argument_is_computed_for_one_repeat_as_far_as_it_can_be(text, repeat, value):
    assert at_repeat(Expr(text), repeat) == value


@pytest.mark.parametrize(
    "text",
    ["a", 'say "hi"', "it's", 'it\'s "both"', "back\\slash", "tab\tend", "\r", "é", "\u202e", "{x}", "'''", '"""'],
)
def test_a_text_is_quoted_as_a_formatter_leaves_it(text):
    written = value_text(text)
    assert ast.literal_eval(written) == text
    assert formatted(f"x = {written}\n") == f"x = {written}\n"


@pytest.mark.parametrize("value", [1, -2, 0.5, 1e-5, 1e20, True, None, (1, 2), (1,), (), ("a", (2, -3.0))])
def test_a_literal_reads_back_as_itself(value):
    written = value_text(value)
    assert ast.literal_eval(written) == value
    assert formatted(f"x = {written}\n") == f"x = {written}\n"


@pytest.mark.parametrize(
    "statement",
    [
        f"x = self.{'long' * 8}({', '.join(['argument' * 2] * 3)})",
        f"x = self.{'long' * 8}({', '.join(['argument' * 2] * 8)})",
        f"x = {' + '.join(['summand' * 2] * 9)}",
        f"x = torch.cat([{', '.join(['tensor' * 3] * 6)}], dim=1)",
        f"return {', '.join(['result' * 3] * 6)}",
        f"self.stage = nn.Sequential(*[{'Residual' * 4}Block(64, 128, stride=2) for _ in range(3)])",
        f"self.stage = nn.Sequential(*[{'Residual' * 7}Block(64, 128, stride=2) for _ in range(3)])",
        f"self.stage = nn.ModuleList({'Residual' * 4}Block(64, 128, stride=2) for _ in range(3))",
        f"self.stage = nn.ModuleList({'Residual' * 7}Block(64, 128, stride=2) for _ in range(3))",
        "self.token = nn.Parameter(torch.zeros(1111111111111111, 222222222222222222, 33333333333333333))",
        "self.attention = nn.MultiheadAttention(64, 8, dropout=0.25, batch_first=True, kdim=128, vdim=128)",
    ],
)
@pytest.mark.parametrize("indent", [" " * 8, " " * 12])
def test_a_long_statement_is_broken_as_a_formatter_breaks_it(statement, indent):
    depth = len(indent) // 4
    head = "".join(f"{' ' * 4 * k}def f():\n" for k in range(depth))
    text = head + "\n".join(statement_lines(statement, indent)) + "\n"
    assert formatted(text) == text
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(head + indent + statement))


@pytest.mark.parametrize("count", [1, 5, 9])
def test_a_long_definition_is_broken_as_a_formatter_breaks_it(count):
    lines = definition_lines("__init__", ["self", *(f"in_channels_{i}=32" for i in range(count))], "    ")
    text = "\n".join(["class C:", *lines, "        pass", ""])
    assert formatted(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "short",
        "w" * 100,
        *("w" * 40 + " " + "w" * n for n in range(33, 44)),
        "word " * 60,
        'ends with "',
        "back\\",
        'a """ b',
        "one\n\ntwo " * 12,
        "tab\there",
    ],
)
def test_a_docstring_holds_any_text_and_is_formatted(text):
    lines = docstring_lines(text, "    ")
    whole = "\n".join(["class C:", *lines, "", "    x = 1", ""])
    assert formatted(whole) == whole
    assert isinstance(ast.parse(whole).body[0].body[0].value.value, str)


def test_a_text_without_words_is_no_docstring():
    assert docstring_lines(" \n\n ", "    ") == []


def test_a_comment_stays_one_line_that_fits():
    line = comment_line("join: a\nb\r" + "long " * 50, "        ")
    assert line.startswith("        # join: a b long")
    assert len(line) <= LINE
    assert "\n" not in line


def test_names_are_given_once():
    names = Namespace({"class"})
    assert [names.add(w) for w in ("conv", "conv", "conv", "class", "class")] == [
        "conv",
        "conv_2",
        "conv_3",
        "class_",
        "class_2",
    ]
    assert names.add("conv", "left_conv") == "left_conv"


@pytest.mark.parametrize("text", ["", "1x", "a b", "__x", "é", "ﬁ", "x;import os", "_", "a.b", None, "x" * 300, "\n"])
def test_any_text_becomes_an_identifier(text):
    name = identifier(text)
    assert name.isidentifier()
    assert not name.startswith("__")
    assert name not in ("_", "")


def test_joined_texts_count_their_lines_anew():
    first = Source.of_lines([Line("a = 1", ("m", "n1"))])
    second = Source.of_lines([Line("b = 2"), Line("c = 3", ("m", "n2"))])
    whole = Source.joined(["import torch\n", first, "", second])
    lines = whole.text.splitlines()
    assert {lines[n - 1]: place for n, place in whole.node_of_line.items()} == {
        "a = 1": ("m", "n1"),
        "c = 3": ("m", "n2"),
    }
    assert formatted(whole.text) == whole.text


def test_a_project_without_a_main_block_has_a_text_all_the_same():
    project = Project(blocks={})
    assert source_of(project).text == "# The project has no main block.\n"


def test_an_unknown_layer_is_a_comment():
    d = Drawing()
    x = d.add("odd", Missing(data={"kind": "Odd"}, ports=(("x",), ("out",))), d.input("points", 8))
    d.output("out", d.add("head", Linear(out_features=2), x))
    text = source_of(d.project()).text
    assert "# odd" in text
    ast.parse(text)


def test_a_block_whose_arguments_are_wrong_is_still_written():
    inner = Drawing("Inner", BlockParam("width", default=4))
    x = inner.add("act", ReLU(), inner.input("x"))
    inner.output("y", inner.add("linear", Linear(out_features=Expr("width")), x))
    d = Drawing()
    d.output("out", d.instance("inner", inner, d.input("points", 8), depth=3, width=(1, 2)))
    text = source_of(d.project()).text
    assert "class Inner(nn.Module):" in text
    assert "self.act = nn.ReLU()" in text
    assert "# linear: its sizes are not known yet." in text
    ast.parse(text)


def test_blocks_that_stand_in_each_other_are_written_once():
    one, two = Drawing("One"), Drawing("Two")
    one.output("y", one.add("act", ReLU(), one.input("x")))
    two.output("y", two.instance("one", one, two.input("x")))
    one.output("z", one.instance("two", two, Wire("n1", "out")))
    d = Drawing()
    d.output("out", d.instance("one", one, d.input("points", 8)))
    text = source_of(d.project()).text
    assert text.count("class One") == text.count("class Two") == 1
    ast.parse(text)


def test_line_ends_of_another_system_do_not_shift_the_lines():
    layer = CodeLayer(source="def f(x):\r\n    y = x + 1\r\n    return y\r\n")
    source = source_of(chain(layer, Linear(out_features=2)).project())
    assert "\r" not in source.text
    assert [source.text.splitlines()[n - 1].strip() for n in source.lines_of("model", "n2")] == [
        "def f(x):",
        "y = x + 1",
        "return y",
        "x = f(points)  # B × 8",
    ]
