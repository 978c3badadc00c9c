"""Shapes, problems and what follows from them, on networks of a few layers."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

import engine.layers  # noqa: F401 - fills the registry
from engine.analysis.infer import clear_memo, infer
from engine.document.edits import AddNode, RemoveNodes, Rename, SetParam
from engine.document.project import MAIN, Project
from engine.expr import Expr
from engine.graph.block import Block, BlockParam
from engine.graph.graph import Edge, Graph
from engine.layers.activation import ReLU
from engine.layers.block import BlockLayer, Shared
from engine.layers.code import CodeLayer, Missing
from engine.layers.convolution import Conv1d, Conv2d
from engine.layers.dropout import Dropout
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.layers.merge import Add, Concat
from engine.layers.pooling import MaxPool2d
from engine.layers.recurrent import LSTM
from engine.layers.shape import Flatten
from engine.recipe.recipe import Recipe
from tests.engine.networks import block, chain, graph, project


def errors(analysis):
    return [p for p in analysis.problems if p.severity == "error"]


def messages(analysis, severity="error"):
    return [p.message for p in analysis.problems if p.severity == severity]


def shape(analysis, node, block=MAIN, port="out"):
    spec = analysis.node(node, block).outputs[port]
    return None if spec is None else str(spec)


@pytest.fixture
def digits():
    """A network that fits the digits."""
    return project(
        chain(x=Input(), conv=Conv2d(out_channels=8), flat=Flatten(), head=Linear(out_features=10), y=Output())
    )


RESIDUAL = block(
    "residual",
    graph(
        {"x": Input(), "conv": Conv2d(out_channels=Expr("width")), "relu": ReLU(), "y": Output()},
        "x -> conv",
        "conv -> relu",
        "relu -> y",
    ),
    BlockParam("width", default=4),
)


def with_stage(**options):
    layer = BlockLayer(block="residual", **options)
    nodes = {"x": Input(), "stage": layer, "flat": Flatten(), "head": Linear(out_features=10), "y": Output()}
    return project(graph(nodes, "x -> stage.x", "stage.y -> flat", "flat -> head", "head -> y"), RESIDUAL)


def test_every_wire_has_a_shape_and_every_node_its_weights(digits):
    analysis = infer(digits)
    assert analysis.problems == ()
    assert analysis.is_valid
    assert [shape(analysis, n) for n in ("x", "conv", "flat", "head")] == [
        "B × 1 × 8 × 8",
        "B × 8 × 8 × 8",
        "B × 512",
        "B × 10",
    ]
    assert analysis.node("conv", MAIN).derived == {"in_channels": 1}
    assert analysis.parameters == 8 * 9 + 8 + 512 * 10 + 10
    assert analysis.flops == 2 * 8 * 9 * 64 + 2 * 512 * 10


def test_a_vocabulary_of_the_batch_that_is_run_stays_a_number():
    for size in (9973, 10000, 20160):
        analysis = infer(project(chain(x=Input(shape=(size,)), y=Output())))
        assert shape(analysis, "x") == f"B × {size}"
        analysis = infer(project(chain(x=Input(shape=(4,)), head=Linear(out_features=size), y=Output())))
        assert shape(analysis, "head") == f"B × {size}"


def test_a_free_size_keeps_its_name_downstream():
    nodes = {"x": Input(shape=(3, "T")), "conv": Conv1d(out_channels=8, stride=2, padding=1), "y": Output()}
    analysis = infer(project(chain(**nodes)))
    assert shape(analysis, "conv") == "B × 8 × (T+1)//2"


def test_outputs_have_names_and_each_its_shape():
    analysis = infer(
        project(graph({"x": Input(shape=(5, 4)), "lstm": LSTM(hidden_size=6), "y": Output()}, "x -> lstm"))
    )
    assert {p: str(s) for p, s in analysis.node("lstm", MAIN).outputs.items()} == {
        "output": "B × 5 × 6",
        "h": "1 × B × 6",
        "c": "1 × B × 6",
    }


def test_a_failure_leaves_what_follows_unknown_and_says_so_once():
    nodes = {"x": Input(), "a": Conv1d(), "b": ReLU(), "c": ReLU(), "side": ReLU(), "y": Output()}
    analysis = infer(project(graph(nodes, "x -> a", "a -> b", "b -> c", "c -> y", "x -> side")))
    assert [p.node for p in errors(analysis)] == ["a"]
    assert messages(analysis, "info") == ["b and 2 more: shapes unknown until a fits."]
    assert shape(analysis, "b") is None
    assert shape(analysis, "side") == "B × 1 × 8 × 8"
    assert analysis.node("a", MAIN).failed
    assert not analysis.node("b", MAIN).failed


def test_shapes_that_differ_are_told_with_where_they_come_from():
    nodes = {"x": Input(), "small": MaxPool2d(), "join": Add(), "y": Output()}
    analysis = infer(project(graph(nodes, "x -> small", "x -> join:0", "small -> join:1", "join -> y")))
    assert (
        messages(analysis)[0]
        == "The inputs differ in dimensions 2 and 3: B × 1 × 8 × 8 from x, B × 1 × 4 × 4 from small."
    )


def test_an_input_that_is_not_connected_is_an_error_of_that_node(digits):
    analysis = infer(RemoveNodes(("flat",))(digits))
    assert [(p.node, p.message) for p in errors(analysis)] == [("head", "head needs an input.")]
    assert messages(analysis, "info") == ["y: shape unknown until head is connected."]


def test_what_feeds_nothing_is_a_warning(digits):
    analysis = infer(AddNode(Input(), "extra")(AddNode(Dropout(), "lost")(digits)))
    assert "lost needs an input." in messages(analysis)
    assert messages(analysis, "warning") == ["extra is not used."]


def test_what_feeds_nothing_yet_is_no_warning_while_a_network_without_an_output_is_built():
    analysis = infer(project(chain(x=Input(), relu=ReLU(), lin=Linear())))
    assert messages(analysis, "warning") == []
    assert messages(analysis, "error") == ["Nothing comes out: there is no Output."]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (Project(), "The network is empty."),
        (project(chain(x=Input(), relu=ReLU())), "Nothing comes out: there is no Output."),
        (Project(blocks={}), "The project has no main block."),
    ],
)
def test_a_network_from_which_nothing_comes_out_is_an_error(made, message):
    assert message in messages(infer(made))


def test_a_circle_is_one_error_and_the_rest_still_has_shapes():
    nodes = {"x": Input(), "a": Add(), "b": ReLU(), "c": ReLU(), "flat": Flatten(), "y": Output()}
    wires = ("x -> a", "b -> a:1", "a -> b", "b -> c", "x -> flat", "flat -> y")
    analysis = infer(project(graph(nodes, *wires)))
    assert "Data goes round in a circle: a, b." in messages(analysis)
    assert messages(analysis, "info") == ["c: shape unknown until a is out of its circle."]
    assert shape(analysis, "flat") == "B × 64"


def test_wires_without_ends_or_ports_are_problems_not_crashes():
    made = graph({"x": Input(), "relu": ReLU(), "y": Output()}, "x -> relu", "relu -> y")
    lost = frozenset({Edge("gone", "out", "y", "x"), Edge("x", "out", "away", "x")})
    ports = frozenset({Edge("x", "nothing", "relu", "x"), Edge("x", "out", "relu", "other")})
    for extra in (lost, ports):
        assert errors(infer(project(Graph(made.nodes, made.edges | extra, 9))))


def test_an_unknown_layer_is_named_and_kept():
    missing = Missing(data={"kind": "Warp"}, ports=(("x",), ("out",)))
    analysis = infer(project(chain(x=Input(), warp=missing, relu=ReLU(), y=Output())))
    assert "Warp is no layer that this version knows." in messages(analysis)
    assert messages(analysis, "info") == ["relu and 1 more: shapes unknown until warp is known."]


def test_an_option_that_cannot_be_computed_is_an_error_of_its_node():
    analysis = infer(project(chain(x=Input(), conv=Conv2d(out_channels=Expr("wdth * 2")), y=Output())))
    assert errors(analysis)[0].node == "conv"
    assert "wdth" in errors(analysis)[0].message


def test_the_parameters_of_the_main_block_decide_sizes():
    made = chain(x=Input(), flat=Flatten(), head=Linear(out_features=Expr("width * 5")), y=Output())
    analysis = infer(project(made, params=(BlockParam("width", default=2),)))
    assert shape(analysis, "head") == "B × 10"
    assert analysis.main.args == {"width": 2}


# The user's own Python


def test_code_that_nobody_trusted_is_never_run(tmp_path):
    touched = tmp_path / "touched"
    source = f"def touch(x):\n    __import__('pathlib').Path({str(touched)!r}).touch()\n    return x\n"
    made = project(chain(x=Input(), mine=CodeLayer(source=source), y=Output()))
    analysis = infer(made)
    assert messages(analysis, "warning") == ["mine is not trusted yet."]
    assert shape(analysis, "mine") is None
    assert not touched.exists()
    assert shape(infer(made, trusted=True), "mine") == "B × 1 × 8 × 8"
    assert touched.exists()


@pytest.mark.parametrize(
    "body",
    [
        "raise ZeroDivisionError",
        "return '3'",
        "return missing",
        "return x.view(7, 7, 7)",
        "raise SystemExit(3)",
    ],
)
def test_code_that_fails_is_a_problem_of_its_node(body):
    made = project(chain(x=Input(), mine=CodeLayer(source=f"def f(x):\n    {body}\n"), y=Output()))
    assert errors(infer(made, trusted=True))[0].node == "mine"


def test_a_function_of_the_users_may_be_called_as_inference_calls_its_own():
    made = project(chain(x=Input(), mine=CodeLayer(source="def forward(x):\n    return x\n"), y=Output()))
    assert shape(infer(made, trusted=True), "mine") == "B × 1 × 8 × 8"


# Blocks


def test_a_block_takes_its_arguments_and_gives_its_outputs():
    analysis = infer(with_stage(args={"width": 6}))
    assert analysis.problems == ()
    assert shape(analysis, "stage", port="y") == "B × 6 × 8 × 8"
    assert analysis.of("residual").args == {"width": 6}
    assert shape(analysis, "conv", "residual") == "B × 6 × 8 × 8"


def test_repeats_in_a_row_count_with_i_and_have_weights_of_their_own():
    analysis = infer(with_stage(args={"width": Expr("4 * (i + 1)")}, repeat=3))
    assert shape(analysis, "stage", port="y") == "B × 12 × 8 × 8"
    stage = analysis.node("stage", MAIN)
    assert [r.args["width"] for r in stage.repeats] == [4, 8, 12]
    assert stage.parameters == (9 * 4 + 4) + (4 * 9 * 8 + 8) + (8 * 9 * 12 + 12)
    assert len(analysis.instances["residual"]) == 3


def test_repeats_with_the_same_weights_need_a_shape_that_stays():
    analysis = infer(with_stage(args={"width": 6}, repeat=3, shared=True))
    assert "takes B × 1 × 8 × 8 and gives B × 6 × 8 × 8" in messages(analysis)[0]
    stays = infer(with_stage(args={"width": 1}, repeat=3, shared=True))
    assert stays.problems == ()
    assert stays.node("stage", MAIN).parameters == 10
    assert stays.node("stage", MAIN).flops == 3 * 2 * 9 * 64


def test_arguments_are_checked_where_they_are_given():
    for args in ({"depth": 3}, {"width": "wide"}, {"width": Expr("nowhere")}, {"width": Expr("1 / 0")}):
        assert errors(infer(with_stage(args=args)))[0].node == "stage"
    assert errors(infer(with_stage(args={"width": Expr("i + 1")}, repeat=2, shared=True)))[0].node == "stage"


def test_trouble_inside_a_block_has_its_path_and_is_seen_from_outside():
    bad = block("residual", chain(x=Input(), conv=Conv1d(), y=Output()))
    made = with_stage(args={})
    analysis = infer(Project(blocks={**made.blocks, "residual": bad}))
    assert [(p.path, p.block, p.node) for p in errors(analysis)] == [("stage.conv", "residual", "conv")]
    assert "stage and 3 more: shapes unknown until stage.conv fits." in messages(analysis, "info")


def test_blocks_never_stand_in_themselves():
    def inside(name):
        return graph({"x": Input(), "b": BlockLayer(block=name), "y": Output()}, "x -> b.x", "b.y -> y")

    made = project(inside("one"), block("one", inside("two")), block("two", inside("one")))
    assert any("would contain itself" in m for m in messages(infer(made)))


def test_a_block_that_is_not_there_is_an_error():
    made = project(graph({"x": Input(), "b": BlockLayer(block="gone"), "y": Output()}, "x -> b.x", "b.y -> y"))
    assert "There is no block gone." in messages(infer(made))


def test_blocks_nest_forty_deep_and_then_say_so():
    names = [f"b{i}" for i in range(60)]

    def around(name):
        return graph({"x": Input(), "b": BlockLayer(block=name), "y": Output()}, "x -> b.x", "b.y -> y")

    inner = block(names[-1], chain(x=Input(), y=Output()))
    blocks = [block(a, around(b)) for a, b in pairwise(names)]
    analysis = infer(project(around(names[0]), *blocks, inner))
    assert any("nested more than" in m for m in messages(analysis))


# Shared weights


def test_a_layer_used_twice_counts_its_weights_once():
    nodes = {"x": Input(), "flat": Flatten(), "one": Linear(out_features=64), "two": Shared(node="one"), "y": Output()}
    analysis = infer(project(graph(nodes, "x -> flat", "flat -> one", "one -> two.x", "two.out -> y")))
    assert analysis.parameters == 64 * 64 + 64
    assert analysis.node("two", MAIN).parameters == 0
    assert shape(analysis, "two") == "B × 64"


def test_a_layer_used_twice_needs_the_same_sizes_in_both_places():
    nodes = {"x": Input(), "flat": Flatten(), "one": Linear(out_features=10), "two": Shared(node="one"), "y": Output()}
    analysis = infer(project(graph(nodes, "x -> flat", "flat -> one", "one -> two.x", "two.out -> y")))
    assert messages(analysis) == ["two uses the weights of one, but needs in_features 10 instead of 64."]


def test_a_shared_layer_without_an_original_is_an_error():
    analysis = infer(project(chain(x=Input(), two=Shared(node="gone"), y=Output())))
    assert "two repeats a layer that is not there." in messages(analysis)


# The recipe


def test_an_output_has_one_score_for_each_class(digits):
    analysis = infer(SetParam("head", "out_features", 12)(digits))
    assert [(p.node, p.message) for p in errors(analysis)] == [("y", "y gives B × 12, but Digits has 10 classes.")]


def test_an_input_takes_what_the_data_gives(digits):
    analysis = infer(SetParam("x", "shape", (1, 28, 28))(digits))
    assert "x takes B × 1 × 28 × 28, but Digits gives B × 1 × 8 × 8." in messages(analysis)
    assert infer(SetParam("x", "shape", (1, 8, 8))(digits)).is_valid


def test_inputs_outputs_and_losses_are_counted_against_the_data(digits):
    two = AddNode(Output(), "second")(AddNode(Input(), "more")(digits))
    found = messages(infer(two))
    assert "The network has 2 outputs, the recipe 1 loss." in found
    assert "Digits gives 1 input, the network has 2." in found


def test_a_loss_for_numbers_does_not_take_classes(digits):
    from engine.recipe.losses import MSELoss

    made = Project(blocks=digits.blocks, recipe=Recipe(losses=(MSELoss(),)))
    assert "MSELoss cannot be used for digit of Digits, which is a class." in messages(infer(made))


def test_data_that_cannot_be_read_is_a_problem_and_leaves_shapes_unknown(digits, tmp_path):
    from engine.recipe.files import CSVFile

    made = Project(blocks=digits.blocks, recipe=Recipe(dataset=CSVFile(path=str(tmp_path / "gone.csv"))))
    analysis = infer(made)
    assert [p.node for p in errors(analysis)] == ["x"]
    assert shape(analysis, "conv") is None


# What is remembered


def test_an_edit_keeps_what_it_does_not_touch(digits):
    before = infer(digits)
    after = infer(SetParam("head", "bias", False)(digits))
    assert after.main.nodes["conv"] is before.main.nodes["conv"]
    assert after.parameters == before.parameters - 10
    assert infer(digits) == before


def test_a_name_in_a_problem_follows_a_rename():
    nodes = {"x": Input(), "small": MaxPool2d(), "join": Concat(), "y": Output()}
    made = project(graph(nodes, "x -> small", "x -> join:0", "small -> join:1", "join -> y"))
    infer(made)
    analysis = infer(Rename("small", "smaller")(made))
    assert "from smaller" in messages(analysis)[0]
    clear_memo()
    assert infer(Rename("small", "smaller")(made)) == analysis


def test_two_projects_with_the_same_ids_do_not_mix(digits):
    other = project(
        chain(x=Input(), conv=Conv2d(out_channels=3), flat=Flatten(), head=Linear(out_features=10), y=Output())
    )
    for _ in range(2):
        assert shape(infer(digits), "conv") == "B × 8 × 8 × 8"
        assert shape(infer(other), "conv") == "B × 3 × 8 × 8"


def test_a_block_without_a_use_has_no_shapes(digits):
    spare = Block("spare", "Spare", (), Graph())
    assert infer(digits.with_block(spare)).of("spare") is None


def test_several_threads_may_infer_at_once(digits):
    wide = [SetParam("conv", "out_channels", width)(digits) for width in range(1, 25)]
    clear_memo()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(infer, wide * 2))
    assert [a.node("conv", MAIN).outputs["out"].shape[1] for a in found] == list(range(1, 25)) * 2
    clear_memo()
    assert found[:24] == [infer(made) for made in wide]
