"""What holds for every layer in the catalogue."""

from __future__ import annotations

import inspect
import json
import keyword
import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine.codegen.calls import call_text
from engine.codegen.memo import option_texts
from engine.errors import LayerError
from engine.layers import CATEGORIES, Layer, catalogue
from engine.layers.base import ModuleLayer, Names
from engine.layers.block import Holder
from engine.spec import REQUIRED
from engine.tensor import NumberSpec, TensorSpec
from tests.laws.layer_samples import VARIANTS, Inputs, every_port, resized, samples
from tests.laws.module_samples import LOSSES
from tests.laws.option_values import small_values, values
from tests.laws.torchvision_here import need_torchvision

LAYERS = catalogue()
MODULES = [layer for layer in LAYERS if issubclass(layer, ModuleLayer)]
RUNNABLE = [layer for layer in LAYERS if layer.key not in ("Input", "Output") and not issubclass(layer, Holder)]
CASES = [(layer.key, {}, inputs) for layer in RUNNABLE for inputs in samples(layer.key)] + VARIANTS
FREE = {"B": 3, "2 * B": 6, "4 * B": 12, "T": 840}
WIDE = {"B": 840, "2 * B": 1680, "4 * B": 3360, "T": 840}
"""Without data, free sizes that every small number divides: a layer that asks for that takes them for granted."""


def name(value: Any) -> str:
    return value.key if inspect.isclass(value) else ""


def case_name(case: Any) -> str:
    return f"{case[0]}-{','.join(case[1])}-{','.join(case[2])}"


@pytest.fixture(autouse=True)
def same_numbers_each_time():
    torch.manual_seed(0)


# Documentation


@pytest.mark.parametrize("layer", LAYERS, ids=name)
def test_a_layer_is_documented_with_its_shapes(layer):
    summary = layer.summary()
    assert re.fullmatch(r"[A-Z].*[^.]\.", summary), "one sentence"
    assert ". " not in summary
    lines = (layer.__doc__ or "").splitlines()
    if layer.inputs and layer.key != "Code":
        assert any(line.strip().startswith("Input shape:") for line in lines)
    if layer.outputs and layer.key != "Code":
        assert any(line.strip().startswith("Output shape:") for line in lines)
    assert layer.category in CATEGORIES


@pytest.mark.parametrize("layer", LAYERS, ids=name)
def test_every_option_has_help_and_a_valid_default(layer):
    for option in layer.params.values():
        assert re.fullmatch(r"[A-Z0-9\"].*\.", option.help, re.DOTALL), option.name
        assert option.check(option.default, layer.title) == option.default
    assert len(layer.main_params()) <= 3


@pytest.mark.parametrize("layer", LAYERS, ids=name)
def test_ports_have_unique_names_that_are_identifiers(layer):
    example = layer()
    for ports in (example.ports_in(), example.ports_out()):
        names = [port.name for port in ports]
        assert len(set(names)) == len(names)
    names = [port.name for port in (*example.ports_in(), *example.ports_out())]
    assert len(set(names)) == len(names)
    assert not set(names) & set(layer.params)
    assert all(n.isidentifier() and not keyword.iskeyword(n) for n in names)


@pytest.mark.parametrize("layer", LAYERS, ids=name)
def test_aliases_are_lower_case_and_said_once(layer):
    assert [a.lower() for a in layer.aliases] == list(layer.aliases)
    assert len(set(layer.aliases)) == len(layer.aliases)


# Agreement with the installed torch

NOT_LAYERS = {
    r"Module|Container|Sequential|(Module|Parameter)(List|Dict)|DataParallel|RNNBase|RNNCellBase": "holders, no layers",
    r"NLLLoss2d": "an old name of NLLLoss",
    r"SyncBatchNorm": "training on several devices puts it in place of BatchNorm",
}
TORCH = f"torch {torch.__version__}"
ROWS = {"TransformerEncoder": nn.TransformerEncoderLayer, "TransformerDecoder": nn.TransformerDecoderLayer}
"""Layers that are several of one kind in a row; their options are those of each and of the row."""
EVERYWHERE = {"self", "device", "dtype"}
"""Where weights lie and of which type is a matter of the recipe, not of a layer."""
LEFT_OUT = {
    ("Embedding", "_weight"): "an existing tensor is no option; weights come with a checkpoint",
    ("Embedding", "_freeze"): "private",
    ("EmbeddingBag", "_weight"): "an existing tensor is no option; weights come with a checkpoint",
    ("Transformer", "custom_encoder"): "any encoder and decoder can be drawn side by side",
    ("Transformer", "custom_decoder"): "any encoder and decoder can be drawn side by side",
    ("FeaturePyramidNetwork", "extra_blocks"): "a module, which can be drawn behind the coarsest level",
    ("Hardtanh", "min_value"): "deprecated spelling of min_val",
    ("Hardtanh", "max_value"): "deprecated spelling of max_val",
    **{(f"FractionalMaxPool{d}d", "_random_samples"): "private" for d in (2, 3)},
    **{(f"ConvTranspose{d}d", "padding_mode"): 'torch allows nothing but "zeros"' for d in (1, 2, 3)},
    **{
        (key, "bias"): "not in every torch that Netsmith runs with; affine switches both off"
        for key in ("GroupNorm", *(f"{k}Norm{d}d" for k in ("Batch", "Instance") for d in (1, 2, 3)))
    },
    **{(key, "proj_size"): "only LSTM takes it" for key in ("RNN", "GRU")},
    **{(key, name): "old words for reduction" for key in LOSSES for name in ("size_average", "reduce")},
    ("LinearCrossEntropyLoss", "out_features"): "several numbers for each sample are reshaped before it",
    ("LinearCrossEntropyLoss", "options"): "how its memory is saved, of a class of its own",
}


def torch_class(layer: type[Layer]) -> type[nn.Module]:
    need_torchvision(layer.key)
    if layer.target.startswith("ops."):
        from torchvision import ops

        return getattr(ops, layer.target.removeprefix("ops."))
    return getattr(nn, layer.target.removeprefix("nn."))


def signature_of(found: type) -> dict[str, Any]:
    """The constructor's arguments and defaults, REQUIRED where there is none."""
    return {
        p.name: REQUIRED if p.default is inspect.Parameter.empty else p.default
        for p in inspect.signature(found.__init__).parameters.values()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name not in EVERYWHERE
    }


def torch_arguments(layer: type[Layer]) -> dict[str, Any]:
    """What the layer's text can hand to torch, with torch's defaults."""
    found = torch_class(layer)
    if layer.key in ROWS:
        own = {n: default for n, default in signature_of(found).items() if not n.endswith("coder_layer")}
        return signature_of(ROWS[layer.key]) | own
    if not issubclass(found, nn.RNNBase):
        return signature_of(found)
    arguments = signature_of(nn.RNNBase)
    arguments.pop("mode")  # the class says it
    if layer.key == "RNN":
        arguments["nonlinearity"] = "tanh"  # handed on by name, so no signature shows it
    return arguments


def derived_names(layer: type[Layer]) -> set[str]:
    return set().union(*(layer().derive(**every_port(layer(), inputs)) for inputs in samples(layer.key)))


@pytest.mark.parametrize("layer", MODULES, ids=name)
def test_options_are_those_of_the_installed_torch(layer):
    arguments = torch_arguments(layer)
    left_out = {option for key, option in LEFT_OUT if key == layer.key}
    ours = {n for n in layer.params if n not in layer.hidden} | derived_names(layer)
    new, gone = set(arguments) - ours - left_out, ours - set(arguments)
    assert not new, f"{TORCH} gives {layer.target} more: {new}. Declare them, or say in LEFT_OUT why not."
    assert not gone, f"{TORCH} knows no such option of {layer.target}: {gone}. Declare them no more, or hide them."
    assert not ours & left_out


@pytest.mark.parametrize("layer", MODULES, ids=name)
def test_defaults_are_those_of_the_installed_torch(layer):
    arguments = torch_arguments(layer)
    for option in layer.params.values():
        if option.name not in layer.hidden:
            theirs = getattr(arguments[option.name], "__name__", arguments[option.name])
            assert option.torch == theirs, f"{TORCH}: the default of {layer.target}({option.name}) is {theirs!r}."


@pytest.mark.parametrize("layer", MODULES, ids=name)
def test_options_stand_in_the_order_of_the_installed_torch(layer):
    order = list(torch_arguments(layer))
    positional = layer.signature or (*layer().derive(**every_port(layer(), samples(layer.key)[0])),)
    assert list(positional) == order[: len(positional)] or set(positional) == set(order[: len(positional)])


# Files


@pytest.mark.parametrize("layer", LAYERS, ids=name)
@settings(max_examples=4)
@given(data=st.data())
def test_every_value_comes_back_from_its_file_and_from_its_text(layer, data):
    made = layer(**{n: data.draw(values(p.kind), label=n) for n, p in layer.params.items()})
    assert Layer.from_json(json.loads(json.dumps(made.to_json()))) == made
    for option in layer.params.values():
        value = getattr(made, option.name)
        assert option.parse(option.show(value), layer.title) == value


# Execution


class Holder:
    """Stands in for the generated class: it has the layer under the name "layer"."""

    layer: Any = None
    training = False


def tensor(spec: TensorSpec, device: str) -> Any:
    if isinstance(spec, NumberSpec):
        return spec.at(FREE)
    free = WIDE if device == "meta" else FREE
    sizes = [free[size] if isinstance(size, str) else size for size in spec.shape]
    kind = getattr(torch, spec.dtype)
    if device == "meta" or not spec.is_floating:
        return torch.zeros(sizes, dtype=kind, device=device)
    return torch.rand(sizes, dtype=kind)


def execute(layer: Layer, inputs: Inputs, device: str = "cpu") -> tuple[dict[str, Any], Any]:
    """Build the layer's text and run its statements. Returns: outputs by port, and the module if there is one."""
    need_torchvision(layer.key)
    holder = Holder()
    space: dict[str, Any] = {"torch": torch, "nn": nn, "self": holder}
    for line in (*layer.imports(), *layer.definitions()):
        exec(line, space)
    call = layer.build(layer.derive(**inputs))
    with torch.device(device):
        holder.layer = eval(call_text(call), space) if call else None
    if device == "meta" and "BatchNorm" in layer.key:
        holder.layer.eval()  # its running mean over all batches reads a number, and "meta" has none
    wires: dict[str, Any] = {}
    for port, given_specs in inputs.items():
        specs = given_specs if isinstance(given_specs, tuple) else (given_specs,)
        variables = tuple(f"{port}{i}" for i in range(len(specs)))
        space.update({v: tensor(s, device) for v, s in zip(variables, specs, strict=True) if s is not None})
        wires[port] = variables if isinstance(given_specs, tuple) else variables[0] if given_specs else "None"
    outputs = {port.name: f"out_{port.name}" for port in layer.ports_out()}
    params = option_texts(layer, wires)
    for line in layer.emit(Names("self.layer", wires, outputs, params)):
        exec(line, space)
    return {port: space[variable] for port, variable in outputs.items()}, holder.layer


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN:UserWarning")
@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_the_text_of_a_layer_runs_and_its_sizes_are_the_derived_ones(case):
    key, options, inputs = case
    layer = Layer.registry[key](**options)
    outputs, module = execute(layer, every_port(layer, inputs))
    assert all(isinstance(value, torch.Tensor | int | float) for value in outputs.values())
    if isinstance(module, nn.Module):
        assert type(module) is torch_class(type(layer))
        for argument, value in layer.derive(**every_port(layer, inputs)).items():
            built = getattr(module, argument, value)
            assert built in (value, (value,)), argument


def refusal(layer: Layer, inputs: Inputs) -> LayerError | None:
    """Why the layer does not take the inputs, None if it does."""
    try:
        layer.derive(**inputs)
    except LayerError as error:
        return error
    return None


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN:UserWarning")
@pytest.mark.parametrize("layer", [layer for layer in RUNNABLE if layer.inputs], ids=name)
@settings(max_examples=8)
@given(data=st.data())
def test_a_layer_runs_on_what_it_takes_and_refuses_the_rest_in_words(layer, data):
    made = layer(**{n: data.draw(small_values(p.kind), label=n) for n, p in layer.params.items()})
    inputs = data.draw(st.sampled_from(samples(layer.key)).flatmap(lambda found: resized(every_port(made, found))))
    refused = refusal(made, inputs)
    if refused is not None:
        assert re.fullmatch(r"\S.*\.", refused.message, re.DOTALL)
        assert not refused.hint or re.fullmatch(r"\S.*\.", refused.hint)
        assert refused.port in {"", *inputs}
        return
    execute(made, inputs, device="meta" if made.promised(**inputs) is None else "cpu")


@pytest.mark.parametrize("layer", MODULES, ids=name)
def test_a_default_that_equals_torch_is_not_written(layer):
    made = layer()
    call = made.build(made.derive(**every_port(made, samples(layer.key)[0])))
    for argument, value in call.named:
        declared = layer.params.get(argument)
        assert declared is None or declared.torch is REQUIRED or value != declared.torch


def test_every_module_of_torch_is_declared_or_left_out_for_a_reason():
    theirs = {
        n for n, c in vars(nn).items() if inspect.isclass(c) and issubclass(c, nn.Module) and not n.startswith("Lazy")
    }
    declared = {layer.target.removeprefix("nn.") for layer in LAYERS}
    functions = {layer.key for layer in LAYERS}
    left_out = {n for n in theirs if any(re.fullmatch(pattern, n) for pattern in NOT_LAYERS)}
    new = theirs - declared - functions - left_out
    assert not new, f"{TORCH} has modules that are no layer yet: {new}. Declare them, or say in NOT_LAYERS why not."


# Help

WITHOUT_FORMULA = {
    "io": "holds a tensor",
    "shape": "only moves numbers, which the picture shows better",
    "code": "is what you write",
    "block": "is what you draw",
}
"""Kinds whose layers need no formula, and why."""


@pytest.mark.parametrize("layer", LAYERS, ids=name)
def test_a_layer_says_when_to_take_it_and_what_it_computes(layer):
    assert re.fullmatch(r"[A-Z][^\n]*\.", layer.use)
    assert layer.use != layer.summary()
    assert layer.formula or layer.category in WITHOUT_FORMULA
    assert layer.formula.count("{") == layer.formula.count("}")
    assert not set(layer.formula) & set("·√ΣΦᵀ∈≤"), "LaTeX, not Unicode"
