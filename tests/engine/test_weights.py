"""How single layers begin and learn: what is kept, written, counted and refused."""

import inspect

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

import engine.layers  # noqa: F401 - fills the registry
from engine.analysis.infer import infer
from engine.analysis.weigh import counts
from engine.build import build
from engine.codegen.classes import generate, generate_model
from engine.document.edits import Batch, SetLayer, SetWeights
from engine.document.files import dumps, loads
from engine.document.fragment import Paste, copy
from engine.document.grouping import Group, Ungroup
from engine.errors import EditError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.recipe.initialisation import Initialisation, KaimingNormal, Normal, Orthogonal, Zeros
from engine.recipe.parametrisation import Parametrisation, SpectralNorm, WeightNorm
from engine.recipe.weights import PLAIN, Weights
from engine.spec import REQUIRED
from tests.engine.networks import block, chain, project
from tests.engine.runs import layer, moons

SHAPES = [(3,), (4, 3), (4, 4), (4, 2, 3), (6, 2, 3, 3), (2, 2, 3, 3, 3)]


def set_all(given, *changes, block=""):
    """The project with (node, option, value) set one after another."""
    return Batch("Set", tuple(SetWeights([node], name, value, block) for node, name, value in changes))(given)


def text_of(given) -> str:
    return generate(given, infer(given)).text


def built(given):
    """The module that the project's text makes, with the seed of nothing."""
    source = generate(given, infer(given))
    return build(source)[source.main]()


def in_torch(member):
    if issubclass(member, Initialisation):
        return getattr(nn.init, member.target.removeprefix("nn.init."))
    return getattr(parametrizations, member.function)


@pytest.mark.parametrize("member", [*Initialisation.registry.values(), *Parametrisation.registry.values()])
def test_options_are_those_of_torch_with_its_defaults(member):
    theirs = dict(inspect.signature(in_torch(member)).parameters)
    theirs = {n: p for n, p in theirs.items() if n not in ("tensor", "module", "generator")}
    assert set(theirs) == set(member.params)
    for name, declared in member.params.items():
        default = theirs[name].default
        assert declared.torch is REQUIRED if default is inspect.Parameter.empty else declared.torch == default
        assert declared.help.endswith(".")
    assert member.summary().endswith(".")


def test_every_function_of_torch_is_offered():
    offered = {member.target.removeprefix("nn.init.") for member in Initialisation.registry.values()}
    assert offered == {name for name in dir(nn.init) if name.endswith("_") and not name.startswith("_")}
    assert {p.function for p in Parametrisation.registry.values()} == set(parametrizations.__all__)


@pytest.mark.parametrize("start", Initialisation.registry.values(), ids=lambda m: m.key)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_start_is_refused_exactly_where_torch_refuses_it(start, shape):
    made = start()
    try:
        in_torch(start)(torch.empty(shape), **made.arguments())
    except ValueError:
        assert made.why_not(shape) is not None
    else:
        assert made.why_not(shape) is None


@pytest.mark.parametrize("kind", Parametrisation.registry.values(), ids=lambda m: m.key)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_computed_weight_is_refused_where_torch_refuses_it_and_counted_as_torch_counts(kind, shape):
    module = nn.Module()
    module.weight = nn.Parameter(torch.randn(shape))
    computed = kind()
    try:
        in_torch(kind)(module)
    except ValueError:
        assert computed.why_not(shape) is not None
        return
    assert computed.why_not(shape) is None
    mine, _ = counts(Weights(parametrisations=(computed,)), {"weight": shape}, torch.Size(shape).numel(), 0)
    assert mine == sum(p.numel() for p in module.parameters())


def test_weights_come_back_from_a_file_and_stay_out_of_it_when_nothing_is_set():
    plain = moons()
    assert '"weights"' not in dumps(plain)
    changes = ("init.weight", Orthogonal(gain=2.0)), ("frozen", True), ("weight_decay", 0.0), ("lr_factor", 0.5)
    given = set_all(plain, *(("first", *change) for change in changes))
    given = set_all(given, ("last", "parametrisations", (SpectralNorm(n_power_iterations=3),)))
    assert loads(dumps(given)) == given
    assert set_all(given, ("first", "init.weight", None), ("first", "frozen", False)).node("first").weights.init == {}


@pytest.mark.parametrize(
    ("node", "name", "value", "words"),
    [
        ("x", "frozen", True, "x has no weights"),
        ("act", "lr_factor", 0.1, "act has no weights"),
        ("stage", "init.weight", Zeros(), "stage holds a block"),
    ],
)
def test_what_has_no_weights_of_its_own_takes_none(node, name, value, words):
    inner = block("inner", chain(x=Input(), fc=layer("Linear", out_features=2), out=Output()))
    body = {"x": Input(), "act": layer("Flatten"), "stage": BlockLayer(block="inner"), "out": Output()}
    with pytest.raises(EditError, match=words):
        SetWeights([node], name, value)(project(chain(**body), inner))


def test_a_swapped_layer_keeps_what_still_means_something():
    given = set_all(moons(), ("first", "init.weight", Normal(std=0.02)))
    assert SetLayer("first", layer("Linear", out_features=3))(given).node("first").weights.init
    assert SetLayer("first", layer("Flatten"))(given).node("first").weights is PLAIN


def test_a_copy_a_group_and_its_undoing_carry_the_weights():
    given = set_all(moons(), ("first", "init.weight", Normal(std=0.02)), ("first", "lr_factor", 0.5))
    weights = given.node("first").weights
    pasted = Paste(copy(given, ["first"]))(given)
    assert [n.weights for n in pasted.block().graph.nodes.values()].count(weights) == 2
    grouped = Group(["first", "act"], "Stem")(given)
    (stem,) = (n for n in grouped.block().graph.nodes.values() if isinstance(n.layer, BlockLayer))
    assert grouped.node("first", stem.layer.block).weights == weights
    slow = SetWeights([stem.id], "lr_factor", 0.1)(grouped)
    back = Ungroup(stem.id)(slow)
    (first,) = (n for n in back.block().graph.nodes.values() if n.name == "first")
    assert first.weights == weights.with_(lr_factor=0.05)


def test_expressions_follow_the_parameters_of_their_block():
    inner = block(
        "inner",
        chain(x=Input(), fc=layer("Linear", out_features=4), out=Output()),
        BlockParam("depth", "int", 4),
    )
    outer = chain(x=Input(shape=(4,)), stage=BlockLayer(block="inner", args={"depth": 2}, repeat=2), out=Output())
    given = SetWeights(["fc"], "init.weight", Normal(std=Expr("0.02 / depth")), "inner")(project(outer, inner))
    assert "nn.init.normal_(self.fc.weight, std=0.02 / depth)" in text_of_module(given)
    flat = Ungroup("stage")(given)
    stds = [n.weights.init["weight"].std for n in flat.block().graph.nodes.values() if n.weights.init]
    assert stds == [0.01, 0.01]


def text_of_module(given) -> str:
    return generate_model(given, infer(given)).text


def test_the_text_says_it_as_a_person_would():
    given = set_all(
        moons(layer("LayerNorm")),
        ("first", "init.weight", KaimingNormal(nonlinearity="relu")),
        ("first", "init.bias", Zeros()),
        ("middle0", "frozen", True),
        ("last", "parametrisations", (WeightNorm(),)),
    )
    lines = [line.strip() for line in text_of(given).splitlines()]
    assert "self.last = weight_norm(nn.Linear(16, 2))" in lines
    start = lines.index("self.last = weight_norm(nn.Linear(16, 2))")
    assert lines[start + 1 : start + 4] == [
        'nn.init.kaiming_normal_(self.first.weight, nonlinearity="relu")',
        "nn.init.zeros_(self.first.bias)",
        "self.middle0.requires_grad_(False)",
    ]


def test_a_start_of_what_is_then_computed_is_set_before():
    given = set_all(
        moons(), ("first", "parametrisations", (WeightNorm(),)), ("first", "init.weight", Normal(std=0.5, mean=3.0))
    )
    weight = built(given).first.weight
    assert abs(weight.mean().item() - 3.0) < 0.5


def test_every_parameter_of_a_recurrent_layer_is_set_by_its_name():
    body = {"x": Input(shape=(5, 3)), "gru": layer("GRU", hidden_size=4), "out": Output()}
    given = set_all(
        project(chain(**body)), ("gru", "init.weight_hh_l0", Orthogonal()), ("gru", "init.bias_hh_l0", Zeros())
    )
    source = text_of_module(given)
    assert "nn.init.orthogonal_(self.gru.weight_hh_l0)" in source
    assert "nn.init.zeros_(self.gru.bias_hh_l0)" in source


def test_counts_are_those_of_the_module():
    given = set_all(
        moons(layer("BatchNorm1d")),
        ("first", "parametrisations", (WeightNorm(),)),
        ("middle0", "frozen", True),
        ("last", "parametrisations", (SpectralNorm(),)),
    )
    module, analysis = built(given), infer(given)
    assert analysis.parameters == sum(p.numel() for p in module.parameters())
    trained = sum(p.numel() for p in module.parameters() if p.requires_grad)
    assert sum(n.trainable for n in analysis.main.nodes.values()) == trained


def test_a_frozen_block_has_nothing_to_train_and_a_frozen_network_is_a_problem():
    inner = block("inner", chain(x=Input(), fc=layer("Linear", out_features=2), out=Output()))
    given = project(chain(x=Input(shape=(2,)), stage=BlockLayer(block="inner", repeat=2), out=Output()), inner)
    frozen = SetWeights(["stage"], "frozen", True)(given)
    assert infer(frozen).node("stage", "main").trainable == 0
    assert "self.stage.requires_grad_(False)" in text_of_module(frozen)
    everything = set_all(moons(), ("first", "frozen", True), ("last", "frozen", True))
    assert [p.message for p in infer(everything).problems] == ["Everything that could learn is frozen."]


@pytest.mark.parametrize(
    ("name", "value", "severity", "words"),
    [
        ("init.bias", Orthogonal(), "error", "Orthogonal needs two dimensions or more; first.bias is 16."),
        ("init.bias", KaimingNormal(), "error", "first.bias is 16."),
        ("init.gamma", Zeros(), "warning", "first has no parameter gamma."),
    ],
)
def test_what_cannot_be_is_said_in_words(name, value, severity, words):
    (problem,) = infer(set_all(moons(), ("first", name, value))).problems
    assert problem.severity == severity
    assert words in problem.message
    assert problem.node == "first"
