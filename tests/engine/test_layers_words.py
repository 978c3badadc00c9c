"""What layers say when they cannot take what is wired into them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import LayerError
from engine.layers import Layer
from engine.tensor import TensorSpec
from tests.laws.layer_samples import IMAGE, SEQUENCE, SIGNAL, VOLUME, X2, every_port, spec

FLAT = spec(64)
GREY = spec(28, 28)
WORDS: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("Conv2d", {}, {"x": FLAT}, "Needs an image (B, C, H, W), gets B × 64.", "Put an Unflatten before it."),
    (
        "Conv2d",
        {},
        {"x": GREY},
        "Needs an image (B, C, H, W), gets B × 28 × 28.",
        "Put an Unsqueeze before it to add the channels.",
    ),
    (
        "Conv2d",
        {},
        {"x": VOLUME},
        "Needs an image (B, C, H, W), gets B × 8 × 6 × 8 × 10.",
        "For a volume (B, C, D, H, W) take the 3d layer.",
    ),
    (
        "Conv2d",
        {},
        {"x": spec(8, 12, 10, dtype="int64")},
        "Needs numbers with a fraction, gets int64 B × 8 × 12 × 10.",
        "Indices go through an Embedding first.",
    ),
    (
        "Conv2d",
        {},
        {"x": spec(8, 12, 10, dtype="float64")},
        "Needs float32 like its weights, gets float64 B × 8 × 12 × 10.",
        "Set the dtype to float32.",
    ),
    (
        "Conv2d",
        {"stride": 2},
        {"x": IMAGE},
        'padding="same" keeps the size, so it needs a stride of 1.',
        "Set padding to 1.",
    ),
    (
        "Conv2d",
        {"stride": 2, "kernel_size": (3, 5)},
        {"x": IMAGE},
        'padding="same" keeps the size, so it needs a stride of 1.',
        "Set padding to (1, 2).",
    ),
    (
        "Conv2d",
        {"groups": 3},
        {"x": IMAGE},
        "groups=3 does not divide 8 channels that come in.",
        "Possible here: 1, 2, 4.",
    ),
    (
        "Conv2d",
        {"kernel_size": 5, "padding": 0},
        {"x": spec(8, 3, 3)},
        "The kernel covers 5 × 5, but the image is only 3 × 3.",
        "Make kernel_size smaller, or stride and pool less before it.",
    ),
    (
        "MaxPool1d",
        {},
        {"x": spec(8, 1)},
        "The window covers 2, but the signal is only 1.",
        "Make kernel_size smaller, or stride and pool less before it.",
    ),
    ("MaxPool2d", {"padding": 2}, {"x": IMAGE}, "padding must be at most half of kernel_size.", "Set padding to 1."),
    (
        "Linear",
        {},
        {"x": spec("T")},
        "Needs a fixed number of features, gets B × T.",
        "The last size, T, is not known in advance.",
    ),
    (
        "BatchNorm1d",
        {},
        {"x": IMAGE},
        "Needs features (B, C) or a signal (B, C, L), gets B × 8 × 12 × 10.",
        "For an image take BatchNorm2d.",
    ),
    (
        "GroupNorm",
        {"num_groups": 3},
        {"x": IMAGE},
        "num_groups=3 does not divide 8 channels.",
        "Possible here: 1, 2, 4.",
    ),
    (
        "InstanceNorm2d",
        {},
        {"x": spec(8, 1, 1)},
        "Normalises each channel of one sample, but the image is only 1 × 1.",
        "Pool or stride less before it, or take a LayerNorm.",
    ),
    (
        "Embedding",
        {},
        {"x": X2},
        "Needs indices, whole numbers of type int64, gets float32 B × 6.",
        "Set the dtype of the Input to int64, or put a Cast before it.",
    ),
    (
        "LSTM",
        {},
        {"input": spec(1, 8, 8)},
        "Needs a sequence (B, T, features), gets B × 1 × 8 × 8.",
        "Put a Squeeze or a Reshape before it; the rows of an image can be the steps.",
    ),
    (
        "LSTM",
        {},
        {"input": SEQUENCE, "h0": TensorSpec((1, "B", 64))},
        "h0 is connected, but c0 is not.",
        "Connect both or none.",
    ),
    (
        "GRU",
        {"dropout": 0.1},
        {"input": SEQUENCE},
        "dropout works between layers, and there is only one.",
        "Set num_layers to 2 or more, or dropout to 0.",
    ),
    (
        "GRU",
        {},
        {"input": SEQUENCE, "h0": spec(64)},
        "h0 must be 1 × B × 64, gets B × 64.",
        "A state has its layers first.",
    ),
    (
        "MultiheadAttention",
        {"num_heads": 3},
        {"query": SEQUENCE},
        "num_heads=3 does not divide 8 features.",
        "Possible here: 1, 2, 4.",
    ),
    (
        "TransformerEncoderLayer",
        {},
        {"x": spec(5, dtype="int64")},
        "Needs a sequence (B, T, features), gets int64 B × 5.",
        "Put an Embedding before it.",
    ),
    (
        "Add",
        {},
        {"inputs": (spec(64, 8, 8), spec(64, 4, 4))},
        "The inputs differ in dimensions 2 and 3: B × 64 × 8 × 8, B × 64 × 4 × 4.",
        "Add works element by element, so both need the same sizes.",
    ),
    ("Add", {}, {"inputs": (IMAGE,)}, "Needs two inputs or more, gets one.", "Connect another wire to it."),
    (
        "Concat",
        {},
        {"inputs": (spec(64, 8, 8), spec(64, 4, 4))},
        "The inputs differ in dimensions 2 and 3: B × 64 × 8 × 8, B × 64 × 4 × 4.",
        "Concat joins along dimension 1, so all other sizes must be the same.",
    ),
    (
        "MatMul",
        {},
        {"a": spec(3, 4), "b": spec(3, 4)},
        "The inner sizes differ: 4 in B × 3 × 4, 3 in B × 3 × 4.",
        "The last size of a must be the last but one of b; a Transpose may help.",
    ),
    (
        "Split",
        {"parts": 3},
        {"x": IMAGE},
        "8 along dimension 1 cannot be cut into 3 equal parts.",
        "Set sizes to give every part its own.",
    ),
    (
        "Reshape",
        {"shape": (1, 8, 8)},
        {"x": spec(128)},
        "The 128 numbers of a sample, B × 128, cannot fill 1 × 8 × 8.",
        "Set sizes that multiply to 128.",
    ),
    (
        "Unflatten",
        {"unflattened_size": (1, 28, 28)},
        {"x": FLAT},
        "Dimension 1 of B × 64, 64, cannot fill 1 × 28 × 28.",
        "Set sizes that multiply to 64.",
    ),
    (
        "Permute",
        {},
        {"x": IMAGE},
        "dims must be an order of the 4 dimensions of B × 8 × 12 × 10, not 0, 2, 1.",
        "Use each of 0, 1, 2, 3 once.",
    ),
    (
        "Squeeze",
        {},
        {"x": X2},
        "Dimension -1 of B × 6 is 6, and only a size of 1 can be taken away.",
        "Take a Select for one entry, or a Mean for all of them.",
    ),
    (
        "Select",
        {"index": 9},
        {"x": SEQUENCE},
        "There is no entry 9 among the 5 of dimension 1, B × 5 × 8.",
        "Set index to 0 to 4, or to -1 for the last.",
    ),
    (
        "Mean",
        {"dim": 0},
        {"x": SEQUENCE},
        "Dimension 0 of B × 5 × 8 is the batch, and this would mix samples.",
        "Set dim to 1 or more.",
    ),
    ("Max", {"dim": 3}, {"x": X2}, "There is no dimension 3 in B × 6.", "Set dim to 0 to 1, or to -1 for the last."),
    (
        "Softmax",
        {"dim": 0},
        {"x": X2},
        "Dimension 0 of B × 6 is the batch, and this would weigh samples against one another.",
        "Set dim to 1 or more.",
    ),
    (
        "Upsample",
        {"mode": "bilinear"},
        {"x": SIGNAL},
        'mode="bilinear" does not go with B × 8 × 12.',
        'Set mode to "linear" or "nearest".',
    ),
    (
        "Upsample",
        {"size": 4},
        {"x": IMAGE},
        "Needs a size or a scale_factor, gets both.",
        "Set one, and the other to none.",
    ),
]


def refusal(key: str, options: dict[str, Any], inputs: dict[str, Any]) -> LayerError:
    layer = Layer.registry[key](**options)
    with pytest.raises(LayerError) as caught:
        layer.derive(**every_port(layer, inputs))
    return caught.value


@pytest.mark.parametrize(("key", "options", "inputs", "message", "hint"), WORDS, ids=[f"{w[0]}-{w[3]}" for w in WORDS])
def test_a_refusal_says_what_is_needed_what_comes_and_what_to_do(key, options, inputs, message, hint):
    error = refusal(key, options, inputs)
    assert (error.message, error.hint) == (message, hint)


@pytest.mark.parametrize(
    ("key", "inputs", "port"),
    [
        ("LSTM", {"input": SEQUENCE, "c0": TensorSpec((1, "B", 64))}, "h0"),
        ("MultiheadAttention", {"query": SEQUENCE, "key": X2}, "key"),
        ("MultiheadAttention", {"query": SEQUENCE, "attn_mask": TensorSpec((4, 4))}, "attn_mask"),
        ("TransformerDecoderLayer", {"x": SEQUENCE, "memory": spec(7, 6)}, "memory"),
        ("Bilinear", {"x1": X2, "x2": spec(3, dtype="int64")}, "x2"),
        ("MatMul", {"a": X2, "b": TensorSpec((3,))}, "b"),
        ("Add", {"inputs": ()}, "inputs"),
    ],
)
def test_a_refusal_names_the_port_at_fault(key, inputs, port):
    assert refusal(key, {}, inputs).port == port


@pytest.mark.parametrize(
    ("key", "options", "inputs"),
    [
        ("Conv2d", {"stride": 2, "padding": 1}, {"x": spec(3, "H", "W")}),
        ("Conv2d", {"padding": 0, "kernel_size": 7}, {"x": spec(3, "H", 7)}),
        ("Linear", {}, {"x": spec("T", 8)}),
        ("LSTM", {}, {"input": spec("T", 8)}),
        ("MultiheadAttention", {}, {"query": spec("T", 8), "attn_mask": TensorSpec(("T", "T"))}),
        ("Add", {}, {"inputs": (spec("T", 8), spec(1, 8), TensorSpec((8,)))}),
        ("Concat", {"dim": 1}, {"inputs": (spec("T", 8), spec("2 * T", 8))}),
        ("Concat", {"dim": 0}, {"inputs": (X2, X2)}),
        ("Linear", {}, {"x": TensorSpec(("2 * B", 8))}),
        ("Flatten", {}, {"x": spec("T", 8)}),
        ("Reshape", {"shape": (-1, 4)}, {"x": spec("T", 8)}),
        ("Select", {}, {"x": spec("T", 8)}),
        ("Mean", {"dim": (1, 2)}, {"x": spec("T", 8)}),
        ("MaxPool2d", {}, {"x": spec(3, "H", "W")}),
        ("Upsample", {}, {"x": spec(3, "H", "W")}),
    ],
)
def test_free_sizes_pass(key, options, inputs):
    layer = Layer.registry[key](**options)
    layer.derive(**every_port(layer, inputs))
