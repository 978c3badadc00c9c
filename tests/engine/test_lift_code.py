"""Code that is taken apart into layers: the same results, nothing lost, and the reason where it cannot be."""

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.classes import generate_model
from engine.document.document import Document
from engine.document.project import Project
from engine.errors import EditError
from engine.graph.graph import NodeId
from engine.importing.lift_code import lifted
from engine.layers.code import CodeLayer
from tests.engine.drawing import Drawing, Wire

ATTEND = """def attend(x, heads: int = 2):
    b, t, c = x.shape
    q = x.view(b, t, heads, c // heads).transpose(1, 2)
    s = torch.softmax(q @ q.transpose(-2, -1) / 4.0, dim=-1)
    y = (s @ q).transpose(1, 2).reshape(b, t, c)
    return y + x
"""
NORM = """def norm(x, gain: float = 2.0):
    m = x.mean(-1, keepdim=True)
    v = ((x - m) ** 2).mean(-1, keepdim=True)
    y = gain * (x - m)
    y /= torch.sqrt(v + 1e-5)
    return 1 - y, -m
"""
GATED = """class Gated(nn.Module):
    def __init__(self, size: int, steep: float = 1.0):
        super().__init__()
        self.steep = steep
        self.gate = nn.Linear(size, size, bias=False)
        self.norm = nn.LayerNorm(size)

    def forward(self, x, more=None):
        g = torch.sigmoid(self.steep * self.gate(x))
        g = self.gate(self.norm(g))
        if more is None:
            y = x * g
        else:
            y = more
        return y, g
"""
PARTLY = """def partly(x):
    y = torch.relu(x)
    for k in range(3):
        y = y + k
    return y.sum(1)
"""
PICKED = """def picked(x):
    last = x[:, -1]
    return torch.cat([last, F.gelu(x[:, 0])], dim=1), x.size(1)
"""


def around(source: str, *sizes: int | str, **values: object) -> tuple[Project, NodeId]:
    d = Drawing("Main")
    mine = d.add("mine", CodeLayer(source=source, values=values), d.input("given", *sizes))
    for port in d.nodes[mine.node].layer.ports_out():
        d.output(f"to_{port.name}", Wire(mine.node, port.name))
    return d.project(), mine.node


def extracted(source: str, *sizes: int | str, **values: object):
    project, node = around(source, *sizes, **values)
    return project, lifted(project, infer(project, trusted=True), node, "")


def run(project: Project, x: torch.Tensor, weights: dict | None = None) -> list[torch.Tensor]:
    source = generate_model(project, infer(project, trusted=True))
    torch.manual_seed(0)
    model = build(source)[source.main]()
    if weights is not None:
        model.load_state_dict(weights)
    result = model(x)
    return [torch.as_tensor(r) for r in (result if isinstance(result, tuple) else (result,))]


@pytest.mark.parametrize(
    ("source", "sizes", "real"),
    [(ATTEND, ("T", 8), (3, 5, 8)), (NORM, (6,), (3, 6)), (PARTLY, (4,), (3, 4)), (PICKED, ("T", 4), (2, 5, 4))],
    ids=["attention", "arithmetic", "a loop that stays", "parts and sizes"],
)
def test_the_block_gives_what_the_code_gave_under_the_same_wires(source, sizes, real):
    project, edit = extracted(source, *sizes)
    after = edit(project)
    x = torch.randn(real)
    assert after.block().graph.edges == project.block().graph.edges
    for got, want in zip(run(after, x), run(project, x), strict=True):
        torch.testing.assert_close(got, want)


def test_a_module_becomes_layers_that_keep_the_names_of_its_weights():
    project, edit = extracted(GATED, 4, size=4)
    after = edit(project)
    kinds = [n.layer.key for n in edit.block.graph.nodes.values()]
    assert {"Linear", "LayerNorm", "Shared", "Sigmoid"} <= set(kinds)
    source = generate_model(project, infer(project, trusted=True))
    weights = build(source)[source.main]().state_dict()
    x = torch.randn(3, 4)
    for got, want in zip(run(after, x, weights), run(project, x, weights), strict=True):
        torch.testing.assert_close(got, want)


def test_what_stays_python_is_a_node_of_its_own_with_the_reason():
    _, edit = extracted(PARTLY, 4)
    assert edit.reasons == ("line 3 stays Python: a for is no layer",)
    assert [n.layer.key for n in edit.block.graph.nodes.values()].count("Code") == 1


def test_options_become_parameters_of_the_block_with_their_values():
    project, edit = extracted(NORM, 6, gain=3.0)
    assert [(p.name, p.kind, p.default) for p in edit.block.params] == [("gain", "float", 2.0)]
    assert edit(project).node("n2").layer.args == {"gain": 3.0}


def test_extracting_is_one_step_back():
    project, edit = extracted(ATTEND, "T", 8)
    document = Document(project)
    document.apply(edit)
    assert len(document.project.blocks) == 2
    document.undo()
    assert document.project is project


REFUSED = {
    "no function of torch": ("def f(x):\n    return sum(a for a in x)\n", "sum is no function of torch"),
    "an early return": ("def f(x):\n    if x.dim() > 1:\n        return x\n    return x * 2\n", "returns early"),
    "a module that is not known": (
        "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 4)\n"
        "        self.b = nn.Sequential(self.a)\n    def forward(self, x):\n        return self.a(x)\n",
        "nn.Sequential is no layer that is known here",
    ),
    "a list of modules": (
        "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = [1]\n"
        "    def forward(self, x):\n        for a in self.a:\n            x = x + a\n        return x\n",
        "is no",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_code_that_cannot_be_drawn_stays_with_the_reason(name):
    source, words = REFUSED[name]
    with pytest.raises(EditError, match=words):
        extracted(source, 4)


def test_code_without_known_shapes_is_not_tried():
    project, node = around("def f(x):\n    return torch.relu(x)\n", 4)
    with pytest.raises(EditError, match="not known"):
        lifted(project, infer(project, trusted=False), node, "")
