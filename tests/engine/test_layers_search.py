"""Finding layers, and the catalogue as plain data."""

from __future__ import annotations

import json

import pytest

from engine.document import library
from engine.layers import CATEGORIES, Layer, catalogue, find, parse_query
from engine.layers.catalogue import _NOT_PLACED, as_json
from engine.layers.typed_options import read

FIRST = {
    "conv": "Conv2d",
    "conv 64": "Conv2d",
    "Conv1d": "Conv1d",
    "conv2d(64, 3)": "Conv2d",
    "c": "Conv2d",
    "cnn": "Conv2d",
    "convolution": "Conv2d",
    "nn.Conv2d": "Conv2d",
    "nn.conv3d": "Conv3d",
    "torch.nn.Conv1d": "Conv1d",
    "F.conv2d": "Conv2d",
    "convlution": "Conv2d",
    "dense": "Linear",
    "fully connected": "Linear",
    "fc": "Linear",
    "l": "Linear",
    "deconv": "ConvTranspose2d",
    "transposed convolution": "ConvTranspose2d",
    "skip": "Add",
    "skip connection": "Add",
    "residual": "Add",
    "plus": "Add",
    "batch norm": "BatchNorm2d",
    "batchnorm": "BatchNorm2d",
    "batchnrom": "BatchNorm2d",
    "bn": "BatchNorm2d",
    "norm": "BatchNorm2d",
    "layer norm": "LayerNorm",
    "F.layer_norm": "LayerNorm",
    "relu": "ReLU",
    "F.relu": "ReLU",
    "lrelu": "LeakyReLU",
    "F.leaky_relu": "LeakyReLU",
    "leaky": "LeakyReLU",
    "swish": "SiLU",
    "F.gelu": "GELU",
    "sigmiod": "Sigmoid",
    "mha": "MultiheadAttention",
    "self attention": "MultiheadAttention",
    "attention": "MultiheadAttention",
    "tr enc": "TransformerEncoder",
    "mask": "CausalMask",
    "lstm": "LSTM",
    "long short-term memory": "LSTM",
    "cat": "Concat",
    "torch.cat": "Concat",
    "torch.cat([a, b], 1)": "Concat",
    "concat": "Concat",
    "torch.matmul": "MatMul",
    "average": "Mean",
    "torch.mean": "Mean",
    "global average pooling": "AdaptiveAvgPool2d",
    "max pool": "MaxPool2d",
    "max_pool2d": "MaxPool2d",
    "F.max_pool2d": "MaxPool2d",
    "pool": "MaxPool2d",
    "clip": "Clamp",
    "drop": "Dropout",
    "dropuot": "Dropout",
    "word vector": "Embedding",
    "resize": "Upsample",
    "torch.flatten": "Flatten",
    "x.permute": "Permute",
    "transpose": "Transpose",
    "last time step": "Select",
    "python": "Code",
    "in": "Input",
}
AMONG_THREE = {
    "gate": "GLU",
    "average pooling": "AvgPool2d",
    "normalise": "BatchNorm2d",
    "gpt": "CausalMask",
    "time series": "Conv1d",
    "upsample": "Upsample",
    "swap": "Transpose",
    "view": "Reshape",
    "x.view": "Reshape",
    "sum": "Sum",
    "multiply": "Multiply",
    "patches": "Unfold",
    "probability": "Softmax",
    "random": "Noise",
    "cross attention": "MultiheadAttention",
    "siamese": "CosineSimilarity",
    "instance norm": "InstanceNorm2d",
    "depth to space": "PixelShuffle",
    "1d conv": "Conv1d",
    "causal mask": "CausalMask",
    "zero padding": "ZeroPad2d",
    "bag of words": "EmbeddingBag",
}


@pytest.mark.parametrize(("query", "key"), FIRST.items())
def test_the_layer_that_is_meant_comes_first(query, key):
    assert find(query)[0].key == key


@pytest.mark.parametrize(("query", "key"), AMONG_THREE.items())
def test_a_layer_that_may_be_meant_is_among_the_first_three(query, key):
    assert key in [layer.key for layer in find(query)[:3]]


def test_words_in_any_order_find_the_same_layer_first():
    assert find("norm batch")[0] is find("batch norm")[0]


def test_a_path_in_torch_finds_nothing_that_is_called_otherwise():
    assert [layer.key for layer in find("F.max_pool2d")] == ["MaxPool2d", "Op"]  # which can call any function


def test_the_words_of_the_help_find_a_layer_after_names_and_aliases():
    assert "AdaptiveAvgPool2d" in [layer.key for layer in find("images of any size fit")]
    assert find("checkerboard")


def test_an_empty_query_gives_the_whole_catalogue_in_order():
    assert find("  ") == catalogue()


@pytest.mark.parametrize("query", ["xyzzy", "\\", "[a-z]+", "qqqq conv"])
def test_nonsense_finds_nothing(query):
    assert find(query) == []


@pytest.mark.parametrize("layer", catalogue(), ids=lambda layer: layer.key)
def test_every_layer_is_found_by_its_name_and_by_its_aliases(layer):
    assert find(layer.key)[0] is layer
    assert find(layer.title.lower())[0] is layer
    for alias in layer.aliases:
        assert layer in find(alias)


@pytest.mark.parametrize(
    ("query", "words", "numbers"),
    [
        ("conv 64", ("conv",), (64,)),
        ("Conv2d 64 k3 s2 p1", ("Conv2d",), (64,)),
        ("skip connection", ("skip", "connection"), ()),
        ("dropout .2", ("dropout",), (0.2,)),
        ("linear(128)", ("linear",), (128,)),
        ("lr 1e-3, -2", ("lr",), (0.001, -2)),
        ("", (), ()),
    ],
)
def test_words_and_numbers_are_told_apart(query, words, numbers):
    assert parse_query(query) == (words, numbers)


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ("Conv2d 64", {"out_channels": 64}),
        ("Conv2d 64 5", {"out_channels": 64, "kernel_size": 5}),
        ("Conv2d 64 k3 s2 p1", {"out_channels": 64, "stride": 2, "padding": 1}),
        ("Linear 0", {}),
        ("Dropout 0.2", {"p": 0.2}),
        ("Dropout 7", {}),
        ("ReLU 5 k3", {}),
    ],
)
def test_numbers_fill_the_main_options_in_order(query, changed):
    assert read(find(query)[0], query).layer.changed() == changed


def test_the_catalogue_goes_by_category_and_holds_each_layer_once():
    places = [CATEGORIES.index(layer.category) for layer in catalogue()]
    assert places == sorted(places)
    assert len(set(catalogue())) == len(catalogue()) == len(Layer.registry) - len(_NOT_PLACED)


def test_every_category_has_a_layer_to_place():
    assert {layer.category for layer in catalogue()} == set(CATEGORIES)


def test_the_plain_catalogue_is_complete_and_can_be_written():
    described = json.loads(json.dumps(as_json(), allow_nan=False))
    assert {d["key"] for d in described} == set(Layer.registry) - {"Missing"}
    for d in described:
        assert list(d) == [
            *("key", "title", "category", "target", "aliases", "help", "use", "formula", "inputs", "outputs", "params")
        ]
        for p in d["params"]:
            assert list(p) == ["name", "kind", "default", "min", "max", "choices", "help"]


def test_the_plain_catalogue_says_what_a_file_may_hold():
    conv = next(d for d in as_json() if d["key"] == "Conv2d")
    assert (conv["target"], conv["category"]) == ("nn.Conv2d", "convolution")
    assert (conv["inputs"], conv["outputs"]) == (["x"], ["out"])
    by_name = {p["name"]: p for p in conv["params"]}
    assert by_name["out_channels"]["default"] == 32
    assert by_name["out_channels"]["min"] == 1
    assert by_name["padding"]["choices"] == ["same", "valid"]
    for d in as_json():
        values = {"kind": d["key"], **{p["name"]: p["default"] for p in d["params"]}}
        assert Layer.from_json(values) == Layer.registry[d["key"]]()


@pytest.mark.parametrize(
    ("query", "padding"),
    [("conv2d 64 3 s2", 1), ("conv2d 64 7 s2", 3), ("conv2d 64 3", "same"), ("conv1d 8 5 s2 p0", 0)],
)
def test_a_stride_that_is_typed_brings_the_padding_that_goes_with_it(query, padding):
    kind = Layer.registry["Conv1d" if "1d" in query else "Conv2d"]
    assert read(kind, query).layer.padding == padding


@pytest.mark.parametrize(
    ("query", "first"), [("conv same", "Conv2d"), ("input T 16", "Input"), ("upconv", "ConvTranspose2d")]
)
def test_a_layer_with_words_about_its_options_comes_before_ready_blocks(query, first):
    assert library.with_ready(find(query), query)[0].key == first
