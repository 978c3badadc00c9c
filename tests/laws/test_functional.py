"""Every function of torch.nn.functional is a layer, or stands here with the reason why it is not."""

import inspect
import re

import torch
from torch.nn import functional

from engine.layers import catalogue
from engine.layers.functional import FunctionalLayer
from engine.spec import REQUIRED

NOT_LAYERS = {
    r".*_loss|(binary_)?cross_entropy(_with_logits)?|linear_cross_entropy|kl_div": "losses",
    r"(batch|instance)_norm": "BatchNorm1d, InstanceNorm2d and so on compute them",
    r".*_with_indices": "return_indices of the pooling layers",
    r"native_.*|upsample_(bi)?(linear|nearest)": "older spellings of what there is",
    r"multi_head_attention_forward": "MultiheadAttention calls it",
    r"conv_tbc": "a Conv1d between two Transpose",
    r"pdist": "compares the samples of a batch with one another, so that its size grows with the square of the batch",
    r"(scaled_)?grouped_mm|scaled_mm": "matrices of eight bits on certain graphics cards",
    r"assert_int_or_pair|boolean_dispatch|(handle|has)_torch_function.*|Optional": "no functions of tensors",
    r"one_hot": "an operation on tensors, found by its name",
}
LEFT_OUT = {("gumbel_softmax", "eps"): "deprecated, does nothing"}
BUILT_IN = {"scaled_dot_product_attention"}
"""Written in C++, whose signature Python cannot read."""
TORCH = f"torch {torch.__version__}"


def plain(name: str) -> str:
    """A name without case and underscores: layer_norm and LayerNorm are the same; relu_ is relu in place."""
    return name.lower().replace("_", "")


def test_every_function_is_a_layer_or_left_out_for_a_reason():
    theirs = {n for n, f in vars(functional).items() if callable(f) and not inspect.isclass(f) and n[0] != "_"}
    declared = {plain(layer.key) for layer in catalogue()}
    declared |= {plain(layer.target.split(".")[-1]) for layer in catalogue() if layer.target.startswith("nn.func")}
    new = {n for n in theirs if plain(n) not in declared and not any(re.fullmatch(p, n) for p in NOT_LAYERS)}
    assert not new, f"{TORCH} has functions that are no layer yet: {new}. Declare them, or say in NOT_LAYERS why not."


def test_a_functional_layer_has_the_options_and_defaults_of_its_function():
    for layer in (found for found in catalogue() if issubclass(found, FunctionalLayer)):
        name = layer.target.split(".")[-1]
        arguments = {} if name in BUILT_IN else inspect.signature(getattr(functional, name)).parameters
        ports = {port.name for port in layer().ports_in()} | {"input", "logits"}
        for option, declared in layer.params.items():
            if arguments and option != "wires":  # which of the others come over a wire
                default = arguments[option].default
                assert declared.torch == (REQUIRED if default is inspect.Parameter.empty else default), option
        known = {*layer.params, *ports, "size", "out"}
        new = {n for n in arguments if n not in known and (name, n) not in LEFT_OUT}
        assert not new, f"{TORCH} gives {name} more: {new}. Declare them, or say in LEFT_OUT why not."
