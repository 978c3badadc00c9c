"""Finding layers, and the catalogue as plain data."""

from __future__ import annotations

import json

import pytest

from engine.layers import CATEGORIES, Layer, catalogue, find, parse_query
from engine.layers.catalogue import as_json
from engine.layers.search import configured


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("conv", "Conv2d"),
        ("conv 64", "Conv2d"),
        ("Conv1d", "Conv1d"),
        ("nn.conv3d", "Conv3d"),
        ("dense", "Linear"),
        ("fully connected", "Linear"),
        ("fc", "Linear"),
        ("deconv", "ConvTranspose2d"),
        ("skip connection", "Add"),
        ("residual", "Add"),
        ("batch norm", "BatchNorm2d"),
        ("batchnorm", "BatchNorm2d"),
        ("lrelu", "LeakyReLU"),
        ("swish", "SiLU"),
        ("mha", "MultiheadAttention"),
        ("self attention", "MultiheadAttention"),
        ("last time step", "Select"),
        ("cat", "Concat"),
        ("average", "Mean"),
        ("global average pooling", "AdaptiveAvgPool2d"),
        ("clip", "Clamp"),
        ("max pool", "MaxPool2d"),
        ("word vector", "Embedding"),
        ("resize", "Upsample"),
        ("python", "Code"),
        ("tr enc", "TransformerEncoder"),
        ("relu", "ReLU"),
        ("in", "Input"),
        ("c", "Conv2d"),
        ("l", "Linear"),
        ("norm", "BatchNorm2d"),
        ("mask", "CausalMask"),
        ("attention", "MultiheadAttention"),
        ("pool", "MaxPool2d"),
        ("drop", "Dropout"),
    ],
)
def test_the_layer_that_is_meant_comes_first(query, key):
    assert find(query)[0].key == key


def test_an_empty_query_gives_the_whole_catalogue_in_order():
    assert find("  ") == catalogue()


@pytest.mark.parametrize("query", ["xyzzy", "\\", "conv2dd", "[a-z]+"])
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
    assert configured(find(query)[0], query).changed() == changed


def test_the_catalogue_goes_by_category_and_holds_each_layer_once():
    places = [CATEGORIES.index(layer.category) for layer in catalogue()]
    assert places == sorted(places)
    assert len(set(catalogue())) == len(catalogue()) == len(Layer.registry) - 4


def test_every_category_has_a_layer_to_place():
    assert {layer.category for layer in catalogue()} == set(CATEGORIES)


def test_the_plain_catalogue_is_complete_and_can_be_written():
    described = json.loads(json.dumps(as_json(), allow_nan=False))
    assert {d["key"] for d in described} == set(Layer.registry) - {"Missing"}
    for d in described:
        assert list(d) == ["key", "title", "category", "target", "aliases", "inputs", "outputs", "params"]
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
