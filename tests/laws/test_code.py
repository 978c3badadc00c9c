"""Laws of the generated text over random networks: valid, formatted, self-contained, and what was drawn."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.classes import model_source, used_blocks
from engine.codegen.module import with_imports
from engine.document.files import load
from engine.document.project import Project
from engine.errors import EngineError
from engine.expr import Expr
from engine.graph.block import Block, BlockParam
from engine.graph.graph import Edge, Node
from engine.graph.shapes import Analysis
from engine.layers import Layer, catalogue  # noqa: F401
from engine.layers.activation import ReLU
from engine.layers.block import BlockLayer
from engine.layers.code import CodeLayer
from engine.layers.control import Branch, Scan
from engine.layers.convolution import Conv2d
from engine.layers.linear import Linear
from engine.layers.merge import Add, Concat, Split, Stack
from engine.layers.normalization import BatchNorm2d, LayerNorm
from engine.layers.recurrent import GRU, LSTM
from engine.layers.shape import Flatten, Unsqueeze
from tests.engine.drawing import Drawing, Wire
from tests.golden.networks import NETWORKS
from tests.laws.layer_samples import samples
from tests.laws.real import is_as_inferred
from tests.laws.torchvision_here import need_torchvision
from tests.laws.walk import walk

EXAMPLES = sorted((Path(__file__).parents[2] / "resources" / "examples").glob("*.netsmith"))
VALID = [name for name in NETWORKS if name != "with_problems"]
CODE = CodeLayer(source="def scale(x):\n    return x * 0.5\n")
Flat = tuple[Wire, int]
"""A wire of shape (B, size)."""


class Artist:
    """Draws random networks of flat tensors, blocks in blocks included; few sizes, so that they meet."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.blocks: list[Drawing] = []

    def one_of(self, values):
        return self.data.draw(st.sampled_from(list(values)))

    def size(self, d: Drawing):
        """A literal, or an expression over a parameter of the block; with its value at the defaults."""
        choices = [4, 6, 8]
        return self.one_of([*choices, *(Expr(t) for p in d.params for t in (p.name, f"{p.name} * 2"))])

    def drawing(self, name: str, *, is_main: bool) -> Drawing:
        params = [BlockParam(n, default=self.one_of([4, 6])) for n in self.one_of([(), ("width",), ("width", "deep")])]
        d = Drawing(name, *params)
        count = self.one_of([1, 1, 2])
        wires = [
            d.input(self.one_of(["x", "points"]) if k == 0 else "other", *([6] if is_main else []))
            for k in range(count)
        ]
        for k in range(self.one_of(range(1, 8))):
            wires.append(self.step(d, k, wires))
        for k, wire in enumerate(dict.fromkeys([wires[-1], self.one_of(wires)]) if is_main else [wires[-1]]):
            d.output(f"out{k}", wire)
        return d

    def step(self, d: Drawing, k: int, wires: list[Wire]) -> Wire:
        x = wires[-1] if self.one_of([True, True, False]) else self.one_of(wires)
        kind = self.one_of(
            [
                "linear",
                "relu",
                "norm",
                "add",
                "concat",
                "split",
                "lstm",
                "gru",
                "code",
                "block",
                "row",
                "again",
                "scan",
                "branch",
            ]
        )
        name = self.one_of([f"{kind}{k}", f"{kind}{k}", f"x{k}", f"sum_{k}"])
        if kind == "norm":
            return d.add(name, LayerNorm(), x)
        if kind == "relu":
            return d.add(name, ReLU(), x)
        if kind == "code":
            return d.add(name, CODE, x)
        if kind == "concat":
            return d.add(name, Concat(), x, self.one_of(wires))
        if kind == "add":
            return d.add(name, Add(), x, x, x)
        if kind == "split":
            parts = d.add(name, Split(), x)
            return self.one_of([parts, parts.out2])
        if kind in ("lstm", "gru"):
            rows = d.add(f"{name}_rows", Unsqueeze(dim=1), x)
            cell = LSTM(hidden_size=self.size(d)) if kind == "lstm" else GRU(hidden_size=4, bidirectional=True)
            return d.add(f"{name}_flat", Flatten(), d.add(name, cell, rows))
        if kind in ("scan", "branch") and self.blocks:
            return self.control(d, name, x, wires, kind)
        if kind in ("block", "row") and self.blocks:
            return self.instance(d, name, x, wires, kind == "row")
        layer = d.add(name, Linear(out_features=self.size(d)), x)
        return d.again(f"{name}_again", layer, x) if kind == "again" else layer

    def control(self, d: Drawing, name: str, x: Wire, wires: list[Wire], kind: str) -> Wire:
        """A scan over the two halves of something, or a branch whose ways give the same shape."""
        block = self.one_of(self.blocks)
        args = {p.name: self.size(d) for p in block.params if self.one_of([True, False])}
        others = [self.one_of(wires) for _ in range(1, len(block.block().inputs))]
        if kind == "branch":
            on = self.one_of(["training", "parameter"])
            layer = Branch(then=block.id, otherwise=block.id, then_args=args, otherwise_args=args, on=on)
            return d.control(name, layer, x, *others, of=(block,))
        roles = {node.name: "constant" for node in block.block().inputs[1:]}
        rows = d.add(f"{name}_rows", Stack(), x, x)
        scan = Scan(block=block.id, args=args, roles=roles, reverse=self.one_of([True, False]))
        return d.add(f"{name}_flat", Flatten(), d.control(name, scan, rows, *others, of=(block,)))

    def instance(self, d: Drawing, name: str, x: Wire, wires: list[Wire], in_row: bool) -> Wire:
        block = self.one_of(self.blocks)
        args = {p.name: self.size(d) for p in block.params if self.one_of([True, False])}
        inputs = [x, *(self.one_of(wires) for _ in range(1, len(block.block().inputs)))]
        if not in_row:
            return d.instance(name, block, *inputs, **args)
        if args and self.one_of([True, False]):
            args = {
                **args,
                next(iter(args)): self.one_of([Expr("4 + i"), Expr("2 * (i + 1)"), Expr("4 if i == 0 else 6")]),
            }
        shared = self.one_of([False, False, True]) and not any(
            "i" in v.names() for v in args.values() if isinstance(v, Expr)
        )
        return d.instance(name, block, *inputs, repeat=self.one_of([2, 3, 18]), shared=shared, **args)

    def project(self) -> Project:
        for k in range(self.one_of(range(3))):
            self.blocks.append(self.drawing(f"Block{k}", is_main=False))
        return self.drawing("Model", is_main=True).project()


def structural(analysis: Analysis) -> list[str]:
    """What is wrong with the network itself; data and loss are another matter here."""
    instances = [i for several in analysis.instances.values() for i in several]
    return [p.message for i in instances for p in i.problems if p.severity == "error"]


def formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, encoding="utf-8").stdout


OF_PROBABILITIES = {"BCELoss", "GaussianNLLLoss"}
"""What they take is from 0 to 1, or above 0."""


def zeros(spec) -> torch.Tensor:
    return torch.zeros([3 if isinstance(size, str) else size for size in spec.shape], dtype=getattr(torch, spec.dtype))


def hold_model_against_analysis(project: Project, analysis: Analysis) -> str:
    """Build the text and run it: its parameters, shapes and classes are the analysis's, its numbers those of a walk."""
    source = model_source(project, analysis)
    model = build(source)[source.main]()
    state = dict(model.named_parameters())
    assert sum(p.numel() for p in state.values()) == analysis.parameters, source.text
    main = analysis.main
    inputs = [zeros(next(iter(main.nodes[node.id].outputs.values()))) for node in project.block().inputs]
    result = model(*inputs)
    results = result if isinstance(result, tuple) else (result,)
    assert all(is_as_inferred(r, spec, {"B": 3, "T": 3}) for r, spec in zip(results, main.outputs, strict=True)), (
        source.text
    )
    model.eval()
    with torch.no_grad():
        random = [torch.randn_like(x) if x.is_floating_point() else x for x in inputs]
        if any(node.layer.key in OF_PROBABILITIES for node in project.block().graph.nodes.values()):
            random = [x.sigmoid() if x.is_floating_point() else x for x in random]
        torch.manual_seed(0)
        result = model(*random)
        torch.manual_seed(0)
        wanted = walk(project, project.main, model, tuple(random), project.block().defaults())
    for got, want in zip(result if isinstance(result, tuple) else (result,), wanted):
        same = torch.allclose(got, want, equal_nan=True) if isinstance(got, torch.Tensor) else got == want
        assert same, source.text
    classes = [n for n in ast.parse(source.text).body if isinstance(n, ast.ClassDef)]
    assert len(classes) == len(used_blocks(project))
    return source.text


@pytest.mark.parametrize("name", VALID)
def test_a_golden_network_is_the_one_that_was_drawn(name):
    project = NETWORKS[name]()
    hold_model_against_analysis(project, infer(project, trusted=True))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_written_formatted_and_can_be_made_larger_from_outside(path):
    project = load(path)
    analysis = infer(project)
    text = hold_model_against_analysis(project, analysis)
    assert formatted(text) == text
    source = model_source(project, analysis)
    inputs = [zeros(next(iter(analysis.main.nodes[n.id].outputs.values()))) for n in project.block().inputs]
    for declared in project.block().params:
        if declared.kind == "int":
            build(source)[source.main](**{declared.name: declared.default * 2})(*inputs)


@settings(max_examples=60)
@given(st.data())
def test_a_random_network_is_the_one_that_was_drawn(data):
    project = Artist(data).project()
    analysis = infer(project, trusted=True)
    if structural(analysis):
        ast.parse(model_source(project, analysis).text)
        return
    text = hold_model_against_analysis(project, analysis)
    assert model_source(project, infer(project, trusted=True)).text == text


@settings(max_examples=25)
@given(st.data())
def test_a_random_text_is_formatted_whatever_is_wrong_with_the_network(data):
    project = Artist(data).project()
    text = with_imports(model_source(project, infer(project, trusted=True)), "A model.").text
    assert formatted(text) == text


NO_KIND = {"Input", "Output", "Block", "Shared", "Chosen", "Missing", "Code", "Scan", "While", "Branch", "Module"}
KINDS = sorted(k for k in Layer.registry if k not in NO_KIND)


def drawings_of(layer: Layer, params: tuple[BlockParam, ...] = ()) -> Iterator[Drawing]:
    """The layer alone in a network, for each of its samples, with its first output read and with all of them."""
    several = len(layer.ports_out()) > 1
    for sample in samples(layer.key):
        wires = {port: specs if isinstance(specs, tuple) else (specs,) for port, specs in sample.items()}
        if any(spec.shape[:1] != ("B",) or spec.rank < 2 for specs in wires.values() for spec in specs):
            continue  # the network's own inputs begin with the batch
        for reads_all in (False, True) if several else (False,):
            d = Drawing("Model", *params)
            node = d.add("layer", layer)
            for port, specs in wires.items():
                for slot, spec in enumerate(specs):
                    wire = d.input(f"{port}{slot}", *spec.shape[1:], dtype=spec.dtype)
                    d.edges.add(Edge(wire.node, wire.port, node.node, port, slot))
            for port in layer.ports_out() if reads_all else layer.ports_out()[:1]:
                d.output(f"to_{port.name}", Wire(node.node, port.name))
            yield d


@pytest.mark.parametrize("key", KINDS)
def test_every_layer_is_written_into_a_network_that_runs(key):
    need_torchvision(key)
    for drawing in drawings_of(Layer.registry[key]()):
        project = drawing.project()
        analysis = infer(project)
        assert structural(analysis) == []
        hold_model_against_analysis(project, analysis)


@pytest.mark.parametrize("key", KINDS)
def test_every_number_of_a_layer_can_be_a_parameter_of_its_block(key):
    need_torchvision(key)
    layer = Layer.registry[key]()
    for name, declared in layer.params.items():
        value = getattr(layer, name)
        if declared.literal or type(value) not in (int, float, bool):
            continue
        kind = {int: "int", float: "float", bool: "bool"}[type(value)]
        for drawing in drawings_of(layer.with_(**{name: Expr("setting")}), (BlockParam("setting", kind, value),)):
            project = drawing.project()
            analysis = infer(project)
            assert structural(analysis) == []
            assert "setting" in hold_model_against_analysis(project, analysis), f"{key}.{name}"


def test_the_text_of_every_layer_is_formatted(tmp_path: Path):
    for key in KINDS:
        for index, drawing in enumerate(drawings_of(Layer.registry[key]())):
            project = drawing.project()
            text = with_imports(model_source(project, infer(project)), "A model.").text
            (tmp_path / f"{key}{index}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert (run.stdout, run.returncode) == ("", 0)


def test_a_text_runs_where_netsmith_cannot_be_imported(tmp_path: Path):
    for name in VALID:
        project = NETWORKS[name]()
        analysis = infer(project, trusted=True)
        source = with_imports(model_source(project, analysis), "A model.")
        (tmp_path / f"{name}.py").write_text(source.text, encoding="utf-8")
    script = f"""
import importlib, json, sys
sys.modules["engine"] = None
print(json.dumps([sorted(getattr(importlib.import_module(n), m)().state_dict()) for n, m in {mains()!r}]))
"""
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    for name, keys in zip(VALID, json.loads(run.stdout)):
        project = NETWORKS[name]()
        source = model_source(project, infer(project, trusted=True))
        assert keys == sorted(build(source)[source.main]().state_dict())


def mains() -> list[tuple[str, str]]:
    projects = {name: NETWORKS[name]() for name in VALID}
    return [(name, model_source(p, infer(p, trusted=True)).main) for name, p in projects.items()]


HOSTILE = st.one_of(
    st.sampled_from(
        [
            '"""',
            "\n",
            "\\",
            "x\nimport os",
            "__import__('os')",
            "nn",
            "torch",
            "self",
            "class",
            "_",
            "",
            "é",
            "\0",
            "a" * 200,
        ]
    ),
    st.text(max_size=30),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
@example('"""\nimport os\n"""', "x = 1\n", "\rimport os", "\u2028import os")
def test_no_name_and_no_text_of_a_file_becomes_code(name, title, help_text, message):
    """What a file says is written as identifiers, docstrings, comments and literals, or not at all."""
    d = Drawing("Model")
    x = d.input("points", 8)
    x = d.add("first", Linear(out_features=4), x)
    d.output("out", d.add("code", CODE, x))
    project = d.project()
    block = project.block()
    nodes = {k: Node(k, name + k if v.name != "first" else name, v.layer) for k, v in block.graph.nodes.items()}
    inner = Block("inner", message, (BlockParam("word", "text", "a"),), block.graph, title)
    instance = Node("n9", message, BlockLayer(block="inner", args={"word": help_text}))
    nodes["n9"] = instance
    hostile = replace(block, name=title, help=help_text, graph=replace(block.graph, nodes=nodes))
    project = replace(project, blocks={project.main: hostile, "inner": inner})
    try:
        source = model_source(project, infer(project))
    except EngineError:
        return
    allowed = (ast.ClassDef, ast.FunctionDef)
    tree = ast.parse(source.text)
    assert all(isinstance(n, allowed) for n in tree.body), source.text
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom | ast.Global)]
    called = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert not {c for c in called if c.split(".")[0] in ("__import__", "os", "eval", "exec")}, source.text


def test_images_come_through_as_well():
    d = Drawing("Model", BlockParam("width", default=6))
    x = d.input("images", 3, 8, 8)
    for k in range(3):
        x = d.add(f"conv{k}", Conv2d(out_channels=Expr(f"width * {k + 1}")), x)
        x = d.add(f"norm{k}", BatchNorm2d(), x)
    d.output("out", x)
    project = d.project()
    hold_model_against_analysis(project, infer(project))
