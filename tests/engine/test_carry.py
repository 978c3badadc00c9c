"""An edited network keeps what was learned: what is matched, what is widened without a change, and what is said."""

import pytest
import torch

from engine.document.edits import AddNode, Connect, Insert, RemoveNodes, Rename, SetParam
from engine.document.grouping import Group, Ungroup
from engine.document.project import Project
from engine.graph.graph import Edge, NodeId
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.training.carry_report import Report
from tests.engine.carried import carried, hows, trained
from tests.engine.networks import block, chain, graph, project
from tests.engine.runs import layer

IMAGE = {"shape": (3, 8, 8)}
TOLERANCE = 1e-5
"""Largest difference of outputs relative to the largest, in single precision, where the function is kept."""


def mlp(*middle, width: int = 8, features: int = 5) -> Project:
    parts = {f"m{i}": part for i, part in enumerate(middle)}
    return project(
        chain(
            x=Input(shape=(features,)),
            first=layer("Linear", out_features=width),
            **parts,
            last=layer("Linear", out_features=3),
            out=Output(),
        )
    )


def cnn(*middle, channels: int = 6) -> Project:
    parts = {f"m{i}": part for i, part in enumerate(middle)}
    return project(
        chain(
            x=Input(**IMAGE),
            conv=layer("Conv2d", out_channels=channels),
            **parts,
            flat=layer("Flatten"),
            last=layer("Linear", out_features=3),
            out=Output(),
        )
    )


def sequence(*middle) -> Project:
    parts = {f"m{i}": part for i, part in enumerate(middle)}
    return project(
        chain(
            x=Input(shape=("T", 5)),
            **parts,
            last=layer("Linear", out_features=3),
            out=Output(),
        )
    )


def edited(before: Project, *edits) -> Project:
    for edit in edits:
        before = edit(before)
    return before


def same(report: Report) -> bool:
    return report.difference is not None and report.difference <= TOLERANCE


MLP = {
    "nothing between": (),
    "relu": (layer("ReLU"),),
    "gelu, dropout": (layer("GELU"), layer("Dropout", p=0.5)),
    "batch norm": (layer("BatchNorm1d"), layer("Tanh")),
    "prelu": (layer("PReLU"),),
    "prelu a channel": (layer("PReLU", num_parameters=8),),
    "two": (layer("ReLU"), layer("Linear", out_features=7), layer("ReLU")),
    "unflattened": (layer("Unflatten", dim=1, unflattened_size=(-1, 2)), layer("Flatten")),
}
CNN = {
    "relu": (layer("ReLU"),),
    "batch norm, pool": (layer("BatchNorm2d"), layer("ReLU"), layer("MaxPool2d")),
    "instance norm": (layer("InstanceNorm2d", affine=True),),
    "conv": (layer("ReLU"), layer("Conv2d", out_channels=4, kernel_size=2, padding="valid")),
    "dilated, strided": (layer("Conv2d", out_channels=4, stride=2, padding=1), layer("SiLU")),
    "transposed": (layer("ConvTranspose2d", out_channels=4, kernel_size=2),),
    "mean": (layer("AdaptiveAvgPool2d"),),
    "upsampled": (layer("Upsample", scale_factor=2.0),),
    "permuted": (layer("Permute", dims=(0, 2, 3, 1)),),
}


@pytest.mark.parametrize("between", MLP)
def test_a_wider_linear_changes_nothing(between):
    wide = tuple(m.with_(num_parameters=13) if getattr(m, "num_parameters", 1) == 8 else m for m in MLP[between])
    width = 14 if between == "unflattened" else 13
    report = carried(mlp(*MLP[between]), mlp(*wide, width=width)).report
    assert same(report), report
    assert report.changes == ()
    assert all(row.keeps for row in report.rows)


@pytest.mark.parametrize("between", CNN)
def test_a_wider_convolution_changes_nothing(between):
    report = carried(cnn(*CNN[between]), cnn(*CNN[between], channels=11)).report
    assert same(report), report
    assert report.changes == ()


@pytest.mark.parametrize("norm", ["LayerNorm", "RMSNorm"])
def test_norms_over_all_features_stay_as_they_were_at_a_multiple_only(norm):
    assert same(carried(mlp(layer(norm)), mlp(layer(norm), width=24)).report)
    report = carried(mlp(layer(norm)), mlp(layer(norm), width=13)).report
    assert not same(report)
    assert report.changes == (f"m0 ({layer(norm).title})",)
    assert not any(row.keeps for row in report.rows if row.node == "m0")


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2}, {"bidirectional": True, "num_layers": 2}])
def test_a_wider_recurrent_layer_changes_nothing(kind, options):
    old, new = (sequence(layer(kind, hidden_size=size, **options)) for size in (4, 7))
    assert same(carried(old, new).report)


def test_more_heads_of_the_same_size_change_nothing():
    old, new = (
        sequence(layer("Linear", out_features=8 * n), layer("MultiheadAttention", num_heads=2 * n)) for n in (1, 2)
    )
    assert same(carried(old, new).report)


def test_a_depthwise_convolution_follows_what_it_is_given():
    old, new = (cnn(layer("Conv2d", out_channels=c, groups=c), channels=c) for c in (6, 10))
    assert same(carried(old, new).report)


def test_copies_do_not_share_their_weight_evenly_or_they_would_learn_the_same():
    found = carried(mlp(layer("ReLU")), mlp(layer("ReLU"), width=16)).tensors
    weight = found["last.weight"]
    assert not torch.allclose(weight[:, :8], weight[:, 8:])
    assert torch.equal(found["first.weight"][:8], found["first.weight"][8:])


def test_a_wider_embedding_changes_nothing_and_new_words_begin_anew():
    def words(dim: int, count: int = 20) -> Project:
        return project(
            chain(
                x=Input(shape=("T",), dtype="int64"),
                table=layer("Embedding", num_embeddings=count, embedding_dim=dim),
                last=layer("Linear", out_features=3),
                out=Output(),
            )
        )

    assert same(carried(words(4), words(9)).report)
    found = carried(words(4), words(4, 25))
    assert same(found.report)
    assert found.tensors["table.weight"].shape == (25, 4)


def test_new_classes_are_no_copies_of_old_ones():
    old = mlp(layer("ReLU"))
    found = carried(old, edited(old, SetParam("last", "out_features", 5)))
    weight, before = found.tensors["last.weight"], trained(old).moment.tensors["last.weight"]
    assert torch.equal(weight[:3], before)
    assert not any(torch.equal(row, other) for row in weight[3:] for other in before)


def test_a_network_cut_keeps_the_first_ones():
    found = carried(mlp(layer("ReLU")), mlp(layer("ReLU"), width=5))
    before = trained(mlp(layer("ReLU"))).moment.tensors
    assert torch.equal(found.tensors["first.weight"], before["first.weight"][:5])
    assert torch.equal(found.tensors["last.weight"], before["last.weight"][:, :5])
    assert hows(found)["first.weight"] == "cut"
    assert not found.report.keeps_function


@pytest.mark.parametrize(
    ("base", "at", "new"),
    [
        (mlp(layer("ReLU")), ("m0", "last"), layer("Linear", out_features=8)),
        (mlp(layer("ReLU")), ("m0", "last"), layer("ReLU")),
        (mlp(layer("ReLU")), ("m0", "last"), layer("Dropout")),
        (mlp(layer("ReLU")), ("m0", "last"), layer("PReLU")),
        (cnn(layer("ReLU")), ("m0", "flat"), layer("Conv2d", out_channels=6)),
        (cnn(layer("ReLU")), ("m0", "flat"), layer("Conv2d", out_channels=6, groups=6, kernel_size=5)),
        (cnn(layer("ReLU")), ("m0", "flat"), layer("Conv2d", out_channels=6, kernel_size=3, dilation=2)),
        (sequence(layer("GELU")), ("m0", "last"), layer("TransformerEncoderLayer", nhead=5, norm_first=True)),
    ],
)
def test_a_new_layer_gives_what_it_takes(base, at, new):
    (edge,) = (e for e in base.block().graph.edges if (e.source, e.target) == at)
    found = carried(base, Insert(edge, new)(base))
    assert same(found.report), found.report
    assert {row.how for row in found.report.rows} <= {"copied", "identity"}


def test_a_pair_of_linear_and_relu_is_inserted_behind_a_relu():
    deep = mlp(layer("ReLU"), layer("Linear", out_features=8), layer("ReLU"))
    assert same(carried(mlp(layer("ReLU")), deep).report)
    report = carried(mlp(layer("Tanh")), mlp(layer("Tanh"), layer("Linear", out_features=8), layer("ReLU"))).report
    assert not same(report)
    assert report.changes == ("m2 (ReLU)",)


def residual(repeat: int = 2, *, norm: bool = False) -> Project:
    parts = {"x": Input(), "a": layer("Linear", out_features=8), "act": layer("ReLU")}
    parts |= {"b": layer("Linear", out_features=8), "norm": layer("BatchNorm1d"), "add": layer("Add"), "out": Output()}
    wires = ["x -> a", "a -> act", "act -> b", "b -> norm", "x -> add.inputs:0", "norm -> add.inputs:1", "add -> out"]
    if not norm:
        del parts["norm"]
        wires[3:6] = ["x -> add.inputs:0", "b -> add.inputs:1"]
    main = graph(
        {
            "x": Input(shape=(5,)),
            "first": layer("Linear", out_features=8),
            "rows": BlockLayer(block="res", repeat=repeat),
            "last": layer("Linear", out_features=3),
            "out": Output(),
        },
        "x -> first",
        "first -> rows.x",
        "rows.out -> last",
        "last -> out",
    )
    return project(main, block("res", graph(parts, *wires)))


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 5), (1, 4)])
def test_new_repeats_of_a_residual_block_add_nothing_yet(norm, before, after):
    found = carried(residual(before, norm=norm), residual(after, norm=norm))
    assert same(found.report), found.report
    last = "norm" if norm else "b"
    assert hows(found)[f"rows.{after - 1}.{last}.weight"] == "zero"
    assert hows(found)[f"rows.0.{last}.weight" if after > 1 else f"rows.{last}.weight"] == "copied"


def test_repeats_that_are_gone_are_dropped():
    report = carried(residual(3), residual(1)).report
    dropped = [row.name for row in report.rows if row.how == "dropped"]
    assert sorted(dropped) == sorted(f"rows.{i}.{n}.{k}" for i in (1, 2) for n in "ab" for k in ("weight", "bias"))


def test_new_repeats_of_a_row_that_adds_nothing_are_as_their_neighbour_or_pass_on():
    def row(repeat: int, kind: str) -> Project:
        inner = chain(x=Input(), a=layer("Linear", out_features=8), act=layer(kind), out=Output())
        main = mlp(BlockLayer(block="inner", repeat=repeat)).block().graph
        wires = {Edge("first", "out", "m0", "x"), Edge("m0", "out", "last", "x")}
        kept = {e for e in main.edges if "m0" not in (e.source, e.target)}
        return project(type(main)(main.nodes, frozenset(kept | wires), main.next_id), block("inner", inner))

    relu = carried(row(2, "ReLU"), row(4, "ReLU"))
    assert same(relu.report)
    assert hows(relu)["m0.3.a.weight"] == "identity"


def test_a_skip_around_a_new_branch_begins_as_nothing():
    base = mlp(layer("ReLU"))
    nodes = {
        "x": Input(shape=(5,)),
        "first": layer("Linear", out_features=8),
        "m0": layer("ReLU"),
        "side": layer("Linear", out_features=8),
        "add": layer("Add"),
        "last": layer("Linear", out_features=3),
        "out": Output(),
    }
    wires = ("x -> first", "first -> m0", "m0 -> side", "m0 -> add.inputs:0", "side -> add.inputs:1")
    new = project(graph(nodes, *wires, "add -> last", "last -> out"))
    found = carried(base, new)
    assert same(found.report)
    assert hows(found)["side.weight"] == "zero"


def test_a_new_branch_that_is_joined_is_not_heard_at_first():
    nodes = {
        "x": Input(shape=(5,)),
        "first": layer("Linear", out_features=8),
        "m0": layer("ReLU"),
        "side": layer("Linear", out_features=4),
        "join": layer("Concat", dim=1),
        "last": layer("Linear", out_features=3),
        "out": Output(),
    }
    wires = ("x -> first", "first -> m0", "x -> side", "m0 -> join.inputs:0", "side -> join.inputs:1")
    found = carried(mlp(layer("ReLU")), project(graph(nodes, *wires, "join -> last", "last -> out")))
    assert same(found.report), found.report
    assert not found.tensors["last.weight"][:, 8:].any()
    assert found.tensors["side.weight"].any()


def test_a_name_is_only_a_name():
    old = mlp(layer("ReLU"))
    found = carried(old, edited(old, Rename("first", "stem"), Rename("last", "head")))
    assert set(hows(found).values()) == {"copied"}
    assert {row.name: row.was for row in found.report.rows}["stem.weight"] == "first.weight"
    assert found.report.difference == 0.0
    assert {row.moments for row in found.report.rows} == {True}


def test_layers_that_are_grouped_and_ungrouped_keep_their_weights():
    old = mlp(layer("ReLU"), layer("Linear", out_features=6), layer("ReLU"))
    grouped = Group(("m0", "m1", "m2"), "Middle")(old)
    found = carried(old, grouped)
    assert (found.report.difference, set(hows(found).values())) == (0.0, {"copied"})
    (instance,) = (n.id for n in grouped.block().graph.nodes.values() if isinstance(n.layer, BlockLayer))
    back = carried(grouped, Ungroup(NodeId(instance))(grouped))
    assert (back.report.difference, set(hows(back).values())) == (0.0, {"copied"})


def test_a_row_that_is_ungrouped_keeps_the_weights_of_every_repeat():
    old = residual(3)
    found = carried(old, Ungroup(NodeId("rows"))(old))
    assert (found.report.difference, set(hows(found).values())) == (0.0, {"copied"})


def test_a_row_of_one_that_becomes_several_keeps_the_first():
    found = carried(residual(1), residual(2))
    was = {row.name: row.was for row in found.report.rows}
    assert was["rows.0.a.weight"] == "rows.a.weight"


def test_weights_that_are_tied_stay_one():
    from engine.document.edits import SetWeights

    old = SetWeights(["m0"], "tied", "first")(mlp(layer("Linear", out_features=5), features=5, width=5))
    found = carried(old, Rename("last", "head")(old))
    assert torch.equal(found.tensors["first.weight"], found.tensors["m0.weight"])
    assert found.report.difference == 0.0


def test_another_kind_of_layer_at_the_same_place_begins_anew():
    from engine.document.edits import SetLayer

    old = cnn(layer("BatchNorm2d"), channels=6)
    found = carried(old, SetLayer("m0", layer("GroupNorm", num_groups=2))(old))
    assert hows(found)["conv.weight"] == "copied"
    assert {row.name for row in found.report.rows if row.how == "dropped"} >= {"m0.running_mean", "m0.running_var"}


def test_what_the_optimizer_knows_goes_along_in_the_new_sizes():
    old = mlp(layer("ReLU"))
    before, found = trained(old), carried(old, mlp(layer("ReLU"), width=12))
    state = before.moment.tensors
    names = before.moment.about["order"]["optimizer"]
    first, last = names.index("first.weight"), names.index("last.weight")
    old_mean, old_square = (state[f"optimizer/state/{first}/{k}"] for k in ("exp_avg", "exp_avg_sq"))
    mean, square = (found.tensors[f"optimizer/first.weight/{k}"] for k in ("exp_avg", "exp_avg_sq"))
    # Units 0 to 3 have a copy now, and share their gradient with it; 4 to 7 have none.
    assert torch.allclose(mean[:4], old_mean[:4] / 2)
    assert torch.allclose(mean[8:], old_mean[:4] / 2)
    assert torch.equal(mean[4:8], old_mean[4:])
    assert torch.allclose(square[8:], old_square[:4] / 4)
    assert torch.equal(
        found.tensors["optimizer/last.weight/exp_avg"][:, 8:], state[f"optimizer/state/{last}/exp_avg"][:, :4]
    )
    assert found.tensors["optimizer/first.weight/step"] == state[f"optimizer/state/{first}/step"]


def test_a_new_layer_has_no_moments_and_a_layer_that_is_gone_leaves_none():
    old = mlp(layer("ReLU"))
    new = edited(old, RemoveNodes(("m0",), heal=True))
    new = AddNode(layer("Linear", out_features=8), "more")(new)
    more = next(n.id for n in new.block().graph.nodes.values() if n.name == "more")
    (edge,) = (e for e in new.block().graph.edges if e.target == "last")
    graph_edits = [Connect(Edge("first", "out", more, "x")), Connect(Edge(more, "out", "last", "x"))]
    from engine.document.edits import Disconnect

    found = carried(old, edited(new, Disconnect(edge), *graph_edits))
    assert not any(name.startswith("optimizer/more") for name in found.tensors)
    assert {row.name: row.moments for row in found.report.rows}["first.weight"]


def test_a_report_is_read_as_it_was_written():
    report = carried(residual(1), residual(3)).report
    assert Report.from_json(report.to_json()) == report
    assert "learned numbers go along" in report.summary()
