"""A planted NaN is named exactly wherever it stands: in loops, branches, rows, phases, drawn losses, own classes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.script import script as generate
from engine.graph.graph import Edge, NodeId
from engine.layers.base import Layer
from engine.layers.code import CodeLayer
from engine.layers.control import Branch, Scan, While
from engine.layers.linear import Linear
from engine.recipe.base import Dataset
from engine.recipe.files import ImageFolder
from engine.recipe.losses import CrossEntropyLoss, NoLoss
from engine.recipe.optimizers import SGD
from engine.recipe.optimizers_special import LBFGS, Muon
from engine.recipe.recipe import Recipe
from engine.training.events import Steps
from engine.training.run import TrainingRun
from tests.engine.drawing import Drawing
from tests.engine.networks import chain, project
from tests.engine.recipe_networks import suited
from tests.engine.runs import code, finished, layer, moons, of
from tests.engine.test_bad_node import DIVIDES, ROOT, failure
from tests.engine.test_recipe import pictures
from tests.laws.special_scripts import drawn, gan, heads, words

WAYS = {"forward": DIVIDES, "backward": ROOT}
both_ways = pytest.mark.parametrize("way", WAYS)
OPTIONS = {
    "plain": {},
    "bfloat16": {"precision": "bfloat16"},
    "clipped": {"clip": 0.5},
    "accumulated": {"accumulate": 3, "batch_size": 8},
    "all of it": {"precision": "bfloat16", "clip": 0.5, "accumulate": 2, "batch_size": 16},
    "several looks a step": {"optimizer": LBFGS(max_iter=3)},
    "a line search": {"optimizer": LBFGS(max_iter=3, line_search_fn="strong_wolfe")},
    "two optimizers": {"optimizer": Muon()},
}


def finishing(d, x, **recipe):
    """The drawing with a head behind a wire, to be trained on two moons."""
    d.output("y", d.add("last", Linear(out_features=2), x))
    options = {"dataset": Dataset.registry["TwoMoons"](samples=100), "epochs": 3, "seed": 1, "device": "cpu"}
    return replace(d.project(), recipe=Recipe(**options | recipe))


def begun():
    d = Drawing()
    return d, d.add("wide", Linear(out_features=6), d.input("x", 2))


def inside(bad, name="Inner", *, squash=True):
    """A block: a Linear, the bad node, and what makes infinity finite again."""
    d = Drawing(name)
    out = d.add("bad", code(bad), d.add("linear", Linear(out_features=6), d.input("x")))
    d.output("y", d.add("squash", layer("Tanh"), out) if squash else out)
    return d


def scanned(bad, **recipe):
    cell, d = Drawing("Cell"), Drawing()
    x, h = cell.input("x"), cell.input("h")
    both = cell.add("sum", layer("Add"), cell.add("of_x", Linear(out_features=6), x),
                    cell.add("of_h", Linear(out_features=6), h))  # fmt: skip
    cell.output("h_next", cell.add("tanh", layer("Tanh"), cell.add("bad", code(bad), both)))
    steps = d.add("steps", code("def steps(x):\n    return x.unsqueeze(-1)\n"), d.input("x", 2))
    return finishing(d, d.control("scan", Scan(block=cell.id), steps, of=(cell,)).h, **recipe)


def repeated_until(bad, **recipe):
    d, x = begun()
    cell = inside(bad)
    return finishing(d, d.control("loop", While(block=cell.id, limit=3), x, of=(cell,)), **recipe)


def branched(bad, on, *, is_second=False, **recipe):
    d, x = begun()
    good, other = inside("def fine(x):\n    return x\n", "Good"), inside(bad, squash=False)
    ways = (good, other) if is_second else (other, good)
    wires = (x,)
    if on == "condition":
        sign = "!=" if is_second else "=="
        wires = d.add("ask", code(f"def ask(s):\n    return s.sum() {sign} s.sum()\n"), x), x
    choice = Branch(then=ways[0].id, otherwise=ways[1].id, on=on, when=not is_second)
    return finishing(d, d.control("way", choice, *wires, of=ways), **recipe)


def nested(bad, *, shared=False, shared_inside=False, **recipe):
    inner, outer, (d, x) = inside(bad), Drawing("Outer"), begun()
    row = outer.instance("row", inner, outer.input("x"), repeat=2, shared=shared_inside)
    outer.output("y", outer.add("mix", Linear(out_features=6), row))
    return finishing(d, d.instance("stage", outer, x, repeat=3, shared=shared), **recipe)


def in_sequence(bad):
    stage, (d, x) = Drawing("Stage", sequence=True), begun()
    linear = stage.add("linear", Linear(out_features=6), stage.input("x"))
    stage.output("y", stage.add("squash", layer("Tanh"), stage.add("bad", code(bad), linear)))
    return finishing(d, d.instance("stage", stage, x, repeat=2))


def called_twice(bad):
    """The second call of the same layer is given zeros."""
    d, x = begun()
    first = d.add("first", code(bad), x)
    return finishing(d, d.again("second", first, d.add("zero", code("def zero(x):\n    return x * 0\n"), first)))


def side_by_side(bad, *, is_cut=False):
    """The bad node is on a way that does not lead to the first layer."""
    d = Drawing()
    x = d.input("x", 2)
    one = d.add("one", Linear(out_features=6), x)
    beginning = d.add("cut", code("def cut(x):\n    return x.detach()\n"), one) if is_cut else x
    other = d.add("third", code(bad), d.add("other", Linear(out_features=6), beginning))
    return finishing(d, d.add("sum", layer("Add"), one, other))


PLACES = {
    "scan": (scanned, "scan.bad"),
    "scan, all of it": (lambda bad: scanned(bad, precision="bfloat16", clip=1.0), "scan.bad"),
    "loop": (repeated_until, "loop.bad"),
    "branch of training": (lambda bad: branched(bad, "training"), "way_then.bad"),
    "yes of a condition": (lambda bad: branched(bad, "condition"), "way_then.bad"),
    "no of a condition": (lambda bad: branched(bad, "condition", is_second=True), "way_otherwise.bad"),
    "no of a parameter": (lambda bad: branched(bad, "parameter", is_second=True), "way.bad"),
    "rows in rows": (nested, "stage.2.row.1.bad"),
    "rows in rows, all of it": (lambda bad: nested(bad, clip=1.0, accumulate=2, batch_size=8), "stage.2.row.1.bad"),
    "row of the same weights": (lambda bad: nested(bad, shared=True), "stage.row.1.bad"),
    "the same weights in a row": (lambda bad: nested(bad, shared_inside=True), "stage.2.row.bad"),
    "sequence": (in_sequence, "stage.1.bad"),
    "beside": (side_by_side, "third"),
    "behind what is cut off": (lambda bad: side_by_side(bad, is_cut=True), "third"),
}


@both_ways
@pytest.mark.parametrize("place", PLACES)
def test_a_bad_node_inside_of_others_is_named_with_the_way_there(place, way, tmp_path):
    make, name = PLACES[place]
    given = make(WAYS[way])
    ending = failure(given, tmp_path)
    assert ending.bad.name == name
    assert "step 1," in ending.message
    block, node = ending.path[-1]
    assert (ending.block, ending.node) == (block, node)
    planted = given.blocks[block].graph.nodes[node]
    assert planted.name == name.rpartition(".")[2]
    assert planted.layer.source == WAYS[way]


@both_ways
@pytest.mark.parametrize("option", OPTIONS)
def test_a_bad_node_is_named_however_its_gradient_is_used(option, way, tmp_path):
    ending = failure(moons(code(WAYS[way]), Linear(out_features=6), **OPTIONS[option]), tmp_path)
    assert (ending.bad.name, ending.bad.way) == ("middle0", way)
    assert "step 1," in ending.message


@pytest.mark.parametrize("bad", ["x / x", "torch.sqrt(x.abs()) + x"])
def test_of_a_layer_that_is_called_twice_the_call_is_named(bad, tmp_path):
    assert failure(called_twice(f"def bad(x):\n    return {bad}\n"), tmp_path).bad.name == "second"


def planted(given, block, behind, bad):
    """The project with a bad node behind another one of a block."""
    where = given.block(block)
    source, node = where.graph.by_name(behind).id, NodeId("planted")
    new = replace(where.graph.nodes[source], id=node, name="bad", layer=code(bad))
    old = [e for e in where.graph.edges if e.source == source]
    edges = where.graph.edges - set(old) | {replace(e, source=node, source_port="out") for e in old}
    edges |= {Edge(source, old[0].source_port, node, "x")}
    graph = replace(where.graph, nodes={**where.graph.nodes, node: new}, edges=frozenset(edges))
    return replace(given, blocks={**given.blocks, where.id: replace(where, graph=graph)})


PHASES = {
    "plain": {},
    "all of it": {"precision": "bfloat16", "accumulate": 2, "clip": 1.0},
    "several looks a step": {"discriminator": {"optimizer": LBFGS(max_iter=3)}},
}


@both_ways
@pytest.mark.parametrize("block", ["generator", "discriminator"])
@pytest.mark.parametrize("how", PHASES)
def test_a_bad_node_of_a_phase_is_named(how, block, way, tmp_path):
    ending = failure(planted(gan(**PHASES[how]), block, "fc0", WAYS[way]), tmp_path)
    assert (ending.bad.name, ending.bad.way) == (f"{block}.bad", way)
    assert "step 1," in ending.message


def test_a_bad_node_of_a_phase_that_rests_is_named_when_its_turn_comes(tmp_path):
    ending = failure(planted(gan(generator={"every": 2}), "generator", "fc0", ROOT), tmp_path)
    assert ending.bad.name == "generator.bad"
    assert "step 2," in ending.message


@both_ways
@pytest.mark.parametrize("behind", ["head", "surprise", "size"])
def test_a_bad_node_before_and_in_a_loss_that_is_drawn_is_named(behind, way, tmp_path):
    ending = failure(planted(drawn(accumulate=2, clip=1.0), "", behind, WAYS[way]), tmp_path)
    assert (ending.bad.name, ending.bad.way) == ("bad", way)


@both_ways
@pytest.mark.parametrize(("make", "behind"), [(heads, "aux"), (lambda: words(SGD()), "look")], ids=["head", "sparse"])
def test_a_bad_node_before_a_side_head_and_behind_sparse_gradients_is_named(make, behind, way, tmp_path):
    assert failure(planted(make(), "", behind, WAYS[way]), tmp_path).bad.name == "bad"


OWN = """class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0
        self.linear = nn.Linear(6, 6)

    def forward(self, x):
        self.calls += self.training
        x = self.linear(x)
        return {bad} if self.calls > 7 else x
"""


@pytest.mark.parametrize("bad", ["x / (x - x)", "torch.sqrt(x * 0) + x"])
@pytest.mark.parametrize("repeat", [1, 2])
def test_a_class_of_ones_own_is_named_at_the_very_step(repeat, bad, tmp_path):
    stage, (d, x) = Drawing("Stage"), begun()
    stage.output("y", stage.add("own", CodeLayer(source=OWN.format(bad=bad)), stage.input("x")))
    ending = failure(finishing(d, d.instance("stage", stage, x, repeat=repeat)), tmp_path)
    row = "" if repeat == 1 else ".0" if "/" in bad else ".1"
    assert ending.bad.name == f"stage{row}.own"
    assert ending.path == (("model", "n3"), ("stage", "n2"))
    assert "step 8, in epoch 3" in ending.message


def images(folder, bad):
    folder.mkdir()
    middle = {"flat": layer("Flatten"), "wide": Linear(out_features=6), "bad": code(bad)}
    given = suited(ImageFolder(path=pictures(folder), size=8), device="cpu", batch_size=4)
    main = chain(x=Layer.registry["Input"](), **middle, last=Linear(out_features=2), out=Layer.registry["Output"]())
    return project(main, recipe=given.recipe)


@both_ways
def test_a_bad_node_behind_data_that_are_read_from_disk_is_named(way, tmp_path):
    ending = failure(images(tmp_path / "pictures", WAYS[way]), tmp_path / "runs")
    assert (ending.bad.name, ending.bad.way) == ("bad", way)


def with_open_end(source):
    """A class of one's own, what draws and keeps figures behind it, and an output of infinities that no loss minds."""
    d, x = begun()
    own = d.add("own", CodeLayer(source=source), x)
    kept = d.add("norm", layer("BatchNorm1d"), d.add("drop", layer("Dropout", p=0.3), own))
    d.output("y", d.add("last", Linear(out_features=2), kept))
    d.output("open", d.add("mask", code("def mask(x):\n    return x.detach() * 0 - torch.inf\n"), x))
    losses = (CrossEntropyLoss(), NoLoss())
    data = Dataset.registry["TwoMoons"](samples=100)
    return d.project(dataset=data, device="cpu", losses=losses, epochs=4, seed=1)


@pytest.mark.parametrize("bad", ["x / (x - x)", "torch.sqrt(x * 0) + x"])
def test_a_bad_node_is_named_after_many_steps_of_infinities_that_did_no_harm(bad, tmp_path):
    ending = failure(with_open_end(OWN.format(bad=bad)), tmp_path)
    assert ending.bad.name == "own"
    assert "step 8," in ending.message


def test_infinities_that_do_no_harm_leave_the_curve_alone():
    """Not even what a class of one's own counts is touched by going through a batch again."""
    given = with_open_end(OWN.format(bad="x").replace("return x if", "return x * self.calls if"))
    with TrainingRun(given, trusted=True) as run:
        losses = np.concatenate([s.losses for s in of(finished(run), Steps)])
    script = build(generate(given, infer(given, trusted=True)))
    steps = script["train"](*script["setup"](), epochs=4)
    assert losses.tolist() == [float(step) for step in steps if isinstance(step, torch.Tensor)]


HOOKED = """class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0
        self.one = nn.Parameter(torch.ones({size}))
        self.other = nn.Parameter(torch.ones({size}))

    def forward(self, x):
        self.calls += self.training
        other = self.other * 1
        if self.calls == 8 and {is_here}:
            other.register_hook(lambda gradient: gradient * torch.tensor([{bad}] + [1.0] * ({size} - 1)))
        return x * (self.one * other)[0]
"""


@pytest.mark.parametrize("bad", ["float('nan')", "float('inf')"])
@pytest.mark.parametrize("place", range(5))
def test_one_bad_number_in_the_gradient_of_one_parameter_stops_the_run_at_that_step(place, bad, tmp_path):
    middle = [CodeLayer(source=HOOKED.format(size=5, bad=bad, is_here=here == place)) for here in range(5)]
    ending = failure(moons(*middle), tmp_path)
    assert ending.bad.name == f"middle{place}"
    assert ending.message.startswith(
        "The gradient is not a finite number at step 8, in epoch 3, though the loss is one."
    )
